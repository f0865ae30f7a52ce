import { expect, it } from "@jest/globals";
import { nextLook, sweep, sweepSecondsMax } from "../../functions/fulfilment/sweep.ts";
import { holdMinutes } from "../../functions/orders/order.ts";
import { functionList } from "../../lib/function-list.ts";
import { epochMs, type Instant, instant, plusMinutes } from "../../platform/clock/clock.ts";
import { openShop } from "../support/shop.ts";

it("looks at every due order even when one of them cannot be read, which steps back, and fails at the end so that somebody is told (I36)", async () => {
  let poison = "";
  const shop = await openShop("poison", 3, {
    around: async (call, proceed) => {
      if (poison !== "" && call.operation === "get" && call.keys.some(({ pk }) => pk.includes(poison))) throw new Error("a record of another age");
      return proceed();
    },
  });
  const bought = [await shop.buy(1), await shop.buy(2), await shop.buy(3)];
  poison = bought[0]?.ref.order_id ?? "?";
  shop.pass(121);
  await expect(sweep(shop.ports)).rejects.toThrow("1 looks or starts failed");
  expect(shop.started).toHaveLength(2);
  // It is not at the head of its shard any more, and it is not forgotten.
  expect(await sweep(shop.ports)).toEqual({ looked: 0 });
  shop.pass(121);
  await expect(sweep(shop.ports)).rejects.toThrow("1 looks or starts failed");
});

it("goes on when the workflow cannot be started or a shard cannot be read, and fails at the end so that somebody is told (I36)", async () => {
  const shop = await openShop("no starts", 3);
  for (const buyer of [1, 2, 3]) await shop.buy(buyer);
  shop.pass(121);
  const logged: string[] = [];
  const ports = { ...shop.ports, log: (_level: unknown, event: string) => void logged.push(event) };
  const refusing = { ...ports, fulfilOrder: { start: () => Promise.reject(new Error("AccessDenied")) } };
  await expect(sweep(refusing)).rejects.toThrow("3 looks or starts failed");
  expect(logged).toEqual(Array(3).fill("due_order_not_looked_at"));
  shop.pass(20 * 60);
  let reads = 0;
  const due: typeof shop.table.due = (shard, ...rest) => (reads++ === 0 ? Promise.reject(new Error("throttled")) : shop.table.due(shard, ...rest));
  await expect(sweep({ ...ports, table: { ...shop.table, due } })).rejects.toThrow("1 looks or starts failed");
  expect([reads, logged.at(-1)]).toEqual([5, "shard_not_read"]);
});

it("begins no look that its time might cut off, and begins with another shard each minute, so that no backlog keeps the others waiting (I36)", async () => {
  const shop = await openShop("backlog", 1);
  const order: string[][] = [];
  for (let minute = 0; minute < 5; minute++) {
    const shards: string[] = [];
    const due: typeof shop.table.due = async (shard) => {
      shards.push(shard);
      return Array.from({ length: 60 }, (_, at) => ({
        pk: `${shard === "news" ? "INBOX" : "ORDER"}#lees#${shard}${at}`,
        sk: "ORDER",
        due_shard: shard,
        due_at: "2026",
      }));
    };
    const began = shop.now();
    const get = (async () => {
      shop.pass(1);
      return undefined;
    }) as typeof shop.table.get;
    expect(await sweep({ ...shop.ports, table: { ...shop.table, due, get } })).toEqual({ looked: 0 });
    expect(shop.now() - began).toBeLessThanOrEqual((sweepSecondsMax - 10) * 1000);
    order.push(shards);
    shop.pass(60 - (shop.now() - began) / 1000);
  }
  expect(new Set(order.map(([first]) => first))).toEqual(new Set(["0", "1", "2", "3", "news"]));
  expect(functionList.find(({ id }) => id === "fulfil-sweep")?.timeoutSeconds).toBe(sweepSecondsMax);
});

it("never sleeps past the end of a hold, looks often right after it, and never waits over fifteen minutes while money may come (I6)", () => {
  const placed = instant(Date.UTC(2026, 10, 21, 18));
  const order = { placed_at: placed, hold_until: plusMinutes(placed, holdMinutes), status: "awaiting_payment" as const };
  let now = plusMinutes(placed, 2);
  const waits: number[] = [];
  let metTheEnd = false;
  for (let look = 0; look < 40; look++) {
    const next: Instant = nextLook(order, now);
    waits.push((epochMs(next) - epochMs(now)) / 60_000);
    metTheEnd ||= next === order.hold_until;
    now = next;
  }
  expect(metTheEnd).toBe(true);
  expect(Math.max(...waits)).toBeLessThanOrEqual(15);
  expect(waits.every((minutes) => minutes > 0)).toBe(true);
});

it("looks soon again at a refund that was claimed long after its sale, and seldom only once that has lasted", () => {
  const at = instant(Date.UTC(2026, 10, 21, 9));
  const order = { placed_at: at, hold_until: plusMinutes(at, holdMinutes), status: "paid", refunds_open: 1 } as const;
  const claimed = plusMinutes(at, 24 * 60);
  const wait = (now: Instant): number => (epochMs(nextLook({ ...order, refund_at: claimed }, now)) - epochMs(now)) / 60_000;
  expect([wait(plusMinutes(claimed, 1)), wait(plusMinutes(claimed, 119)), wait(plusMinutes(claimed, 121))]).toEqual([2, 2, 60]);
});
