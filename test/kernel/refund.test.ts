import { describe, expect, it } from "@jest/globals";
import { piecesWorth, taxReversed } from "../../kernel/refund.ts";
import type { TaxLine } from "../../kernel/tax.ts";
import { rng } from "../support/random.ts";

const taxes: readonly TaxLine[] = [
  { name: "GST", amount: 268 },
  { name: "PST", amount: 375 },
];
const sums = (parts: readonly (readonly TaxLine[])[]): number[] =>
  taxes.map((_, i) => parts.reduce((total, part) => total + (part[i]?.amount ?? 0), 0));

describe("refund arithmetic (R18, I20)", () => {
  it.each([
    // gross, before, after, GST, PST
    [6000, 0, 6000, 268, 375],
    [6000, 0, 3000, 134, 187],
    [6000, 3000, 6000, 134, 188],
    [6000, 0, 1, 0, 0],
    [6000, 5999, 6000, 1, 1],
    [6000, 3000, 0, -134, -187],
    [6000, 2000, 2000, 0, 0],
  ])("of %i moved from %i to %i reverses GST %i and PST %i", (gross, before, after, gst, pst) => {
    expect(taxReversed(taxes, gross, before, after).map(({ amount }) => amount)).toEqual([gst, pst]);
  });

  it.each([
    // gross, quantity, pieces, worth
    [6000, 3, 1, 2000],
    [100, 3, 1, 33],
    [100, 3, 2, 66],
    [100, 3, 3, 100],
    [2, 4, 1, 0],
    [2, 4, 2, 1],
    [0, 2, 1, 0],
    [10_000_000_000, 3, 2, 6_666_666_666],
  ])("values %i for %i at %i pieces as %i", (gross, quantity, pieces, worth) => {
    expect(piecesWorth(gross, quantity, pieces)).toBe(worth);
  });

  it("gives the same whole however it is cut, also with failed refunds put back between (2,000 cuts)", () => {
    const random = rng("cuts");
    const below = (n: number) => Math.floor(random() * n);
    for (let round = 0; round < 2_000; round++) {
      const gross = 1 + below(1_000_000);
      const parts: (readonly TaxLine[])[] = [];
      let at = 0;
      let net = 0;
      for (let step = 0; step < 12 && at < gross; step++) {
        const cut = 1 + below(gross - at);
        const after = at + cut;
        parts.push(taxReversed(taxes, gross, at, after));
        if (random() < 0.3) parts.push(taxReversed(taxes, gross, after, at));
        else at = after;
        net = at;
        const so = sums(parts);
        // Never more than the tax that was charged, and what stands depends on the money alone.
        const stands = taxReversed(taxes, gross, 0, net).map(({ amount }) => amount);
        if (so.join() !== stands.join()) throw new Error(`round ${round}: ${so} instead of ${stands}`);
        if (so.some((amount, i) => amount < 0 || amount > (taxes[i]?.amount ?? 0))) throw new Error(`round ${round}`);
      }
      parts.push(taxReversed(taxes, gross, at, gross));
      if (sums(parts).join() !== "268,375") throw new Error(`round ${round}: ${sums(parts)}`);
    }
  });

  it("gives the same pieces' money however they are cut", () => {
    const random = rng("pieces");
    for (let round = 0; round < 20_000; round++) {
      const gross = Math.floor(random() * 100_000);
      const quantity = 1 + Math.floor(random() * 9);
      let total = 0;
      for (let at = 0; at < quantity; ) {
        const after = at + 1 + Math.floor(random() * (quantity - at));
        const money = piecesWorth(gross, quantity, after) - piecesWorth(gross, quantity, at);
        if (money < 0) throw new Error(`round ${round}`);
        total += money;
        at = after;
      }
      if (total !== gross) throw new Error(`round ${round}: ${total} of ${gross}`);
    }
  });

  it("refuses what is not an exact part of the whole", () => {
    expect(() => piecesWorth(100, 3, 4)).toThrow(RangeError);
    expect(() => piecesWorth(100.5, 3, 1)).toThrow(RangeError);
    expect(() => taxReversed(taxes, 6000, 0, 6001)).toThrow(RangeError);
    expect(() => taxReversed(taxes, 6000, -1, 0)).toThrow(RangeError);
  });
});
