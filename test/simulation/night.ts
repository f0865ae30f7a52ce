// After the story: the books are compared with the provider's, without faults, as every night does. What only the comparison can find, such as
// money that came for an order that had ended and whose event was lost, is given to the workflow and must be answered by it.
import { refundKind } from "../../local/simulators/stripe/records.ts";
import type { History } from "./history.ts";
import { refundsUnderWay } from "./owed.ts";
import type { World } from "./world-model.ts";

const minute = 60_000;
/** When the first night of the shop has come, on the wall of its place, and a little more. */
const nightMs = Date.UTC(2026, 10, 22, 9, 40);
/** A change may take so long from one side to the other before it counts as a difference, and a little more. */
const quietMs = 16 * minute;
const turnsMax = 40_000;
const auditsMax = 5;

/** The days of the story on the wall of the shop's place. */
export const storyDays = { from: "2026-11-21", to: "2026-11-22" } as const;

/**
 * Compares, lets the workflow end what it can, and compares again until what was ended is known to be gone.
 * @param answered nothing is owed any more of what the comparison should have brought to light
 */
export const nightFalls = async (world: World, history: History, answered: () => boolean): Promise<void> => {
  const { scheduler, workflow, journal, outbox, reports, verbs, shop } = world;
  const ports = { ...world.ports, fulfilOrder: workflow.startedBy(true) };
  const quiet = (): boolean =>
    scheduler.atWork === 0 && workflow.running() === 0 && outbox.open() === 0 && reports.open === 0 && journal.open() === 0;
  const settle = async (done: () => boolean): Promise<void> => {
    await scheduler.run(() => quiet() && done(), { untilMs: scheduler.now + 24 * 60 * minute, turnsMax });
  };
  const run = async <T>(name: string, work: () => Promise<T>): Promise<void> => {
    let over = false;
    scheduler.spawn("night", async () => {
      const ended = await world.invoke(name, work, ["reports"]);
      if (ended.kind !== "answered") history.broken.push(`${name}: ${ended.kind}`);
      over = true;
    });
    await settle(() => over);
  };
  const byHand = (key: string) =>
    run("reports-operator", async () => {
      const request = { body: { merchant_id: shop.merchant, ...storyDays }, key, principal: { type: "operator", id: "auditor" } as const };
      const answer = await verbs.reconcileNow(request, ports);
      if (answer.kind !== "ok") history.broken.push(`the books could not be compared: ${answer.refusal}`);
    });

  scheduler.now = Math.max(scheduler.now + quietMs, nightMs);
  await run("reports-night", () => verbs.reconcileNights(ports));
  await byHand("audit-1");
  // What heals may give more to find: a refund that is made in the night may come back in the same night.
  const decided = (): boolean =>
    world.store.nextDue(refundKind) === undefined && !(world.profile.settlesMoney && refundsUnderWay({ snapshot: world.twin.snapshot }));
  const healing = (): boolean => [...world.twin.snapshot.records("FINDING")].some(({ item }) => item.state === "open" && item.heals === true);
  for (let audit = 2; audit <= auditsMax; audit += 1) {
    await settle(decided);
    scheduler.now += quietMs;
    await byHand(`audit-${audit}`);
    if (answered() && !healing()) break;
  }
  history.compared = true;
};
