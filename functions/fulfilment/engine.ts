// What the engine's steps share: who acts, where an order's units come from, what the journal keeps.
import type { Clock, Instant } from "../../platform/clock/clock.ts";
import { commanded } from "../../platform/operation/command.ts";
import type { Principal } from "../../platform/operation/operation.ts";
import type { Random } from "../../platform/random/random.ts";
import type { Table, Write } from "../../platform/table/model.ts";
import { commitUnit, isOut, type PoolId, sellUnit, units } from "../inventory/index.ts";
import { type Order, unitIdsOf } from "../orders/index.ts";
import type { ConfirmedFacts, Payment } from "../payments/index.ts";

export interface DeliverPorts {
  readonly table: Table;
  readonly clock: Clock;
  readonly random: Random;
}
/**
 * `refund_owed`: nothing was left to give for the money, and it goes back. `refunded`, `settled`: it is back, or a person has ended the matter,
 * before this run came. The other reasons are for a person.
 */
export type Delivered =
  | { readonly delivered: true }
  | { readonly delivered: false; readonly reason: "payment_mismatch" | "stock_lost" | "refund_owed" | "refund_failed" | "refunded" | "settled" };

export const engine: Principal = { type: "system", id: "fulfilment" };

/** The pool that a line of the order is taken from, by itself the first. */
export const poolOf = (order: Order, line = order.lines[0]): PoolId => {
  if (!line) throw new Error("an order without a line");
  return { merchant_id: order.merchant_id, listing_item_id: line.listing_item_id, location_id: order.location_id };
};

/**
 * What a delivery hands over, as guarded writes of the context that owns the thing.
 * @param units `held`: those that wait for this order; `free`: those that anybody may take
 */
export const handOver = (
  order: Order,
  units: { readonly held?: readonly string[]; readonly free?: readonly string[] },
  at: Instant,
): readonly Write<"unit_not_held" | "unit_taken">[] => [
  ...(units.held ?? []).map((unit_id) => commitUnit(order.merchant_id, unit_id, order.id, at)),
  ...(units.free ?? []).flatMap((unit_id) => sellUnit(poolOf(order), unit_id, order, at)),
];

/**
 * Units that still wait for the order, where the others were called back while they did.
 * Undefined: one of them has come to something else, so the order is not what it was.
 */
export const stillHeld = async (order: Order, table: Table): Promise<readonly string[] | undefined> => {
  const found = await table.getMany(
    unitIdsOf(order).map((unit_id) => [units, { merchant_id: order.merchant_id, unit_id }] as const),
    { consistent: true },
  );
  const own = found.flatMap((unit) => (unit?.order_id === order.id ? [unit] : []));
  const held = own.filter(({ status }) => status === "reserved");
  const gone = own.filter(({ status }) => isOut(status));
  return held.length + gone.length === found.length ? held.map(({ id }) => id) : undefined;
};

/** What the journal keeps of money: amounts and references. */
export const journal = (order: Order, payment: Payment, facts: ConfirmedFacts): Record<string, unknown> => ({
  order_id: order.id,
  lines: order.lines.map(({ listing_item_id, quantity, amount, tax, units }) => ({ listing_item_id, quantity, amount, tax, units })),
  planned: payment.amount,
  captured: facts.amount,
  currency: facts.currency,
  connection_id: payment.connection_id,
  intent_id: facts.intent_id,
});

/** The one operation of a paid order, however it came to be paid: it can be recorded once only. */
export const paidOperation = (order: Order, payment: Payment, facts: ConfirmedFacts, at: Instant): Write<never> =>
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
