// A dispute: whatever event told of it, its status is looked up at the provider. Open freezes what the money bought, won gives it back to the
// buyer, lost takes it away with the money; each in one guarded transaction.
import type { Clock } from "../../platform/clock/clock.ts";
import { commanded } from "../../platform/operation/command.ts";
import { operationId } from "../../platform/operation/operation.ts";
import { type Table, TableBusy, type Write } from "../../platform/table/model.ts";
import { ProviderUnknown } from "../../platform/workflow/again.ts";
import { forfeitUnit, freezeUnit, thawUnit, type Unit } from "../inventory/index.ts";
import { awaitNews, closeDispute, noteMoved, type Order, openDispute, orders } from "../orders/index.ts";
import { type ConnectionPorts, type DisputeFact, losePayment, openConnection, type Payment } from "../payments/index.ts";
import type { OrderRef } from "./confirm.ts";
import { disputeNote, movedSince, nextDispute } from "./dispute-decision.ts";
import { engine } from "./engine.ts";
import { loadMatter } from "./load-matter.ts";

export interface DisputePorts extends ConnectionPorts {
  readonly table: Table;
  readonly clock: Clock;
}
/** How the order's dispute stands after this run. */
export type Weighed = { readonly dispute: "none" | "open" | "won" | "lost" };

/** Steps of one run: more than one payment's disputes ever ask for, and room for an order that moves meanwhile. */
const looksMax = 8;

export const weighDispute = async (ref: OrderRef, ports: DisputePorts): Promise<Weighed> => {
  const { table, clock } = ports;
  const first = await load(ref, table);
  if (!first) return { dispute: "none" };
  const open = await openConnection(ports, first.payment.connection_id);
  const answer = open ? await open.provider.lookUpDisputes(first.intent_id) : { kind: "unknown" as const };
  if (answer.kind === "unknown") {
    if (first.order.due_at === undefined) await table.write(awaitNews(first.order, clock.now()));
    throw new ProviderUnknown("the provider does not say how the dispute stands");
  }
  for (let look = 0; look < looksMax; look++) {
    const now = look === 0 ? first : await load(ref, table);
    if (!now) throw new Error("an order that was there is gone");
    const dispute = nextDispute(now.order, answer.disputes);
    const since = dispute ? undefined : movedSince(now.order, answer.disputes);
    if (since) {
      const at = clock.now();
      await table.write(noteMoved(now.order, since, { reason: "dispute_moved", subject: since.id, at }, at));
      continue;
    }
    if (!dispute) return { dispute: now.order.dispute?.status ?? "none" };
    await record(now, dispute, ports);
  }
  throw new TableBusy("the order changes faster than its dispute can be recorded");
};

interface Quarrel {
  readonly order: Order;
  readonly payment: Payment;
  readonly intent_id: string;
  /** Units that are this order's, as they stand. */
  readonly held: readonly Unit[];
}

/** Undefined where no money has come in: there is nothing to quarrel about. */
const load = async (ref: OrderRef, table: Table): Promise<Quarrel | undefined> => {
  const order = await table.get(orders, ref, { consistent: true });
  if (!order || order.status === "awaiting_payment" || order.status === "expired") return undefined;
  const { payment, units: held } = await loadMatter(order, table);
  if (!payment?.intent_id) return undefined;
  return { order, payment, intent_id: payment.intent_id, held };
};

/** One step, or nothing when somebody else was faster. */
const record = async ({ order, payment, held }: Quarrel, dispute: DisputeFact, { table, clock }: DisputePorts): Promise<void> => {
  const now = clock.now();
  const fact = { id: dispute.id, status: dispute.status, ...(dispute.inquiry && { inquiry: true }), amount: dispute.amount };
  const command = {
    kind: `dispute_${dispute.status !== "open" ? dispute.status : dispute.inquiry ? "inquired" : "opened"}`,
    principal: engine,
    key: `${order.merchant_id}.${order.id}.${dispute.id}`,
  };
  const operation = operationId(command.principal, command.kind, command.key);
  const note = disputeNote(payment, dispute, now);
  const moved: { readonly unit: Unit; readonly write: Write<"order_moved"> }[] = held.flatMap((unit) => {
    if (unit.status !== "sold") return [];
    if (dispute.status === "open") return unit.frozen_by === dispute.id ? [] : [{ unit, write: freezeUnit(unit, order.id, dispute.id, now) }];
    if (dispute.status === "lost") return [{ unit, write: forfeitUnit(unit, order.id, dispute.id, operation, now) }];
    return unit.frozen_by === dispute.id ? [{ unit, write: thawUnit(unit, order.id, dispute.id, now) }] : [];
  });
  await table.transact([
    dispute.status === "open" && note ? openDispute(order, fact, note, now) : closeDispute(order, fact, note, now),
    ...(dispute.status === "lost" ? [losePayment(payment, now)] : []),
    ...moved.map(({ write }) => write),
    commanded(
      {
        ...command,
        body: { order_id: order.id, dispute_id: dispute.id },
        merchant_id: order.merchant_id,
        subject: order.id,
        details: {
          order_id: order.id,
          payment_id: payment.id,
          connection_id: payment.connection_id,
          dispute_id: dispute.id,
          amount: dispute.amount,
          currency: payment.captured_currency ?? payment.currency,
          captured: payment.captured,
          refunded: order.refunded ?? 0,
          units: moved.map(({ unit }) => unit.id),
        },
      },
      now,
    ),
  ]);
};
