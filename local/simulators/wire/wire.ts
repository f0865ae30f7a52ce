// A request and its answer as plain values: the cores speak these, sockets are bound elsewhere.

export interface WireRequest {
  readonly method: string;
  /** Path without query: `/v1/refunds`. */
  readonly path: string;
  /** Raw query text without `?`. */
  readonly query: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface WireAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A call that passed the gate: `run` commits its effect and makes the answer. Nothing has happened before. */
export type Begun = { readonly answer: WireAnswer } | { readonly run: () => WireAnswer; readonly drop: () => void };

/** What the machine lends a core: ms since the epoch and unguessable bytes. The simulation lends its own. */
export interface Ports {
  readonly now: () => number;
  readonly random: (bytes: number) => Uint8Array;
}

const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** `length` letters and digits, as provider ids have. */
export const letters = (ports: Ports, length: number): string =>
  Array.from(ports.random(length), (byte) => alphabet[byte % alphabet.length]).join("");

export const hex = (ports: Ports, bytes: number): string => Buffer.from(ports.random(bytes)).toString("hex");

/** Calls a core in process through the `fetch` signature: for SDKs that accept their own, without a socket. */
export const fetchOver =
  (call: (request: WireRequest) => WireAnswer): typeof fetch =>
  async (input, init) => {
    const request = new Request(input, init);
    const url = new URL(request.url);
    const answer = call({
      method: request.method,
      path: url.pathname,
      query: url.search.slice(1),
      headers: Object.fromEntries(request.headers),
      body: await request.text(),
    });
    return new Response(answer.body, { status: answer.status, headers: { ...answer.headers } });
  };
