// Refunds of a succeeded charge: never more than is left of it, each with its own events. Some take their time, and some come back.
import type Stripe from "stripe";
import * as z from "zod";
import { letters } from "../wire/wire.ts";
import { laterOf } from "./cards.ts";
import type { Context } from "./context.ts";
import { invalid, missing } from "./errors.ts";
import { byItself, type Cause, emit, seconds } from "./events.ts";
import { expand, integer, metadata, notSimulated, page } from "./params.ts";
import { chargeKind, disputeKind, intentKind, type Owned, type RefundRecord, refundKind } from "./records.ts";

export const RefundParams = z.strictObject({
  payment_intent: z.string().optional(),
  charge: z.string().optional(),
  amount: integer(1).optional(),
  reason: z.enum(["duplicate", "fraudulent", "requested_by_customer"]).optional(),
  metadata: metadata.optional(),
  currency: notSimulated(),
  customer: notSimulated(),
  instructions_email: z.string().optional(),
  origin: notSimulated(),
  refund_application_fee: notSimulated((value) => value === "false"),
  reverse_transfer: notSimulated((value) => value === "false"),
  expand,
});
export const RefundList = z.strictObject({ ...page, payment_intent: z.string().optional(), charge: z.string().optional() });

/** ms until a refund under way ends; days at a bank. */
export const refundSettlesAfterMs = 3_000;

const dollars = (minor: number): string => `$${(minor / 100).toFixed(2)}`;

const chargeToRefund = (context: Context, account: string, params: z.infer<typeof RefundParams>): Owned<Stripe.Charge> => {
  const { store } = context;
  if (params.payment_intent === undefined && params.charge === undefined) {
    throw invalid("One of the following params should be provided for this request: payment_intent or charge.", { code: "parameter_missing" });
  }
  if (params.payment_intent !== undefined) {
    const intent = store.get(intentKind, params.payment_intent);
    if (!intent || intent.account !== account) throw missing("payment_intent", params.payment_intent, "payment_intent");
    if (intent.object.status !== "succeeded") {
      throw invalid(`This PaymentIntent (${intent.object.id}) does not have a successful charge to refund.`, { param: "payment_intent" });
    }
    const charge = store.get(chargeKind, String(intent.object.latest_charge));
    if (charge) return charge;
  }
  const charge = store.get(chargeKind, params.charge ?? "");
  if (!charge || charge.account !== account) throw missing("charge", params.charge ?? "", "charge");
  if (!charge.object.paid) throw invalid(`Charge ${charge.object.id} has not been captured and cannot be refunded.`, { param: "charge" });
  return charge;
};

export const createRefund = (context: Context, account: string, params: z.infer<typeof RefundParams>, cause: Cause): Stripe.Refund => {
  const { store, ports } = context;
  const charge = chargeToRefund(context, account, params);
  const left = charge.object.amount_captured - charge.object.amount_refunded;
  if (left === 0) throw invalid(`Charge ${charge.object.id} has already been refunded.`, { code: "charge_already_refunded" });
  const disputes = store.newest(disputeKind, { limit: 100, by: account }).filter(({ object }) => object.charge === charge.object.id);
  if (disputes.some(({ object }) => !object.is_charge_refundable && object.status !== "won")) {
    throw invalid(`Charge ${charge.object.id} has been charged back; cannot issue a refund.`, { code: "charge_disputed" });
  }
  const amount = params.amount ?? left;
  if (amount > left) {
    throw invalid(`Refund amount (${dollars(amount)}) is greater than unrefunded amount on charge (${dollars(left)})`, {
      param: "amount",
      code: "amount_too_large",
    });
  }
  const later = laterOf(charge.object.payment_method_details?.card?.last4);
  const refund: Stripe.Refund = {
    id: `re_3${letters(ports, 23)}`,
    object: "refund",
    amount,
    balance_transaction: `txn_3${letters(ports, 23)}`,
    charge: charge.object.id,
    created: seconds(context),
    currency: charge.object.currency,
    customer: null,
    customer_account: null,
    destination_details: { type: "card", card: { type: "refund", reference_status: "pending", reference_type: "acquirer_reference_number" } },
    metadata: params.metadata ?? {},
    payment_intent: charge.object.payment_intent,
    payment_method: charge.object.payment_method,
    reason: params.reason ?? null,
    receipt_number: null,
    source_transfer_reversal: null,
    status: later === "refund_pends" ? "pending" : "succeeded",
    transfer_reversal: null,
  };
  const at = ports.now() + refundSettlesAfterMs;
  const record: RefundRecord = {
    account,
    object: refund,
    ...(later === "refund_pends" && { settles: { at, outcome: "succeeds" as const } }),
    ...(later === "refund_bounces" && { settles: { at, outcome: "fails" as const } }),
  };
  const amount_refunded = charge.object.amount_refunded + amount;
  const refunded: Stripe.Charge = { ...charge.object, amount_refunded, refunded: amount_refunded === charge.object.amount_captured };
  store.put(refundKind, refund.id, record, { by: account, due: record.settles?.at });
  store.put(chargeKind, refunded.id, { account, object: refunded }, { by: account });
  emit(context, account, "refund.created", refund, cause);
  emit(context, account, "charge.refunded", refunded, cause);
  return refund;
};

const settle = (context: Context, { settles, account, object }: RefundRecord): void => {
  const { store } = context;
  const failed = settles?.outcome === "fails";
  const refund: Stripe.Refund = failed
    ? { ...object, status: "failed", failure_reason: "expired_or_canceled_card" }
    : { ...object, status: "succeeded" };
  store.put(refundKind, refund.id, { account, object: refund }, { by: account });
  const charge = store.get(chargeKind, String(object.charge));
  if (failed && charge) {
    const amount_refunded = charge.object.amount_refunded - object.amount;
    store.put(chargeKind, charge.object.id, { account, object: { ...charge.object, amount_refunded, refunded: false } }, { by: account });
  }
  emit(context, account, "refund.updated", refund);
  if (failed) emit(context, account, "refund.failed", refund);
  emit(context, account, "charge.refund.updated", refund);
};

/** The merchant gives money back on Stripe's own pages: nothing names a record of the shop's. */
export const refundByHand = (context: Context, chargeId: string, amount: number): Stripe.Refund => {
  const account = context.store.get(chargeKind, chargeId)?.account ?? "";
  return createRefund(context, account, { charge: chargeId, amount }, byItself);
};

/** From the control page: ends a refund under way, or takes a succeeded one back. Undefined when it is unknown, or has failed already. */
export const endRefund = (context: Context, id: string, outcome: "succeeds" | "fails"): Stripe.Refund | undefined => {
  const record = context.store.get(refundKind, id);
  if (!record || record.object.status === "failed" || (record.object.status === "succeeded" && outcome === "succeeds")) return undefined;
  settle(context, { ...record, settles: { at: context.ports.now(), outcome } });
  return context.store.get(refundKind, id)?.object;
};

/** What time brings about by itself: refunds under way end. */
export const advanceRefunds = (context: Context): void => {
  const { store, ports } = context;
  for (const { object } of store.due(refundKind, ports.now(), 100)) {
    store.transaction(() => {
      const record = store.get(refundKind, object.id);
      if (record?.settles && record.settles.at <= ports.now()) settle(context, record);
    });
  }
};
