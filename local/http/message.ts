// HTTP requests and answers between the parts of the edge: headers as ordered pairs, bodies as bytes, nothing decoded.
import type { IncomingMessage, ServerResponse } from "node:http";

export type HeaderPair = readonly [name: string, value: string];

export interface EdgeRequest {
  readonly method: string;
  /** As sent, percent-encoded, without the query. */
  readonly path: string;
  /** As sent, without `?`. */
  readonly query: string;
  /** Names in lower case; a name may come more than once. */
  readonly headers: readonly HeaderPair[];
  readonly body: Buffer;
  readonly viewer: { readonly ip: string; readonly port: number };
  readonly httpVersion: string;
}
export interface EdgeResponse {
  readonly status: number;
  /** Names in lower case; `set-cookie` may come more than once. */
  readonly headers: readonly HeaderPair[];
  readonly body: Buffer;
}

/** The body was longer than the caller allows; the rest of it was read and thrown away, so that the client hears the answer. */
export class BodyTooLarge extends Error {
  override readonly name = "BodyTooLarge";
}

/** The first value of a header; `name` in lower case. */
export const headerOf = (headers: readonly HeaderPair[], name: string): string | undefined => headers.find(([key]) => key === name)?.[1];

/** Reads a request whole. Throws BodyTooLarge beyond `bodyBytesMax` bytes. */
export async function readRequest(incoming: IncomingMessage, bodyBytesMax: number): Promise<EdgeRequest> {
  const target = incoming.url ?? "/";
  const question = target.indexOf("?");
  const headers: HeaderPair[] = [];
  for (let at = 0; at + 1 < incoming.rawHeaders.length; at += 2) {
    headers.push([(incoming.rawHeaders[at] ?? "").toLowerCase(), incoming.rawHeaders[at + 1] ?? ""]);
  }
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= bodyBytesMax) chunks.push(chunk);
    else chunks.length = 0;
  }
  if (size > bodyBytesMax) throw new BodyTooLarge(`more than ${bodyBytesMax} bytes`);
  return {
    method: incoming.method ?? "GET",
    path: question < 0 ? target : target.slice(0, question),
    query: question < 0 ? "" : target.slice(question + 1),
    headers,
    body: Buffer.concat(chunks),
    viewer: { ip: plainAddress(incoming.socket.remoteAddress ?? "127.0.0.1"), port: incoming.socket.remotePort ?? 0 },
    httpVersion: incoming.httpVersion,
  };
}

/** IPv4 in its own form where the socket says `::ffff:127.0.0.1`. */
const plainAddress = (address: string): string => (address.startsWith("::ffff:") ? address.slice(7) : address);

export function writeResponse(outgoing: ServerResponse, response: EdgeResponse, method: string): void {
  if (outgoing.destroyed) return;
  const cookies: string[] = [];
  for (const [name, value] of response.headers) {
    if (name === "set-cookie") cookies.push(value);
    else outgoing.setHeader(name, value);
  }
  if (cookies.length > 0) outgoing.setHeader("set-cookie", cookies);
  const bodyless = response.status === 204 || response.status === 304;
  if (!bodyless) outgoing.setHeader("content-length", response.body.length);
  outgoing.writeHead(response.status);
  outgoing.end(bodyless || method === "HEAD" ? undefined : response.body);
}

export const textResponse = (status: number, body: string, contentType = "text/plain; charset=utf-8"): EdgeResponse => ({
  status,
  headers: [["content-type", contentType]],
  body: Buffer.from(body),
});
