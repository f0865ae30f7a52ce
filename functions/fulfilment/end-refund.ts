// The end of a refund, once: the money is with the payer, or its claim is put back and a person is told.

import { taxReversed } from "../../kernel/refund.ts";
import type { Clock } from "../../platform/clock/clock.ts";
import { commanded } from "../../platform/operation/command.ts";
import { type Table, TableBusy } from "../../platform/table/model.ts";
import { completeRefund, grossOf, type Order, orders, undoRefund } from "../orders/index.ts";
import {
  isOfNothing,
  payments,
  type Refund,
  type RefundLine,
  recordRefund,
  refundedAtProvider,
  refunds,
  releaseRefund,
  settleRefund,
} from "../payments/index.ts";
import { engine } from "./engine.ts";
import { linesAfter } from "./refund-decision.ts";

export type Ending = { readonly status: "succeeded"; readonly provider_refund_id: string } | { readonly status: "failed"; readonly failure: string };

/** How often an order may change under our eyes before we leave it to the next run. */
const looksMax = 4;

export const endRefund = async (asSeen: Refund, ending: Ending, ports: { readonly table: Table; readonly clock: Clock }): Promise<void> => {
  const { table, clock } = ports;
  const { merchant_id, order_id } = asSeen;
  for (let look = 0; look < looksMax; look++) {
    const [order, payment, refund] = await table.getMany(
      [
        [orders, { merchant_id, order_id }],
        [payments, { merchant_id, payment_id: asSeen.payment_id }],
        [refunds, { merchant_id, order_id, refund_id: asSeen.id }],
      ],
      { consistent: true },
    );
    if (!order || !payment || !refund) throw new Error("a refund without its order");
    // Somebody else has seen the same end, or a later one.
    if (refund.status === ending.status || refund.status === "failed") return;
    const now = clock.now();
    const operation = (kind: string, details: Record<string, unknown>) =>
      commanded(
        {
          kind,
          principal: engine,
          key: refund.id,
          body: { refund_id: refund.id },
          merchant_id,
          subject: order.id,
          details: {
            order_id: order.id,
            refund_id: refund.id,
            payment_id: refund.payment_id,
            connection_id: refund.connection_id,
            amount: refund.amount,
            currency: refund.currency,
            ...details,
          },
        },
        now,
      );
    if (ending.status === "succeeded") {
      const all = (payment.refunded ?? 0) + refund.amount === payment.captured && order.refunds_open === 1;
      const outcome = await table.transact([
        completeRefund(order, all && order.status === "refund_pending", now),
        settleRefund(payment, refund.amount, now),
        recordRefund(refund, ending, now),
        operation("order_refunded", { full: all }),
      ]);
      if (outcome.kind !== "refused") return;
      continue;
    }
    const wasBack = refund.status === "succeeded";
    const sold = !isOfNothing(refund) && order.reason === undefined;
    const atProvider = ending.failure === refundedAtProvider;
    const outcome = await table.transact([
      undoRefund(order, { id: refund.id, amount: refund.amount, lines: linesAfter(order, refund, -1), wasBack, sold, atProvider }, now),
      releaseRefund(payment, refund.amount, wasBack, now),
      recordRefund(refund, ending, now),
      operation("refund_failed", { failure: ending.failure, was_back: wasBack, lines: putBack(order, refund) }),
    ]);
    if (outcome.kind !== "refused") return;
  }
  throw new TableBusy("the order changes faster than its refund can end");
};

/** The reversal's reversal, by the same cumulative rule: what stands depends only on what is refunded in the end. */
const putBack = (order: Order, refund: Refund): readonly Omit<RefundLine, "units">[] =>
  refund.lines.flatMap(({ line: place, quantity, amount }) => {
    const line = order.lines[place];
    const gross = grossOf(order)[place];
    if (!line || gross === undefined) return [];
    const before = line.refunded_amount ?? 0;
    return [{ line: place, quantity: -quantity, amount: -amount, tax: [...taxReversed(line.tax, gross, before, before - amount)] }];
  });
