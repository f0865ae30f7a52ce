// `expand[]=payment_intent.latest_charge`: ids become the objects they stand for, along the path.
import type { Context } from "./context.ts";
import { invalid } from "./errors.ts";
import { chargeKind, intentKind, refundKind, sessionKind } from "./records.ts";

type Json = Record<string, unknown>;
const depthMax = 4;

const kinds = { payment_intent: intentKind, latest_charge: chargeKind, charge: chargeKind, refund: refundKind } as const;
/** Expandable at Stripe, always null or plain here. */
const empty = new Set([
  "customer",
  "invoice",
  "setup_intent",
  "subscription",
  "payment_method",
  "balance_transaction",
  "application",
  "review",
  "on_behalf_of",
]);

const step = (context: Context, account: string, object: Json, field: string, rest: readonly string[], whole: string): Json => {
  const refuse = (): never => {
    throw invalid(`This property cannot be expanded (${whole}).`, { param: "expand" });
  };
  if (field === "data") {
    if (!Array.isArray(object.data)) return refuse();
    return { ...object, data: object.data.map((item) => walk(context, account, item as Json, rest, whole)) };
  }
  if (field === "line_items" && object.object === "checkout.session") {
    const id = String(object.id);
    const data = context.store.get(sessionKind, id)?.line_items ?? [];
    return { ...object, line_items: { object: "list", url: `/v1/checkout/sessions/${id}/line_items`, has_more: false, data } };
  }
  if (!(field in object)) return refuse();
  if (!(field in kinds)) return empty.has(field) ? object : refuse();
  const value = object[field];
  if (value === null) return object;
  const record =
    typeof value === "string" ? context.store.get<{ account: string; object: unknown }>(kinds[field as keyof typeof kinds], value) : undefined;
  const found = typeof value === "string" ? (record?.account === account ? (record.object as Json) : undefined) : (value as Json);
  return found ? { ...object, [field]: walk(context, account, found, rest, whole) } : object;
};

const walk = (context: Context, account: string, object: Json, path: readonly string[], whole: string): Json => {
  const [field, ...rest] = path;
  return field === undefined ? object : step(context, account, object, field, rest, whole);
};

/** @throws Refusal 400 for a path that cannot be expanded */
export const expanded = (context: Context, account: string, body: unknown, paths: readonly string[]): unknown =>
  paths.reduce((object, path) => {
    const parts = path.split(".");
    if (parts.length > depthMax) throw invalid(`You cannot expand more than ${depthMax} levels of a property (${path}).`, { param: "expand" });
    return walk(context, account, object, parts, path);
  }, body as Json);
