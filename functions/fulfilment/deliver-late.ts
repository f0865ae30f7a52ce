// Money after the hold is a normal path: other units if there are any, else the money goes back.

import { takeUnits } from "../../kernel/allocation.ts";
import type { Instant } from "../../platform/clock/clock.ts";
import { hashId } from "../../platform/ids/ids.ts";
import { commanded } from "../../platform/operation/command.ts";
import { TableBusy } from "../../platform/table/model.ts";
import { poolReader } from "../inventory/index.ts";
import { markPaidLate, markRefundPending, type Order } from "../orders/index.ts";
import { type ConfirmedFacts, captureAsItIs, type Payment, type Refund, refundKey, requestRefund, settle } from "../payments/index.ts";
import { type Delivered, type DeliverPorts, engine, handOver, journal, paidOperation, poolOf } from "./engine.ts";

export const deliverLate = async (order: Order, payment: Payment, facts: ConfirmedFacts, ports: DeliverPorts): Promise<Delivered | "moved"> => {
  const { table, clock, random } = ports;
  const [line] = order.lines;
  if (!line) throw new Error("an order without a line");
  const now = clock.now();
  const taken = await takeUnits<{ unit_id: string }, Delivered | "moved">(
    poolReader(table, poolOf(order)),
    line.quantity,
    random.number,
    async (tokens) => {
      const free = tokens.map(({ unit_id }) => unit_id);
      const lines = [{ ...line, units: free }];
      const outcome = await table.transact([
        ...handOver(order, { free }, now),
        markPaidLate(order, lines, facts.intent_id, now),
        settle(payment, facts, now),
        paidOperation({ ...order, lines }, payment, facts, now),
      ]);
      if (outcome.kind === "refused") return outcome.refusal === "unit_taken" ? { kind: "taken" } : { kind: "answered", answer: "moved" };
      return { kind: "answered", answer: { delivered: true } };
    },
  );
  if (taken.kind === "busy") throw new TableBusy("every unit tried was taken by someone faster");
  return taken.kind === "answered" ? taken.answer : oweRefund(order, payment, facts, now, ports);
};

/** Nothing is left to give: the debt is recorded with the capture, before anybody is asked to pay it. */
const oweRefund = async (
  order: Order,
  payment: Payment,
  facts: ConfirmedFacts,
  now: Instant,
  { table }: DeliverPorts,
): Promise<Delivered | "moved"> => {
  const outcome = await table.transact([
    markRefundPending(order, facts.intent_id, facts.amount, now),
    captureAsItIs(payment, facts, now, { owed: facts.amount }),
    requestRefund(lateRefund(order, payment, facts, now)),
    commanded(
      {
        kind: "refund_requested",
        principal: engine,
        key: `${order.merchant_id}.${order.id}.late_money`,
        body: { order_id: order.id },
        merchant_id: order.merchant_id,
        subject: order.id,
        details: { reason: "late_money", refund_id: lateRefundId(payment), ...journal(order, payment, facts) },
      },
      now,
    ),
  ]);
  return outcome.kind === "refused" ? "moved" : { delivered: false, reason: "refund_owed" };
};

/** One per payment: its id derives from what it pays back. */
const lateRefundId = (payment: Pick<Payment, "merchant_id" | "id">): string => hashId("late_refund", payment.merchant_id, payment.id);

const lateRefund = (order: Order, payment: Payment, facts: ConfirmedFacts, now: Instant): Refund => ({
  id: lateRefundId(payment),
  merchant_id: order.merchant_id,
  order_id: order.id,
  payment_id: payment.id,
  connection_id: payment.connection_id,
  amount: facts.amount,
  currency: payment.currency,
  intent_id: facts.intent_id,
  reason: "late_money",
  lines: [],
  status: "requested",
  provider_key: refundKey(order.merchant_id, lateRefundId(payment)),
  requested_at: now,
  updated_at: now,
});
