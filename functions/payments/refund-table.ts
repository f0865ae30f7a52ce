// A refund: money owed back, recorded before the provider is asked, so that it is neither forgotten nor paid twice.
import * as z from "zod";
import { lifecycle, sourcesOf } from "../../kernel/lifecycle.ts";
import { taxNames } from "../../kernel/tax.ts";
import type { Instant } from "../../platform/clock/clock.ts";
import { change, create, entity, guarded, type Table, type Write, when } from "../../platform/table/model.ts";
import { RefundReason } from "./contract.ts";

export const refundLife = lifecycle("refund", "requested", {
  requested: ["pending", "succeeded", "failed"],
  pending: ["succeeded", "failed"],
  // Days later a bank may send money back that it had taken.
  succeeded: ["failed"],
  failed: [],
});
export type RefundStatus = keyof typeof refundLife.next;

/** What a refund takes back of one line of the order. */
export const RefundLine = z.object({
  /** Place of the line in the order, from 0. */
  line: z.int(),
  /** Pieces; 0 where only money goes back. */
  quantity: z.int(),
  /** Minor units, taxes included. */
  amount: z.int(),
  /** The part of it that is tax, per tax. */
  tax: z.array(z.object({ name: z.enum(taxNames), amount: z.int() })),
  /** Units that the buyer may not use any more. */
  units: z.array(z.string()),
});
export type RefundLine = z.infer<typeof RefundLine>;

/** Refunds that nobody asked for: nothing could be given for the money. It came after the hold; or what was held was called back. */
export const OwnReason = z.enum(["late_money", "stock_gone"]);

export const Refund = z.object({
  id: z.string(),
  merchant_id: z.string(),
  order_id: z.string(),
  payment_id: z.string(),
  connection_id: z.string(),
  /** Minor units. */
  amount: z.int(),
  /** What was captured: it may be one we never asked for. */
  currency: z.string(),
  intent_id: z.string(),
  reason: z.union([RefundReason, OwnReason]),
  /** Empty for money that never bought anything. */
  lines: z.array(RefundLine),
  status: z.enum(Object.keys(refundLife.next) as [RefundStatus, ...RefundStatus[]]),
  provider_key: z.string(),
  /** When the provider was first asked with this key; absent while nobody has. */
  sent_at: z.string().optional(),
  /** How many keys were given up: refused because the payer quarrels, or answered by nothing that counts. */
  keys_spent: z.int().optional(),
  /** How often the provider refused it because the payer quarrels. */
  refusals: z.int().optional(),
  provider_refund_id: z.string().optional(),
  failure: z.string().optional(),
  /** When the provider was last asked about it by a run that had no time for all: whoever waits longest comes first. */
  asked_at: z.string().optional(),
  requested_at: z.string(),
  updated_at: z.string(),
});
export type Refund = z.infer<typeof Refund>;

/** Of money that never bought anything. */
export const isOfNothing = ({ reason }: Pick<Refund, "reason">): boolean => OwnReason.safeParse(reason).success;

/** Refunds of one order, failed ones included. */
export const refundsPerOrderMax = 20;

const partition = (id: { merchant_id: string; order_id: string }): string => `REFUND#${id.merchant_id}#${id.order_id}`;

export const refunds = entity({
  name: "refund",
  prefix: "REFUND",
  about: "Money owed back on a payment: amount reserved, lines, provider key and id, how it ended. The refunds of an order are one partition.",
  schema: Refund,
  key: (id: { merchant_id: string; order_id: string; refund_id: string }) => ({ pk: partition(id), sk: id.refund_id }),
});
const keyOf = (refund: Refund) => ({ merchant_id: refund.merchant_id, order_id: refund.order_id, refund_id: refund.id });

export const refundKey = (merchantId: string, refundId: string): string => `refund-${merchantId}-${refundId}`;

/** All refunds of an order, consistently. */
export const refundsOf = async (table: Table, order: { merchant_id: string; order_id: string }): Promise<readonly Refund[]> =>
  (await table.query(refunds, partition(order), { limit: refundsPerOrderMax, consistent: true })).items;

export const requestRefund = (refund: Refund): Write<"refund_exists"> => guarded("refund_exists", create(refunds, keyOf(refund), refund));

/** Noted before the provider is asked with its key, so that whoever comes later looks what became of it. One run alone is the first. */
export const sendRefund = (refund: Refund, at: Instant): Write<"refund_moved"> =>
  guarded(
    "refund_moved",
    change(
      refunds,
      keyOf(refund),
      { set: { sent_at: at } },
      when.all(when.equals("status", "requested"), when.equals("provider_key", refund.provider_key), when.missing("sent_at")),
    ),
  );

/** Nothing was refunded under this key. Providers repeat a refusal or a failure to whoever asks with the same key: should it be asked for again, that is another request. */
const keySpent = (refund: Refund): Partial<Refund> => {
  const keys_spent = (refund.keys_spent ?? 0) + 1;
  return { keys_spent, provider_key: `${refundKey(refund.merchant_id, refund.id)}-${keys_spent}` };
};

/** Refused because the payer quarrels: asked for again after a dispute that was won. */
export const refuseRefund = (refund: Refund, at: Instant): Write<"refund_moved"> =>
  guarded(
    "refund_moved",
    change(
      refunds,
      keyOf(refund),
      { set: { ...keySpent(refund), refusals: (refund.refusals ?? 0) + 1, updated_at: at }, remove: ["sent_at"] },
      when.all(when.equals("status", "requested"), when.equals("provider_key", refund.provider_key)),
    ),
  );

/** The provider has not heard of it long after it was asked: asked for anew now, by this run alone. Answers the refund with its next key. */
export const spendRefundKey = (refund: Refund, at: Instant): { readonly write: Write<"refund_moved">; readonly next: Refund } => {
  const set = { ...keySpent(refund), sent_at: at, updated_at: at };
  const asRead = when.all(when.equals("status", "requested"), when.equals("provider_key", refund.provider_key));
  return { write: guarded("refund_moved", change(refunds, keyOf(refund), { set }, asRead)), next: { ...refund, ...set } };
};

/** It was its turn; the others come before it the next time. */
export const refundAsked = (refund: Refund, at: Instant): Write<"refund_moved"> =>
  guarded("refund_moved", change(refunds, keyOf(refund), { set: { asked_at: at } }, when.oneOf("status", ["requested", "pending", "succeeded"])));

/** How the provider answered. */
export const recordRefund = (
  refund: Refund,
  fate: { readonly status: RefundStatus; readonly provider_refund_id?: string; readonly failure?: string },
  at: Instant,
): Write<"refund_moved"> =>
  guarded(
    "refund_moved",
    change(
      refunds,
      keyOf(refund),
      { set: { ...fate, updated_at: at } },
      when.all(when.equals("status", refund.status), when.oneOf("status", sourcesOf(refundLife, fate.status))),
    ),
  );
