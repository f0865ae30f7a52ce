import { expect, it } from "@jest/globals";
import { tokenBucket } from "../../../local/http/throttle.ts";

it("lets a burst through, then the rate, and never saves up more than a burst", () => {
  let now = 0;
  const pass = tokenBucket({ ratePerSecond: 10, burst: 3 }, () => now);
  const passes = (count: number) => Array.from({ length: count }, () => pass()).filter(Boolean).length;
  expect(passes(5)).toBe(3);
  now += 100;
  expect(passes(5)).toBe(1);
  now += 60_000;
  expect(passes(5)).toBe(3);
});
