// Planted bugs in the comparer itself: each must be seen by the planted day.
import { describe, expect, it, jest } from "@jest/globals";
import * as compare from "../../functions/reports/compare.ts";
import { type DifferenceKind, differenceKinds } from "../../functions/reports/difference.ts";
import * as reading from "../../functions/reports/reading.ts";
import type { Instant } from "../../platform/clock/clock.ts";
import { nameOf, namesOf, plantedDay, run } from "./planted-day.ts";
import { openWorld, window } from "./world.ts";

describe("the oracle (R6)", () => {
  const same = { kind: "same" } as const;
  const dropping = (kind: DifferenceKind) => ({
    compareSession: (...args: Parameters<typeof compare.compareSession>) => {
      const verdict = compare.compareSession(...args);
      return verdict.kind !== "same" && verdict.difference.kind === kind ? same : verdict;
    },
  });
  const mutants: readonly (readonly [string, Partial<typeof compare>])[] = [
    ["that never misses an order's money", dropping("paid_not_delivered")],
    ["that takes a second payment for the first", dropping("captured_twice")],
    ["that compares amounts without currencies", dropping("amount_differs")],
    [
      "that waits for ever",
      { compareSession: (session, ours, at) => compare.compareSession(session, ours, { ...at, quiet: window.from as Instant }) },
    ],
    ["that ignores refunds made by hand", { compareRefund: (listed, refund, at) => (refund ? compare.compareRefund(listed, refund, at) : same) }],
    [
      "that forgets what is older than the day",
      { compareRefund: (listed, refund, at) => (listed.created_at < window.from ? same : compare.compareRefund(listed, refund, at)) },
    ],
    ["that believes our refunds", { refundMissing: () => same }],
    ["that believes our captures", { captureMissing: () => same }],
    ["that believes our disputes", { disputeAbsent: () => same }],
    ["that hears of no dispute", { compareDispute: () => same }],
    [
      "that takes another end for the same",
      { compareDispute: (listed, ours, at) => compare.compareDispute({ ...listed, status: ours.order?.dispute?.status ?? listed.status }, ours, at) },
    ],
    [
      "that takes every dispute for the only one",
      { compareDispute: (listed, ours, at) => compare.compareDispute({ ...listed, dispute_id: ours.order?.dispute?.id ?? "-" }, ours, at) },
    ],
    [
      "that reads our own order for the provider's",
      { compareSession: (session, ours, at) => compare.compareSession({ ...session, state: "pending" } as never, ours, at) },
    ],
  ];

  const judged = async (mutation: Partial<typeof compare>, misread: Partial<typeof reading> = {}): Promise<{ readonly right: boolean }> => {
    const world = await openWorld("mutants");
    const planted = await plantedDay(world, 200, 2 * differenceKinds.length);
    await jest.isolateModulesAsync(async () => {
      jest.unstable_mockModule("../../functions/reports/compare.ts", () => ({ ...compare, ...mutation }));
      jest.unstable_mockModule("../../functions/reports/reading.ts", () => ({ ...reading, ...misread }));
      const { reconcile } = await import("../../functions/reports/reconcile.ts");
      await run(world, reconcile);
    });
    return { right: JSON.stringify(namesOf(world)) === JSON.stringify(planted.map(nameOf).sort()) };
  };

  it("finds the comparer itself right", async () => {
    expect(await judged({})).toEqual({ right: true });
  });

  it.each(mutants)("sees through a comparer %s", async (_name, mutation) => {
    expect(await judged(mutation)).toEqual({ right: false });
  });

  it("sees through a comparer that judges what came through another connection to the same account", async () => {
    expect(await judged({}, { isNeighbours: async () => false })).toEqual({ right: false });
  });
});
