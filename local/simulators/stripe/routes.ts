// The part of Stripe's API that is simulated: a table of method, path, permission, parameters and effect.
import type Stripe from "stripe";
import * as z from "zod";
import type { Kind } from "../store/store.ts";
import type { Context } from "./context.ts";
import { concedeDispute, DisputeList } from "./disputes.ts";
import { missing } from "./errors.ts";
import { type Cause, seconds } from "./events.ts";
import { expanded } from "./expand.ts";
import type { Permission } from "./keys.ts";
import { expand, inRange, page, type Range, readParams } from "./params.ts";
import { chargeKind, disputeKind, endpointKind, eventKind, intentKind, type Owned, refundKind, sessionKind } from "./records.ts";
import { advanceRefunds, createRefund, RefundList, RefundParams } from "./refunds.ts";
import { type PlannedSession, planSession } from "./session-params.ts";
import { createSession, expireByMerchant, findSession } from "./sessions.ts";
import { advanceSessions } from "./settle-later.ts";
import { changeEndpoint, createEndpoint, deleteEndpoint, EndpointChange, EndpointParams, findEndpoint } from "./webhook-endpoints.ts";

export interface Call<P> {
  readonly context: Context;
  readonly account: string;
  /** The id in the path; empty where there is none. */
  readonly id: string;
  readonly form: P;
  readonly cause: Cause;
}
/** A route after its parameters' type has been checked and forgotten. */
export interface Route {
  readonly method: "GET" | "POST" | "DELETE";
  /** `:id` stands for one path segment. */
  readonly path: string;
  readonly permission: Permission;
  /** Reads and checks the parameters; nothing is done or saved when it throws. */
  check(form: Record<string, unknown>, context: Context): Record<string, unknown>;
  run(call: Call<Record<string, unknown>>): { readonly status: number; readonly body: unknown };
}

type Check<P> = (form: Record<string, unknown>, context: Context) => P;

const checked = <P>(method: Route["method"], path: string, permission: Permission, check: Check<P>, run: (call: Call<P>) => unknown): Route => ({
  method,
  path,
  permission,
  check: (form, context) => check(form, context) as Record<string, unknown>,
  run: (call) => {
    const body = run(call as Call<P>);
    const paths = (call.form as { expand?: string[] }).expand ?? [];
    return { status: 200, body: paths.length === 0 ? body : expanded(call.context, call.account, body, paths) };
  },
});
const route = <S extends z.ZodType>(
  method: Route["method"],
  path: string,
  permission: Permission,
  schema: S,
  run: (call: Call<z.infer<S>>) => unknown,
): Route => checked<z.infer<S>>(method, path, permission, (form) => readParams(schema, form), run);

const Nothing = z.strictObject({ expand });

/** Rows looked through for one filtered list: more than a demo or a test ever holds. */
const scanned = 20_000;

interface Paged {
  readonly limit?: number | undefined;
  readonly starting_after?: string | undefined;
  readonly created?: Range | undefined;
}
const list = <T extends { readonly id: string; readonly created?: number }>(
  { context, account, form }: Call<Paged>,
  kind: Kind<Owned<T>>,
  url: string,
  keep?: (object: T) => boolean,
) => {
  const limit = form.limit ?? 10;
  const filtered = keep !== undefined || form.created !== undefined;
  const rows = context.store.newest(kind, { limit: filtered ? scanned : limit + 1, by: account, before: form.starting_after });
  const kept = rows.map(({ object }) => object).filter((object) => inRange(object.created ?? 0, form.created) && (keep?.(object) ?? true));
  return { object: "list", url, has_more: kept.length > limit, data: kept.slice(0, limit) };
};

const owned = <T>({ context, account, id }: Call<unknown>, kind: Kind<Owned<T>>, noun: string, param: string): T => {
  const record = context.store.get(kind, id);
  if (!record || record.account !== account) throw missing(noun, id, param);
  return record.object;
};

const SessionList = z.strictObject({
  ...page,
  payment_intent: z.string().optional(),
  status: z.enum(["open", "complete", "expired"]).optional(),
  customer: z.string().optional(),
  customer_details: z.strictObject({ email: z.string() }).optional(),
});
const EventList = z.strictObject({
  ...page,
  type: z.string().optional(),
  types: z.array(z.string()).max(20).optional(),
  delivery_success: z.enum(["true", "false"]).optional(),
});
const IntentList = z.strictObject({ ...page, customer: z.string().optional() });
const ChargeList = z.strictObject({ ...page, payment_intent: z.string().optional() });

/** `checkout.session.*` in a filter stands for all of them. */
const named = (type: string, filter: string): boolean => (filter.endsWith("*") ? type.startsWith(filter.slice(0, -1)) : type === filter);

export const routes: readonly Route[] = [
  checked<PlannedSession>(
    "POST",
    "/v1/checkout/sessions",
    "checkout_session_write",
    (form, context) => planSession(form, seconds(context)),
    ({ context, account, form }) => createSession(context, account, form).object,
  ),
  route("GET", "/v1/checkout/sessions", "checkout_session_read", SessionList, (call) => {
    advanceSessions(call.context);
    const { payment_intent, status } = call.form;
    const asked = (session: Stripe.Checkout.Session): boolean =>
      (payment_intent === undefined || session.payment_intent === payment_intent) && (status === undefined || session.status === status);
    return list(call, sessionKind, "/v1/checkout/sessions", payment_intent === undefined && status === undefined ? undefined : asked);
  }),
  route("GET", "/v1/checkout/sessions/:id", "checkout_session_read", Nothing, ({ context, account, id }) => findSession(context, account, id).object),
  route("GET", "/v1/checkout/sessions/:id/line_items", "checkout_session_read", z.strictObject(page), ({ context, account, id }) => ({
    object: "list",
    url: `/v1/checkout/sessions/${id}/line_items`,
    has_more: false,
    data: findSession(context, account, id).line_items,
  })),
  route(
    "POST",
    "/v1/checkout/sessions/:id/expire",
    "checkout_session_write",
    Nothing,
    ({ context, account, id, cause }) => expireByMerchant(context, account, id, cause).object,
  ),
  route("GET", "/v1/payment_intents", "payment_intent_read", IntentList, (call) => list(call, intentKind, "/v1/payment_intents")),
  route("GET", "/v1/payment_intents/:id", "payment_intent_read", z.strictObject({ expand, client_secret: z.string().optional() }), (call) =>
    owned(call, intentKind, "payment_intent", "intent"),
  ),
  route("GET", "/v1/charges", "charge_read", ChargeList, (call) =>
    list(call, chargeKind, "/v1/charges", (charge) => call.form.payment_intent === undefined || charge.payment_intent === call.form.payment_intent),
  ),
  route("GET", "/v1/charges/:id", "charge_read", Nothing, (call) => owned(call, chargeKind, "charge", "id")),
  route("POST", "/v1/refunds", "refund_write", RefundParams, ({ context, account, form, cause }) => createRefund(context, account, form, cause)),
  route("GET", "/v1/refunds", "refund_read", RefundList, (call) => {
    advanceRefunds(call.context);
    const { payment_intent, charge } = call.form;
    return list(
      call,
      refundKind,
      "/v1/refunds",
      (refund) => (payment_intent === undefined || refund.payment_intent === payment_intent) && (charge === undefined || refund.charge === charge),
    );
  }),
  route("GET", "/v1/refunds/:id", "refund_read", Nothing, (call) => {
    advanceRefunds(call.context);
    return owned(call, refundKind, "refund", "refund");
  }),
  route("GET", "/v1/disputes", "dispute_read", DisputeList, (call) => {
    const { payment_intent, charge } = call.form;
    return list(
      call,
      disputeKind,
      "/v1/disputes",
      (dispute) => (payment_intent === undefined || dispute.payment_intent === payment_intent) && (charge === undefined || dispute.charge === charge),
    );
  }),
  route("GET", "/v1/disputes/:id", "dispute_read", Nothing, (call) => owned(call, disputeKind, "dispute", "dispute")),
  route("POST", "/v1/disputes/:id/close", "dispute_write", Nothing, ({ context, account, id, cause }) => concedeDispute(context, account, id, cause)),
  route("GET", "/v1/events", "event_read", EventList, (call) => {
    const { type, types, delivery_success } = call.form;
    return list(
      call,
      eventKind,
      "/v1/events",
      (event) =>
        (type === undefined || named(event.type, type)) &&
        (types === undefined || types.some((one) => named(event.type, one))) &&
        (delivery_success === undefined || (event.pending_webhooks === 0) === (delivery_success === "true")),
    );
  }),
  route("GET", "/v1/events/:id", "event_read", Nothing, (call) => owned(call, eventKind, "event", "id")),
  route("POST", "/v1/webhook_endpoints", "webhook_write", EndpointParams, ({ context, account, form }) => createEndpoint(context, account, form)),
  route("GET", "/v1/webhook_endpoints", "webhook_read", z.strictObject(page), (call) => list(call, endpointKind, "/v1/webhook_endpoints")),
  route("GET", "/v1/webhook_endpoints/:id", "webhook_read", Nothing, ({ context, account, id }) => findEndpoint(context, account, id).object),
  route("POST", "/v1/webhook_endpoints/:id", "webhook_write", EndpointChange, ({ context, account, id, form }) =>
    changeEndpoint(context, account, id, form),
  ),
  route("DELETE", "/v1/webhook_endpoints/:id", "webhook_write", Nothing, ({ context, account, id }) => deleteEndpoint(context, account, id)),
  route("GET", "/v1/account", "account_read", Nothing, ({ context, account }) => {
    const known = context.accounts.find(({ id }) => id === account);
    return {
      id: account,
      object: "account",
      business_profile: {
        mcc: null,
        name: known?.name ?? null,
        url: null,
        support_email: null,
        support_phone: null,
        support_url: null,
        support_address: null,
        product_description: null,
      },
      business_type: null,
      capabilities: { card_payments: "active", transfers: "active" },
      charges_enabled: true,
      country: known?.country ?? "CA",
      default_currency: known?.currency ?? "cad",
      details_submitted: true,
      email: null,
      payouts_enabled: true,
      settings: { dashboard: { display_name: known?.name ?? null, timezone: "America/Vancouver" } },
      type: "standard",
    };
  }),
];

const matchers = routes.map((route) => ({ route, pattern: new RegExp(`^${route.path.replace(":id", "([\\w-]+)")}$`) }));

export const findRoute = (method: string, path: string): { route: Route; id: string } | undefined => {
  for (const { route, pattern } of matchers) {
    const match = route.method === method ? pattern.exec(path) : null;
    if (match) return { route, id: match[1] ?? "" };
  }
  return undefined;
};
