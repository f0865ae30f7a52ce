// How fast this machine sells: a picture of this machine, not of AWS. Compare two runs on one machine, never two machines.
import { setTimeout as pause } from "node:timers/promises";
import { buy, open, statusOf } from "../test/flows/buyer.ts";
import { sessionOf } from "../test/flows/outside-world.ts";
import type { Platform } from "../test/flows/platform.ts";
import { heading, percentile, round, table } from "./print.ts";

const askEveryMs = 20;

export async function speed(platform: Platform, sales: number, atOnce: number): Promise<void> {
  const { shop, world } = platform;
  const took: Record<"scan" | "order" | "delivery", number[]> = { scan: [], order: [], delivery: [] };
  const timed = async <T>(what: keyof typeof took, work: () => Promise<T>): Promise<T> => {
    const startedAt = performance.now();
    const result = await work();
    took[what].push(performance.now() - startedAt);
    return result;
  };
  let left = sales;
  const startedAt = performance.now();
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (left-- > 0) {
        await timed("scan", () => open(shop.scan));
        const placed = await timed("order", () => buy(shop.url, { lines: [{ item: "CW-120", quantity: 1 }] }));
        await timed("delivery", async () => {
          await world.pay(sessionOf(placed.checkout_url));
          while ((await statusOf(shop.url, placed.token)).state !== "assigned") await pause(askEveryMs);
        });
      }
    }),
  );
  const seconds = (performance.now() - startedAt) / 1000;
  heading("Speed of this machine", `${sales} sales, ${atOnce} at once, everything on one machine; milliseconds`);
  const row = (name: string, values: readonly number[]): (string | number)[] => {
    const sorted = [...values].sort((a, b) => a - b);
    return [name, ...[0.5, 0.95, 0.99].map((share) => round(percentile(sorted, share), 0))];
  };
  table(
    ["", "p50", "p95", "p99"],
    [row("scan page", took.scan), row("Pay to the checkout's address", took.order), row("paid to the number on the page", took.delivery)],
  );
  table(["", ""], [["sales a second", round(sales / seconds, 1)]]);
}
