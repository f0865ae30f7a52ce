import { expect, it } from "@jest/globals";
import { epochMs, instant, plusMinutes, secondsBetween } from "../../platform/clock/clock.ts";

it("writes instants in UTC with six digits, so that they sort as text", () => {
  expect(instant(0)).toBe("1970-01-01T00:00:00.000000Z");
  const later = plusMinutes(instant(0), 33);
  expect(later > instant(0)).toBe(true);
  expect(secondsBetween(instant(0), later)).toBe(33 * 60);
  expect(epochMs(later)).toBe(33 * 60_000);
});
