// A route is a value: it feeds API Gateway, validation, OpenAPI, the error catalogue and the tests.
import type * as z from "zod";
import type { Problem } from "./problem.ts";

/** Who may call. Required on every route, so forgetting it does not compile. */
export type Auth = "public" | "buyer" | "member" | "merchant" | "till" | "reviewer" | "admin" | "api_key" | "webhook";

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** What a success looks like: JSON with a schema, an HTML page, or nothing. */
export type Success =
  | { readonly status: 200 | 201 | 202; readonly body: z.ZodType }
  | { readonly status: 200; readonly html: true }
  | { readonly status: 204 };

export interface RouteSpec {
  /** Unique camelCase id: operationId in OpenAPI, metric dimension, log field. */
  readonly id: string;
  readonly method: Method;
  /** HTTP API form: `/api/orders/{token}`. */
  readonly path: string;
  readonly auth: Auth;
  /** "required": 400 without an `Idempotency-Key` header (or a signed `form_key` field of a form). */
  readonly idempotency: "required" | "none";
  /** One plain sentence in English: what it does for the caller. */
  readonly summary: string;
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  /** The same body may come as a plain HTML form; success and refusal then answer 303. */
  readonly form?: true;
  /** The handler gets the raw bytes; nothing is parsed before the signature is checked. */
  readonly raw?: true;
  readonly ok: Success;
  /** The refusals this route may answer. A refusal that is not listed does not compile in the handler. */
  readonly errors: Readonly<Record<string, Problem>>;
}

/** Declares a route and keeps its literal types. */
export const route = <const R extends RouteSpec>(spec: R): R => spec;

/** The API Gateway route key: `POST /api/orders`. */
export const routeKey = (route: Pick<RouteSpec, "method" | "path">): string => `${route.method} ${route.path}`;
