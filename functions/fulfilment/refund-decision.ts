// What a refund would be: money per line, tax reversed, units taken back. Pure; the preview shows it and the command commits it.
import { allocate } from "../../kernel/money.ts";
import { piecesWorth, taxReversed } from "../../kernel/refund.ts";
import type { Unit } from "../inventory/index.ts";
import { grossOf, isDisputed, type Order } from "../orders/index.ts";
import { type Payment, type RefundLine, refundsPerOrderMax } from "../payments/index.ts";

/** Pieces of lines, or an amount in minor units; neither: all that is left. `serial_numbers`: those that the buyer does not keep, whichever else go. */
export interface RefundAsked {
  readonly lines?:
    | readonly { readonly line: number; readonly quantity: number; readonly serial_numbers?: readonly string[] | undefined }[]
    | undefined;
  readonly amount?: number | undefined;
}
export interface PlannedRefund {
  /** Minor units. */
  readonly amount: number;
  /** What was captured: it may be one we never asked for. */
  readonly currency: string;
  /** Nothing of the captured money is left then. */
  readonly full: boolean;
  readonly lines: readonly RefundLine[];
  /** The buyer still has fewer units than are paid for: an earlier refund took them and came to nothing. */
  readonly short: boolean;
  /** Units still held for money that never fitted: nobody has seen them, so they go back to stock. */
  readonly released: readonly string[];
}
export type RefundRefusal =
  | "not_refundable"
  | "disputed"
  | "refunded_elsewhere"
  | "nothing_to_refund"
  | "refund_too_large"
  | "line_unknown"
  | "unit_not_on_order"
  | "quantity_too_large"
  | "refund_whole_only"
  | "too_many_refunds";
export type RefundDecision =
  | { readonly kind: "refund"; readonly refund: PlannedRefund }
  | { readonly kind: "refused"; readonly refusal: RefundRefusal; readonly left?: number };

const refused = (refusal: RefundRefusal, left?: number): RefundDecision => ({ kind: "refused", refusal, ...(left !== undefined && { left }) });

/** @param units those of the order's lines as they stand */
export const decideRefund = (asked: RefundAsked, order: Order, payment: Payment | undefined, units: readonly Unit[]): RefundDecision => {
  if (isDisputed(order) || payment?.status === "lost") return refused("disputed");
  // A person has recorded that the money is back some other way (I6).
  if (order.settled?.reason === "refunded_elsewhere") return refused("refunded_elsewhere");
  const captured = payment?.captured ?? 0;
  if (payment?.status !== "captured" || captured === 0 || payment.intent_id === undefined) return refused("not_refundable");
  const left = captured - (payment.refund_reserved ?? 0);
  if (left === 0) return refused("nothing_to_refund", 0);
  if (order.status !== "paid" && order.status !== "attention") return refused("not_refundable");
  if ((order.refund_count ?? 0) >= refundsPerOrderMax) return refused("too_many_refunds", left);
  const currency = payment.captured_currency ?? payment.currency;

  if (order.status === "attention") {
    // The money bought nothing, so there are no lines, tax or pieces to take apart: it goes back as it came.
    const whole = asked.lines === undefined && (asked.amount ?? left) === left;
    const released = units.filter(({ status }) => status === "reserved").map(({ id }) => id);
    return whole
      ? { kind: "refund", refund: { amount: left, currency, full: true, lines: [], short: false, released } }
      : refused("refund_whole_only", left);
  }
  const claims = asked.lines ? byPieces(asked.lines, order, units, left) : byAmount(asked.amount ?? left, order, left);
  if ("kind" in claims) return claims;
  const amount = asked.lines ? claims.reduce((total, claim) => total + claim.amount, 0) + overpaidBy(claims, order, left) : (asked.amount ?? left);
  if (amount === 0) return refused("nothing_to_refund", left);
  const full = amount === left;
  const lines = claims.flatMap((claim) => (full || claim.amount > 0 || claim.quantity > 0 ? [lineOf(claim, order, units, full)] : []));
  return { kind: "refund", refund: { amount, currency, full, lines, short: !full && missingAfter(lines, order, units) > 0, released: [] } };
};

interface Claim {
  readonly line: number;
  readonly quantity: number;
  readonly amount: number;
  /** Units that go before any other. */
  readonly named: readonly string[];
}

/** Units of a line that the buyer has, in the order in which they were assigned. */
const liveOf = (line: Order["lines"][number], units: readonly Unit[]): readonly Unit[] =>
  line.units.flatMap((id) => units.filter((unit) => unit.id === id && unit.status === "sold"));

/** Money already given back without pieces counts against the last ones: never more than is left. */
const byPieces = (
  asked: NonNullable<RefundAsked["lines"]>,
  order: Order,
  units: readonly Unit[],
  left: number,
): readonly Claim[] | RefundDecision => {
  const gross = grossOf(order);
  const claims: Claim[] = [];
  for (const { line: place, quantity, serial_numbers = [] } of asked) {
    const line = order.lines[place];
    const cost = gross[place];
    if (line === undefined || cost === undefined || claims.some((claim) => claim.line === place)) return refused("line_unknown");
    const before = line.refunded_quantity ?? 0;
    const after = before + quantity;
    if (after > line.quantity) return refused("quantity_too_large", line.quantity - before);
    const named = liveOf(line, units).filter(({ serial_number }) => serial_numbers.includes(serial_number));
    if (named.length < serial_numbers.length) return refused("unit_not_on_order");
    const leftOfLine = Math.min(cost - (line.refunded_amount ?? 0), left);
    const worth = piecesWorth(cost, line.quantity, after) - piecesWorth(cost, line.quantity, before);
    const amount = after === line.quantity ? leftOfLine : Math.min(worth, leftOfLine);
    claims.push({ line: place, quantity, amount, named: named.map(({ id }) => id) });
  }
  return claims;
};

/** An amount is spread over the lines by what is left of each. Pieces stay with the buyer unless nothing is left to pay for them. */
const byAmount = (amount: number, order: Order, left: number): readonly Claim[] | RefundDecision => {
  if (amount > left) return refused("refund_too_large", left);
  const inLines = Math.max(0, amount - beyond(order, left));
  const parts = inLines > 0 ? allocate(inLines, leftOfLines(order)) : order.lines.map(() => 0);
  return parts.map((part, line) => ({ line, quantity: 0, amount: part, named: [] }));
};

const leftOfLines = (order: Order): readonly number[] => grossOf(order).map((cost, place) => cost - (order.lines[place]?.refunded_amount ?? 0));

/** What is left of money that a person accepted beyond the price: of no line, without tax, and the first to go back. */
const beyond = (order: Order, left: number): number => Math.max(0, left - leftOfLines(order).reduce((total, part) => total + part, 0));

/** The last pieces take with them what was paid beyond the price. */
const overpaidBy = (claims: readonly Claim[], order: Order, left: number): number => {
  const stays = order.lines.some(({ quantity, refunded_quantity }, place) => {
    const claimed = claims.find(({ line }) => line === place)?.quantity ?? 0;
    return (refunded_quantity ?? 0) + claimed < quantity;
  });
  return stays ? 0 : beyond(order, left);
};

/** Pieces that stay paid for, less the units that the buyer has. */
export const missingAfter = (claims: readonly Pick<RefundLine, "line" | "quantity" | "units">[], order: Order, units: readonly Unit[]): number =>
  order.lines.reduce((total, line, place) => {
    const claim = claims.find((each) => each.line === place);
    const has = liveOf(line, units).filter(({ id }) => !claim?.units.includes(id)).length;
    return total + Math.max(0, line.quantity - (line.refunded_quantity ?? 0) - (claim?.quantity ?? 0) - has);
  }, 0);

/** What the claim does to its line: pieces that were paid back leave the buyer, those that were named first, then the last assigned. */
const lineOf = (claim: Claim, order: Order, units: readonly Unit[], full: boolean): RefundLine => {
  const line = order.lines[claim.line];
  const gross = grossOf(order)[claim.line];
  if (!line || gross === undefined) throw new Error("a claim on a line that is not there");
  const before = line.refunded_amount ?? 0;
  const quantity = full ? line.quantity - (line.refunded_quantity ?? 0) : claim.quantity;
  const kept = line.quantity - (line.refunded_quantity ?? 0) - quantity;
  const others = liveOf(line, units).flatMap(({ id }) => (claim.named.includes(id) ? [] : [id]));
  return {
    line: claim.line,
    quantity,
    amount: claim.amount,
    tax: [...taxReversed(line.tax, gross, before, before + claim.amount)],
    units: claim.quantity > 0 || full ? [...claim.named, ...others.slice(kept)] : [],
  };
};

/** The order's lines with a refund claimed, or put back. */
export const linesAfter = (order: Order, refund: { readonly lines: readonly RefundLine[] }, direction: 1 | -1): Order["lines"] =>
  order.lines.map((line, place) => {
    const claim = refund.lines.find((each) => each.line === place);
    if (!claim) return line;
    return {
      ...line,
      refunded_quantity: (line.refunded_quantity ?? 0) + direction * claim.quantity,
      refunded_amount: (line.refunded_amount ?? 0) + direction * claim.amount,
    };
  });
