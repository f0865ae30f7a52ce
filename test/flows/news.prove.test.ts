import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";
import { eventsAbout, tellAgain } from "./events.ts";
import { everybody, nothingCame, type Person, recordsAfter } from "./news.ts";
import { type Operate, operatorsOf } from "./operators.ts";
import type { Delivery } from "./outside-world.ts";
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

describe("the same day, told otherwise, leaves the same records (I12, X-4)", () => {
  it("every event twice", async () => {
    const twice = (deliveries: readonly Delivery[]): void => {
      const copies = deliveries.filter(({ note }) => note === "duplicate");
      expect(copies.length).toBeGreaterThan(everybody.length);
      expect(copies.length * 2).toBe(deliveries.length);
    };
    expect(await recordsAfter(platform, operate, { faults: { duplicate_next: all, duplicate_copies: 1 } }, twice)).toEqual(once);
  });

  it("the last event first", async () => {
    const reversed = (deliveries: readonly Delivery[]): void =>
      expect(deliveries.filter(({ note }) => note?.startsWith("reordered")).length).toBeGreaterThan(everybody.length);
    expect(await recordsAfter(platform, operate, { faults: { reorder_next: 20, reorder_hold_ms: 700 } }, reversed)).toEqual(once);
  });

  it("nothing at the time, then everything in disorder and twice, half of it under other ids", async () => {
    const catchUp = async (orderIds: ReadonlySet<string>): Promise<void> => {
      await tellAgain(platform, await eventsAbout(platform, orderIds), "a shuffled day");
      await platform.quiet();
    };
    expect(await recordsAfter(platform, operate, { faults: { forget_next: all }, catchUp }, nothingCame)).toEqual(once);
  });

  it("and the books are right on both sides (I1-I10, I32)", async () => {
    const counted = recount(await platform.table.all(), await platform.world.truth(), { imported: 300, settled: true });
    expect(counted.violations).toEqual([]);
    expect(counted.paid + counted.refunded).toBe(counted.disputed * 2);
    expect(platform.shop.gateway.denied).toEqual([]);
  });
});
