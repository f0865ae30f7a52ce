// What the exceptions desk shows of an order: why it is there, the evidence from our own records, and the ends that would be accepted now.
import type * as z from "zod";
import type { Language } from "../../platform/contract/problem.ts";
import { deskSince, type Order } from "../orders/index.ts";
import type { Payment, Refund } from "../payments/index.ts";
import type { Exception } from "./contract.ts";
import { decideGift, decideSettlement, type Matter } from "./desk-decision.ts";
import { decideRefund, missingAfter, type RefundAsked } from "./refund-decision.ts";

type Shown = z.input<typeof Exception>;
type End = Shown["ends"][number];

/** A matter with its refunds and the free units of its pool, as far as any are needed. */
export interface Found extends Matter {
  readonly refunds: readonly Refund[];
  readonly free: number;
}

type Why =
  | NonNullable<Order["reason"]>
  | NonNullable<Order["attention_note"]>["reason"]
  | "disputed_after_refund"
  | "refunded_at_provider"
  | "units_missing";

const sentences: Readonly<Record<Why, Readonly<Record<Language, string>>>> = {
  payment_mismatch: {
    en: "Money came that is not as planned. Nothing was given for it.",
    fr: "De l’argent est arrivé qui n’est pas celui prévu. Rien n’a été remis.",
    zh: "收到的款项与计划不符，未交付任何单位。",
  },
  stock_lost: {
    en: "The buyer has paid, but the units kept for them are gone.",
    fr: "L’acheteur a payé, mais les unités gardées pour lui ne sont plus là.",
    zh: "买家已付款，但为其保留的单位已不存在。",
  },
  refund_failed: {
    en: "A refund came to nothing. The money is still here.",
    fr: "Un remboursement n’a pas abouti. L’argent est encore ici.",
    zh: "退款未成功，款项仍在我们这里。",
  },
  refunded_at_provider: {
    en: "A refund was refused: at the provider money of this payment has gone back already. Give nothing for it. Look there how much it was, refund what is left, if any, and record the rest as refunded elsewhere.",
    fr: "Un remboursement a été refusé : chez le fournisseur, de l’argent de ce paiement a déjà été rendu. Ne remettez rien. Vérifiez-y combien, remboursez ce qui reste, s’il y a lieu, et notez le reste comme remboursé ailleurs.",
    zh: "退款被拒绝：这笔付款的钱已在支付服务商处退回。请勿交付。请在那里查看已退金额，如有剩余请退还，其余记录为已在别处退款。",
  },
  units_missing: {
    en: "The buyer has paid and has not all units: a refund took them and then came to nothing.",
    fr: "L’acheteur a payé et n’a pas toutes ses unités\u00a0: un remboursement les a reprises, puis n’a pas abouti.",
    zh: "买家已付款但缺少单位：退款收回了单位，随后退款未成功。",
  },
  inquiry: {
    en: "The buyer's bank asks about the payment and has taken nothing. Answer at the provider before the bank's date, or refund the payment: then it does not become a dispute.",
    fr: "La banque de l’acheteur s’informe sur le paiement et n’a rien repris. Répondez chez le fournisseur avant la date de la banque, ou remboursez le paiement : il ne sera alors pas contesté.",
    zh: "买家的银行在查询这笔付款，尚未收回任何款项。请在银行期限前于支付服务商处回应，或直接退款，这样就不会成为争议。",
  },
  disputed: {
    en: "The buyer's bank disputes the payment. Answer at the provider before the bank's date.",
    fr: "La banque de l’acheteur conteste le paiement. Répondez chez le fournisseur avant la date de la banque.",
    zh: "买家的银行对付款提出争议。请在银行期限前于支付服务商处回应。",
  },
  disputed_after_refund: {
    en: "The payment is disputed although money of it went back: it may leave twice.",
    fr: "Le paiement est contesté bien que de l’argent ait été rendu\u00a0: il pourrait partir deux fois.",
    zh: "款项已退回却仍被提出争议：可能重复支出。",
  },
  lost_in_part: {
    en: "The bank took a part of the money back, and the numbers are worth nothing. The rest is still at the provider: refund it there and record it as refunded elsewhere, or agree on something else with the buyer.",
    fr: "La banque a repris une partie de l’argent et les numéros ne valent plus rien. Le reste est encore chez le fournisseur : remboursez-le là et notez-le comme remboursé ailleurs, ou convenez d’autre chose avec l’acheteur.",
    zh: "银行收回了部分款项，编号已失效。其余款项仍在支付服务商处：请在那里退款并记录为已在别处退款，或与买家另行商定。",
  },
  dispute_moved: {
    en: "A dispute had ended, and the provider says otherwise now. Nothing was moved back here: look there who has the money.",
    fr: "Une contestation était close, et le fournisseur dit maintenant autre chose. Rien n’a été rétabli ici : vérifiez chez lui qui a l’argent.",
    zh: "争议已经结束，但支付服务商现在的说法不同。这里没有作任何恢复：请在那里查看款项在谁手中。",
  },
  dispute_lost: {
    en: "The dispute was lost: the bank took the money back, and the numbers are worth nothing.",
    fr: "La contestation est perdue\u00a0: la banque a repris l’argent et les numéros ne valent plus rien.",
    zh: "争议已败诉：银行已收回款项，编号已失效。",
  },
};

const missing = ({ order, units }: Matter): number => {
  const held = order.status === "attention" ? units.filter(({ status }) => status === "reserved").length : 0;
  return Math.max(0, missingAfter([], order, units) - held);
};

/** The bank's date comes first, then what is owed to the buyer. */
const whyOf = (found: Found): Why => {
  const { attention_note, failed_refunds, refunded_at_provider, reason, status } = found.order;
  const noted = attention_note?.reason;
  if (noted === "inquiry" || noted === "lost_in_part" || noted === "dispute_moved") return noted;
  if (noted) return leftBefore(found) ? "disputed_after_refund" : noted;
  if (failed_refunds && refunded_at_provider) return "refunded_at_provider";
  if (failed_refunds) return status === "paid" && missing(found) > 0 ? "units_missing" : "refund_failed";
  return reason ?? "payment_mismatch";
};

/** Money of the payment is back already, or the provider has it on its way. */
const leftBefore = ({ refunds }: Found): boolean => refunds.some(({ status }) => status === "succeeded" || status === "pending");

export const shownOf = (found: Found): Shown => {
  const { order, payment, units, refunds } = found;
  const why = whyOf(found);
  return {
    order_id: order.id,
    status: order.status,
    item: `${order.snapshot.title}: ${order.snapshot.item}`,
    quantity: order.lines.reduce((total, { quantity }) => total + quantity, 0),
    reason: why,
    sentence: sentences[why],
    since: deskSince(order) ?? order.placed_at,
    evidence: {
      placed_at: order.placed_at,
      hold_until: order.hold_until,
      ...(order.paid_at !== undefined && { paid_at: order.paid_at }),
      ...moneyOf(order, payment),
      refunds: refunds.map(({ id, amount, currency, status, failure, updated_at }) => ({
        refund_id: id,
        amount,
        currency,
        status,
        ...(failure !== undefined && { failure }),
        updated_at,
      })),
      ...(order.dispute && { dispute: order.dispute }),
      units: units.map(({ id, serial_number, status }) => ({ unit_id: id, serial_number, status })),
      units_missing: missing(found),
    },
    ends: endsOf(found),
  };
};

/** The plan beside what came; what was not as planned, as it was found at that time. */
const moneyOf = (order: Order, payment: Payment | undefined): Pick<Shown["evidence"], "planned" | "captured" | "found"> => ({
  planned: {
    amount: order.total,
    currency: order.currency,
    ...(payment && { connection_id: payment.connection_id }),
    ...(payment?.session_id !== undefined && { session_id: payment.session_id }),
  },
  ...(payment?.captured !== undefined && {
    captured: {
      amount: payment.captured,
      currency: payment.captured_currency ?? payment.currency,
      ...(payment.intent_id !== undefined && { intent_id: payment.intent_id }),
    },
  }),
  ...(payment?.evidence && { found: payment.evidence }),
});

const settledReasons = ["dispute_answered", "no_money", "refunded_elsewhere", "given_elsewhere", "written_off"] as const;

/** Asked of the same decisions as the commands ask. */
const endsOf = (found: Found): End[] => {
  const { order, payment, units, free } = found;
  const ref = { merchant_id: order.merchant_id, order_id: order.id };
  const again = refundAgain(found);
  const captured = payment?.captured;
  const isPlanned = decideGift(found, undefined).kind === "give";
  const gift = decideGift(found, isPlanned ? undefined : captured);
  return [
    // The provider would refuse the same again; how much it would take is not known here.
    ...(!order.refunded_at_provider && decideRefund(again, order, payment, units).kind === "refund"
      ? [{ command: "refundOrder", body: { ...ref, ...again, reason: "other" } }]
      : []),
    ...(gift.kind === "give" && gift.gift.missing <= free
      ? [{ command: "giveUnits", body: { ...ref, ...(!isPlanned && { accept_amount: captured }) } }]
      : []),
    ...settledReasons.flatMap((reason) =>
      decideSettlement(found, reason).kind === "settle" ? [{ command: "settleException", body: { ...ref, reason } }] : [],
    ),
  ];
};

/** What came to nothing first, once more; all that is left where nothing did or where it was everything. */
const refundAgain = ({ order, refunds }: Found): RefundAsked => {
  const owed = order.failed_refunds?.[0];
  const failed = refunds.find(({ id }) => id === owed?.id);
  if (order.status !== "paid" || owed === undefined || failed === undefined) return {};
  const pieces = failed.lines.filter(({ quantity }) => quantity > 0).map(({ line, quantity }) => ({ line, quantity }));
  const isAll = order.lines.every(({ quantity, refunded_quantity }, place) => {
    const claimed = pieces.find(({ line }) => line === place)?.quantity ?? 0;
    return (refunded_quantity ?? 0) + claimed === quantity;
  });
  if (isAll) return {};
  return pieces.length > 0 ? { lines: pieces } : { amount: owed.amount };
};
