// The sweep: every order on which something is owed (money, stock or a refund) is looked at again, so that lost webhooks and dead workflows
// lose nothing and every hold ends.
import { type Clock, type Instant, plusMinutes, secondsBetween } from "../../platform/clock/clock.ts";
import type { Log } from "../../platform/log/log.ts";
import type { Table } from "../../platform/table/model.ts";
import type { Workflow } from "../../platform/workflow/workflow.ts";
import { dueShards, lookAgain, type Order, orders } from "../orders/index.ts";
import type { OrderRef } from "./confirm.ts";

export interface SweepPorts {
  readonly table: Table;
  readonly clock: Clock;
  readonly log: Log;
  readonly fulfilOrder: Workflow<OrderRef>;
}

/** Orders of one shard and run; the rest is a minute later. */
export const ordersPerShardMax = 100;
/** The wait between looks doubles with the order's age, up to this. */
export const lookMinutesMax = 60;
/** The wait between looks at an open dispute. */
export const disputeLookMinutes = 12 * 60;

/** Starts the workflow for each due order and moves its next look. The answer counts them. */
export const sweep = async ({ table, clock, log, fulfilOrder }: SweepPorts): Promise<{ readonly looked: number }> => {
  const now = clock.now();
  let looked = 0;
  for (const shard of dueShards) {
    for (const entry of await table.due(shard, now, ordersPerShardMax)) {
      const [kind, merchant_id, order_id] = entry.pk.split("#");
      if (kind !== "ORDER" || !merchant_id || !order_id) throw new Error(`the due index holds a ${kind}`);
      const order = await table.get(orders, { merchant_id, order_id });
      if (order === undefined || order.due_at !== entry.due_at) continue;
      // The next look is written first: a start that fails is repeated then, and a poison order does not stop the others.
      const moved = await table.write(lookAgain(order, { was: entry.due_at, next: nextLook(order, now) }));
      if (moved.kind === "refused") continue;
      looked++;
      await fulfilOrder.start({ merchant_id, order_id }).catch(() => log("warn", "fulfilment_not_started", { merchant_id, order_id }));
    }
  }
  return { looked };
};

/** After as long again as the order is old, between one and sixty minutes; but never sleeping past the end of a hold. */
export const nextLook = (order: Pick<Order, "placed_at" | "hold_until" | "status" | "dispute" | "refunds_open">, now: Instant): Instant => {
  // A dispute takes weeks, and its provider tells when it moves: a look now and then is for lost news.
  if (order.dispute?.status === "open" && !order.refunds_open) return plusMinutes(now, disputeLookMinutes);
  const ageMinutes = Math.ceil(secondsBetween(order.placed_at as Instant, now) / 60);
  const next = plusMinutes(now, Math.min(Math.max(ageMinutes, 1), lookMinutesMax));
  const holds = order.status === "awaiting_payment" && order.hold_until > now;
  return holds && order.hold_until < next ? (order.hold_until as Instant) : next;
};
