// How a matter on the exceptions desk may end. Pure, over the records as they stand; the list shows what these allow, and the commands commit it.
import type { Unit } from "../inventory/index.ts";
import { isDisputed, type Order, onDesk, unitIdsOf } from "../orders/index.ts";
import type { Payment } from "../payments/index.ts";
import { missingAfter } from "./refund-decision.ts";

/** An order that a person must look at, with what belongs to it. */
export interface Matter {
  readonly order: Order;
  readonly payment: Payment | undefined;
  /** Units of its lines that are still this order's. */
  readonly units: readonly Unit[];
}
type SettledReason = NonNullable<Order["settled"]>["reason"];

export interface Gift {
  readonly payment: Payment & { readonly intent_id: string };
  /** Units that waited for this order, or that the buyer has. */
  readonly held: readonly string[];
  readonly kept: readonly string[];
  /** Units that must come from the stock. */
  readonly missing: number;
  /** What was accepted instead of the price, minor units. */
  readonly accepted: { readonly amount: number; readonly difference: number } | undefined;
}
export type GiveDecision =
  | { readonly kind: "give"; readonly gift: Gift }
  | {
      readonly kind: "refused";
      readonly refusal: "not_on_desk" | "disputed" | "no_money" | "refund_standing" | "currency_differs" | "amount_not_accepted" | "nothing_missing";
      readonly context?: Readonly<Record<string, unknown>>;
    };

/** Units for money that is there, whole, and that nobody quarrels about: never beside a refund or a dispute (I5, I6). */
export const decideGift = ({ order, payment, units }: Matter, acceptAmount: number | undefined): GiveDecision => {
  if (!onDesk(order)) return { kind: "refused", refusal: "not_on_desk", context: { status: order.status } };
  if (order.dispute?.status === "open" || isDisputed(order) || payment?.status === "lost")
    return { kind: "refused", refusal: "disputed", context: { dispute_id: order.dispute?.id } };
  if (!hasMoney(payment)) return { kind: "refused", refusal: "no_money" };
  const standing = Math.max(payment.refund_reserved ?? 0, payment.refunded ?? 0, order.refunded ?? 0);
  const isElsewhere = order.settled?.reason === "refunded_elsewhere" || order.refunded_at_provider === true;
  const isBack = standing > 0 || (order.refunds_open ?? 0) > 0 || isElsewhere;
  if (isBack || (order.status !== "attention" && order.status !== "paid"))
    return { kind: "refused", refusal: "refund_standing", context: { amount: standing } };

  const { captured, captured_currency: currency = payment.currency } = payment;
  if (currency !== order.currency) return { kind: "refused", refusal: "currency_differs", context: { planned: order.currency, captured: currency } };
  const difference = captured - order.total;
  const isPlanned = difference === 0 && payment.evidence === undefined;
  const isAccepted = order.accepted?.amount === captured;
  if (acceptAmount === undefined ? !isPlanned && !isAccepted : acceptAmount !== captured)
    return { kind: "refused", refusal: "amount_not_accepted", context: { planned: order.total, captured, difference, currency } };

  const of = (status: Unit["status"]) => unitIdsOf(order).filter((id) => units.some((unit) => unit.id === id && unit.status === status));
  const kept = of("sold");
  const held = order.status === "attention" ? of("reserved") : [];
  const missing = missingAfter([], order, units) - held.length;
  if (order.status === "paid" && missing === 0) return { kind: "refused", refusal: "nothing_missing" };
  return { kind: "give", gift: { payment, held, kept, missing, accepted: isPlanned ? undefined : { amount: captured, difference } } };
};

/** Money that is ours to keep, give something for or give back. */
const hasMoney = (payment: Payment | undefined): payment is Payment & { readonly captured: number; readonly intent_id: string } =>
  payment?.status === "captured" && (payment.captured ?? 0) > 0 && payment.intent_id !== undefined;

export type SettleDecision =
  | { readonly kind: "settle"; readonly released: readonly string[] }
  | { readonly kind: "refused"; readonly refusal: "not_on_desk" | "disputed" | "refund_running" | "reason_does_not_fit" | "units_held" };

/**
 * A person's word, where nothing happens by itself any more. Units that are still kept for money that bought nothing go back to stock with it: no
 * hold outlives its order (I4), and nobody has seen their numbers.
 */
export const decideSettlement = ({ order, payment, units }: Matter, reason: SettledReason): SettleDecision => {
  if (!onDesk(order)) return { kind: "refused", refusal: "not_on_desk" };
  if ((order.refunds_open ?? 0) > 0) return { kind: "refused", refusal: "refund_running" };
  const open = order.dispute?.status === "open";
  // An answered dispute comes back by itself when it is lost; until then nothing else is decided. What is owed whatever the bank says stays in sight.
  const isOwed = order.status === "attention" || order.failed_refunds !== undefined;
  if (open && (reason !== "dispute_answered" || isOwed)) return { kind: "refused", refusal: "disputed" };
  if (reason === "dispute_answered" && !open) return { kind: "refused", refusal: "reason_does_not_fit" };
  const isThere = hasMoney(payment) || order.attention_note?.reason === "lost_in_part";
  if (reason === "no_money" && isThere) return { kind: "refused", refusal: "reason_does_not_fit" };
  const held = order.status === "attention" ? units.filter(({ status }) => status === "reserved").map(({ id }) => id) : [];
  if (reason === "given_elsewhere" && held.length > 0) return { kind: "refused", refusal: "units_held" };
  return { kind: "settle", released: held };
};
