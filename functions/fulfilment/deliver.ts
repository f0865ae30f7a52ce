// Deliver: confirm the payment, take the stock, hand over the thing, record the event: one transaction, or nothing (G-50).
import { commanded } from "../../platform/operation/command.ts";
import { TableBusy } from "../../platform/table/model.ts";
import { markAttention, markPaid, type Order, orders, paymentIdOf, unitIdsOf } from "../orders/index.ts";
import { type ConfirmedFacts, captureAsItIs, type Payment, payments, settle } from "../payments/index.ts";
import type { OrderRef } from "./confirm.ts";
import { deliverOthers } from "./deliver-others.ts";
import { type Delivered, type DeliverPorts, engine, handOver, journal, paidOperation, stillHeld } from "./engine.ts";
import { counted, differencesOf, evidenceOf } from "./mismatch.ts";

/** How often an order may change under our eyes before we leave it to the next run. */
const looksMax = 4;

export const deliver = async (ref: OrderRef, facts: ConfirmedFacts, ports: DeliverPorts): Promise<Delivered> => {
  for (let look = 0; look < looksMax; look++) {
    const order = await ports.table.get(orders, ref, { consistent: true });
    if (!order) throw new Error("money for an order that is not there");
    const ended = standing(order);
    if (ended) return ended;
    const payment = await ports.table.get(payments, paymentIdOf(order), { consistent: true });
    if (!payment) throw new Error("money for a payment that is not there");
    const outcome =
      differencesOf(payment, order, facts).length === 0
        ? await attempt(order, payment, facts, ports)
        : await park(order, payment, facts, "payment_mismatch", ports);
    if (outcome !== "moved") return outcome;
  }
  throw new TableBusy("the order changes faster than it can be delivered");
};

/** How the order ended, if it has. */
const standing = (order: Order): Delivered | undefined => {
  switch (order.status) {
    case "awaiting_payment":
    case "expired":
      return undefined;
    case "paid":
      return { delivered: true };
    case "refund_pending":
      return { delivered: false, reason: "refund_owed" };
    case "refunded":
      return { delivered: false, reason: "refunded" };
    case "attention":
      return { delivered: false, reason: order.settled ? "settled" : (order.reason ?? "stock_lost") };
  }
};

/** `moved`: somebody changed the order meanwhile; look again. */
const attempt = (order: Order, payment: Payment, facts: ConfirmedFacts, ports: DeliverPorts): Promise<Delivered | "moved"> =>
  order.status === "expired" ? deliverOthers(order, payment, facts, [], ports) : deliverHeld(order, payment, facts, ports);

const deliverHeld = async (order: Order, payment: Payment, facts: ConfirmedFacts, ports: DeliverPorts): Promise<Delivered | "moved"> => {
  const now = ports.clock.now();
  const outcome = await ports.table.transact([
    markPaid(order, facts.intent_id, now),
    settle(payment, facts, now),
    ...handOver(order, { held: unitIdsOf(order) }, now),
    paidOperation(order, payment, facts, now),
  ]);
  if (outcome.kind !== "refused") return { delivered: true };
  if (outcome.refusal !== "unit_not_held") return "moved";
  const kept = await stillHeld(order, ports.table);
  return kept ? deliverOthers(order, payment, facts, kept, ports) : park(order, payment, facts, "stock_lost", ports);
};

/** Money that is there but does not fit, or stock that is not: recorded with its evidence, delivered never; a person decides. */
const park = async (
  order: Order,
  payment: Payment,
  facts: ConfirmedFacts,
  reason: "payment_mismatch" | "stock_lost",
  { table, clock }: DeliverPorts,
): Promise<Delivered | "moved"> => {
  const now = clock.now();
  const differs = differencesOf(payment, order, facts);
  const evidence = differs.length > 0 ? evidenceOf(facts, differs, now) : undefined;
  const outcome = await table.transact([
    markAttention(order, reason, now),
    captureAsItIs(payment, counted(facts), now, { evidence }),
    commanded(
      {
        kind: "order_needs_attention",
        principal: engine,
        key: `${order.merchant_id}.${order.id}`,
        body: { order_id: order.id },
        merchant_id: order.merchant_id,
        subject: order.id,
        details: { reason, ...journal(order, payment, counted(facts)), ...(evidence && { evidence }) },
      },
      now,
    ),
  ]);
  return outcome.kind === "refused" ? "moved" : { delivered: false, reason };
};
