import { expect, it } from "@jest/globals";
import { nextLook, sweep } from "../../functions/fulfilment/sweep.ts";
import { holdMinutes } from "../../functions/orders/order.ts";
import { epochMs, type Instant, instant, plusMinutes } from "../../platform/clock/clock.ts";
import { openShop } from "../support/shop.ts";

it("looks at every due order even when one of them cannot be read (I36)", async () => {
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
  expect(await sweep(shop.ports)).toEqual({ looked: 2 });
  expect(shop.started).toHaveLength(2);
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
