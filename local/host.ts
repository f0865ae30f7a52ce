// The seams between the parts of the local host, so that each can be read, built and tested alone.
import type { Inventory } from "./template/inventory.ts";

export type Invocation =
  | { readonly ok: true; readonly payload: unknown }
  /** The Lambda error shape: what `FunctionError` carries. */
  | { readonly ok: false; readonly errorType: string; readonly errorMessage: string };

/** Runs a function of the template by its logical id. Never rejects for what the handler does. */
export interface Invoker {
  invoke(functionId: string, event: unknown): Promise<Invocation>;
}

/** Is `action` on `resource` allowed to this role by the synthesised policies? Records every refusal. */
export interface Authoriser {
  allowed(roleId: string, action: string, resource: string, context?: Readonly<Record<string, readonly string[]>>): boolean;
}

export interface DeniedCall {
  readonly at: string;
  readonly principal: string;
  readonly action: string;
  readonly resource: string;
}

/** One kind of call that a role made and its policies granted: the first of its kind stands for all. */
export interface GrantedCall {
  readonly roleId: string;
  readonly action: string;
  readonly resource: string;
  readonly context: Readonly<Record<string, readonly string[]>>;
  /** Calls of this kind so far; one transaction is several. */
  readonly times: number;
}

/** The engines behind the gateway; no function ever learns these addresses. */
export interface Engines {
  readonly dynamodbUrl: string;
  readonly sqsUrl: string;
  /** Resolves when every child is gone. */
  close(): Promise<void>;
}

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** One loopback address that every function has as AWS_ENDPOINT_URL. */
export interface Gateway extends Authoriser {
  readonly url: string;
  /** Keys of a role, made at start, known to the gateway alone. */
  credentials(roleId: string): Credentials;
  /** Keys of the host itself (pollers, seeding): allowed everything, never given to a function. */
  readonly hostCredentials: Credentials;
  readonly denied: readonly DeniedCall[];
  /** What the policies were needed for since the start: a grant that fits none of these was never used. */
  readonly granted: readonly GrantedCall[];
  /** Consumed capacity by role and operation since the last `resetCapacity`. */
  readonly capacity: readonly CapacityRecord[];
  resetCapacity(): void;
  close(): Promise<void>;
}
export interface CapacityRecord {
  readonly roleId: string;
  readonly operation: string;
  /** Requests that reached the table, refused ones included. */
  readonly calls: number;
  /** Write and read units of those that were carried out, indexes included. */
  readonly writeUnits: number;
  readonly readUnits: number;
}

export interface Execution {
  readonly arn: string;
  readonly stateMachine: string;
  readonly startedAt: string;
  readonly status: "RUNNING" | "SUCCEEDED" | "FAILED";
  readonly states: readonly string[];
  readonly error?: string;
}
export interface Workflows {
  /** Starts an execution and answers at once, as StartExecution does. */
  startExecution(stateMachineArn: string, input: unknown, name?: string): Promise<{ readonly executionArn: string; readonly startDate: number }>;
  readonly executions: readonly Execution[];
  /** Resolves when nothing runs any more. */
  idle(): Promise<void>;
}

export interface HostOptions {
  readonly inventory: Inventory;
  readonly dataDir: string;
}
