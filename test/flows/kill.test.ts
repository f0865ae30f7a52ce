import { expect, it, jest } from "@jest/globals";
import { killRepeatedly } from "./kill.ts";

jest.setTimeout(500_000);

it("killed twice while people buy, the shop comes back and settles: no unit twice, no payment without its number or refund, no promised order lost (G-18, G-50, I1-I8, I14)", async () => {
  const run = await killRepeatedly({ kills: 2, seed: "a few kills", youngDeaths: 0, untilTold: false });
  expect(run.violations).toEqual([]);
  expect(run.promised).toBeGreaterThan(2);
  expect(run.sales).toBeGreaterThan(0);
});
