// From bytes to a typed request: size, body form, schema, key. Every refusal here changes nothing.
import type * as z from "zod";
import type { Instant } from "../clock/clock.ts";
import type { CommonProblem, Language } from "../contract/problem.ts";
import type { RouteSpec } from "../contract/route.ts";
import { hashId } from "../ids/ids.ts";
import type { Principal } from "../operation/operation.ts";
import { bytesOf, cookieOf, type HttpEvent } from "./event.ts";
import { isFreshFormKey } from "./form-key.ts";
import { chooseLanguage } from "./language.ts";

type Parsed<S> = S extends z.ZodType<infer O> ? O : undefined;

/** What a handler gets: parsed by the route's schemas, with who asks and in which language. */
export interface Incoming<R extends RouteSpec = RouteSpec> {
  readonly params: Parsed<R["params"]>;
  readonly query: Parsed<R["query"]>;
  readonly body: Parsed<R["body"]>;
  /** The idempotency key; empty where the route takes none. */
  readonly key: string;
  readonly principal: Principal;
  readonly language: Language;
  /** The body as it came; only routes marked `raw` look at it. */
  readonly raw: Buffer;
  readonly event: HttpEvent;
}

export type Fields = Readonly<Record<string, string>>;
export interface Refusal {
  readonly code: CommonProblem;
  /** Which fields are wrong and how, in English: for developers. */
  readonly fields?: readonly { readonly path: string; readonly message: string }[];
}
export type Read<R extends RouteSpec> =
  | { readonly kind: "read"; readonly request: Incoming<R>; readonly form?: Fields }
  | { readonly kind: "refused"; readonly refusal: Refusal; readonly form?: Fields };

/** Bytes of a body: ours are small; a provider's event may carry a whole object. */
export const bodyBytesMax = { normal: 256 * 1024, raw: 1024 * 1024 } as const;
export const sessionCookie = "gb_session";

export interface ReadOptions {
  readonly linkSecret: () => Promise<string>;
  readonly now: () => Instant;
  /** Turns the flat fields of a plain form into the body that the JSON caller would send. */
  readonly fromForm?: (fields: Fields) => unknown;
}

/** The person's language, before anything else of the request is believed. */
export const languageOf = (event: HttpEvent, form?: Fields): Language =>
  chooseLanguage(form?.lang ?? event.queryStringParameters?.lang, event.headers["accept-language"]);

export const readRequest = async <R extends RouteSpec>(route: R, event: HttpEvent, options: ReadOptions): Promise<Read<R>> => {
  const raw = bytesOf(event);
  if (raw.length > (route.raw ? bodyBytesMax.raw : bodyBytesMax.normal)) return { kind: "refused", refusal: { code: "too_large" } };
  const form = formOf(route, event);
  const refused = (refusal: Refusal): Read<R> => ({ kind: "refused", refusal, ...(form && { form }) });

  const body = form ? (options.fromForm ?? ((fields: Fields) => fields))(form) : route.body ? jsonOf(raw, typeOf(event)) : undefined;
  const wrong = [
    ...issues("path", route.params, event.pathParameters ?? {}),
    ...issues("query", route.query, event.queryStringParameters ?? {}),
    ...issues("body", route.body, body),
  ];
  if (wrong.length > 0) return refused({ code: "invalid_request", fields: wrong });

  const key = form ? (form.form_key ?? "") : (event.headers["idempotency-key"] ?? "");
  if (route.idempotency === "required") {
    if (form && !isFreshFormKey(await options.linkSecret(), key, options.now())) return refused({ code: "form_expired" });
    if (!/^[\x21-\x7e]{16,100}$/.test(key)) return refused({ code: "key_missing" });
  }
  const request = {
    params: route.params?.parse(event.pathParameters ?? {}),
    query: route.query?.parse(event.queryStringParameters ?? {}),
    body: route.body?.parse(body),
    key,
    principal: principalOf(event),
    language: languageOf(event, form),
    raw,
    event,
  } as Incoming<R>;
  return { kind: "read", request, ...(form && { form }) };
};

const typeOf = (event: HttpEvent): string | undefined => (event.headers["content-type"] ?? "").split(";")[0]?.trim().toLowerCase();

/** The fields of a plain HTML form, if that is what came and the route takes one. */
export const formOf = (route: RouteSpec, event: HttpEvent): Fields | undefined =>
  route.form && typeOf(event) === "application/x-www-form-urlencoded" ? fieldsOf(bytesOf(event)) : undefined;

/** The last value of a repeated field would win silently, so a repeated field is dropped whole and the schema asks for it. */
const fieldsOf = (raw: Buffer): Fields => {
  const fields = new Map<string, string>();
  const repeated = new Set<string>();
  for (const [name, value] of new URLSearchParams(raw.toString("utf8"))) {
    if (fields.has(name)) repeated.add(name);
    fields.set(name, value);
  }
  return Object.fromEntries([...fields].filter(([name]) => !repeated.has(name)));
};

/** Undefined when it is not JSON or not said to be: a cross-site page can post text without asking, JSON it cannot. */
const jsonOf = (raw: Buffer, type: string | undefined): unknown => {
  if (raw.length === 0) return {};
  if (type !== "application/json") return undefined;
  try {
    return JSON.parse(raw.toString("utf8"));
  } catch {
    return undefined;
  }
};

const issues = (part: string, schema: z.ZodType | undefined, value: unknown): readonly { path: string; message: string }[] => {
  const result = schema?.safeParse(value);
  return !result || result.success
    ? []
    : result.error.issues.slice(0, 20).map((issue) => ({ path: [part, ...issue.path].join("."), message: issue.message }));
};

/** The browser's session, if it carries one that we could have made. */
export const sessionOf = (event: HttpEvent): string | undefined => {
  const session = cookieOf(event, sessionCookie);
  return session !== undefined && /^[\w-]{16,64}$/.test(session) ? session : undefined;
};

const principalOf = (event: HttpEvent): Principal => {
  const session = sessionOf(event);
  return session === undefined ? { type: "anonymous", id: "-" } : { type: "buyer_session", id: hashId("session", session) };
};
