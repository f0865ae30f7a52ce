// Express workflows of the template. A run that was under way when the host died begins anew at the next start, so that each runs at least
// once, as in the cloud; its history is in memory alone.
import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import type { Authoriser, Execution, Invoker, Workflows } from "../host.ts";
import type { Inventory, StateMachineResource } from "../template/inventory.ts";
import type { Json, Machine } from "./definition.ts";
import { type HistoryEvent, statesEntered } from "./history.ts";
import { type Identity, interpret, type Ports, type TaskAnswer, type TaskCall } from "./interpret.ts";
import { inMemory, type StartedRuns } from "./started.ts";
import { machineOf } from "./validate.ts";

/** Executions kept for the control page; the oldest are forgotten first. */
export const executionsKeptMax = 500;

export interface WorkflowsOptions {
  readonly inventory: Inventory;
  readonly invoker: Invoker;
  readonly authoriser: Authoriser;
  /** Where started runs are kept until they have ended. */
  readonly started?: StartedRuns;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
  /** Uniform in [0, 1): jitter of retries. */
  readonly random?: () => number;
}
export interface RunningWorkflows extends Workflows {
  /** Begins anew what an earlier host left unfinished. */
  resume(): void;
  /** Ends every pause; runs in a pause or in a task fail with `Host.Stopped`, and begin anew at the next start. Resolves when none is left. */
  close(): Promise<void>;
}

/** What StartExecution refuses, by its name on the wire. */
export class StartRefused extends Error {
  constructor(name: "StateMachineDoesNotExist" | "InvalidName" | "InvalidExecutionInput", message: string) {
    super(message);
    this.name = name;
  }
}

interface Loaded {
  readonly resource: StateMachineResource;
  readonly machine: Machine;
}
interface Kept {
  arn: string;
  stateMachine: string;
  startedAt: string;
  status: Execution["status"];
  states: string[];
  error?: string;
}

/**
 * Loads and checks every state machine of the template.
 * @throws Error when a machine is not Express, leaves the subset, or calls a function the template lacks
 */
export const startWorkflows = (options: WorkflowsOptions): RunningWorkflows => {
  const { inventory, invoker, authoriser, started = inMemory, now = Date.now, random = Math.random } = options;
  const functionIds = new Map(inventory.functions.map((it) => [it.arn, it.id]));
  const loaded = new Map(inventory.stateMachines.map((it) => [it.arn, load(it, functionIds)]));

  const stopping = new AbortController();
  const kept: Kept[] = [];
  const running = new Set<Promise<void>>();

  const call = async (roleId: string, { functionArn, payload, timeoutSeconds }: TaskCall): Promise<TaskAnswer> => {
    if (!authoriser.allowed(roleId, "lambda:InvokeFunction", functionArn)) {
      const cause = `${roleId} is not authorized to perform: lambda:InvokeFunction on resource: ${functionArn} (AccessDeniedException)`;
      return { ok: false, error: "Lambda.AWSLambdaException", cause };
    }
    const answer = invoker.invoke(functionIds.get(functionArn) as string, payload).then(answerOf);
    return within(answer, timeoutSeconds, stopping.signal);
  };

  const run = async ({ resource, machine }: Loaded, input: Json, identity: Identity, execution: Kept): Promise<void> => {
    const ports: Ports = {
      task: (task) => call(resource.roleId, task),
      sleep: (seconds) => pause(seconds * 1000, undefined, { signal: stopping.signal }),
      random,
      now,
      record: (event: HistoryEvent) => execution.states.push(...statesEntered([event])),
    };
    try {
      const ended = await interpret(machine, input, identity, ports);
      execution.status = ended.status;
      if (ended.status === "FAILED") execution.error = `${ended.error}: ${ended.cause}`;
    } catch (problem) {
      execution.status = "FAILED";
      execution.error = stopping.signal.aborted ? "Host.Stopped" : `States.Runtime: ${String(problem)}`;
    }
  };

  const begin = (found: Loaded, input: Json, name: string, forget: () => void): Kept => {
    const identity = identityOf(found.resource, name);
    const execution: Kept = {
      arn: identity.executionArn,
      stateMachine: found.resource.name,
      startedAt: new Date(now()).toISOString(),
      status: "RUNNING",
      states: [],
    };
    kept.push(execution);
    if (kept.length > executionsKeptMax) kept.shift();
    const finished = run(found, input, identity, execution).finally(() => {
      running.delete(finished);
      if (!stopping.signal.aborted) forget();
    });
    running.add(finished);
    return execution;
  };

  const idle = async (): Promise<void> => {
    while (running.size > 0) await Promise.all(running);
  };

  return {
    startExecution: async (stateMachineArn, input, name = randomUUID()) => {
      const found = loaded.get(stateMachineArn);
      if (found === undefined) throw new StartRefused("StateMachineDoesNotExist", `State Machine Does Not Exist: '${stateMachineArn}'`);
      if (!/^[A-Za-z0-9_-]{1,80}$/.test(name)) throw new StartRefused("InvalidName", `Invalid Name: '${name}'`);
      const data = jsonOf(input);
      const forget = started.keep({ stateMachineArn, name, input: data });
      const { arn, startedAt } = begin(found, data, name, forget);
      return { executionArn: arn, startDate: Date.parse(startedAt) / 1000 };
    },
    resume: () => {
      for (const { stateMachineArn, name, input, forget } of started.left) {
        const found = loaded.get(stateMachineArn);
        if (found === undefined) forget();
        else begin(found, input, name, forget);
      }
    },
    /** Oldest first. */
    get executions(): readonly Execution[] {
      return kept.map((it) => ({ ...it, states: [...it.states] }));
    },
    idle,
    close: async () => {
      stopping.abort();
      await idle();
    },
  };
};

const load = (resource: StateMachineResource, functionIds: ReadonlyMap<string, string>): Loaded => {
  if (resource.type !== "EXPRESS") throw new Error(`state machine ${resource.id}: type ${resource.type} does not run here`);
  const machine = machineOf(resource.id, resource.definition);
  for (const [name, state] of Object.entries(machine.States)) {
    if (state.Type === "Task" && !functionIds.has(state.Arguments.FunctionName)) {
      throw new Error(`state machine ${resource.id}: ${name} calls ${state.Arguments.FunctionName}, which is no function of the template`);
    }
  }
  return { resource, machine };
};

/** The answer, or `States.Timeout` after `seconds`; the function is not stopped, as in the cloud. */
const within = async (answer: Promise<TaskAnswer>, seconds: number, stopped: AbortSignal): Promise<TaskAnswer> => {
  const answered = new AbortController();
  const timer = pause(seconds * 1000, undefined, { signal: AbortSignal.any([stopped, answered.signal]) }).then(
    (): TaskAnswer => ({ ok: false, error: "States.Timeout", cause: `no answer within ${seconds} s` }),
  );
  try {
    return await Promise.race([answer, timer]);
  } finally {
    answered.abort();
  }
};

/** Errors of the Lambda service itself, which Step Functions prefixes; a handler's own names stay as they are. */
const serviceErrors: ReadonlySet<string> = new Set(["ServiceException", "TooManyRequestsException", "ResourceNotFoundException"]);

const answerOf = (outcome: Awaited<ReturnType<Invoker["invoke"]>>): TaskAnswer =>
  outcome.ok
    ? { ok: true, payload: (outcome.payload ?? null) as Json }
    : {
        ok: false,
        error: serviceErrors.has(outcome.errorType) ? `Lambda.${outcome.errorType}` : outcome.errorType,
        cause: JSON.stringify({ errorMessage: outcome.errorMessage, errorType: outcome.errorType }),
      };

const identityOf = (resource: StateMachineResource, name: string): Identity => ({
  executionArn: `${resource.arn.replace(":stateMachine:", ":express:")}:${name}:${randomUUID()}`,
  executionName: name,
  stateMachineArn: resource.arn,
  stateMachineName: resource.name,
});

/** A copy that no later change of the caller's reaches. */
const jsonOf = (input: unknown): Json => {
  const text = JSON.stringify(input);
  if (text === undefined) throw new StartRefused("InvalidExecutionInput", "Invalid State Machine Execution Input: not JSON");
  return JSON.parse(text) as Json;
};
