import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";
import { eventsAbout, tellAgain } from "./events.ts";
import { all, booksAreRight, everybody, type News, nothingCame, openNews, tellAllAgain } from "./news.ts";
import type { Delivery } from "./outside-world.ts";

jest.setTimeout(120_000);

let news: News;
beforeAll(async () => {
  news = await openNews();
}, 120_000);
afterAll(() => news?.platform.stop(), 60_000);

describe("the same day, told otherwise, leaves the same records (I12, X-4)", () => {
  it("every event twice", async () => {
    const twice = (deliveries: readonly Delivery[]): void => {
      const copies = deliveries.filter(({ note }) => note === "duplicate");
      expect(copies.length).toBeGreaterThan(everybody.length);
      expect(copies.length * 2).toBe(deliveries.length);
    };
    expect(await news.recordsAfter({ faults: { duplicate_next: all, duplicate_copies: 1 } }, twice)).toEqual(news.once);
  });

  it("the last event first", async () => {
    const reversed = (deliveries: readonly Delivery[]): void =>
      expect(deliveries.filter(({ note }) => note?.startsWith("reordered")).length).toBeGreaterThan(everybody.length);
    expect(await news.recordsAfter({ faults: { reorder_next: 20, reorder_hold_ms: 700 } }, reversed)).toEqual(news.once);
  });

  it("nothing at the time, then everything in disorder and twice, half of it under other ids", async () => {
    const { platform, once, recordsAfter } = news;
    const catchUp = async (orderIds: ReadonlySet<string>): Promise<void> => {
      await tellAgain(platform, await eventsAbout(platform, orderIds), "a shuffled day");
      await platform.quiet();
    };
    expect(await recordsAfter({ faults: { forget_next: all }, catchUp }, nothingCame)).toEqual(once);
  });
});

it("every event of these days, told again in disorder and twice, changes not one attribute but the inbox (I12, X-4)", async () => {
  await tellAllAgain(news.platform);
});

it("after all of this the books are right on both sides (I1-I10, I32)", async () => {
  await booksAreRight(news.platform);
});
