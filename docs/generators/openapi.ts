// docs/openapi.json: OpenAPI 3.1 from the routes as values. Nothing is written by hand; what a route does not say is not there.
import type * as z from "zod";
import { type CommonProblem, commonProblems, type Problem } from "../../platform/contract/problem.ts";
import type { Auth, RouteSpec } from "../../platform/contract/route.ts";
import { componentsFrom, type Schema, type Schemas } from "./schemas.ts";

type Json = Readonly<Record<string, unknown>>;

/** @param routesOf routes by the function that serves them; the function's id becomes the tag */
export function openApi(routesOf: Readonly<Record<string, readonly RouteSpec[]>>, version: string): Json {
  const schemas: Schemas = { Problem: problemSchema };
  const paths: Record<string, Record<string, Json>> = {};
  for (const [functionId, routes] of Object.entries(routesOf)) {
    for (const route of routes) {
      paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operationOf(route, functionId, schemas) };
    }
  }
  const used = new Set(Object.values(routesOf).flatMap((routes) => routes.map(({ auth }) => auth)));
  return {
    openapi: "3.1.0",
    jsonSchemaDialect: "https://json-schema.org/draft/2020-12/schema",
    info: {
      title: "GigBridge",
      version,
      description: "Scan, pay, receive the number in seconds. Amounts are integer minor units with their currency.",
    },
    servers: [{ url: "/" }],
    paths,
    components: {
      schemas: Object.fromEntries(Object.entries(schemas).sort(([a], [b]) => a.localeCompare(b, "en"))),
      securitySchemes: Object.fromEntries([...used].flatMap((auth) => (schemes[auth] ? [[auth, schemes[auth]]] : []))),
    },
  };
}

/** How each kind of caller proves who it is; `public` proves nothing, a buyer's token is part of the path. */
const schemes: Readonly<Partial<Record<Auth, Json>>> = {
  member: { type: "apiKey", in: "cookie", name: "gb_member" },
  merchant: { type: "http", scheme: "bearer", bearerFormat: "JWT" },
  till: { type: "http", scheme: "bearer", bearerFormat: "JWT" },
  reviewer: { type: "http", scheme: "bearer", bearerFormat: "JWT" },
  admin: { type: "http", scheme: "bearer", bearerFormat: "JWT" },
  api_key: { type: "apiKey", in: "header", name: "x-api-key" },
};

const problemSchema: Schema = {
  type: "object",
  description: "RFC 9457. `code` is stable; `detail` is a sentence for a person, in the language asked for.",
  properties: {
    type: { type: "string", description: "`/errors#<code>`" },
    title: { type: "string" },
    status: { type: "integer" },
    detail: { type: "string" },
    code: { type: "string" },
    request_id: { type: "string" },
    fields: {
      type: "array",
      items: { type: "object", properties: { path: { type: "string" }, message: { type: "string" } }, required: ["path", "message"] },
    },
  },
  required: ["type", "title", "status", "detail", "code", "request_id"],
};

function operationOf(route: RouteSpec, functionId: string, schemas: Schemas): Json {
  return {
    operationId: route.id,
    tags: [functionId],
    summary: route.summary,
    "x-auth": route.auth,
    ...(schemes[route.auth] ? { security: [{ [route.auth]: [] }] } : { security: [] }),
    parameters: parametersOf(route, schemas),
    ...requestBodyOf(route, schemas),
    responses: { ...successOf(route, schemas), ...refusalsOf(route) },
  };
}

function parametersOf(route: RouteSpec, schemas: Schemas): readonly Json[] {
  const from = (object: z.ZodObject | undefined, place: "path" | "query"): readonly Json[] => {
    if (object === undefined) return [];
    const { properties = {}, required = [] } = componentsFrom(object, schemas) as {
      properties?: Record<string, Schema>;
      required?: readonly string[];
    };
    return Object.entries(properties).map(([name, schema]) => ({ name, in: place, required: place === "path" || required.includes(name), schema }));
  };
  const key = {
    name: "Idempotency-Key",
    in: "header",
    required: true,
    description: "Chosen by the caller, one per intention. The same key with the same request answers the first result; with another request, 422.",
    schema: { type: "string", minLength: 16, maxLength: 100, pattern: "^[\\x21-\\x7e]+$" },
  };
  return [...from(route.params, "path"), ...from(route.query, "query"), ...(route.idempotency === "required" ? [key] : [])];
}

function requestBodyOf(route: RouteSpec, schemas: Schemas): Json {
  if (route.raw) {
    return { requestBody: { required: true, description: "The sender's bytes as they are signed.", content: { "*/*": {} } } };
  }
  if (route.body === undefined && !route.form) return {};
  const json = route.body && { "application/json": { schema: componentsFrom(route.body, schemas) } };
  const form = route.form && { "application/x-www-form-urlencoded": { schema: formSchema(route) } };
  return { requestBody: { required: route.body !== undefined, content: { ...json, ...form } } };
}

/** A plain form carries the same facts as flat fields; the signed key in it stands for the header. */
const formSchema = (route: RouteSpec): Json => ({
  type: "object",
  properties: { form_key: { type: "string", description: "Signed by the page; stands for the Idempotency-Key header." }, lang: { type: "string" } },
  ...(route.idempotency === "required" && { required: ["form_key"] }),
  additionalProperties: { type: "string" },
});

function successOf(route: RouteSpec, schemas: Schemas): Json {
  const { ok } = route;
  const replayed = {
    "idempotency-replayed": { description: "`true` when this is the result of an earlier request with the same key", schema: { type: "string" } },
  };
  const headers = route.idempotency === "required" ? { headers: replayed } : {};
  const answer = { description: route.summary, ...headers };
  const redirect = route.form && {
    "303": {
      description: "To a plain form: where to go on, or back with the code of the problem.",
      headers: { location: { schema: { type: "string" } } },
    },
  };
  if ("html" in ok) return { [ok.status]: { ...answer, content: { "text/html": { schema: { type: "string" } } } }, ...redirect };
  if (!("body" in ok)) return { [ok.status]: answer, ...redirect };
  return { [ok.status]: { ...answer, content: { "application/json": { schema: componentsFrom(ok.body, schemas) } } }, ...redirect };
}

/** Every problem that a caller of this route may meet: its own refusals and those that the edge raises. */
export function problemsOf(route: RouteSpec): Readonly<Record<string, Problem>> {
  const raised: CommonProblem[] = ["origin_refused", "busy", "internal"];
  if (route.params || route.query || route.body) raised.push("invalid_request");
  if (route.body || route.form || route.raw) raised.push("too_large");
  if (route.idempotency === "required") raised.push("key_missing", "key_reused", "in_progress");
  if (route.form && route.idempotency === "required") raised.push("form_expired");
  return { ...Object.fromEntries(raised.map((code) => [code, commonProblems[code]])), ...route.errors };
}

function refusalsOf(route: RouteSpec): Json {
  const byStatus = Map.groupBy(Object.entries(problemsOf(route)), ([, problem]) => problem.status);
  const entries = [...byStatus]
    .sort(([a], [b]) => a - b)
    .map(([status, found]) => {
      const codes = found.map(([code]) => code).sort();
      const content =
        "html" in route.ok
          ? { "text/html": { schema: { type: "string" } } }
          : {
              "application/problem+json": {
                schema: { allOf: [{ $ref: "#/components/schemas/Problem" }, { type: "object", properties: { code: { enum: codes } } }] },
                examples: Object.fromEntries(found.map(([code, problem]) => [code, { value: exampleOf(code, problem) }])),
              },
            };
      return [String(status), { description: codes.join(", "), content }] as const;
    });
  return Object.fromEntries(entries);
}

const exampleOf = (code: string, { status, sentence }: Problem): Json => ({
  type: `/errors#${code}`,
  title: code.replaceAll("_", " "),
  status,
  detail: sentence.en,
  code,
  request_id: "JKJaXmPLvHcESHA=",
});
