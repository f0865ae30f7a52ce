// After the story: nights fall, and the books are compared with the provider's, without faults but for a start that fails. What only the comparison
// can find, such as money that came for an order that had ended and whose event was lost, is given to the workflow and must be answered by it; and
// the nights themselves must see that it was.
import { refundKind } from "../../local/simulators/stripe/records.ts";
import type { History } from "./history.ts";
import { refundsUnderWay } from "./owed.ts";
import type { World } from "./world-model.ts";

const minute = 60_000;
const hour = 60 * minute;
const turnsMax = 40_000;

/** The hours (UTC) in which the night is woken, and the minute. */
const woken = { fromHour: 5, toHour: 13, minute: 25 } as const;
/** How often the night is woken until all must be known to have ended: three nights of a merchant, and a little more. */
const wakesMax = 14;

/** The days of the story on the wall of the shop's place. */
export const storyDays = { from: "2026-11-21", to: "2026-11-22" } as const;

/** When the night is woken next after an instant, both in milliseconds. */
const nextWake = (after: number): number => {
  for (let at = Math.floor(after / hour) * hour + woken.minute * minute; ; at += hour) {
    const hours = new Date(at).getUTCHours();
    if (at > after && hours >= woken.fromHour && hours <= woken.toHour) return at;
  }
};

/**
 * Compares as the nights do, until every day of the story is done.
 * @param answered nothing is owed any more of what the comparison should have brought to light
 */
export const nightFalls = async (world: World, history: History, answered: () => boolean): Promise<void> => {
  const { scheduler, workflow, journal, outbox, reports, verbs, shop } = world;
  const records = (kind: string) => [...world.twin.snapshot.records(kind)].map(({ item }) => item);
  const quiet = (): boolean =>
    scheduler.atWork === 0 && workflow.running() === 0 && outbox.open() === 0 && reports.open === 0 && journal.open() === 0;
  const settle = async (done: () => boolean): Promise<void> => {
    await scheduler.run(() => quiet() && done(), { untilMs: scheduler.now + 24 * hour, turnsMax });
  };
  const wake = async (startsWork: boolean): Promise<void> => {
    let over = false;
    const ports = { ...world.ports, fulfilOrder: workflow.startedBy(startsWork), secondsLeft: () => 900 };
    scheduler.spawn("night", async () => {
      const ended = await world.invoke("reports-night", () => verbs.reconcileNights(ports), ["reports"]);
      if (ended.kind !== "answered") history.broken.push(`reports-night: ${ended.kind}`);
      over = true;
    });
    await settle(() => over);
  };
  /** Nobody is woken for nothing. */
  const firstDue = (): number => Math.min(...records("NIGHT").map(({ due_at }) => Date.parse(String(due_at))));
  /** A refund that is made in the night may come back in the same night. */
  const decided = (): boolean =>
    world.store.nextDue(refundKind) === undefined && !(world.profile.settlesMoney && refundsUnderWay({ snapshot: world.twin.snapshot }));
  const healing = (): boolean => records("FINDING").some(({ state, heals }) => state === "open" && heals === true);
  /** The first date that need not be done. */
  const tomorrow = new Date(scheduler.now + 24 * hour).toISOString().slice(0, 10);
  const dayDone = (): boolean => records("NIGHT").some((night) => night.connection_id === shop.connection && String(night.next_date) >= tomorrow);

  journal.begin();
  await settle(() => true);
  const dice = world.dice.fork("night falls");
  let starts = !dice.chance(0.3);
  const nights = async (done: () => boolean): Promise<void> => {
    for (let time = 1; time <= wakesMax && !done(); time += 1) {
      scheduler.now = nextWake(Math.max(scheduler.now, firstDue()));
      await wake(starts);
      await settle(decided);
      if (starts || !healing()) continue;
      world.reach.saw("a start that failed in the night left a difference open");
      starts = true;
    }
  };
  const ended = (): boolean => answered() && !healing();
  await nights(() => dayDone() && ended());
  if (dice.chance(0.5) && sentBackLate(world)) {
    world.reach.saw("a refund came back days after it was made");
    await nights(ended);
  }
  history.compared = true;
};

/** A bank sends back what had gone back: nobody looks at such a refund any more, and the event of it may be lost. */
const sentBackLate = ({ scheduler, stripe, twin, profile }: World): boolean => {
  if (!profile.settlesMoney) return false;
  const kept = [...twin.snapshot.records("REFUND")].find(({ item }) => item.status === "succeeded")?.item;
  const there = stripe.truth().refunds.find(({ id, status }) => id === kept?.provider_refund_id && status === "succeeded");
  if (!there) return false;
  scheduler.now += 3 * 24 * hour;
  return stripe.endRefund(there.id, "fails") !== undefined;
};
