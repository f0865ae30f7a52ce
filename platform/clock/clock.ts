// Time is a port: product code never asks the machine what time it is.

/** UTC ISO-8601 with six fractional digits: `2026-11-21T12:22:00.123000Z`. Sorts as text. */
export type Instant = string & { readonly brand: "Instant" };

export interface Clock {
  now(): Instant;
}

/** @param epochMs milliseconds since 1970-01-01T00:00:00Z */
export const instant = (epochMs: number): Instant => `${new Date(epochMs).toISOString().slice(0, -1)}000Z` as Instant;

/** Milliseconds since the epoch. Throws on text that is not an instant. */
export const epochMs = (at: Instant): number => {
  const ms = Date.parse(at);
  if (Number.isNaN(ms)) throw new RangeError(`not an instant: ${at}`);
  return ms;
};

export const plusSeconds = (at: Instant, seconds: number): Instant => instant(epochMs(at) + seconds * 1000);
export const plusMinutes = (at: Instant, minutes: number): Instant => plusSeconds(at, minutes * 60);

/** Whole seconds from `from` to `to`; negative when `to` lies before. */
export const secondsBetween = (from: Instant, to: Instant): number => Math.floor((epochMs(to) - epochMs(from)) / 1000);

/** A calendar is costly to make and never changes. */
const calendars = new Map<string, Intl.DateTimeFormat>();
const calendarOf = (zone: string): Intl.DateTimeFormat => {
  const calendar = calendars.get(zone) ?? new Intl.DateTimeFormat("en-CA", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit" });
  calendars.set(zone, calendar);
  return calendar;
};

/** The date (ISO) that a calendar on the wall shows at a place. @param zone IANA zone */
export const businessDate = (at: Instant, zone: string): string => {
  // By its parts: how a language writes a date changes with the version of its data.
  const parts = calendarOf(zone).formatToParts(epochMs(at));
  const of = (type: "year" | "month" | "day"): string => parts.find((part) => part.type === type)?.value ?? "";
  return `${of("year")}-${of("month")}-${of("day")}`;
};

/** The machine's clock; only entries and the local host build one. */
export const systemClock: Clock = { now: () => instant(Date.now()) };
