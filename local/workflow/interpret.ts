// The pure core: walks a machine. Time, chance and the calls themselves are ports, so a run in a test is a function of them.
import type { Catcher, ChoiceRule, Json, JsonObject, Machine, State, TaskState, Template } from "./definition.ts";
import { fill, type Scope } from "./expression.ts";
import { covers, Fault } from "./faults.ts";
import type { HistoryEvent, Run } from "./history.ts";
import { delaySeconds, retriesMax } from "./retry.ts";

export interface TaskCall {
  readonly state: string;
  readonly functionArn: string;
  readonly payload: Json;
  /** After so many seconds the port answers `States.Timeout`, whatever the function does later. */
  readonly timeoutSeconds: number;
}
export type TaskAnswer = { readonly ok: true; readonly payload: Json } | { readonly ok: false; readonly error: string; readonly cause: string };

export interface Ports {
  /** Runs a function once. Answers every failure as a value. */
  task(call: TaskCall): Promise<TaskAnswer>;
  sleep(seconds: number): Promise<void>;
  /** Uniform in [0, 1). */
  random(): number;
  /** Milliseconds since the epoch. */
  now(): number;
  /** Told each event as it happens. */
  record?(event: HistoryEvent): void;
}
/** What `$states.context` says of the run. */
export interface Identity {
  readonly executionArn: string;
  readonly executionName: string;
  readonly stateMachineArn: string;
  readonly stateMachineName: string;
}

/** Bytes of a state's input or output that Step Functions accepts. */
export const dataBytesMax = 256 * 1024;

interface Step {
  /** Undefined ends the run. */
  readonly next: string | undefined;
  readonly output: Json;
  readonly assigned: Readonly<Record<string, Json>>;
}
interface Holder {
  readonly Assign?: JsonObject;
  readonly Output?: Template;
}

type Unstamped<Event> = Event extends unknown ? Omit<Event, "at"> : never;

/** Walks `machine` from its start to its end. Never rejects for what a state does; a failed run says its error. */
export const interpret = async (machine: Machine, input: Json, identity: Identity, ports: Ports): Promise<Run> => {
  const history: HistoryEvent[] = [];
  const note = (event: Unstamped<HistoryEvent>): void => {
    const stamped: HistoryEvent = { at: ports.now(), ...event };
    history.push(stamped);
    ports.record?.(stamped);
  };

  const startedAt = ports.now();
  let variables: Readonly<Record<string, Json>> = {};
  let current = machine.StartAt;
  let data = input;
  for (;;) {
    const state = machine.States[current];
    if (state === undefined) throw new Error(`no state ${current}`);
    note({ kind: "state_entered", state: current, input: data });
    try {
      const context = contextOf(identity, input, startedAt, current, ports.now());
      const step = await settle(current, state, { states: { input: data, context }, variables }, ports, note);
      variables = { ...variables, ...step.assigned };
      note({ kind: "state_left", state: current, next: step.next, output: step.output });
      if (step.next === undefined) return { status: "SUCCEEDED", output: step.output, history };
      current = step.next;
      data = step.output;
    } catch (problem) {
      if (!(problem instanceof Fault)) throw problem;
      note({ kind: "run_failed", state: current, error: problem.error, cause: problem.cause });
      return { status: "FAILED", error: problem.error, cause: problem.cause, history };
    }
  }
};

type Note = (event: Unstamped<HistoryEvent>) => void;

/** One state with its Retry and Catch. @throws Fault when neither takes the error */
const settle = async (name: string, state: State, scope: Scope, ports: Ports, note: Note): Promise<Step> => {
  const retriers = (state.Type === "Task" ? state.Retry : undefined) ?? [];
  const catchers = (state.Type === "Task" ? state.Catch : undefined) ?? [];
  const retriesOf = retriers.map(() => 0);

  for (let attempt = 0; ; attempt += 1) {
    try {
      return await once(name, state, withRetryCount(scope, attempt), ports, note, attempt);
    } catch (problem) {
      if (!(problem instanceof Fault)) throw problem;
      note({ kind: "state_faulted", state: name, error: problem.error, cause: problem.cause });
      // The first retrier that names the error decides; its own count is spent, not a shared one.
      const index = retriers.findIndex((retrier) => covers(retrier.ErrorEquals, problem.error));
      const retrier = retriers[index];
      const retries = retriesOf[index] ?? 0;
      if (retrier !== undefined && retries < retriesMax(retrier)) {
        retriesOf[index] = retries + 1;
        const seconds = delaySeconds(retrier, retries, ports.random);
        note({ kind: "retry_planned", state: name, retrier: index, error: problem.error, delaySeconds: seconds });
        await ports.sleep(seconds);
        continue;
      }
      if (retrier !== undefined) note({ kind: "retries_exhausted", state: name, retrier: index, error: problem.error });
      return caught(name, catchers, problem, withRetryCount(scope, attempt), note);
    }
  }
};

const caught = async (name: string, catchers: readonly Catcher[], fault: Fault, scope: Scope, note: Note): Promise<Step> => {
  const index = catchers.findIndex((catcher) => covers(catcher.ErrorEquals, fault.error));
  const catcher = catchers[index];
  if (catcher === undefined) throw fault;
  const errorOutput = { Error: fault.error, Cause: fault.cause };
  note({ kind: "fault_caught", state: name, catcher: index, error: fault.error, next: catcher.Next });
  const where = `${name}.Catch[${index}]`;
  return leave(catcher, { ...scope, states: { ...scope.states, errorOutput } }, catcher.Next, errorOutput, where);
};

const once = async (name: string, state: State, scope: Scope, ports: Ports, note: Note, attempt: number): Promise<Step> => {
  const { input } = scope.states;
  switch (state.Type) {
    case "Task": {
      const result = await invoke(name, state, scope, ports, note, attempt);
      return leave(state, { ...scope, states: { ...scope.states, result } }, state.Next, result, name);
    }
    case "Choice": {
      const { holder, rule, next, where } = await choose(name, state.Choices, state, scope);
      note({ kind: "choice_made", state: name, rule, next });
      return leave(holder, scope, next, input, where);
    }
    case "Wait":
      await ports.sleep(await waitSeconds(name, state, scope, ports.now()));
      return leave(state, scope, state.Next, input, name);
    case "Pass":
      return leave(state, scope, state.Next, input, name);
    case "Succeed":
      return leave(state, scope, undefined, input, name);
    case "Fail":
      throw new Fault(String(await fill(state.Error ?? "", scope, `${name}.Error`)), String(await fill(state.Cause ?? "", scope, `${name}.Cause`)));
    default:
      throw new Error(`no such state type: ${JSON.stringify(state satisfies never)}`);
  }
};

const invoke = async (name: string, state: TaskState, scope: Scope, ports: Ports, note: Note, attempt: number): Promise<Json> => {
  const payload = await fill(state.Arguments.Payload, scope, `${name}.Arguments.Payload`);
  const functionArn = state.Arguments.FunctionName;
  note({ kind: "task_started", state: name, functionArn, payload, attempt });
  const answer = await ports.task({ state: name, functionArn, payload, timeoutSeconds: state.TimeoutSeconds });
  if (!answer.ok) throw new Fault(answer.error, answer.cause);
  note({ kind: "task_answered", state: name });
  return { ExecutedVersion: "$LATEST", Payload: answer.payload, StatusCode: 200 };
};

interface Chosen {
  readonly holder: Holder;
  readonly rule: number | "default";
  readonly next: string;
  readonly where: string;
}
const choose = async (name: string, rules: readonly ChoiceRule[], state: Holder & { readonly Default?: string }, scope: Scope): Promise<Chosen> => {
  for (const [index, rule] of rules.entries()) {
    const where = `${name}.Choices[${index}]`;
    const holds = await fill(rule.Condition, scope, `${where}.Condition`);
    if (typeof holds !== "boolean") throw new Fault("States.QueryEvaluationError", `${where}.Condition: is not true or false`);
    if (holds) return { holder: rule, rule: index, next: rule.Next, where };
  }
  // The state's own Assign and Output belong to the default alone.
  if (state.Default === undefined) throw new Fault("States.NoChoiceMatched", `${name}: no rule matches`);
  return { holder: state, rule: "default", next: state.Default, where: name };
};

const waitSeconds = async (
  name: string,
  state: { readonly Seconds?: number | string; readonly Timestamp?: string },
  scope: Scope,
  now: number,
): Promise<number> => {
  if (state.Timestamp !== undefined) {
    const until = Date.parse(String(await fill(state.Timestamp, scope, `${name}.Timestamp`)));
    if (Number.isNaN(until)) throw new Fault("States.QueryEvaluationError", `${name}.Timestamp: is not a timestamp`);
    return Math.max(0, (until - now) / 1000);
  }
  const seconds = await fill(state.Seconds ?? 0, scope, `${name}.Seconds`);
  if (typeof seconds !== "number" || seconds < 0) throw new Fault("States.QueryEvaluationError", `${name}.Seconds: is not a duration`);
  return seconds;
};

/** Assign and Output see the same scope: an Output never sees what its own state assigns. */
const leave = async (holder: Holder, scope: Scope, next: string | undefined, otherwise: Json, where: string): Promise<Step> => {
  const assigned = await fill(holder.Assign ?? {}, scope, `${where}.Assign`);
  const output = holder.Output === undefined ? otherwise : await fill(holder.Output, scope, `${where}.Output`);
  if (Buffer.byteLength(JSON.stringify(output)) > dataBytesMax) {
    throw new Fault("States.DataLimitExceeded", `${where}: the output is larger than ${dataBytesMax} bytes`);
  }
  return { next, output, assigned: assigned as Readonly<Record<string, Json>> };
};

const contextOf = (identity: Identity, input: Json, startedAt: number, state: string, enteredAt: number): JsonObject => ({
  Execution: {
    Id: identity.executionArn,
    Input: input,
    Name: identity.executionName,
    StartTime: new Date(startedAt).toISOString(),
  },
  State: { EnteredTime: new Date(enteredAt).toISOString(), Name: state, RetryCount: 0 },
  StateMachine: { Id: identity.stateMachineArn, Name: identity.stateMachineName },
});

const withRetryCount = (scope: Scope, attempt: number): Scope => {
  const context = scope.states.context as { readonly State: JsonObject };
  return { ...scope, states: { ...scope.states, context: { ...context, State: { ...context.State, RetryCount: attempt } } } };
};
