// The sweep: every order on which something is owed (money, stock or a refund) is looked at again, so that lost webhooks and dead workflows
// lose nothing and every hold ends.
import { type Clock, epochMs, type Instant, plusMinutes, secondsBetween } from "../../platform/clock/clock.ts";
import { describeError, type Log, type LogFields } from "../../platform/log/log.ts";
import type { DueEntry, Table } from "../../platform/table/model.ts";
import { dueShards, lookAgain, type Order, orders } from "../orders/index.ts";
import { newsShard } from "../payments/index.ts";
import type { OrderRef } from "./confirm.ts";
import { hearAgain, type NewsPorts } from "./hear-again.ts";

export interface SweepPorts extends NewsPorts {
  readonly clock: Clock;
  readonly log: Log;
}

/** Orders, or events, of one shard and run; the rest is a minute later. */
const perShardMax = 100;
/** What the sweep's function may take in all. */
export const sweepSecondsMax = 50;
/** Kept at the end: what has begun ends, and is not cut off between its next look and its start. */
const lastLookSeconds = 40;
/** The wait between looks grows with the order's age up to this: money is answered within 15 minutes even when every webhook is lost (I6). */
const lookMinutesMax = 10;
/** Once a hold is over, or a refund is claimed, something is wrong or a provider is silent: units or money wait for us. */
const overdueLookMinutes = 2;
/** … until it has lasted so long that asking more often does not help. */
const overdueMinutesMax = 120;
const stuckLookMinutes = 60;
/** The wait between looks at an open dispute. */
export const disputeLookMinutes = 12 * 60;

/**
 * Starts the workflow for each due order and moves its next look. The answer counts them.
 * @throws after all were tried, when something could not be read or started: it stays due, and the alarm of the function says so
 */
export const sweep = async (ports: SweepPorts): Promise<{ readonly looked: number }> => {
  const now = ports.clock.now();
  const end = epochMs(now) + lastLookSeconds * 1000;
  let looked = 0;
  let failed = 0;
  const trying = async (event: string, fields: LogFields, work: () => Promise<number>): Promise<void> => {
    try {
      const done = await work();
      looked += done;
    } catch (error) {
      failed++;
      ports.log("error", event, { ...fields, ...describeError(error) });
    }
  };
  for (const shard of inTurn(now)) {
    await trying("shard_not_read", { code: shard }, async () => {
      for (const entry of await ports.table.due(shard, now, perShardMax)) {
        if (epochMs(ports.clock.now()) >= end) break;
        // Each by itself: one record that cannot be read or written does not stop those behind it.
        if (shard === newsShard) await trying("news_not_heard_again", { event_id: entry.pk }, () => hearAgain(entry, now, ports));
        else await trying("due_order_not_looked_at", { order_id: entry.pk }, () => look(entry, now, ports));
      }
      return 0;
    });
  }
  if (failed > 0) throw new Error(`${failed} looks or starts failed; what they were about stays due`);
  return { looked };
};

/** Another shard is the first each minute: where there is no time for all, none waits for ever behind the others. */
const inTurn = (now: Instant): readonly string[] => {
  const shards = [...dueShards, newsShard];
  const first = Math.floor(epochMs(now) / 60_000) % shards.length;
  return [...shards.slice(first), ...shards.slice(0, first)];
};

const look = async (entry: DueEntry, now: Instant, { table, fulfilOrder }: SweepPorts): Promise<0 | 1> => {
  const [kind, merchant_id, order_id] = entry.pk.split("#");
  if (kind !== "ORDER" || !merchant_id || !order_id) throw new Error("the due index holds something that is no order");
  const order = await read({ merchant_id, order_id }, entry, now, table);
  if (order === undefined || order.due_at !== entry.due_at) return 0;
  // The next look is written first: a start that fails is repeated then.
  const moved = await table.write(lookAgain(order, { was: entry.due_at, next: nextLook(order, now) }));
  if (moved.kind === "refused") return 0;
  await fulfilOrder.start({ merchant_id, order_id });
  return 1;
};

/** An order that cannot be read steps back, so that those behind it come to the head of their shard. @throws what the reading threw */
const read = async (ref: OrderRef, entry: DueEntry, now: Instant, table: Table): Promise<Order | undefined> => {
  try {
    return await table.get(orders, ref);
  } catch (error) {
    await table.write(
      lookAgain({ merchant_id: ref.merchant_id, id: ref.order_id }, { was: entry.due_at, next: plusMinutes(now, overdueLookMinutes) }),
    );
    throw error;
  }
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
