// The end of a hold: the provider first, then the stock. Units go back only when it is certain that nobody can pay for them any more;
// payment and expiry may cross at any point, and then the payment wins.
import type { Clock } from "../../platform/clock/clock.ts";
import { commanded } from "../../platform/operation/command.ts";
import { type Table, TableBusy } from "../../platform/table/model.ts";
import { ProviderUnknown } from "../../platform/workflow/again.ts";
import { releaseUnit } from "../inventory/index.ts";
import { markExpired, type Order, orders, paymentIdOf, plannedPayment, unitIdsOf } from "../orders/index.ts";
import { type ConnectionPorts, cancelPayment, createPayment, openConnection, type Payment, payments } from "../payments/index.ts";
import { callTime } from "./call-time.ts";
import type { OrderRef } from "./confirm.ts";
import { engine, poolOf, stillHeld } from "./engine.ts";

export interface ReleasePorts extends ConnectionPorts {
  readonly table: Table;
  readonly clock: Clock;
}
/**
 * `paid`: money crossed the end of the hold. A provider that does not say is a fault (`ProviderUnknown`), and so is an order that moves while its
 * hold is ended (`TableBusy`): the units stay held, the workflow asks again, and if that does not help its alarm says so.
 */
export type Release = { readonly released: true } | { readonly released: false; readonly reason: "paid" | "not_over" };

export const releaseHold = async (ref: OrderRef, ports: ReleasePorts): Promise<Release> => {
  const { table } = ports;
  const order = await table.get(orders, ref, { consistent: true });
  if (order?.status !== "awaiting_payment" && order?.status !== "expired") return { released: false, reason: "not_over" };
  const payment = await table.get(payments, paymentIdOf(order), { consistent: true });
  const isOver = order.status === "expired";
  if (isOver && !payment?.session_id) return { released: false, reason: "not_over" };
  const closed = await closeSession(order, payment, ports);
  if (closed !== "closed") return { released: false, reason: closed };
  // The units went back when the hold ended; only its session had been left open.
  if (isOver) return { released: false, reason: "not_over" };

  const ended = await endHold(order, payment, unitIdsOf(order), ports);
  if (ended !== "unit_not_held") return ended;
  // A recall may have taken some of them: the others go back.
  const held = await stillHeld(order, table);
  const again = held && (await endHold(order, payment, held, ports));
  if (again === undefined || again === "unit_not_held") throw new TableBusy("the order's units moved while its hold was ended");
  return again;
};

/** The one transaction. @param held units of the order that go back to stock */
const endHold = async (
  order: Order,
  payment: Payment | undefined,
  held: readonly string[],
  { table, clock }: ReleasePorts,
): Promise<Release | "unit_not_held"> => {
  const now = clock.now();
  const outcome = await table.transact([
    markExpired(order),
    ...held.flatMap((unit) => releaseUnit(poolOf(order), unit, order.id, now)),
    // Without a payment there is none to close: a closed one is put in its place, so that none can be opened beside the release.
    payment ? cancelPayment(payment, now) : createPayment({ ...plannedPayment(order, "none", now), status: "cancelled" }),
    commanded(
      {
        kind: "hold_expired",
        principal: engine,
        // The end of this hold; a hold that was renewed has another.
        key: `${order.merchant_id}.${order.id}.${order.hold_until}`,
        body: { order_id: order.id },
        merchant_id: order.merchant_id,
        subject: order.id,
        details: { order_id: order.id, units: held },
      },
      now,
    ),
  ]);
  if (outcome.kind !== "refused") return { released: true };
  if (outcome.refusal === "unit_not_held") return outcome.refusal;
  throw new TableBusy(`the order moved while its hold was ended: ${outcome.refusal}`);
};

/** Ask, expire, ask: only the provider's own word that the session is dead lets go of the units. */
const closeSession = async (order: Order, payment: Payment | undefined, ports: ReleasePorts): Promise<"closed" | "paid" | "not_over"> => {
  const mayCall = callTime(ports.clock);
  const over = order.hold_until <= ports.clock.now();
  // A session whose record was lost was never shown to anybody: its address leaves us after the record. None can be recorded any more beside the
  // release, which closes the payment only while it has none; what the provider keeps dies by itself.
  if (!payment?.session_id) return over ? "closed" : "not_over";
  const open = await openConnection(ports, payment.connection_id);
  if (!open) throw new ProviderUnknown("the payment's connection is not there");

  const before = await open.provider.lookUp(payment.session_id);
  if (before.kind === "settled") return "paid";
  if (before.kind === "failed") return "closed";
  if (!over) return "not_over";
  // What is not asked for lack of time, the next run asks.
  if (!mayCall()) throw new ProviderUnknown("no time was left to end the session");
  const closing = await open.provider.closeCheckout(payment.session_id);
  if (closing.kind === "closed") return "closed";
  if (!mayCall()) throw new ProviderUnknown("no time was left to ask whether the session ended");
  const after = await open.provider.lookUp(payment.session_id);
  if (after.kind === "settled") return "paid";
  if (after.kind === "failed") return "closed";
  throw new ProviderUnknown("the provider did not say whether the session ended");
};
