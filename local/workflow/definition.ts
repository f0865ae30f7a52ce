// A state machine inside our subset of the Amazon States Language, typed. `validate.ts` is the only maker of a `Machine`.

export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };
export type JsonObject = { readonly [name: string]: Json };

/** `Template`: JSON in which every string `{% … %}` is a JSONata expression. */
export type Template = Json;

export interface Retrier {
  readonly Comment?: string;
  readonly ErrorEquals: readonly string[];
  /** Seconds before the first retry; 1 unless said. */
  readonly IntervalSeconds?: number;
  /** Retries, not counting the first try; 3 unless said, 0 forbids. */
  readonly MaxAttempts?: number;
  /** Factor from one delay to the next; 2 unless said. */
  readonly BackoffRate?: number;
  /** Cap of a delay, in seconds. */
  readonly MaxDelaySeconds?: number;
  readonly JitterStrategy?: "FULL" | "NONE";
}
export interface Catcher {
  readonly Comment?: string;
  readonly ErrorEquals: readonly string[];
  readonly Next: string;
  readonly Assign?: JsonObject;
  readonly Output?: Template;
}
export interface ChoiceRule {
  readonly Comment?: string;
  readonly Condition: string;
  readonly Next: string;
  readonly Assign?: JsonObject;
  readonly Output?: Template;
}

interface Common {
  readonly Comment?: string;
  readonly Output?: Template;
}
interface Onward {
  readonly Next?: string;
  readonly End?: true;
  readonly Assign?: JsonObject;
}
export interface TaskState extends Common, Onward {
  readonly Type: "Task";
  readonly Resource: "arn:aws:states:::lambda:invoke";
  readonly Arguments: { readonly FunctionName: string; readonly Payload: Template };
  readonly TimeoutSeconds: number;
  readonly Retry?: readonly Retrier[];
  readonly Catch?: readonly Catcher[];
}
export interface ChoiceState extends Common {
  readonly Type: "Choice";
  readonly Choices: readonly ChoiceRule[];
  readonly Default?: string;
  readonly Assign?: JsonObject;
}
export interface PassState extends Common, Onward {
  readonly Type: "Pass";
}
export interface WaitState extends Common, Onward {
  readonly Type: "Wait";
  readonly Seconds?: number | string;
  readonly Timestamp?: string;
}
export interface SucceedState extends Common {
  readonly Type: "Succeed";
}
export interface FailState {
  readonly Type: "Fail";
  readonly Comment?: string;
  readonly Error?: string;
  readonly Cause?: string;
}
export type State = TaskState | ChoiceState | PassState | WaitState | SucceedState | FailState;

export interface Machine {
  readonly Comment?: string;
  readonly QueryLanguage: "JSONata";
  readonly StartAt: string;
  readonly States: Readonly<Record<string, State>>;
}
