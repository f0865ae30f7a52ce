// The part of the Amazon States Language that we use and that the interpreter understands, as data. Whatever is not listed
// here is refused at load, so that no field is ever silently ignored on one machine and obeyed in the cloud.
import type { Catcher, ChoiceRule, Machine, Retrier, State, TaskState } from "./definition.ts";
import { expressionFindings, type StatesField } from "./expression-subset.ts";

const common = ["Type", "Comment"] as const;
const onward = ["Next", "End", "Assign", "Output"] as const;
type FieldsOf<Typed> = readonly (keyof Typed)[];

export const machineFields: FieldsOf<Machine> = ["Comment", "QueryLanguage", "StartAt", "States"];

export const stateFields: { readonly [Type in State["Type"]]: FieldsOf<Extract<State, { readonly Type: Type }>> } = {
  Task: [...common, ...onward, "Resource", "Arguments", "TimeoutSeconds", "Retry", "Catch"],
  Choice: [...common, "Choices", "Default", "Assign", "Output"],
  Pass: [...common, ...onward],
  Wait: [...common, ...onward, "Seconds", "Timestamp"],
  Succeed: [...common, "Output"],
  Fail: [...common, "Error", "Cause"],
};
export const retrierFields: FieldsOf<Retrier> = [
  "Comment",
  "ErrorEquals",
  "IntervalSeconds",
  "MaxAttempts",
  "BackoffRate",
  "MaxDelaySeconds",
  "JitterStrategy",
];
export const catcherFields: FieldsOf<Catcher> = ["Comment", "ErrorEquals", "Next", "Assign", "Output"];
export const choiceRuleFields: FieldsOf<ChoiceRule> = ["Comment", "Condition", "Next", "Assign", "Output"];
/** Fields of `Arguments` of a lambda:invoke. */
export const argumentFields: FieldsOf<TaskState["Arguments"]> = ["FunctionName", "Payload"];
export const taskResource: TaskState["Resource"] = "arn:aws:states:::lambda:invoke";

type Fields = Readonly<Record<string, unknown>>;
const isFields = (value: unknown): value is Fields => typeof value === "object" && value !== null && !Array.isArray(value);
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

const beyond = (value: unknown, allowed: readonly string[], where: string): string[] =>
  isFields(value)
    ? Object.keys(value)
        .filter((field) => !allowed.includes(field))
        .map((field) => `${where}: field ${field} is outside the subset`)
    : [`${where}: is not an object`];

/** `States.ALL` stands alone and last, as Step Functions demands. */
const errorEqualsFindings = (policies: readonly unknown[], where: string): string[] =>
  policies.flatMap((policy, index) => {
    const names = isFields(policy) ? list(policy.ErrorEquals) : [];
    if (names.length === 0) return [`${where}[${index}]: ErrorEquals names no error`];
    if (!names.includes("States.ALL")) return [];
    return [
      ...(names.length > 1 ? [`${where}[${index}]: States.ALL stands with other names`] : []),
      ...(index < policies.length - 1 ? [`${where}[${index}]: States.ALL is not last`] : []),
    ];
  });

/** The ranges that Step Functions accepts for a retrier's numbers. */
const retrierFindings = (retrier: unknown, where: string): string[] => {
  if (!isFields(retrier)) return [];
  const { IntervalSeconds: interval = 1, MaxAttempts: attempts = 3, BackoffRate: rate = 2, MaxDelaySeconds: cap, JitterStrategy: jitter } = retrier;
  const whole = (value: unknown, least: number): boolean => Number.isInteger(value) && (value as number) >= least;
  return [
    ...(whole(interval, 1) ? [] : [`${where}: IntervalSeconds is not a whole number above 0`]),
    ...(whole(attempts, 0) ? [] : [`${where}: MaxAttempts is not a whole number`]),
    ...(typeof rate === "number" && rate >= 1 ? [] : [`${where}: BackoffRate is below 1`]),
    ...(cap === undefined || (whole(cap, 1) && (cap as number) > Number(interval)) ? [] : [`${where}: MaxDelaySeconds is not above IntervalSeconds`]),
    ...(jitter === undefined || jitter === "FULL" || jitter === "NONE" ? [] : [`${where}: JitterStrategy is not FULL or NONE`]),
  ];
};

/** Names of every variable that some Assign of the machine sets. */
const variablesOf = (states: readonly unknown[]): ReadonlySet<string> =>
  new Set(
    states
      .filter(isFields)
      .flatMap((state) => [state, ...list(state.Catch), ...list(state.Choices)])
      .flatMap((holder) => (isFields(holder) && isFields(holder.Assign) ? Object.keys(holder.Assign) : [])),
  );

const taskFindings = (state: Fields, where: string): string[] => {
  const args = state.Arguments;
  const target = isFields(args) ? args.FunctionName : undefined;
  return [
    ...(state.Resource === taskResource ? [] : [`${where}: Resource is not ${taskResource}`]),
    ...beyond(args, argumentFields, `${where}.Arguments`),
    ...(typeof target === "string" && !target.startsWith("{%") ? [] : [`${where}: FunctionName is not a literal`]),
    ...(Number.isInteger(state.TimeoutSeconds) ? [] : [`${where}: TimeoutSeconds is not a whole number of seconds`]),
    ...list(state.Retry).flatMap((retrier, index) => [
      ...beyond(retrier, retrierFields, `${where}.Retry[${index}]`),
      ...retrierFindings(retrier, `${where}.Retry[${index}]`),
    ]),
    ...list(state.Catch).flatMap((catcher, index) => beyond(catcher, catcherFields, `${where}.Catch[${index}]`)),
    ...errorEqualsFindings(list(state.Retry), `${where}.Retry`),
    ...errorEqualsFindings(list(state.Catch), `${where}.Catch`),
  ];
};

const stateFindings = (name: string, state: Fields, variables: ReadonlySet<string>): string[] => {
  const allowed = stateFields[state.Type as State["Type"]] as readonly string[] | undefined;
  if (allowed === undefined) return [`${name}: type ${String(state.Type)} is outside the subset`];

  const before: readonly StatesField[] = ["input", "context"];
  const after: readonly StatesField[] = state.Type === "Task" ? [...before, "result"] : before;
  const expressions = (holder: unknown, fields: readonly string[], visible: readonly StatesField[], where: string): string[] =>
    fields.flatMap((field) => (isFields(holder) ? expressionFindings(holder[field], { visible, variables }, `${where}.${field}`) : []));
  return [
    ...beyond(state, allowed, name),
    ...(state.Type === "Task" ? taskFindings(state, name) : []),
    ...expressions(state, ["Arguments", "Seconds", "Timestamp", "Error", "Cause"], before, name),
    ...expressions(state, ["Assign", "Output"], after, name),
    ...list(state.Choices).flatMap((rule, index) => [
      ...beyond(rule, choiceRuleFields, `${name}.Choices[${index}]`),
      ...expressions(rule, ["Condition", "Assign", "Output"], before, `${name}.Choices[${index}]`),
    ]),
    ...list(state.Catch).flatMap((catcher, index) =>
      expressions(catcher, ["Assign", "Output"], [...before, "errorOutput"], `${name}.Catch[${index}]`),
    ),
  ];
};

/** What of this definition lies outside the subset; empty when all of it is understood. */
export const subsetFindings = (definition: unknown): readonly string[] => {
  if (!isFields(definition) || !isFields(definition.States)) return ["machine: has no States"];
  const { QueryLanguage: language, StartAt: start, States: states } = definition;
  const variables = variablesOf(Object.values(states));
  return [
    ...beyond(definition, machineFields, "machine"),
    ...(language === "JSONata" ? [] : ["machine: QueryLanguage is not JSONata"]),
    ...(Object.hasOwn(states, String(start)) ? [] : [`machine: StartAt ${String(start)} is no state`]),
    ...Object.entries(states).flatMap(([name, state]) => (isFields(state) ? stateFindings(name, state, variables) : [`${name}: is not an object`])),
  ];
};
