import { expect, it, jest } from "@jest/globals";
import { killRepeatedly } from "./kill.ts";

const kills = Number(process.env.KILLS ?? 10);
jest.setTimeout(1_500_000);

it(`killed ${kills} times while people buy, are paid back and quarrel, the shop comes back and settles: no unit twice, no payment without its number or refund, no promised order lost (G-18, G-50, I1-I8, I14)`, async () => {
  const run = await killRepeatedly({ kills, seed: "many kills" });
  const { promised, sales, refunds, disputes, expired, slowestSettleSeconds } = run;
  process.stdout.write(
    `  ${kills} kills, ${promised} orders promised, ${sales} paid, ${refunds} refunds, ${disputes} disputes, ${expired} holds ended, settled in ${slowestSettleSeconds.toFixed(1)} s at most\n`,
  );
  expect(run.violations).toEqual([]);
  expect(Math.min(sales, refunds, disputes, expired)).toBeGreaterThan(0);
});
