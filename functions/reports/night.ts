// The night: each connection's days are compared in order, none left out, however many nights were missed.
import { businessDate, type Instant, plusMinutes } from "../../platform/clock/clock.ts";
import { dayStart, plusDays } from "../../platform/clock/day.ts";
import { describeError } from "../../platform/log/log.ts";
import type { Principal } from "../../platform/operation/operation.ts";
import { afterMidnightMinutes, nightAfter } from "./journal.ts";
import { lookAgain, type Night, nextNight, nightShard, nights, takeTurn } from "./journal-table.ts";
import { type ReconcilePorts, reconcile } from "./reconcile.ts";
import { zoneOf } from "./zone.ts";

const nightWatch: Principal = { type: "system", id: "reports" };

/** Connections of one run, and days of one connection; the rest is an hour later. */
const connectionsMax = 200;
const daysPerTurn = 7;

/**
 * Further looks at a day: what moved a moment ago may have arrived by then, and what the workflow was set on may have ended, or its start
 * failed. After the last one whatever still differs is left open for a person.
 */
const furtherLooksMax = 3;
/** The run of the next hour finds it due. */
const lookAgainMinutes = 50;
/** A turn that came to nothing is had again by the run of the next hour. */
const turnMinutes = 55;
/** With less of the run's time left nothing is begun. */
const leastSeconds = 180;

export interface NightPorts extends ReconcilePorts {
  /** What is left of the run's time. */
  readonly secondsLeft: () => number;
}

/**
 * Compares every day that is over of every connection whose night has come, whoever has waited longest first.
 * @throws after all were tried, when a connection's books stayed closed: its days stay due
 */
export const reconcileNights = async (ports: NightPorts): Promise<{ readonly days: number }> => {
  const { table, clock, log, secondsLeft } = ports;
  let days = 0;
  let closed = 0;
  for (const { pk, sk: connection_id } of await table.due(nightShard, clock.now(), connectionsMax)) {
    const [kind, merchant_id] = pk.split("#");
    if (kind !== "NIGHT" || !merchant_id) throw new Error(`the due index holds a ${kind}`);
    if (secondsLeft() < leastSeconds) break;
    try {
      const night = await turnOf({ merchant_id, connection_id }, ports);
      if (night) days += await compareDays(night, ports);
    } catch (error) {
      closed++;
      log("error", "night_not_reconciled", { merchant_id, connection_id, ...describeError(error) });
    }
  }
  if (closed > 0) throw new Error(`${closed} connections were not reconciled`);
  return { days };
};

/** Undefined when another run has it. */
const turnOf = async (id: Parameters<typeof nights.key>[0], { table, clock }: NightPorts): Promise<Night | undefined> => {
  const night = await table.get(nights, id, { consistent: true });
  if (!night || night.due_at > clock.now()) return undefined;
  const due_at = plusMinutes(clock.now(), turnMinutes);
  const taken = await table.write(takeTurn(night, due_at));
  return taken.kind === "refused" ? undefined : { ...night, due_at };
};

const compareDays = async (first: Night, ports: NightPorts): Promise<number> => {
  const { table, clock } = ports;
  const { merchant_id, connection_id } = first;
  const zone = await zoneOf(table, merchant_id);
  // A day is ready once the calendar stood at the next one long enough.
  const today = businessDate(plusMinutes(clock.now(), -afterMidnightMinutes), zone);
  let night = first;
  let days = 0;
  while (night.next_date < today && days < daysPerTurn && ports.secondsLeft() >= leastSeconds) {
    const next_date = plusDays(night.next_date, 1);
    // A merchant that moved to another zone has one longer or shorter day, and no hour is left out.
    const from = (night.next_from ?? dayStart(night.next_date, zone)) as Instant;
    const to = dayStart(next_date, zone);
    let next_from = from;
    if (from < to) {
      next_from = to;
      const last = (night.looks ?? 0) >= furtherLooksMax;
      const outcome = await reconcile({ merchant_id, connection_id, zone, last }, { from, to }, nightWatch, ports);
      if (outcome.kind === "refused") throw new Error(outcome.refusal);
      if (outcome.awaited > 0 && !last) {
        await table.write(lookAgain(night, plusMinutes(clock.now(), lookAgainMinutes)));
        break;
      }
    }
    const next = { next_date, next_from, due_at: nightAfter(next_date, zone) };
    const moved = await table.write(nextNight(night, next));
    if (moved.kind === "refused") break;
    night = { ...first, ...next, looks: 0 };
    days++;
  }
  return days;
};
