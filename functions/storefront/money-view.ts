// What became of an order's money and numbers after the sale, as its page says it. Pure, over the records as they stand; what they do not say is unknown.
import { Currency, type Money, money } from "../../kernel/money.ts";
import type { Unit } from "../inventory/index.ts";
import { isDisputed, type Order } from "../orders/index.ts";
import type { Payment, Refund } from "../payments/index.ts";

/** An amount; of money in a currency whose amounts we cannot read, only in which. */
export type Sum = Money | { readonly currency: string; readonly amount?: undefined };

export interface MoneyView {
  /** The payer has it back, as the provider says. */
  readonly back?: Sum | undefined;
  /** On its way back: the provider has not said yet that it is there. */
  readonly coming?: Sum | undefined;
  /** Goes back only once the bank has decided a dispute. */
  readonly waiting?: Sum | undefined;
  /** What refunds that came to nothing still owe the buyer. */
  readonly failed?: Sum | undefined;
  /** The provider refused that, because money of the payment had gone back over there without us. */
  readonly failedAtProvider?: boolean | undefined;
  /** What came in, where that is not what was asked for. `other`: it differs in something else than the sum. */
  readonly received?: Sum | "other" | undefined;
  /** The shop took what came instead of the price. */
  readonly accepted?: boolean | undefined;
  /** What stays paid beside the money that goes back. */
  readonly left?: Money | undefined;
  readonly dispute?: { readonly status: "open" | "won" | "lost"; readonly inquiry?: boolean | undefined; readonly sum?: Sum | undefined } | undefined;
  /** Seen only after the time to pay was over, and it counts. */
  readonly late?: boolean | undefined;
  /** Nothing was left to give for it: it came after the time to pay, or what was kept for the buyer had been called back. */
  readonly ungiven?: "late" | "called_back" | undefined;
  /** A person's word on how it ended. */
  readonly settled?: "refunded_elsewhere" | "given_elsewhere" | "no_money" | "written_off" | undefined;
}

export interface NumbersView {
  /** Pieces that refunds took back. */
  readonly takenBack: number;
  /** Pieces that are paid for and of which the buyer has no number any more; `owed`: because of a refund that then failed. */
  readonly missing: number;
  readonly owed: boolean;
  readonly replaced: boolean;
  /** Numbers that a lost dispute made worthless. */
  readonly forfeited: boolean;
}

/** What else was read about the order: of most orders there is nothing. */
export interface AfterSale {
  readonly refunds: readonly Refund[];
  /** Read only where what came in is not what was asked for. */
  readonly payment: Payment | undefined;
}

const sumOf = (amount: number, currency: string): Sum => {
  const known = Currency.safeParse(currency);
  return known.success ? money(amount, known.data) : { currency };
};

/** Refunds of one order are of one payment, so of one currency. Undefined for none. */
const total = (refunds: readonly Refund[]): Sum | undefined => {
  const [first] = refunds;
  return (
    first &&
    sumOf(
      refunds.reduce((all, { amount }) => all + amount, 0),
      first.currency,
    )
  );
};

/** The buyer's bank took the money back, and the numbers are worth nothing any more. */
export const isLost = ({ dispute }: Order): boolean => dispute?.status === "lost";

export const moneyView = (order: Order, { refunds, payment }: AfterSale): MoneyView => {
  const held = isDisputed(order);
  const running = refunds.filter(({ status }) => status === "requested" || status === "pending");
  // Before the provider has it, a refund waits for the bank's decision.
  const waiting = running.filter(({ status }) => held && status === "requested");
  const leaving = refunds.filter((refund) => refund.status !== "failed" && !waiting.includes(refund)).reduce((all, { amount }) => all + amount, 0);
  const lost = isLost(order);
  const owed = (order.failed_refunds ?? []).flatMap(({ id, amount }) => refunds.flatMap((one) => (one.id === id ? [{ ...one, amount }] : [])));
  const planned = order.status === "paid" && !lost && refunds.every(({ currency }) => currency === order.currency);
  const paid = order.accepted?.amount ?? order.total;
  const ungiven = ungivenOf(refunds);
  return {
    back: total(refunds.filter(({ status }) => status === "succeeded")),
    coming: total(running.filter((refund) => !waiting.includes(refund))),
    waiting: total(waiting),
    // What the bank has taken for the payer is not owed as a refund as well.
    failed: lost ? undefined : total(owed),
    failedAtProvider: order.refunded_at_provider,
    received: receivedOf(order, payment),
    accepted: order.accepted !== undefined,
    left: planned && leaving > 0 && !order.refunded_at_provider ? money(paid - leaving, order.currency) : undefined,
    dispute: order.dispute && { status: order.dispute.status, inquiry: order.dispute.inquiry, sum: disputedSum(order, payment) },
    late: ungiven === undefined && order.status === "paid" && order.paid_at !== undefined && order.paid_at > order.hold_until,
    ungiven,
    settled: order.settled && order.settled.reason !== "dispute_answered" ? order.settled.reason : undefined,
  };
};

const receivedOf = (order: Order, payment: Payment | undefined): MoneyView["received"] => {
  if (order.accepted) return money(order.accepted.amount, order.currency);
  if (order.reason !== "payment_mismatch") return undefined;
  const { captured = 0, captured_currency: currency = order.currency } = payment ?? {};
  return captured > 0 && (captured !== order.total || currency !== order.currency) ? sumOf(captured, currency) : "other";
};

/** The bank counts in the currency that came in. */
const disputedSum = (order: Order, payment: Payment | undefined): Sum | undefined => {
  const currency = payment ? payment.captured_currency : order.reason === undefined ? order.currency : undefined;
  return order.dispute && currency !== undefined ? sumOf(order.dispute.amount, currency) : undefined;
};

const ungivenOf = (refunds: readonly Refund[]): MoneyView["ungiven"] => {
  if (refunds.some(({ reason }) => reason === "late_money")) return "late";
  return refunds.some(({ reason }) => reason === "stock_gone") ? "called_back" : undefined;
};

/** Numbers that a refund took: shown no more, whether or not its money arrived. */
export const takenUnits = (refunds: readonly Refund[]): ReadonlySet<string> =>
  new Set(refunds.flatMap(({ lines }) => lines.flatMap(({ units }) => units)));

/** @param held the buyer's units as they stand */
export const numbersView = (
  order: Order,
  held: readonly Unit[],
  { refunds, replaced }: Pick<AfterSale, "refunds"> & { readonly replaced: boolean },
): NumbersView => {
  const takenBack = order.lines.reduce((all, { refunded_quantity = 0 }) => all + refunded_quantity, 0);
  const paidFor = order.lines.reduce((all, { quantity }) => all + quantity, 0) - takenBack;
  const missing = order.status === "paid" ? Math.max(0, paidFor - held.length) : 0;
  const ghosts = takenUnits(refunds.filter(({ status }) => status === "failed"));
  return {
    takenBack,
    missing,
    owed: order.lines.some(({ units }) => units.some((id) => ghosts.has(id))),
    replaced,
    forfeited: isLost(order) && order.status === "paid",
  };
};
