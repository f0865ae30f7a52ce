// The night: each connection's days are compared in order, none left out, however many nights were missed.
import { businessDate, type Instant, plusMinutes } from "../../platform/clock/clock.ts";
import { dayStart, plusDays } from "../../platform/clock/day.ts";
import { describeError } from "../../platform/log/log.ts";
import type { Principal } from "../../platform/operation/operation.ts";
import { afterMidnightMinutes, nightAfter } from "./journal.ts";
import { lookAgain, type Night, nextNight, nightShard, nights } from "./journal-table.ts";
import { type ReconcilePorts, reconcile } from "./reconcile.ts";
import { zoneOf } from "./zone.ts";

const nightWatch: Principal = { type: "system", id: "reports" };

/** Connections of one run, and days of one connection; the rest is an hour later. */
const connectionsMax = 200;
const daysMax = 7;

/**
 * Further looks at a day: what moved a moment ago may have arrived by then, and what the workflow was set on may have ended, or its start
 * failed. After the last one whatever still differs is left open for a person.
 */
const furtherLooksMax = 3;
/** The run of the next hour finds it due. */
const lookAgainMinutes = 50;

/**
 * Compares every day that is over of every connection whose night has come.
 * @throws after all were tried, when a connection's books stayed closed: its days stay due
 */
export const reconcileNights = async (ports: ReconcilePorts): Promise<{ readonly days: number }> => {
  const { table, clock, log } = ports;
  let days = 0;
  let closed = 0;
  for (const { pk, sk: connection_id } of await table.due(nightShard, clock.now(), connectionsMax)) {
    const [kind, merchant_id] = pk.split("#");
    if (kind !== "NIGHT" || !merchant_id) throw new Error(`the due index holds a ${kind}`);
    try {
      const night = await table.get(nights, { merchant_id, connection_id }, { consistent: true });
      if (night) days += await compareDays(night, ports);
    } catch (error) {
      closed++;
      log("error", "night_not_reconciled", { merchant_id, connection_id, ...describeError(error) });
    }
  }
  if (closed > 0) throw new Error(`${closed} connections were not reconciled`);
  return { days };
};

const compareDays = async (first: Night, ports: ReconcilePorts): Promise<number> => {
  const { table, clock } = ports;
  const { merchant_id, connection_id } = first;
  const zone = await zoneOf(table, merchant_id);
  // A day is ready once the calendar stood at the next one long enough.
  const today = businessDate(plusMinutes(clock.now(), -afterMidnightMinutes), zone);
  let night = first;
  let days = 0;
  while (night.next_date < today && days < daysMax) {
    const next_date = plusDays(night.next_date, 1);
    // A merchant that moved to another zone has one longer or shorter day, and no hour is left out.
    const from = (night.next_from ?? dayStart(night.next_date, zone)) as Instant;
    const to = dayStart(next_date, zone);
    if (from < to) {
      const outcome = await reconcile({ merchant_id, connection_id, zone }, { from, to }, nightWatch, ports);
      if (outcome.kind === "refused") throw new Error(outcome.refusal);
      if (outcome.awaited > 0 && (night.looks ?? 0) < furtherLooksMax) {
        await table.write(lookAgain(night, plusMinutes(clock.now(), lookAgainMinutes)));
        break;
      }
    }
    const next = { next_date, next_from: from < to ? to : from, due_at: nightAfter(next_date, zone) };
    const moved = await table.write(nextNight(night, next));
    if (moved.kind === "refused") break;
    night = { ...first, ...next, looks: 0 };
    days++;
  }
  return days;
};
