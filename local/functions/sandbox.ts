// What runs inside a worker thread: one copy of one function, one invocation at a time, as in an execution environment of Lambda.
// The host strips the types of this file and starts it as text, so it imports nothing but Node itself.
import { createRequire } from "node:module";
import { join } from "node:path";
import { parentPort, workerData } from "node:worker_threads";

/** Host to sandbox. */
export interface SandboxRequest {
  readonly requestId: string;
  /** JSON text, as Lambda hands events over: `undefined`, dates and the like do not survive. */
  readonly event: string;
  /** Epoch milliseconds at which the host ends the invocation. */
  readonly deadlineMs: number;
  readonly functionArn: string;
}
/** Sandbox to host. */
export type SandboxReply =
  | { readonly kind: "ready" }
  | { readonly kind: "broken"; readonly errorType: string; readonly errorMessage: string }
  | { readonly kind: "result"; readonly requestId: string; readonly payload: string }
  | { readonly kind: "error"; readonly requestId: string; readonly errorType: string; readonly errorMessage: string };

type Handler = (event: unknown, context: unknown) => unknown;

const port = parentPort;
if (port === null) throw new Error("the sandbox is a worker thread");
const { codeDir, handler } = workerData as { readonly codeDir: string; readonly handler: string };

const say = (reply: SandboxReply): void => port.postMessage(reply);
const errorOf = (thrown: unknown): { errorType: string; errorMessage: string } =>
  thrown instanceof Error
    ? { errorType: thrown.name, errorMessage: thrown.message }
    : { errorType: "Error", errorMessage: typeof thrown === "string" ? thrown : JSON.stringify(thrown) };

function load(): Handler {
  const dot = handler.lastIndexOf(".");
  const exported = createRequire(join(codeDir, "/"))(join(codeDir, `${handler.slice(0, dot)}.js`)) as Record<string, unknown>;
  const found = exported[handler.slice(dot + 1)];
  if (typeof found !== "function") {
    throw Object.assign(new Error(`${handler} is undefined or not exported`), { name: "Runtime.HandlerNotFound" });
  }
  return found as Handler;
}

const contextOf = (request: SandboxRequest): Record<string, unknown> => ({
  awsRequestId: request.requestId,
  functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
  functionVersion: "$LATEST",
  invokedFunctionArn: request.functionArn,
  memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
  logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
  logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
  callbackWaitsForEmptyEventLoop: true,
  getRemainingTimeInMillis: () => Math.max(0, request.deadlineMs - Date.now()),
});

async function run(handle: Handler, request: SandboxRequest): Promise<void> {
  const { requestId } = request;
  try {
    const result = await handle(JSON.parse(request.event), contextOf(request));
    say({ kind: "result", requestId, payload: JSON.stringify(result) ?? "null" });
  } catch (thrown) {
    console.error(thrown);
    say({ kind: "error", requestId, ...errorOf(thrown) });
  }
}

try {
  const handle = load();
  port.on("message", (request: SandboxRequest) => void run(handle, request));
  say({ kind: "ready" });
} catch (thrown) {
  console.error(thrown);
  say({ kind: "broken", ...errorOf(thrown) });
}
