// The books, counted again from raw records and the provider's truth. Knows the stored fields, and nothing of the code that wrote them.
import type { StripeTruth } from "./outside-world.ts";
import type { Item } from "./raw-table.ts";
import { checkAfterSale } from "./recount-after-sale.ts";
import type { Claim, Operation, Order, Payment, Refund, Unit } from "./stored.ts";

export interface Counted {
  /** What contradicts an invariant of reliability.md section 5, one sentence each; empty: the books are right. */
  readonly violations: readonly string[];
  readonly available: number;
  readonly reserved: number;
  readonly sold: number;
  readonly paid: number;
  /** Orders whose money went back whole, those that the payer's bank has ever questioned, and refunds that have not failed. */
  readonly refunded: number;
  readonly disputed: number;
  readonly refunds: number;
  readonly awaiting: number;
  readonly expired: number;
  readonly serials: readonly string[];
}

export interface RecountOptions {
  /** Units the demo brought in, all SKUs together. */
  readonly imported: number;
  /** Nothing is on its way any more: money that arrived must have ended in an order that says so (I6, I14). */
  readonly settled: boolean;
}

export function recount(items: readonly Item[], truth: StripeTruth, { imported, settled }: RecountOptions): Counted {
  const of = <T>(prefix: string) => items.filter(({ pk }) => pk.startsWith(`${prefix}#`)) as unknown as readonly T[];
  const units = of<Unit>("UNIT");
  const orders = of<Order>("ORDER");
  const payments = new Map(of<Payment>("PAYMENT").map((payment) => [payment.order_id, payment]));
  const byUnit = new Map(units.map((unit) => [unit.id, unit]));
  const byOrder = new Map(orders.map((order) => [order.id, order]));
  const violations: string[] = [];
  const claim = (holds: boolean, sentence: string): void => void (holds || violations.push(sentence));

  claim(units.length === imported, `I3: ${units.length} units are stored, ${imported} were brought in`);
  countTokens(items, units, claim);
  for (const unit of units) checkUnit(unit, byOrder.get(unit.order_id ?? ""), claim);
  checkHolders(orders, byUnit, claim);
  for (const order of orders) checkOrder(order, payments.get(order.id), byUnit, claim);
  for (const order of orders) checkRefunds(order, payments.get(order.id), of<Refund>("REFUND"), claim);
  checkOperations(of<Operation>("OP"), orders, claim);
  checkMoney(truth, byOrder, settled, claim);
  checkAfterSale({ truth, byOrder, refunds: of<Refund>("REFUND"), settled }, claim);

  const serials = orders
    .filter(({ status }) => status === "paid")
    .flatMap((order) => order.lines.flatMap((line) => line.units.map((id) => byUnit.get(id)?.serial_number ?? "?")));
  claim(new Set(serials).size === serials.length, "I1: a serial number was given twice");
  const count = (status: string) => units.filter((unit) => unit.status === status).length;
  const counted = (status: string) => orders.filter((order) => order.status === status).length;
  return {
    violations,
    available: count("available"),
    reserved: count("reserved"),
    sold: count("sold"),
    paid: counted("paid"),
    refunded: counted("refunded"),
    disputed: orders.filter(({ dispute }) => dispute !== undefined).length,
    refunds: of<Refund>("REFUND").filter(({ status }) => status !== "failed").length,
    awaiting: counted("awaiting_payment"),
    expired: counted("expired"),
    serials,
  };
}

/** A token exists exactly while its unit is available, in the pool of its SKU and place. */
function countTokens(items: readonly Item[], units: readonly Unit[], claim: Claim): void {
  const tokens = items.filter(({ pk }) => pk.startsWith("POOL#")).map(({ pk, sk }) => `${pk}/${sk}`);
  const wanted = new Set(
    units
      .filter(({ status }) => status === "available")
      .map((unit) => `POOL#${unit.merchant_id}#${unit.listing_item_id}#${unit.provider_id}/${unit.id}`),
  );
  claim(
    tokens.length === wanted.size && tokens.every((token) => wanted.has(token)),
    `tokens and available units differ: ${tokens.length} and ${wanted.size}`,
  );
}

function checkUnit(unit: Unit, order: Order | undefined, claim: Claim): void {
  const { id, status } = unit;
  claim([...assigned, ...out, "available"].includes(status), `I10: unit ${id} is ${status}`);
  if (status === "available") claim(order === undefined, `I4: free unit ${id} still names an order`);
  if (!assigned.includes(status)) return;
  claim(order?.lines.some((line) => line.units.includes(id)) === true, `I4: ${status} unit ${id} belongs to no order that lists it`);
  if (status === "sold") claim(order?.status === "paid", `I5: unit ${id} is sold to an order that is ${order?.status}`);
  // Money that does not fit holds its units until a person has decided.
  if (status === "reserved")
    claim(["awaiting_payment", "attention"].includes(order?.status ?? ""), `I4: unit ${id} is held by an order that is ${order?.status}`);
  const quarrel = status === "sold" && order?.dispute?.status === "open" ? order.dispute.id : undefined;
  claim(
    unit.frozen_by === quarrel,
    `I10: unit ${id} is ${unit.frozen_by ? "" : "not "}frozen, order ${order?.id} is ${quarrel ? "" : "not "}disputed`,
  );
}

/** States of units that are an order's now, and of those that are nobody's any more. */
const assigned: readonly string[] = ["reserved", "sold"];
const out: readonly string[] = ["defective", "expired", "archived"];
/** What the units of a paid order may be: the buyer's, or taken back by a refund or a lost dispute. A defective one was replaced. */
const ofPaid: readonly string[] = ["sold", "archived"];

/** Orders that hold nothing any more: what they list was theirs once. */
const ended: readonly string[] = ["expired", "cancelled", "refund_pending", "refunded"];

function checkHolders(orders: readonly Order[], byUnit: ReadonlyMap<string, Unit>, claim: Claim): void {
  const holders = new Map<string, string>();
  for (const order of orders.filter(({ status }) => !ended.includes(status))) {
    for (const id of order.lines.flatMap((line) => line.units)) {
      claim(!holders.has(id), `I1: unit ${id} is in orders ${holders.get(id)} and ${order.id}`);
      claim(byUnit.get(id)?.order_id === order.id, `I1: order ${order.id} lists unit ${id}, which names ${byUnit.get(id)?.order_id}`);
      holders.set(id, order.id);
    }
  }
}

function checkOrder(order: Order, payment: Payment | undefined, byUnit: ReadonlyMap<string, Unit>, claim: Claim): void {
  const { id, status } = order;
  if (ended.includes(status)) return;
  for (const line of order.lines) claim(line.units.length === line.quantity, `I2: order ${id} holds ${line.units.length} of ${line.quantity}`);
  if (status === "awaiting_payment") {
    claim(order.due_at !== undefined, `order ${id} awaits money and is not on the due index`);
    claim(payment?.status !== "captured", `I6: the payment of order ${id} is captured, the order is not paid`);
  }
  if (status !== "paid") return;
  claim(
    order.lines.every((line) => line.units.every((unit) => ofPaid.includes(byUnit.get(unit)?.status ?? ""))),
    `I2: order ${id} is paid without its units`,
  );
  const kept = payment?.status === (order.dispute?.status === "lost" ? "lost" : "captured");
  const fits = kept && payment?.captured === order.total && payment.captured_currency === order.currency;
  claim(fits && payment.intent_id === order.payment_intent_id, `I5, I9: order ${id} is paid without its exact money`);
  claim(order.due_at === undefined || awaited(order), `order ${id} is paid and still due`);
}

/** Something is still to be asked of the provider. */
const awaited = ({ refunds_open = 0, dispute }: Order): boolean => refunds_open > 0 || dispute?.status === "open";

/** What an order says of its refunds is what their records say, and never more than was captured. */
function checkRefunds(order: Order, payment: Payment | undefined, refunds: readonly Refund[], claim: Claim): void {
  const { id, status, refunded = 0, refunds_open = 0 } = order;
  const own = refunds.filter((refund) => refund.order_id === id && refund.status !== "failed");
  const claimed = own.reduce((sum, { amount }) => sum + amount, 0);
  claim(claimed === refunded, `I8: order ${id} says ${refunded} is refunded, its refunds ${claimed}`);
  claim(refunded <= (payment?.captured ?? 0), `I8: order ${id} gives back ${refunded} of ${payment?.captured ?? 0}`);
  claim(own.filter((refund) => refund.status !== "succeeded").length === refunds_open, `I8: order ${id} counts ${refunds_open} open refunds`);
  if (awaited(order)) claim(order.due_at !== undefined, `I6: order ${id} waits for its provider and is not on the due index`);
  if (status === "refunded")
    claim(refunds_open === 0 && refunded === payment?.captured, `I8: order ${id} is refunded, ${refunded} of ${payment?.captured ?? 0}`);
}

/** Each placed and each paid order has exactly one record of that. */
function checkOperations(operations: readonly Operation[], orders: readonly Order[], claim: Claim): void {
  const count = (kind: string, subject: string) => operations.filter((operation) => operation.kind === kind && operation.subject === subject).length;
  for (const { id, status } of orders) {
    claim(count("order_placed", id) === 1, `I32: order ${id} was placed ${count("order_placed", id)} times`);
    const paid = count("order_paid", id);
    // What is refunded was paid before, or came too late to buy anything.
    const once = status === "paid" ? paid === 1 : ["refund_pending", "refunded"].includes(status) ? paid <= 1 : paid === 0;
    claim(once, `I32: order ${id} is ${status} and was paid ${paid} times`);
  }
}

/** Orders that nobody can pay any more: all their sessions are over, unpaid. */
export function deadOrders(sessions: StripeTruth["sessions"]): ReadonlySet<string> {
  const [dead, alive] = [new Set<string>(), new Set<string>()];
  for (const { status, metadata } of sessions) (status === "expired" ? dead : alive).add(metadata.order_id ?? "");
  return new Set([...dead].filter((id) => !alive.has(id)));
}

/** Every captured cent ends in an order that says so; no order is paid by money the provider does not know of. */
function checkMoney(truth: StripeTruth, byOrder: ReadonlyMap<string, Order>, settled: boolean, claim: Claim): void {
  const captured = new Map<string, number>();
  const dead = deadOrders(truth.sessions);
  for (const intent of truth.payment_intents.filter(({ status }) => status === "succeeded")) {
    const order = byOrder.get(intent.metadata.order_id ?? "");
    claim(order !== undefined, `I6: ${intent.id} is money for an order that is not there`);
    if (order === undefined) continue;
    captured.set(order.id, (captured.get(order.id) ?? 0) + intent.amount_received);
    if (settled)
      claim(
        ["paid", "attention", "refund_pending", "refunded"].includes(order.status),
        `I6: ${intent.id} is captured, order ${order.id} is ${order.status}`,
      );
  }
  for (const order of byOrder.values()) {
    if (settled)
      claim(order.status !== "awaiting_payment" || !dead.has(order.id), `I4: the session of order ${order.id} is over, its units are held`);
    if (order.status === "paid")
      claim(captured.get(order.id) === order.total, `I7: order ${order.id} costs ${order.total}, captured is ${captured.get(order.id)}`);
  }
}
