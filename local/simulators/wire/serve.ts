// Binds the cores to sockets: reads a request whole, lets the faults of the API have their way, writes the answer.

import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import { faultsOf, type Provider, takeFault } from "../delivery/faults.ts";
import type { Store } from "../store/store.ts";
import type { Begun, WireAnswer, WireRequest } from "./wire.ts";

/** Far above anything the providers take. */
const bodyMaxBytes = 1024 * 1024;

/** The whole request, or undefined when its body is too large. */
export const readRequest = async (incoming: IncomingMessage): Promise<WireRequest | undefined> => {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > bodyMaxBytes) return undefined;
    chunks.push(chunk);
  }
  const [path = "/", query = ""] = (incoming.url ?? "/").split(/\?(.*)/s);
  const headers = Object.entries(incoming.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(", ") : (value ?? "")]);
  return { method: incoming.method ?? "GET", path, query, headers: Object.fromEntries(headers), body: Buffer.concat(chunks).toString("utf8") };
};

export const writeAnswer = (outgoing: ServerResponse, answer: WireAnswer): void => {
  outgoing.writeHead(answer.status, { ...answer.headers, "content-length": Buffer.byteLength(answer.body) });
  outgoing.end(answer.body);
};

/** `cut`: the work may be done, but the caller never hears of it. */
export type Served = WireAnswer | "cut";

const refusalOf = (provider: Provider, status: number): WireAnswer => {
  const message =
    status === 429 ? "Too many requests. Refused on request of the control page." : "Something went wrong on request of the control page.";
  const body =
    provider === "twilio"
      ? { code: status === 429 ? 20429 : 20500, message, more_info: "https://www.twilio.com/docs/errors/20500", status }
      : { error: status === 429 ? { type: "invalid_request_error", code: "rate_limit", message } : { type: "api_error", message } };
  return { status, headers: { "content-type": "application/json", "request-id": "req_simulatedfault" }, body: JSON.stringify(body) };
};

/** One API call through the faults that are set for its provider. */
export const serveApi = async (
  store: Store,
  provider: Provider,
  core: { begin(request: WireRequest): Begun },
  request: WireRequest,
): Promise<Served> => {
  const { api_delay_ms, api_fail_status } = faultsOf(store, provider);
  if (store.transaction(() => takeFault(store, provider, "api_fail_next"))) {
    await wait(api_delay_ms);
    return refusalOf(provider, api_fail_status);
  }
  const begun = core.begin(request);
  if ("answer" in begun) return begun.answer;
  // The delay lies between taking the idempotency key and the work, where a second request meets the first.
  if (api_delay_ms > 0) await wait(api_delay_ms);
  const answer = begun.run();
  const lost = request.method === "POST" && store.transaction(() => takeFault(store, provider, "api_lose_next"));
  return lost ? "cut" : answer;
};
