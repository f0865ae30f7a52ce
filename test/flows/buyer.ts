// A buyer with nothing but HTTP: what a phone's browser sends, with and without scripts.
import { randomBytes } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";

export interface Placed {
  readonly token: string;
  readonly order_url: string;
  readonly checkout_url: string;
  readonly total: { readonly amount: number; readonly currency: string };
  readonly hold_until: string;
}
export interface Problem {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly request_id: string;
}
export interface Answer<T> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: T;
}

export const listing = "lees-car-wash";
export const node = "NODE_LEES";

let phones = 0;
/** A number nobody else in this process has: Vancouver, then counted up. */
export const newPhone = (): string => `+1604${String(2_000_001 + phones++)}`;
export const newKey = (): string => `test-${randomBytes(12).toString("hex")}`;

export const orderOf = (over: Readonly<Record<string, unknown>> = {}) => ({
  listing_id: listing,
  lines: [{ item: "CW-60", quantity: 1 }],
  node,
  phone: newPhone(),
  ...over,
});

/** `POST /api/orders` as a script sends it. Headers that are undefined are left out. */
export async function place<T = Placed>(
  origin: string,
  body: unknown,
  headers: Readonly<Record<string, string | undefined>> = {},
): Promise<Answer<T>> {
  const wanted = { "content-type": "application/json", "idempotency-key": newKey(), ...headers };
  const answer = await fetch(`${origin}/api/orders`, { method: "POST", headers: defined(wanted), body: JSON.stringify(body) });
  return { status: answer.status, headers: answer.headers, body: (await answer.json()) as T };
}

const defined = (headers: Readonly<Record<string, string | undefined>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));

/** Places an order that must succeed. */
export async function buy(origin: string, over: Readonly<Record<string, unknown>> = {}): Promise<Placed & { readonly phone: string }> {
  const body = orderOf(over);
  const answer = await place(origin, body);
  if (answer.status !== 201) throw new Error(`not placed: ${answer.status} ${JSON.stringify(answer.body)}`);
  return { ...answer.body, phone: body.phone };
}

export interface Pressed {
  readonly status: number;
  readonly body: Placed & Problem;
  /** How often the shop asked to come back. */
  readonly busy: number;
}
/** Those who are told to come back after two seconds, when too many are at it, do so this often. */
const triesMax = 20;
/** Presses Pay until there is an answer that ends it, as the page does: with one key. */
export async function pressUntilAnswered(origin: string, lines: readonly { readonly item: string; readonly quantity: number }[]): Promise<Pressed> {
  const [body, headers] = [orderOf({ lines }), { "idempotency-key": newKey() }];
  for (let busy = 0; ; busy++) {
    const answer = await place<Placed & Problem>(origin, body, headers);
    if (answer.status !== 503 || busy === triesMax) return { status: answer.status, body: answer.body, busy };
    await pause(1000 * Number(answer.headers.get("retry-after") ?? 1));
  }
}

export interface OpenedPage {
  readonly status: number;
  readonly html: string;
  readonly headers: Headers;
}
export async function open(address: string, headers: Readonly<Record<string, string>> = {}): Promise<OpenedPage> {
  const answer = await fetch(address, { headers, redirect: "manual" });
  return { status: answer.status, html: await answer.text(), headers: answer.headers };
}

/** What a browser without scripts sends when the page's own button is pressed: its hidden fields, the chosen item, the typed phone. */
export async function pressPay(origin: string, page: OpenedPage, typed: Readonly<Record<string, string>>): Promise<Response> {
  const fields = new URLSearchParams(hiddenFields(page.html));
  for (const [name, value] of Object.entries(typed)) fields.set(name, value);
  const cookie = page.headers.getSetCookie().map((one) => one.split(";")[0]);
  const headers = { origin, ...(cookie.length > 0 && { cookie: cookie.join("; ") }) };
  return fetch(`${origin}/api/orders`, { method: "POST", headers, body: fields, redirect: "manual" });
}

export const hiddenFields = (html: string): Record<string, string> =>
  Object.fromEntries([...html.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)].map(([, name = "", value = ""]) => [name, value]));

/** Submits the hosted checkout's form; the answer leads back to the shop, to the bank's question, or to the page itself. */
export const submit = (address: string, fields: Readonly<Record<string, string>>): Promise<Response> =>
  fetch(address, { method: "POST", body: new URLSearchParams(fields), redirect: "manual" });

export const statusOf = async (origin: string, token: string): Promise<{ readonly state: string; readonly sms: string }> =>
  (await fetch(`${origin}/api/orders/${token}`)).json() as Promise<{ state: string; sms: string }>;

export const orderIdOf = (token: string): string => token.split(".")[1] ?? "";
