// Lambda on this machine: every function of the template as a pool of isolated worker threads.
import { randomUUID } from "node:crypto";
import type { Invocation, Invoker } from "../host.ts";
import type { FunctionResource, Inventory } from "../template/inventory.ts";
import { lambdaEnvironment } from "./environment.ts";
import { type FunctionPool, functionPool } from "./pool.ts";
import { startWorker } from "./worker.ts";

/** Copies of a function that a person waits for, and of one that nobody waits for. */
const copiesMax = { http: 4, background: 2 } as const;
const idleSecondsDefault = 60;
/** Request limit of a synchronous invocation, in bytes. */
const requestBytesMax = 6 * 1024 * 1024;

export type FunctionLog = (functionName: string, line: string) => void;
export interface FunctionsOptions {
  readonly inventory: Inventory;
  /** Template variables, keys of its role and the gateway's address, per function. */
  readonly environment: (fn: FunctionResource) => Readonly<Record<string, string>>;
  readonly log: FunctionLog;
  readonly idleSeconds?: number;
}
export interface FunctionReport {
  readonly name: string;
  readonly copies: number;
  readonly busy: number;
  readonly waiting: number;
  readonly invocations: number;
  readonly errors: number;
}
export interface Functions extends Invoker {
  report(): readonly FunctionReport[];
  close(): Promise<void>;
}

interface Entry {
  readonly fn: FunctionResource;
  readonly pool: FunctionPool;
  invocations: number;
  errors: number;
}

/** Starts no thread yet: the first invocation of each function does, as in Lambda. */
export function startFunctions({ inventory, environment, log, idleSeconds = idleSecondsDefault }: FunctionsOptions): Functions {
  const behindHttp = new Set(inventory.api.routes.map((route) => route.functionId));
  const entries = new Map<string, Entry>();
  for (const fn of inventory.functions) {
    // Read at the first start of a copy: the gateway may come up after this.
    const env = (): Record<string, string> => lambdaEnvironment(fn, environment(fn));
    const pool = functionPool({
      start: () => startWorker(fn, env(), (line) => log(fn.name, line)),
      sizeMax: behindHttp.has(fn.id) ? copiesMax.http : copiesMax.background,
      idleMs: idleSeconds * 1000,
    });
    entries.set(fn.id, { fn, pool, invocations: 0, errors: 0 });
  }

  return {
    async invoke(functionId, event): Promise<Invocation> {
      const entry = entries.get(functionId);
      if (entry === undefined) return { ok: false, errorType: "ResourceNotFoundException", errorMessage: `Function not found: ${functionId}` };
      const payload = JSON.stringify(event) ?? "null";
      if (Buffer.byteLength(payload) > requestBytesMax) {
        return {
          ok: false,
          errorType: "RequestTooLargeException",
          errorMessage: `Request must be smaller than ${requestBytesMax} bytes for the InvokeFunction operation`,
        };
      }
      entry.invocations += 1;
      const requestId = randomUUID();
      const answer = await entry.pool.run(requestId, payload);
      if (!answer.ok) {
        entry.errors += 1;
        log(entry.fn.name, `ERROR ${requestId} ${answer.errorType}: ${answer.errorMessage}`);
      }
      return answer;
    },
    report: () =>
      [...entries.values()].map(({ fn, pool, invocations, errors }) => ({
        name: fn.name,
        copies: pool.size,
        busy: pool.busy,
        waiting: pool.waiting,
        invocations,
        errors,
      })),
    async close() {
      await Promise.all([...entries.values()].map((entry) => entry.pool.close()));
    },
  };
}
