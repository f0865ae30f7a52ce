import { describe, expect, it } from "@jest/globals";
import { nextRun } from "../../../local/schedules/expression.ts";

const nextAfter = (expression: string, from: string): string => new Date(nextRun(expression)(Date.parse(from))).toISOString();

describe("the next run of a schedule", () => {
  it.each([
    ["rate(1 minute)", "2026-11-21T12:00:30.500Z", "2026-11-21T12:01:30.500Z"],
    ["rate(5 minutes)", "2026-11-21T12:00:00.000Z", "2026-11-21T12:05:00.000Z"],
    ["rate(2 hours)", "2026-11-21T23:00:00.000Z", "2026-11-22T01:00:00.000Z"],
    ["rate(1 day)", "2026-11-21T00:00:00.000Z", "2026-11-22T00:00:00.000Z"],
    ["cron(0 10 * * ? *)", "2026-11-21T10:00:00.000Z", "2026-11-22T10:00:00.000Z"],
    ["cron(0/15 * * * ? *)", "2026-11-21T10:16:20.000Z", "2026-11-21T10:30:00.000Z"],
    ["cron(30 8 ? * MON-FRI *)", "2026-11-20T09:00:00.000Z", "2026-11-23T08:30:00.000Z"],
    ["cron(0 0 ? * 1 *)", "2026-11-21T12:00:00.000Z", "2026-11-22T00:00:00.000Z"],
    ["cron(5,10 6 1 JAN,JUL ? 2027)", "2026-11-21T12:00:00.000Z", "2027-01-01T06:05:00.000Z"],
    ["cron(59 23 31 12 ? *)", "2026-12-31T23:59:00.000Z", "2027-12-31T23:59:00.000Z"],
    ["cron(0 12 29 2 ? *)", "2026-11-21T12:00:00.000Z", "2028-02-29T12:00:00.000Z"],
  ])("%s after %s is %s", (expression, from, next) => {
    expect(nextAfter(expression, from)).toBe(next);
  });

  it.each([
    "rate(0 minutes)",
    "rate(1 fortnight)",
    "at(2026-11-21T00:00:00)",
    "cron(* * * *)",
    "cron(0 0 L * ? *)",
    "cron(60 * * * ? *)",
    "cron(0 0 ? * 2#1 *)",
    "cron(0/0 * * * ? *)",
  ])("%s is refused at once", (expression) => {
    expect(() => nextRun(expression)).toThrow(expression);
  });
  it("a date that never comes is refused rather than searched for", () => {
    expect(() => nextAfter("cron(0 0 30 2 ? *)", "2026-11-21T00:00:00.000Z")).toThrow("never");
  });
});
