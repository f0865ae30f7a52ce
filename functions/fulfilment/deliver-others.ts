// Money for which the held units are not there any more is a normal path: the hold had ended, or a recall took some of them. Other units if there
// are any, beside those that still wait; else the money goes back.

import { takeUnits } from "../../kernel/allocation.ts";
import type { Instant } from "../../platform/clock/clock.ts";
import { hashId } from "../../platform/ids/ids.ts";
import { commanded } from "../../platform/operation/command.ts";
import { TableBusy } from "../../platform/table/model.ts";
import { poolReader, releaseUnit } from "../inventory/index.ts";
import { markPaidOtherwise, markRefundPending, type Order } from "../orders/index.ts";
import { type ConfirmedFacts, captureAsItIs, type Payment, type Refund, refundKey, requestRefund, settle } from "../payments/index.ts";
import { type Delivered, type DeliverPorts, engine, handOver, journal, paidOperation, poolOf } from "./engine.ts";

/** @param kept units that still wait for the order; none of one whose hold has ended */
export const deliverOthers = async (
  order: Order,
  payment: Payment,
  facts: ConfirmedFacts,
  kept: readonly string[],
  ports: DeliverPorts,
): Promise<Delivered | "moved"> => {
  const { table, clock, random } = ports;
  const [line] = order.lines;
  if (!line) throw new Error("an order without a line");
  const now = clock.now();
  const taken = await takeUnits<{ unit_id: string }, Delivered | "moved">(
    poolReader(table, poolOf(order)),
    line.quantity - kept.length,
    random.number,
    async (tokens) => {
      const free = tokens.map(({ unit_id }) => unit_id);
      // What was kept is free by now: another run has ended the order, and given it back.
      if (free.some((unit_id) => kept.includes(unit_id))) return { kind: "answered", answer: "moved" };
      const lines = [{ ...line, units: [...kept, ...free] }];
      const outcome = await table.transact([
        ...handOver(order, { held: kept, free }, now),
        markPaidOtherwise(order, lines, facts.intent_id, now),
        settle(payment, facts, now),
        paidOperation({ ...order, lines }, payment, facts, now),
      ]);
      if (outcome.kind === "refused") return outcome.refusal === "unit_taken" ? { kind: "taken" } : { kind: "answered", answer: "moved" };
      return { kind: "answered", answer: { delivered: true } };
    },
  );
  if (taken.kind === "busy") throw new TableBusy("every unit tried was taken by someone faster");
  return taken.kind === "answered" ? taken.answer : oweRefund(order, payment, facts, kept, now, ports);
};

/** Not enough is left to give: the debt is recorded with the capture, before anybody is asked to pay it, and what was kept is free again. */
const oweRefund = async (
  order: Order,
  payment: Payment,
  facts: ConfirmedFacts,
  kept: readonly string[],
  now: Instant,
  { table }: DeliverPorts,
): Promise<Delivered | "moved"> => {
  const refund = refundOf(order, payment, facts, now);
  const outcome = await table.transact([
    markRefundPending(order, facts.intent_id, facts.amount, now),
    captureAsItIs(payment, facts, now, { owed: facts.amount }),
    requestRefund(refund),
    ...kept.flatMap((unit_id) => releaseUnit(poolOf(order), unit_id, order.id, now)),
    commanded(
      {
        kind: "refund_requested",
        principal: engine,
        key: `${order.merchant_id}.${order.id}.nothing_given`,
        body: { order_id: order.id },
        merchant_id: order.merchant_id,
        subject: order.id,
        details: {
          reason: refund.reason,
          refund_id: refund.id,
          ...(kept.length > 0 && { released: kept }),
          ...journal(order, payment, facts),
        },
      },
      now,
    ),
  ]);
  return outcome.kind === "refused" ? "moved" : { delivered: false, reason: "refund_owed" };
};

/** One per payment: its id derives from what it pays back. */
const refundIdOf = (payment: Pick<Payment, "merchant_id" | "id">): string => hashId("late_refund", payment.merchant_id, payment.id);

const refundOf = (order: Order, payment: Payment, facts: ConfirmedFacts, now: Instant): Refund => ({
  id: refundIdOf(payment),
  merchant_id: order.merchant_id,
  order_id: order.id,
  payment_id: payment.id,
  connection_id: payment.connection_id,
  amount: facts.amount,
  currency: payment.currency,
  intent_id: facts.intent_id,
  reason: order.status === "awaiting_payment" ? "stock_gone" : "late_money",
  lines: [],
  status: "requested",
  provider_key: refundKey(order.merchant_id, refundIdOf(payment)),
  requested_at: now,
  updated_at: now,
});
