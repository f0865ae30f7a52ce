// Deliver: confirm the payment, take the stock, hand over the thing, record the event: one transaction, or nothing (G-50).
import type { Clock, Instant } from "../../platform/clock/clock.ts";
import { commanded } from "../../platform/operation/command.ts";
import type { Principal } from "../../platform/operation/operation.ts";
import type { Table, Write } from "../../platform/table/model.ts";
import { commitUnit } from "../inventory/index.ts";
import { markAttention, markPaid, type Order, orders } from "../orders/index.ts";
import { captureAsItIs, type Payment, payments, type SettledFacts, settle } from "../payments/index.ts";
import type { OrderRef } from "./confirm.ts";

export interface DeliverPorts {
  readonly table: Table;
  readonly clock: Clock;
}
export type Delivered =
  | { readonly delivered: true }
  | { readonly delivered: false; readonly reason: "payment_mismatch" | "stock_lost" | "not_awaiting_payment" };

const engine: Principal = { type: "system", id: "fulfilment" };

export const deliver = async (ref: OrderRef, facts: SettledFacts, ports: DeliverPorts): Promise<Delivered> => {
  const order = await ports.table.get(orders, ref, { consistent: true });
  if (!order) throw new Error("money for an order that is not there");
  if (order.status !== "awaiting_payment") return standing(order);
  const [tender] = order.tender;
  const payment = tender && (await ports.table.get(payments, { merchant_id: ref.merchant_id, payment_id: tender.payment_id }, { consistent: true }));
  if (!payment) throw new Error("money for a payment that is not there");

  if (!fits(payment, order, facts)) return park(order, payment, facts, "payment_mismatch", ports);
  const now = ports.clock.now();
  const outcome = await ports.table.transact([
    markPaid(order, facts.intent_id, now),
    settle(payment, facts, now),
    ...deliveries(order, now),
    paidOperation(order, payment, facts, now),
  ]);
  if (outcome.kind !== "refused") return { delivered: true };
  switch (outcome.refusal) {
    case "unit_not_held":
      return park(order, payment, facts, "stock_lost", ports);
    case "payment_mismatch":
    case "not_awaiting_payment":
      // Somebody was faster; the order says how it ended.
      return standing(await ports.table.get(orders, ref, { consistent: true }));
  }
};

/** What each line hands over, as guarded writes of the context that owns the thing. */
const deliveries = (order: Order, at: Instant): readonly Write<"unit_not_held">[] =>
  order.lines.flatMap((line) => line.units.map((unit) => commitUnit(order.merchant_id, unit, order.id, at)));

/** Amount, currency and session are the plan's, to the cent. */
const fits = (payment: Payment, order: Order, facts: SettledFacts): boolean =>
  facts.amount === payment.amount && facts.currency === payment.currency && facts.session_id === payment.session_id && payment.amount === order.total;

const standing = (order: Order | undefined): Delivered =>
  order?.status === "paid" ? { delivered: true } : { delivered: false, reason: order?.reason ?? "not_awaiting_payment" };

const paidOperation = (order: Order, payment: Payment, facts: SettledFacts, at: Instant) =>
  commanded(
    {
      kind: "order_paid",
      principal: engine,
      key: `${order.merchant_id}.${order.id}`,
      body: { order_id: order.id },
      merchant_id: order.merchant_id,
      subject: order.id,
      details: journal(order, payment, facts),
    },
    at,
  );

/** Money that is there but does not fit, or stock that is not: recorded with its evidence, delivered never; a person decides. */
const park = async (
  order: Order,
  payment: Payment,
  facts: SettledFacts,
  reason: "payment_mismatch" | "stock_lost",
  { table, clock }: DeliverPorts,
): Promise<Delivered> => {
  const now = clock.now();
  const outcome = await table.transact([
    markAttention(order, reason, now),
    captureAsItIs(payment, facts, now),
    commanded(
      {
        kind: "order_needs_attention",
        principal: engine,
        key: `${order.merchant_id}.${order.id}`,
        body: { order_id: order.id },
        merchant_id: order.merchant_id,
        subject: order.id,
        details: { reason, ...journal(order, payment, facts) },
      },
      now,
    ),
  ]);
  if (outcome.kind === "refused")
    return standing(await table.get(orders, { merchant_id: order.merchant_id, order_id: order.id }, { consistent: true }));
  return { delivered: false, reason };
};

const journal = (order: Order, payment: Payment, facts: SettledFacts): Record<string, unknown> => ({
  order_id: order.id,
  lines: order.lines.map(({ listing_item_id, quantity, amount, tax, units }) => ({ listing_item_id, quantity, amount, tax, units })),
  planned: payment.amount,
  captured: facts.amount,
  currency: facts.currency,
  connection_id: payment.connection_id,
  intent_id: facts.intent_id,
});
