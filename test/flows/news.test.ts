import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";
import { letDaysPass } from "./days.ts";
import { eventsAbout, tellAgain } from "./events.ts";
import { everybody, nothingCame, type Person, recordsAfter } from "./news.ts";
import { type Operate, operatorsOf } from "./operators.ts";
import { openPlatform, type Platform } from "./platform.ts";
import { recount } from "./recount.ts";

jest.setTimeout(120_000);

/** More than a day tells. */
const all = 10_000;

let platform: Platform;
let operate: Operate;
/** Everybody's records after a day on which every event came once, in order and at once. */
let once: ReadonlyMap<Person, readonly string[]>;
beforeAll(async () => {
  platform = await openPlatform();
  operate = operatorsOf(platform.shop.invoke);
  once = await recordsAfter(platform, operate, { faults: {} });
}, 120_000);
afterAll(() => platform?.stop(), 60_000);

const runSchedule = (name: RegExp) =>
  platform.shop.runSchedule(platform.shop.inventory.schedules.map(({ id }) => id).find((id) => name.test(id)) ?? "none");

describe("the same day, told otherwise, leaves the same records (I12, X-4)", () => {
  it("nothing at all: the sweep finds what came in, what went back and what expired, the night what the banks did (I6, I14)", async () => {
    const catchUp = async (orderIds: ReadonlySet<string>): Promise<void> => {
      for (const id of orderIds) await platform.table.makeDue(id);
      await runSchedule(/sweep/i);
      await platform.quiet();
      await letDaysPass(platform, 2);
      await runSchedule(/reconcile/i);
      await platform.quiet();
    };
    expect(await recordsAfter(platform, operate, { faults: { forget_next: all }, catchUp }, nothingCame)).toEqual(once);
  });
});

it("every event of these days, told again in disorder and twice, changes not one attribute but the inbox (I12, X-4)", async () => {
  const [kept, unread] = [["INBOX", "JOURNAL"], ["due_at"]];
  const orders = await platform.table.of<{ id: string }>("ORDER");
  const events = await eventsAbout(platform, new Set(orders.map(({ id }) => id)));
  expect(new Set(events.map(({ type }) => type))).toEqual(
    new Set([
      "checkout.session.completed",
      "checkout.session.expired",
      "refund.updated",
      "charge.refund.updated",
      "charge.dispute.created",
      "charge.dispute.funds_withdrawn",
      "charge.dispute.closed",
      "charge.dispute.funds_reinstated",
    ]),
  );
  const digest = await platform.table.digest(kept, unread);
  await tellAgain(platform, events, "all of it once more");
  await platform.quiet();
  expect(await platform.table.digest(kept, unread)).toBe(digest);
});

it("after all of this the books are right on both sides (I1-I10, I14, I32)", async () => {
  const counted = recount(await platform.table.all(), await platform.world.truth(), { imported: 300, settled: true });
  expect(counted.violations).toEqual([]);
  expect(counted.paid + counted.refunded).toBe(counted.disputed * 2);
  expect(counted.refunded).toBe(counted.disputed / 2);
  expect(everybody).toHaveLength(5);
  expect(platform.shop.gateway.denied).toEqual([]);
});
