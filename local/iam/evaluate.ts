// A small evaluator of IAM statements: what our templates use, with AWS's semantics, and a refusal of anything else at start.
import type { PolicyStatement } from "../template/inventory.ts";
import { type CompiledCondition, type Context, compileConditions, conditionHolds } from "./conditions.ts";
import { UnsupportedPolicy } from "./unsupported.ts";
import { wildcard } from "./wildcard.ts";

export interface AccessRequest {
  /** `dynamodb:PutItem`. */
  readonly action: string;
  readonly resource: string;
  /** Condition keys in lower case. A key that is missing was not in the request. */
  readonly context: Context;
}
export interface CompiledStatement {
  readonly effect: "Allow" | "Deny";
  readonly action: (action: string) => boolean;
  readonly resource: (resource: string) => boolean;
  readonly conditions: readonly CompiledCondition[];
}
export type Verdict = "allow" | "explicit_deny" | "implicit_deny";

/** Throws `UnsupportedPolicy`, naming `where`, on an operator, condition key or policy variable that is not supported. */
export const compile = (statement: PolicyStatement, where: string): CompiledStatement => {
  const variable = statement.resources.find((resource) => resource.includes("${"));
  if (variable !== undefined) throw new UnsupportedPolicy(`${where}: policy variables are not supported locally (${variable})`);
  return {
    effect: statement.effect,
    action: wildcard(statement.actions, { ignoreCase: true }),
    resource: wildcard(statement.resources),
    conditions: compileConditions(statement.conditions, where),
  };
};

export const applies = (statement: CompiledStatement, { action, resource, context }: AccessRequest): boolean =>
  statement.action(action) && statement.resource(resource) && statement.conditions.every((condition) => conditionHolds(condition, context));

/** An explicit deny wins over any allow; nothing that applies is a deny too. */
export function evaluate(statements: readonly CompiledStatement[], request: AccessRequest): Verdict {
  let allowed = false;
  for (const statement of statements) {
    if (!applies(statement, request)) continue;
    if (statement.effect === "Deny") return "explicit_deny";
    allowed = true;
  }
  return allowed ? "allow" : "implicit_deny";
}
