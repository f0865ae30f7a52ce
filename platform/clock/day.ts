// Days as a calendar on the wall shows them: when one begins at a place, and which follows it.
import { businessDate, epochMs, type Instant, instant } from "./clock.ts";

const secondMs = 1000;
const dayMs = 86_400 * secondMs;
/** No zone is further from UTC than this. */
const farthestMs = 15 * 3_600 * secondMs;

/** An ISO date. */
const dateText = /^\d{4}-\d{2}-\d{2}$/;

const midnightUtc = (date: string): number => {
  if (!dateText.test(date)) throw new RangeError(`not a date: ${date}`);
  return epochMs(`${date}T00:00:00.000000Z` as Instant);
};

/** The first instant of a date at a place, to the second. @param zone IANA zone */
export const dayStart = (date: string, zone: string): Instant => {
  let before = midnightUtc(date) - farthestMs;
  let after = midnightUtc(date) + farthestMs;
  while (after - before > secondMs) {
    const middle = before + Math.floor((after - before) / 2 / secondMs) * secondMs;
    if (businessDate(instant(middle), zone) >= date) after = middle;
    else before = middle;
  }
  return instant(after);
};

/** @param days may be negative */
export const plusDays = (date: string, days: number): string => instant(midnightUtc(date) + days * dayMs).slice(0, 10);

/** The dates from `first` to `last`, both included. */
export const datesBetween = (first: string, last: string): readonly string[] => {
  const dates: string[] = [];
  for (let date = first; date <= last; date = plusDays(date, 1)) dates.push(date);
  return dates;
};
