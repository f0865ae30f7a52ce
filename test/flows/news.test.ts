import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";
import { letDaysPass } from "./days.ts";
import { all, booksAreRight, type News, nothingCame, openNews, tellAllAgain } from "./news.ts";

jest.setTimeout(120_000);

let news: News;
beforeAll(async () => {
  news = await openNews();
}, 120_000);
afterAll(() => news?.platform.stop(), 60_000);

describe("the same day, told otherwise, leaves the same records (I12, X-4)", () => {
  it("nothing at all: the sweep finds what came in, what went back and what expired, the night what the banks did (I6, I14)", async () => {
    const { platform, once, recordsAfter } = news;
    const runSchedule = (name: RegExp) =>
      platform.shop.runSchedule(platform.shop.inventory.schedules.map(({ id }) => id).find((id) => name.test(id)) ?? "none");
    const catchUp = async (orderIds: ReadonlySet<string>): Promise<void> => {
      for (const id of orderIds) await platform.table.makeDue(id);
      await runSchedule(/sweep/i);
      await platform.quiet();
      await letDaysPass(platform, 2);
      await runSchedule(/reconcile/i);
      await platform.quiet();
    };
    expect(await recordsAfter({ faults: { forget_next: all }, catchUp }, nothingCame)).toEqual(once);
  });
});

it("every event of these days, told again in disorder and twice, changes not one attribute but the inbox (I12, X-4)", async () => {
  await tellAllAgain(news.platform);
});

it("after all of this the books are right on both sides (I1-I10, I14, I32)", async () => {
  await booksAreRight(news.platform);
});
