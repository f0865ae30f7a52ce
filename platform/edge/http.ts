// The HTTP edge: one chain for every route. Handlers see parsed requests and answer values; status codes, headers, problems and faults are here.
import middy from "@middy/core";
import type * as z from "zod";
import type { Clock } from "../clock/clock.ts";
import { commonProblems, type Language, type Problem } from "../contract/problem.ts";
import { type RouteSpec, routeKey } from "../contract/route.ts";
import { sameSecret } from "../crypto/sealer.ts";
import { describeError, type Log } from "../log/log.ts";
import { OutcomeUnknown } from "../table/engine.ts";
import { TableBusy } from "../table/model.ts";
import type { HttpEvent, HttpResult } from "./event.ts";
import { formAgain } from "./form-again.ts";
import type { Page } from "./page.ts";
import { type Fields, formOf, type Incoming, languageOf, type ReadOptions, readRequest, sessionCookie } from "./request.ts";

type Body<R extends RouteSpec> = R["ok"] extends { readonly body: infer S extends z.ZodType } ? z.input<S> : undefined;

export type Answer<R extends RouteSpec> =
  /** `location`: where a plain form goes on (303). `repeated`: the effect had been there before. */
  | { readonly kind: "ok"; readonly body: Body<R>; readonly location?: string; readonly repeated?: boolean }
  | { readonly kind: "page"; readonly page: Page; readonly newSession?: string }
  /** `context`: facts that the problem document carries beside its code. */
  | {
      readonly kind: "refused";
      readonly refusal: (keyof R["errors"] & string) | keyof typeof commonProblems;
      readonly context?: Readonly<Record<string, unknown>>;
      readonly location?: string;
    };

export type Handler<R extends RouteSpec> = (request: Incoming<R>) => Promise<Answer<R>>;

export interface Binding {
  readonly route: RouteSpec;
  readonly handle: (request: Incoming<never>) => Promise<Answer<RouteSpec>>;
  readonly fromForm?: ReadOptions["fromForm"];
  /** Where a refused plain form goes back to, with the problem's code for the page to say. */
  readonly refusedForm?: (fields: Fields, code: string) => string;
}

/** Ties a route to its verb. A refusal that the route does not declare does not compile. */
export const bind = <const R extends RouteSpec>(route: R, handle: Handler<R>, form: Pick<Binding, "fromForm" | "refusedForm"> = {}): Binding => ({
  route,
  handle: handle as unknown as Binding["handle"],
  ...form,
});

export interface HttpPorts {
  readonly clock: Clock;
  readonly log: Log;
  readonly publicOrigin: string;
  /** Only the CDN knows it: what does not carry it did not come through the front door. */
  readonly originSecret: () => Promise<string>;
  readonly linkSecret: () => Promise<string>;
  readonly problemPage?: (language: Language, status: number, sentence: string) => Page;
}

type Outgoing = { readonly code: string; readonly problem: Problem; readonly extra?: Readonly<Record<string, unknown>> };

/** The Lambda handler of a set of routes. */
export const httpEntry = (bindings: readonly Binding[], ports: HttpPorts) => {
  const byKey = new Map(bindings.map((binding) => [routeKey(binding.route), binding]));
  return middy<HttpEvent, HttpResult>()
    .use(faults(byKey, ports))
    .use(frontDoor(byKey, ports))
    .handler((event: HttpEvent) => answer(byKey.get(event.routeKey), event, ports));
};

const answer = async (binding: Binding | undefined, event: HttpEvent, ports: HttpPorts): Promise<HttpResult> => {
  if (!binding) return problemResult(undefined, event, ports, common("not_found"));
  const { route } = binding;
  const read = await readRequest(route, event, {
    linkSecret: ports.linkSecret,
    now: () => ports.clock.now(),
    ...(binding.fromForm && { fromForm: binding.fromForm }),
  });
  const language = languageOf(event, read.form);
  const refuse = (outgoing: Outgoing, location?: string): HttpResult => {
    // Still at work: the same form again finds what it did; a fresh page would be a fresh request.
    if (read.form && outgoing.code === "in_progress") {
      return pageResult(formAgain(language, outgoing.problem.status, outgoing.problem.sentence[language], event.rawPath, read.form), event);
    }
    const back = read.form && (location ?? binding.refusedForm?.(read.form, outgoing.code));
    return back ? seeOther(back, event) : problemResult(route, event, ports, outgoing, language);
  };
  if (read.kind === "refused") return refuse(common(read.refusal.code, read.refusal.fields && { fields: read.refusal.fields }));

  const result = await binding.handle(read.request as Incoming<never>);
  switch (result.kind) {
    case "ok": {
      if (read.form && result.location) return seeOther(result.location, event);
      const replayed = result.repeated ? { "idempotency-replayed": "true" } : {};
      return json(route.ok.status, result.body ?? {}, event, replayed);
    }
    case "page":
      return pageResult(result.page, event, result.newSession && sessionHeader(result.newSession, ports.publicOrigin));
    case "refused": {
      const problem = route.errors[result.refusal] ?? commonProblems[result.refusal as keyof typeof commonProblems];
      if (!problem) throw new Error(`${route.id} refused with the undeclared ${result.refusal}`);
      return refuse({ code: result.refusal, problem, ...(result.context && { extra: result.context }) }, result.location);
    }
  }
};

/** Logs each fault once; the caller learns only the request id. */
const faults = (byKey: ReadonlyMap<string, Binding>, ports: HttpPorts): middy.MiddlewareObj<HttpEvent, HttpResult> => ({
  onError: (request) => {
    const { event, error } = request;
    const code = error instanceof TableBusy ? "busy" : error instanceof OutcomeUnknown ? "outcome_unknown" : "internal";
    ports.log(code === "internal" ? "error" : "warn", code, {
      request_id: event.requestContext.requestId,
      route: event.routeKey,
      ...describeError(error),
    });
    const route = byKey.get(event.routeKey)?.route;
    const form = route && formOf(route, event);
    const { problem } = common(code);
    const language = languageOf(event, form);
    request.response = form
      ? pageResult(formAgain(language, problem.status, problem.sentence[language], event.rawPath, form), event)
      : problemResult(route, event, ports, common(code));
  },
});

/** Through the CDN, and from our own pages: a browser that says it comes from elsewhere may not change anything. */
const frontDoor = (byKey: ReadonlyMap<string, Binding>, ports: HttpPorts): middy.MiddlewareObj<HttpEvent, HttpResult> => ({
  before: async ({ event }) => {
    const route = byKey.get(event.routeKey)?.route;
    const inside = sameSecret(event.headers["x-origin-secret"] ?? "", await ports.originSecret());
    const origin = event.headers.origin;
    const foreign = origin !== undefined && origin !== ports.publicOrigin && route?.method !== "GET" && route?.auth !== "webhook";
    if (!inside || foreign) return problemResult(route, event, ports, common("origin_refused"));
    return undefined;
  },
});

const common = (code: keyof typeof commonProblems, extra?: Readonly<Record<string, unknown>>): Outgoing => ({
  code,
  problem: commonProblems[code],
  ...(extra && { extra }),
});

const problemResult = (
  route: RouteSpec | undefined,
  event: HttpEvent,
  ports: HttpPorts,
  outgoing: Outgoing,
  language = languageOf(event),
): HttpResult => {
  const { code, problem, extra } = outgoing;
  const sentence = problem.sentence[language];
  if (route && "html" in route.ok && ports.problemPage) return pageResult(ports.problemPage(language, problem.status, sentence), event);
  const document = {
    type: `/errors#${code}`,
    title: code.replaceAll("_", " "),
    status: problem.status,
    detail: sentence,
    code,
    request_id: event.requestContext.requestId,
    ...extra,
  };
  const retry = problem.status === 503 || problem.status === 429 ? { "retry-after": "2" } : {};
  return json(problem.status, document, event, { "content-type": "application/problem+json", "content-language": language, ...retry });
};

const commonHeaders = (event: HttpEvent): Record<string, string> => ({
  "cache-control": "no-store",
  "referrer-policy": "same-origin",
  "x-content-type-options": "nosniff",
  "x-request-id": event.requestContext.requestId,
});

const json = (statusCode: number, body: unknown, event: HttpEvent, headers: Record<string, string> = {}): HttpResult => ({
  statusCode,
  headers: { ...commonHeaders(event), "content-type": "application/json", ...headers },
  body: statusCode === 204 ? "" : JSON.stringify(body),
});

const seeOther = (location: string, event: HttpEvent): HttpResult => ({ statusCode: 303, headers: { ...commonHeaders(event), location }, body: "" });

const pageResult = (page: Page, event: HttpEvent, cookie?: string): HttpResult => ({
  statusCode: page.status,
  headers: { ...commonHeaders(event), "content-type": "text/html; charset=utf-8", "content-security-policy": page.csp },
  ...(cookie && { cookies: [cookie] }),
  body: page.html,
});

const sessionHeader = (value: string, publicOrigin: string): string =>
  `${sessionCookie}=${value}; Path=/; HttpOnly; SameSite=Lax; Max-Age=31536000${publicOrigin.startsWith("https:") ? "; Secure" : ""}`;
