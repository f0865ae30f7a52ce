// The sweep: every order that still awaits money is looked at again, so that lost webhooks and dead workflows lose nothing.
import { type Clock, type Instant, plusMinutes, secondsBetween } from "../../platform/clock/clock.ts";
import type { Log } from "../../platform/log/log.ts";
import type { Table } from "../../platform/table/model.ts";
import type { Workflow } from "../../platform/workflow/workflow.ts";
import { dueShards, lookAgain, orders } from "../orders/index.ts";
import type { OrderRef } from "./confirm.ts";

export interface SweepPorts {
  readonly table: Table;
  readonly clock: Clock;
  readonly log: Log;
  readonly fulfilOrder: Workflow<OrderRef>;
}

/** Orders of one shard and run; the rest is a minute later. */
export const ordersPerShardMax = 100;
/** The wait between looks doubles with the order's age, up to ten minutes while money may still come that nobody tells us of … */
const lookMinutesMax = 10;
/** … and up to an hour once its session is long over. */
const lateLookMinutesMax = 60;
const lateAfterMinutes = 60;

/** Starts the workflow for each due order and moves its next look. The answer counts them. */
export const sweep = async ({ table, clock, log, fulfilOrder }: SweepPorts): Promise<{ readonly looked: number }> => {
  const now = clock.now();
  let looked = 0;
  for (const shard of dueShards) {
    for (const entry of await table.due(shard, now, ordersPerShardMax)) {
      const [kind, merchant_id, order_id] = entry.pk.split("#");
      if (kind !== "ORDER" || !merchant_id || !order_id) throw new Error(`the due index holds a ${kind}`);
      const order = await table.get(orders, { merchant_id, order_id });
      if (order?.status !== "awaiting_payment" || order.due_at !== entry.due_at) continue;
      // The next look is written first: a start that fails is repeated then, and a poison order does not stop the others.
      const moved = await table.write(lookAgain(order, { was: entry.due_at, next: nextLook(order.placed_at as Instant, now) }));
      if (moved.kind === "refused") continue;
      looked++;
      await fulfilOrder.start({ merchant_id, order_id }).catch(() => log("warn", "fulfilment_not_started", { merchant_id, order_id }));
    }
  }
  return { looked };
};

/** After as long again as the order is old, within the bounds: money is answered within 15 minutes even when every webhook is lost (I6). */
export const nextLook = (placedAt: Instant, now: Instant): Instant => {
  const ageMinutes = Math.ceil(secondsBetween(placedAt, now) / 60);
  return plusMinutes(now, Math.min(Math.max(ageMinutes, 1), ageMinutes < lateAfterMinutes ? lookMinutesMax : lateLookMinutesMax));
};
