// Condition operators with AWS's semantics for keys that are missing and keys with several values.
import { UnsupportedPolicy } from "./unsupported.ts";
import { arnWildcard, wildcard } from "./wildcard.ts";

/** Condition keys in lower case with their values. */
export type Context = Readonly<Record<string, readonly string[]>>;

export interface CompiledCondition {
  readonly key: string;
  readonly test: (values: readonly string[] | undefined) => boolean;
}

export const conditionHolds = ({ key, test }: CompiledCondition, context: Context): boolean => test(context[key]);

/** Keys that the gateway supplies, or knows to be absent from every request it sees. A policy on any other key is refused at start. */
const suppliedKeys = [
  "dynamodb:leadingkeys",
  "kms:encryptioncontextkeys",
  "kms:calleraccount",
  "aws:securetransport",
  "aws:principalarn",
  "aws:principalaccount",
  // Set only when a service calls on somebody's behalf; calls from functions have none of these.
  "kms:viaservice",
  "aws:sourcearn",
  "aws:sourceaccount",
];
const encryptionContextKey = "kms:encryptioncontext:";

type Match = (value: string) => boolean;
const literal =
  (values: readonly string[]): Match =>
  (value) =>
    values.includes(value);
const folded = (values: readonly string[]): Match => {
  const lower = values.map((value) => value.toLowerCase());
  return (value) => lower.includes(value.toLowerCase());
};

/** How one value is compared with the values of the policy; `negated` operators are true for a missing key. */
const operators: Readonly<Record<string, { readonly match: (values: readonly string[]) => Match; readonly negated?: true }>> = {
  StringEquals: { match: literal },
  StringNotEquals: { match: literal, negated: true },
  StringEqualsIgnoreCase: { match: folded },
  StringLike: { match: wildcard },
  StringNotLike: { match: wildcard, negated: true },
  ArnEquals: { match: arnWildcard },
  ArnLike: { match: arnWildcard },
  ArnNotLike: { match: arnWildcard, negated: true },
  Bool: { match: folded },
};

export const compileConditions = (
  conditions: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>,
  where: string,
): readonly CompiledCondition[] =>
  Object.entries(conditions).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, values]) => {
      const lower = key.toLowerCase();
      const supplied = suppliedKeys.includes(lower) || lower.startsWith(encryptionContextKey);
      if (!supplied) throw new UnsupportedPolicy(`${where}: condition key ${key} is not supported locally`);
      return { key: lower, test: compileOperator(operator, values, `${where} ${operator} ${key}`) };
    }),
  );

function compileOperator(operator: string, values: readonly string[], where: string): CompiledCondition["test"] {
  if (values.some((value) => value.includes("${"))) throw new UnsupportedPolicy(`${where}: policy variables are not supported locally`);
  if (operator === "Null") {
    const missing = values.includes("true");
    return (found) => (found === undefined || found.length === 0) === missing;
  }
  const [, set, base, ifExists] = /^(?:(ForAllValues|ForAnyValue):)?(\w+?)(IfExists)?$/.exec(operator) ?? [];
  const known = operators[base ?? ""];
  if (!known) throw new UnsupportedPolicy(`${where}: this condition operator is not supported locally`);
  const matches = known.match(values);
  const holds: Match = known.negated ? (value) => !matches(value) : matches;

  // Of every value that is there: true when there is none, hence the `Null: false` beside it.
  if (set === "ForAllValues") return (found) => (found ?? []).every(holds);
  if (set === "ForAnyValue") return (found) => (found === undefined ? ifExists !== undefined : found.some(holds));
  return (found) => {
    if (found === undefined || found.length === 0) return ifExists !== undefined || known.negated === true;
    // Several values without a set operator: no single answer, so not satisfied.
    const [value] = found;
    return found.length === 1 && value !== undefined && holds(value);
  };
}
