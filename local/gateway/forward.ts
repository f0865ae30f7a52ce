// Carries a call to an engine over kept-alive connections.
import { Agent, type IncomingHttpHeaders, request } from "node:http";
import type { Answer } from "./call.ts";

export interface Forwarder {
  /** Posts to the engine's root. Throws when the engine is not there. `signal` ends a long poll that nobody waits for any more. */
  post(headers: Readonly<Record<string, string>>, body: Buffer | string, signal?: AbortSignal): Promise<Answer>;
  close(): void;
}

/** Of the engine's answer, what a client reads. The checksum goes: the body may be rewritten. */
const passed = ["content-type", "x-amzn-requestid", "x-amzn-query-error"];

export function createForwarder(url: string): Forwarder {
  const { hostname, port } = new URL(url);
  const agent = new Agent({ keepAlive: true, maxSockets: 256 });

  const once = (headers: Readonly<Record<string, string>>, body: Buffer | string, signal: AbortSignal | undefined) =>
    new Promise<Answer>((resolve, reject) => {
      const sent = request({
        agent,
        hostname,
        port,
        method: "POST",
        path: "/",
        headers: { ...headers, "content-length": Buffer.byteLength(body) },
        ...(signal ? { signal } : {}),
      });
      sent.once("error", (error: NodeJS.ErrnoException) =>
        reject(Object.assign(error, { staleSocket: sent.reusedSocket && error.code === "ECONNRESET" })),
      );
      sent.once("response", (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.once("error", reject);
        response.once("end", () => resolve({ status: response.statusCode ?? 500, headers: pick(response.headers), body: Buffer.concat(chunks) }));
      });
      sent.end(body);
    });

  return {
    async post(headers, body, signal) {
      try {
        return await once(headers, body, signal);
      } catch (error) {
        // The engine had closed the idle connection just as we took it: the request never reached it.
        if ((error as { staleSocket?: boolean }).staleSocket) return once(headers, body, signal);
        throw error;
      }
    },
    close: () => agent.destroy(),
  };
}

const pick = (headers: IncomingHttpHeaders): Record<string, string> =>
  Object.fromEntries(passed.flatMap((name) => (typeof headers[name] === "string" ? [[name, headers[name]] as const] : [])));
