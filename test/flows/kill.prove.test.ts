import { expect, it, jest } from "@jest/globals";
import { killRepeatedly } from "./kill.ts";

const kills = Number(process.env.KILLS ?? 10);
jest.setTimeout(900_000);

it(`killed ${kills} times while people buy, the shop comes back: no unit twice, no payment without its number, no promised order lost (G-18, G-50, I1-I6, I14)`, async () => {
  const run = await killRepeatedly(kills, "many kills");
  process.stdout.write(`  ${run.kills} kills, ${run.promised.length} orders promised, ${run.captured} paid\n`);
  expect(run.counted.violations).toEqual([]);
  expect([run.lost, run.textedTooOften]).toEqual([[], []]);
  expect(run.captured).toBe(run.counted.paid);
  expect(run.captured).toBeGreaterThan(0);
});
