// `npm run bench`: what a sale costs and how the allocation behaves, in counts and ratios that travel between machines, and a picture of
// this machine's speed, which does not. Under three minutes on two cores.
import { cpus } from "node:os";
import { openPlatform } from "../test/flows/platform.ts";
import { type Attempts, contend, ours, topOfList } from "./allocation.ts";
import { idle } from "./idle.ts";
import { heading, met, percentile, print, round, table } from "./print.ts";
import { saleCosts } from "./sale.ts";
import { sizes } from "./sizes.ts";
import { speed } from "./speed.ts";

/** K/S with the goals of S2: mean and 99th percentile of attempts for a success. */
const contention = [
  { ratio: 0.1, mean: 1.1, p99: 2 },
  { ratio: 0.25, mean: 1.22, p99: 3 },
  { ratio: 0.5, mean: 1.45, p99: 4 },
  { ratio: 1, mean: 2.2, p99: 10 },
] as const;
const buyers = 256;
const seeds = 5;

async function allocation(): Promise<void> {
  heading(
    "Allocation: transactions for a unit, K buyers at once, S units",
    `in-memory table, lockstep (all have read before any writes), K = ${buyers}, ${seeds} seeds; baseline: top of the list, one seed`,
  );
  const rows = [];
  for (const { ratio, mean, p99 } of contention) {
    const stock = Math.round(buyers / ratio);
    const runs: Attempts[] = [];
    for (let seed = 0; seed < seeds; seed++) runs.push(await contend(ours, buyers, stock, `seed ${seed}`));
    const baseline = await contend(topOfList, buyers, stock, "baseline");
    const average = runs.reduce((sum, run) => sum + run.mean, 0) / runs.length;
    const worst = percentile(
      runs.map((run) => run.p99).sort((a, b) => a - b),
      0.5,
    );
    const complete = runs.every(({ allocated }) => allocated === Math.min(buyers, stock));
    rows.push([
      ratio.toFixed(2),
      round(average),
      worst,
      `${met(round(average), mean)}, p99 ${met(worst, p99)}${complete ? "" : ", NOT ALL ALLOCATED"}`,
      round(baseline.mean, 1),
      `${round(baseline.mean / average, 0)} x`,
    ]);
  }
  table(["K/S", "mean", "p99", "goal S2", "baseline mean", "ratio"], rows);

  const few = await meanOf(64, 640);
  const many = await meanOf(1024, 10_240);
  const growth = round(many / few, 3);
  print(`   at K/S = 0.1: mean ${round(few, 3)} for K = 64, ${round(many, 3)} for K = 1024; ratio ${growth} ${met(growth, 1.05)} (S3)`);
}

/** Over enough buyers that chance does not decide: as many seeds as make 5120. */
async function meanOf(count: number, stock: number): Promise<number> {
  const runs = 5120 / count;
  let sum = 0;
  for (let seed = 0; seed < runs; seed++) sum += (await contend(ours, count, stock, `growth ${seed}`)).mean;
  return sum / runs;
}

print(`GigBridge bench, Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model ?? "?"}`);
const startedAt = performance.now();
await allocation();
const platform = await openPlatform();
try {
  await sizes(platform.shop);
  await saleCosts(platform, 20);
  await speed(platform, 60, 8);
} finally {
  await platform.stop();
}
await idle();
print();
print(`took ${round((performance.now() - startedAt) / 1000, 0)} s`);
