import { describe, expect, it } from "@jest/globals";
import { attemptsMax, type Pool, pageSize, pick, startingPoint, type Token, takeUnits } from "../../kernel/allocation.ts";
import { hashId } from "../../platform/ids/ids.ts";
import { rng } from "../support/random.ts";

/** A pool in memory whose pages may be stale: taken units stay visible until the next read. */
const poolOf = (free: Set<string>, count = { reads: 0 }): Pool<Token> => ({
  page: async (from, descending, limit) => {
    count.reads++;
    const keys = [...free].sort();
    const side = descending ? keys.filter((key) => key <= from).reverse() : keys.filter((key) => key >= from);
    return side.slice(0, limit).map((unit_id) => ({ unit_id }));
  },
});
const unitsOf = (count: number): Set<string> => new Set(Array.from({ length: count }, (_, i) => hashId("unit", String(i))));
const take = (free: Set<string>) => async (tokens: readonly Token[]) => {
  if (tokens.some(({ unit_id }) => !free.has(unit_id))) return { kind: "taken" as const };
  for (const { unit_id } of tokens) free.delete(unit_id);
  return { kind: "answered" as const, answer: tokens.map(({ unit_id }) => unit_id) };
};

describe("allocation gives each unit once (G-30)", () => {
  it("hands out every unit of a pool and then says sold out, for any quantity (G-18)", async () => {
    for (const quantity of [1, 2, 5]) {
      const random = rng(`all ${quantity}`);
      const free = unitsOf(60);
      const given: string[] = [];
      for (;;) {
        const outcome = await takeUnits(poolOf(free), quantity, random, take(free));
        if (outcome.kind !== "answered") {
          expect(outcome.kind).toBe("out_of_stock");
          break;
        }
        given.push(...outcome.answer);
      }
      expect(new Set(given).size).toBe(60);
    }
  });

  it("finds the last unit wherever its key lies", async () => {
    const random = rng("last");
    for (let i = 0; i < 300; i++) {
      const free = new Set([hashId("only", String(i))]);
      expect((await takeUnits(poolOf(free), 1, random, take(free))).kind).toBe("answered");
    }
  });

  it("reads an empty pool in both directions before it says sold out, and tries nothing", async () => {
    const count = { reads: 0 };
    let attempts = 0;
    const outcome = await takeUnits(poolOf(new Set(), count), 1, rng("empty"), async () => {
      attempts++;
      return { kind: "taken" };
    });
    expect([outcome.kind, count.reads, attempts]).toEqual(["out_of_stock", 2, 0]);
  });

  it("gives up as busy, not as sold out, when somebody is always faster", async () => {
    const free = unitsOf(100);
    let attempts = 0;
    const outcome = await takeUnits(poolOf(free), 1, rng("busy"), async () => {
      attempts++;
      return { kind: "taken" };
    });
    expect([outcome.kind, attempts]).toEqual(["busy", attemptsMax]);
  });

  it("tries a page at most twice, never the same unit twice", async () => {
    const free = unitsOf(100);
    const count = { reads: 0 };
    const tried: string[] = [];
    await takeUnits(poolOf(free, count), 1, rng("page"), async ([token]) => {
      tried.push(`${count.reads}:${token?.unit_id}`);
      return { kind: "taken" };
    });
    expect(new Set(tried).size).toBe(tried.length);
    const perRead = new Map<string, number>();
    for (const entry of tried) perRead.set(entry.split(":")[0] ?? "", (perRead.get(entry.split(":")[0] ?? "") ?? 0) + 1);
    expect(Math.max(...perRead.values())).toBeLessThanOrEqual(2);
  });

  it("needs one query for nearly every start in a pool of a hundred", async () => {
    const random = rng("one query");
    let reads = 0;
    for (let i = 0; i < 500; i++) {
      const free = unitsOf(100);
      const count = { reads: 0 };
      await takeUnits(poolOf(free, count), 1, random, take(free));
      reads += count.reads;
    }
    expect(reads / 500).toBeLessThan(1.02);
  });

  it("picks evenly over a page and reads enough of it for the quantity", () => {
    const random = rng("even");
    const seen = new Map<number, number>();
    for (let i = 0; i < 5000; i++) {
      const [first] = pick([0, 1, 2, 3, 4], 1, random) ?? [];
      seen.set(first ?? -1, (seen.get(first ?? -1) ?? 0) + 1);
    }
    for (const count of seen.values()) expect(Math.abs(count - 1000)).toBeLessThan(150);
    expect(pick([1, 2], 3, random)).toBeUndefined();
    expect([pageSize(1), pageSize(5)]).toEqual([10, 15]);
    expect(startingPoint(() => 0).descending).toBe(false);
    expect(startingPoint(() => 0.999).descending).toBe(true);
  });
});
