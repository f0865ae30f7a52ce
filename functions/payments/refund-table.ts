// A refund: money owed back, recorded before the provider is asked, so that it is neither forgotten nor paid twice.
import * as z from "zod";
import { lifecycle, sourcesOf } from "../../kernel/lifecycle.ts";
import { Currency } from "../../kernel/money.ts";
import type { Instant } from "../../platform/clock/clock.ts";
import { change, create, entity, guarded, type Write, when } from "../../platform/table/model.ts";

export const refundLife = lifecycle("refund", "requested", {
  requested: ["pending", "succeeded", "failed"],
  pending: ["succeeded", "failed"],
  succeeded: [],
  failed: [],
});
export type RefundStatus = keyof typeof refundLife.next;

export const Refund = z.object({
  id: z.string(),
  merchant_id: z.string(),
  order_id: z.string(),
  payment_id: z.string(),
  connection_id: z.string(),
  /** Minor units. */
  amount: z.int(),
  currency: Currency,
  intent_id: z.string(),
  reason: z.enum(["late_money"]),
  status: z.enum(Object.keys(refundLife.next) as [RefundStatus, ...RefundStatus[]]),
  provider_key: z.string(),
  provider_refund_id: z.string().optional(),
  failure: z.string().optional(),
  requested_at: z.string(),
  updated_at: z.string(),
});
export type Refund = z.infer<typeof Refund>;

export const refunds = entity({
  name: "refund",
  prefix: "REFUND",
  about: "Money owed back on a payment: amount reserved, provider key and id, how it ended.",
  schema: Refund,
  key: (id: { merchant_id: string; refund_id: string }) => ({ pk: `REFUND#${id.merchant_id}#${id.refund_id}`, sk: "REFUND" }),
});
const keyOf = (refund: Refund) => ({ merchant_id: refund.merchant_id, refund_id: refund.id });

export const requestRefund = (refund: Refund): Write<"refund_exists"> => guarded("refund_exists", create(refunds, keyOf(refund), refund));

/** How the provider answered. */
export const recordRefund = (
  refund: Refund,
  fate: { readonly status: RefundStatus; readonly provider_refund_id?: string; readonly failure?: string },
  at: Instant,
): Write<"refund_moved"> =>
  guarded(
    "refund_moved",
    change(refunds, keyOf(refund), { set: { ...fate, updated_at: at } }, when.oneOf("status", sourcesOf(refundLife, fate.status))),
  );
