// One worker thread holding one copy of a function: starts it, runs one invocation at a time, ends it at its time limit.
import { readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { createInterface } from "node:readline";
import { Worker } from "node:worker_threads";
import type { Invocation } from "../host.ts";
import type { FunctionResource } from "../template/inventory.ts";
import type { SandboxReply, SandboxRequest } from "./sandbox.ts";

/** Lambda gives a function's start 10 s; two slow cores under load get the same. */
const startSecondsMax = 10;
/** Response limit of a synchronous invocation, in bytes. */
const responseBytesMax = 6 * 1024 * 1024;
/** The smallest heap that Node starts in with room to load a bundle, in MB. */
const heapMbMin = 64;
/** Space for short-lived objects per copy, in MB: a sixth of what Node would take, for hardly any more collecting. */
const youngMb = 8;

export type LogLine = (line: string) => void;

export interface FunctionWorker {
  /** One at a time; the pool sees to that. Never rejects. */
  run(requestId: string, event: string): Promise<Invocation>;
  /** False once the thread is gone or must not be used again. */
  readonly usable: boolean;
  terminate(): Promise<void>;
}

let sandbox: URL | undefined;
/** The sandbox as plain JavaScript: stripping types once here saves 40 ms and 2 MB in every thread. */
function sandboxUrl(): URL {
  const source = new URL("./sandbox.ts", import.meta.url);
  // The last line gives it a short name in stack traces.
  sandbox ??= new URL(`data:text/javascript,${encodeURIComponent(`${stripTypeScriptTypes(readFileSync(source, "utf8"))}\n//# sourceURL=sandbox`)}`);
  return sandbox;
}

const failed = (errorType: string, errorMessage: string): Invocation => ({ ok: false, errorType, errorMessage });

export function startWorker(fn: FunctionResource, env: Readonly<Record<string, string>>, log: LogLine): FunctionWorker {
  const thread = new Worker(sandboxUrl(), {
    env: { ...env },
    execArgv: [],
    argv: [],
    stdout: true,
    stderr: true,
    workerData: { codeDir: fn.codeDir, handler: fn.handler },
    resourceLimits: { maxOldGenerationSizeMb: Math.max(heapMbMin, fn.memoryMb), maxYoungGenerationSizeMb: youngMb },
    name: fn.name,
  });
  for (const stream of [thread.stdout, thread.stderr]) createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY }).on("line", log);

  let usable = true;
  let onReply: ((reply: SandboxReply) => void) | undefined;
  let onEnd: ((why: Invocation) => void) | undefined;
  let early: Invocation | undefined;
  const ended = (why: Invocation): void => {
    usable = false;
    early ??= why;
    onEnd?.(why);
  };
  let start: (outcome: Invocation | undefined) => void = () => {};
  const started = new Promise<Invocation | undefined>((resolve) => {
    start = resolve;
  });
  thread.on("message", (reply: SandboxReply) => {
    if (reply.kind === "ready") start(undefined);
    else if (reply.kind === "broken") {
      ended(failed(reply.errorType === "Error" ? "Runtime.ImportModuleError" : reply.errorType, reply.errorMessage));
      start(early);
      void thread.terminate();
    } else onReply?.(reply);
  });
  thread.on("error", (error: Error & { code?: string }) => {
    log(error.stack ?? error.message);
    ended(
      error.code === "ERR_WORKER_OUT_OF_MEMORY"
        ? failed("Runtime.OutOfMemory", `Runtime exited with error: signal: killed (${fn.memoryMb} MB)`)
        : failed(error.name, error.message),
    );
  });
  thread.on("exit", (code) => {
    ended(failed("Runtime.ExitError", `Runtime exited with error: exit status ${code}`));
    start(early);
  });

  async function ready(): Promise<Invocation | undefined> {
    const timer = setTimeout(() => {
      ended(failed("Sandbox.Timedout", `Init timed out after ${startSecondsMax} seconds`));
      start(early);
      void thread.terminate();
    }, startSecondsMax * 1000);
    const outcome = await started;
    clearTimeout(timer);
    return outcome;
  }
  const readiness = ready();

  function exchange(request: SandboxRequest): Promise<Invocation> {
    return new Promise((resolve) => {
      const finish = (invocation: Invocation): void => {
        clearTimeout(timer);
        onReply = undefined;
        onEnd = undefined;
        resolve(invocation);
      };
      const timer = setTimeout(() => {
        usable = false;
        void thread.terminate();
        finish(failed("Sandbox.Timedout", `RequestId: ${request.requestId} Error: Task timed out after ${fn.timeoutSeconds.toFixed(2)} seconds`));
      }, fn.timeoutSeconds * 1000);
      onEnd = finish;
      onReply = (reply) => finish(resultOf(reply));
      if (early !== undefined) finish(early);
      else thread.postMessage(request);
    });
  }

  return {
    get usable() {
      return usable;
    },
    async run(requestId, event) {
      const startFailure = await readiness;
      if (startFailure !== undefined) return startFailure;
      return exchange({ requestId, event, deadlineMs: Date.now() + fn.timeoutSeconds * 1000, functionArn: fn.arn });
    },
    async terminate() {
      usable = false;
      await thread.terminate();
    },
  };
}

function resultOf(reply: SandboxReply): Invocation {
  if (reply.kind === "error") return failed(reply.errorType, reply.errorMessage);
  if (reply.kind !== "result") return failed("Runtime.Unknown", `unexpected message ${reply.kind}`);
  if (Buffer.byteLength(reply.payload) > responseBytesMax) {
    return failed("Function.ResponseSizeTooLarge", `Response payload size exceeded maximum allowed payload size (${responseBytesMax} bytes).`);
  }
  return { ok: true, payload: JSON.parse(reply.payload) as unknown };
}
