import { expect, it, jest } from "@jest/globals";
import { killRepeatedly } from "./kill.ts";

jest.setTimeout(500_000);

it("killed three times while people buy, the shop comes back: no unit twice, no payment without its number, no promised order lost (G-18, G-50, I1-I6, I14)", async () => {
  const run = await killRepeatedly(3, "a few kills");
  expect(run.counted.violations).toEqual([]);
  expect([run.lost, run.textedTooOften]).toEqual([[], []]);
  expect(run.promised.length).toBeGreaterThan(3);
  expect(run.captured).toBe(run.counted.paid);
});
