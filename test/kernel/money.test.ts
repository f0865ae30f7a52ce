import { describe, expect, it } from "@jest/globals";
import { allocate, decimal, formatMoney, money, parseMoney, roundedRatio, sum, times } from "../../kernel/money.ts";
import { ratesAt, tax } from "../../kernel/tax.ts";
import { rng } from "../support/random.ts";

describe("money is integer minor units (X-1)", () => {
  it.each([
    ["60", "CAD", 6000],
    ["60.00", "CAD", 6000],
    ["0.5", "CAD", 50],
    ["1500", "JPY", 1500],
  ] as const)("reads %s %s as %d", (text, currency, amount) => {
    expect(parseMoney(text, currency)).toEqual({ amount, currency });
  });

  it.each([
    ["1.005", "CAD"],
    ["15.5", "JPY"],
    ["-1", "CAD"],
    ["1e3", "CAD"],
    ["", "CAD"],
    [" 1", "CAD"],
    ["1,00", "CAD"],
    ["99999999999", "CAD"],
  ] as const)("refuses %s %s rather than guess", (text, currency) => {
    expect(() => parseMoney(text, currency)).toThrow(RangeError);
  });

  it("writes back what it read, whatever the exponent", () => {
    for (const [text, currency] of [
      ["0.07", "CAD"],
      ["123456.70", "CAD"],
      ["12", "JPY"],
    ] as const)
      expect(decimal(parseMoney(text, currency))).toBe(text);
  });

  it("refuses fractions of a cent and sums of two currencies", () => {
    expect(() => money(0.5, "CAD")).toThrow(RangeError);
    expect(() => sum([money(1, "USD")], "CAD")).toThrow(RangeError);
    expect(() => times(money(Number.MAX_SAFE_INTEGER, "CAD"), 2)).toThrow(RangeError);
  });

  it("shows an amount the way each language writes it", () => {
    const sixty = money(6000, "CAD");
    expect(formatMoney(sixty, "en")).toBe("$60.00");
    expect(formatMoney(sixty, "fr")).toMatch(/^60,00\s\$$/);
    expect(formatMoney(sixty, "zh")).toBe("$60.00");
  });

  it("splits an amount so that the parts add up to it to the cent, over 2000 random splits (X-1)", () => {
    const random = rng("allocate");
    for (let i = 0; i < 2000; i++) {
      const amount = Math.floor(random() * 1_000_000);
      const weights = Array.from({ length: 1 + Math.floor(random() * 6) }, () => Math.floor(random() * 1000));
      if (weights.every((weight) => weight === 0)) continue;
      const parts = allocate(amount, weights);
      expect(parts.reduce((a, b) => a + b, 0)).toBe(amount);
      expect(parts.every((part) => Number.isInteger(part) && part >= 0)).toBe(true);
    }
    expect(() => allocate(10, [0, 0])).toThrow(RangeError);
    expect(() => allocate(10, [2, -1])).toThrow(RangeError);
  });

  it("rounds half away from zero, exactly", () => {
    expect([roundedRatio(5n, 2n), roundedRatio(-5n, 2n), roundedRatio(4n, 3n), roundedRatio(7n, 7n)]).toEqual([3n, -3n, 1n, 1n]);
  });
});

describe("tax is lines by place, date and registration", () => {
  const both = ["GST", "PST", "QST", "HST"] as const;

  it("splits an inclusive price in British Columbia into net, GST and PST to the cent", () => {
    const taxed = tax(money(6000, "CAD"), "taxable", "inclusive", ratesAt("BC", "2026-11-21", both));
    expect(taxed).toEqual({
      net: money(5357, "CAD"),
      gross: money(6000, "CAD"),
      lines: [
        { name: "GST", amount: 268 },
        { name: "PST", amount: 375 },
      ],
    });
  });

  it("adds Québec's two taxes to an exclusive price, each rounded on the net", () => {
    const taxed = tax(money(10000, "CAD"), "taxable", "exclusive", ratesAt("QC", "2026-11-21", both));
    expect(taxed.lines).toEqual([
      { name: "GST", amount: 500 },
      { name: "QST", amount: 998 },
    ]);
    expect(taxed.gross.amount).toBe(11498);
  });

  it("takes the rate of the date: Nova Scotia's HST fell on 1 April 2025", () => {
    expect(ratesAt("NS", "2025-03-31", both).map(({ parts }) => parts)).toEqual([15000]);
    expect(ratesAt("NS", "2025-04-01", both).map(({ parts }) => parts)).toEqual([14000]);
  });

  it("taxes nothing that the merchant is not registered for, and nothing exempt or of stored value", () => {
    const price = money(6000, "CAD");
    expect(tax(price, "taxable", "inclusive", ratesAt("BC", "2026-11-21", [])).lines).toEqual([]);
    for (const treatment of ["zero", "exempt", "value"] as const)
      expect(tax(price, treatment, "inclusive", ratesAt("BC", "2026-11-21", both))).toMatchObject({ net: price, gross: price, lines: [] });
  });

  it("keeps net and taxes of every inclusive price adding up to it", () => {
    for (const province of ["AB", "BC", "QC", "ON", "SK"] as const) {
      for (let cents = 1; cents < 4000; cents += 7) {
        const taxed = tax(money(cents, "CAD"), "taxable", "inclusive", ratesAt(province, "2026-11-21", both));
        expect(taxed.net.amount + taxed.lines.reduce((total, line) => total + line.amount, 0)).toBe(cents);
      }
    }
  });
});
