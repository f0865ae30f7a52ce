// The end of a hold: the provider first, then the stock. Units go back only when it is certain that nobody can pay for them any more;
// payment and expiry may cross at any point, and then the payment wins.
import type { Clock } from "../../platform/clock/clock.ts";
import { commanded } from "../../platform/operation/command.ts";
import type { Table } from "../../platform/table/model.ts";
import { releaseUnit } from "../inventory/index.ts";
import { checkoutRequest, markExpired, type Order, orders, paymentIdOf, plannedPayment, unitIdsOf } from "../orders/index.ts";
import { type ConnectionPorts, cancelPayment, createPayment, openConnection, type Payment, payments, sessionOpened } from "../payments/index.ts";
import { callTime } from "./call-time.ts";
import type { OrderRef } from "./confirm.ts";
import { engine, poolOf, stillHeld } from "./engine.ts";

export interface ReleasePorts extends ConnectionPorts {
  readonly table: Table;
  readonly clock: Clock;
  readonly publicOrigin: string;
  readonly linkSecret: () => Promise<string>;
}
/** `paid`: money crossed the end of the hold. `unknown`: the provider did not say; asked again later, and the units stay held till then. */
export type Release = { readonly released: true } | { readonly released: false; readonly reason: "paid" | "unknown" | "not_over" };

export const releaseHold = async (ref: OrderRef, ports: ReleasePorts): Promise<Release> => {
  const { table, clock } = ports;
  const mayCall = callTime(clock);
  const order = await table.get(orders, ref, { consistent: true });
  if (order?.status !== "awaiting_payment" && order?.status !== "expired") return { released: false, reason: "not_over" };
  const payment = await table.get(payments, paymentIdOf(order), { consistent: true });
  const isOver = order.status === "expired";
  if (isOver && !payment?.session_id) return { released: false, reason: "not_over" };
  const closed = await closeSession(order, payment, mayCall, ports);
  if (closed !== "closed") return { released: false, reason: closed };
  // The units went back when the hold ended; only its session had been left open.
  if (isOver) return { released: false, reason: "not_over" };

  const ended = await endHold(order, payment, unitIdsOf(order), ports);
  if (ended !== "unit_not_held") return ended;
  // A recall may have taken some of them: the others go back.
  const held = await stillHeld(order, table);
  const again = held && (await endHold(order, payment, held, ports));
  return again === undefined || again === "unit_not_held" ? { released: false, reason: "unknown" } : again;
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
  return outcome.refusal === "unit_not_held" ? outcome.refusal : { released: false, reason: "unknown" };
};

type Closed = "closed" | "paid" | "unknown" | "not_over";

/** Ask, expire, ask: only the provider's own word that the session is dead lets go of the units. */
const closeSession = async (order: Order, payment: Payment | undefined, mayCall: () => boolean, ports: ReleasePorts): Promise<Closed> => {
  const over = order.hold_until <= ports.clock.now();
  if (!payment) return over ? "closed" : "not_over";
  const open = await openConnection(ports, payment.connection_id);
  if (!open) return "unknown";
  const session = payment.session_id
    ? { kind: "known" as const, id: payment.session_id }
    : over
      ? await recover(order, payment, ports)
      : { kind: "unknown" as const };
  if (session.kind !== "known") return session.kind === "none" ? "closed" : "unknown";

  const before = await open.provider.lookUp(session.id);
  if (before.kind === "settled") return "paid";
  if (before.kind === "failed") return "closed";
  if (!over) return "not_over";
  // What is not asked for lack of time, the next run asks.
  if (!mayCall()) return "unknown";
  const closing = await open.provider.closeCheckout(session.id);
  if (closing.kind === "closed") return "closed";
  if (!mayCall()) return "unknown";
  const after = await open.provider.lookUp(session.id);
  return after.kind === "settled" ? "paid" : after.kind === "failed" ? "closed" : "unknown";
};

type Session = { readonly kind: "known"; readonly id: string } | { readonly kind: "none" } | { readonly kind: "unknown" };

/** A crash lost the session's id: the same request with the same key names it again. A clear no means that there never was one. */
const recover = async (order: Order, payment: Payment, ports: ReleasePorts): Promise<Session> => {
  const open = await openConnection(ports, payment.connection_id);
  const opened = await open?.provider.openCheckout(await checkoutRequest(order, payment, ports));
  switch (opened?.kind) {
    case "open":
      await ports.table.write(sessionOpened(payment, opened, ports.clock.now()));
      return { kind: "known", id: opened.session_id };
    case "declined":
      return { kind: "none" };
    default:
      return { kind: "unknown" };
  }
};
