// The sweep: every order on which something is owed (money, stock or a refund) is looked at again, so that lost webhooks and dead workflows
// lose nothing and every hold ends.
import { type Clock, type Instant, plusMinutes, secondsBetween } from "../../platform/clock/clock.ts";
import { describeError } from "../../platform/log/log.ts";
import type { DueEntry } from "../../platform/table/model.ts";
import { dueShards, lookAgain, type Order, orders } from "../orders/index.ts";
import { newsShard } from "../payments/index.ts";
import { hearAgain, type NewsPorts } from "./hear-again.ts";

export interface SweepPorts extends NewsPorts {
  readonly clock: Clock;
}

/** Orders of one shard and run; the rest is a minute later. */
const ordersPerShardMax = 100;
/** Events of one run. */
const newsMax = 100;
/** The wait between looks grows with the order's age up to this: money is answered within 15 minutes even when every webhook is lost (I6). */
const lookMinutesMax = 10;
/** Once a hold is over, or a refund is claimed, something is wrong or a provider is silent: units or money wait for us. */
const overdueLookMinutes = 2;
/** … until it has lasted so long that asking more often does not help. */
const overdueMinutesMax = 120;
const stuckLookMinutes = 60;
/** The wait between looks at an open dispute. */
export const disputeLookMinutes = 12 * 60;

/** Starts the workflow for each due order and moves its next look. The answer counts them. */
export const sweep = async (ports: SweepPorts): Promise<{ readonly looked: number }> => {
  const now = ports.clock.now();
  let looked = 0;
  for (const shard of dueShards) {
    for (const entry of await ports.table.due(shard, now, ordersPerShardMax)) {
      // Each by itself: one record that cannot be read or written does not stop those behind it.
      looked += await look(entry, now, ports).catch((error: unknown) => {
        ports.log("error", "due_order_not_looked_at", { order_id: entry.pk, ...describeError(error) });
        return 0;
      });
    }
  }
  for (const entry of await ports.table.due(newsShard, now, newsMax)) {
    looked += await hearAgain(entry, now, ports).catch((error: unknown) => {
      ports.log("error", "news_not_heard_again", { event_id: entry.pk, ...describeError(error) });
      return 0;
    });
  }
  return { looked };
};

const look = async (entry: DueEntry, now: Instant, { table, log, fulfilOrder }: SweepPorts): Promise<0 | 1> => {
  const [kind, merchant_id, order_id] = entry.pk.split("#");
  if (kind !== "ORDER" || !merchant_id || !order_id) throw new Error("the due index holds something that is no order");
  const order = await table.get(orders, { merchant_id, order_id });
  if (order === undefined || order.due_at !== entry.due_at) return 0;
  // The next look is written first: a start that fails is repeated then.
  const moved = await table.write(lookAgain(order, { was: entry.due_at, next: nextLook(order, now) }));
  if (moved.kind === "refused") return 0;
  await fulfilOrder.start({ merchant_id, order_id }).catch(() => log("warn", "fulfilment_not_started", { merchant_id, order_id }));
  return 1;
};

/** After as long again as the order is old, within bounds; never sleeping past the end of a hold, and often right after it. */
export const nextLook = (
  order: Pick<Order, "placed_at" | "hold_until" | "refund_at" | "status" | "dispute" | "refunds_open">,
  now: Instant,
): Instant => {
  // A dispute takes weeks, and its provider tells when it moves: a look now and then is for lost news.
  if (order.dispute?.status === "open" && !order.refunds_open) return plusMinutes(now, disputeLookMinutes);
  const overdue = Math.ceil(secondsBetween((order.refund_at ?? order.hold_until) as Instant, now) / 60);
  if (order.status !== "awaiting_payment" || overdue >= 0)
    return plusMinutes(now, overdue < overdueMinutesMax ? overdueLookMinutes : stuckLookMinutes);
  const ageMinutes = Math.ceil(secondsBetween(order.placed_at as Instant, now) / 60);
  const next = plusMinutes(now, Math.min(Math.max(ageMinutes, 1), lookMinutesMax));
  return order.hold_until < next ? (order.hold_until as Instant) : next;
};
