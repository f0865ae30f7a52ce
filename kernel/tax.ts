// Sales taxes of Canada as dated data. Registrations belong to the merchant, rates to the place of sale and its date.
import { allocate, type Money, money, roundedRatio } from "./money.ts";

export const provinces = ["AB", "BC", "MB", "NB", "NL", "NS", "NT", "NU", "ON", "PE", "QC", "SK", "YT"] as const;
export type Province = (typeof provinces)[number];
export const taxNames = ["GST", "HST", "PST", "QST"] as const;
export type TaxName = (typeof taxNames)[number];

/** taxable: taxed at the sale; zero, exempt: no tax; value: a stored value, taxed when it is redeemed. */
export const taxTreatments = ["taxable", "zero", "exempt", "value"] as const;
export type TaxTreatment = (typeof taxTreatments)[number];

interface Rate {
  readonly tax: TaxName;
  /** Parts in 100,000: 5 % is 5000, Québec's 9.975 % is 9975. */
  readonly parts: number;
  /** First business date (ISO, at the place of sale) on which the rate holds. */
  readonly from: string;
}
const rate = (tax: TaxName, parts: number, from: string): Rate => ({ tax, parts, from });
const gst = rate("GST", 5000, "2008-01-01");

/** Rates by province; a later `from` of the same tax replaces the earlier. Source: Canada Revenue Agency and provincial rate tables. */
const rates: Readonly<Record<Province, readonly Rate[]>> = {
  AB: [gst],
  BC: [gst, rate("PST", 7000, "2013-04-01")],
  MB: [gst, rate("PST", 7000, "2019-07-01")],
  NB: [rate("HST", 15000, "2016-07-01")],
  NL: [rate("HST", 15000, "2016-07-01")],
  NS: [rate("HST", 15000, "2010-07-01"), rate("HST", 14000, "2025-04-01")],
  NT: [gst],
  NU: [gst],
  ON: [rate("HST", 13000, "2010-07-01")],
  PE: [rate("HST", 15000, "2016-10-01")],
  QC: [gst, rate("QST", 9975, "2013-01-01")],
  SK: [gst, rate("PST", 6000, "2017-03-23")],
  YT: [gst],
};

export interface TaxLine {
  readonly name: TaxName;
  /** Minor units of the order's currency. */
  readonly amount: number;
}
export interface Taxed {
  readonly net: Money;
  readonly gross: Money;
  readonly lines: readonly TaxLine[];
}

/** The rates in force at a place on a business date (ISO), for the taxes the merchant is registered for. */
export const ratesAt = (province: Province, date: string, registered: readonly TaxName[]): readonly Rate[] => {
  const inForce = new Map<TaxName, Rate>();
  for (const candidate of rates[province]) {
    if (candidate.from <= date && registered.includes(candidate.tax)) inForce.set(candidate.tax, candidate);
  }
  return [...inForce.values()];
};

/**
 * Splits an amount into net and tax lines. An inclusive amount is kept to the cent: net and lines add up to it.
 * An exclusive amount is the net; each tax is rounded half up on it.
 */
export const tax = (amount: Money, treatment: TaxTreatment, pricing: "inclusive" | "exclusive", inForce: readonly Rate[]): Taxed => {
  if (treatment !== "taxable" || inForce.length === 0) return { net: amount, gross: amount, lines: [] };
  const whole = 100_000;
  if (pricing === "exclusive") {
    const lines = inForce.map(({ tax, parts }) => ({
      name: tax,
      amount: Number(roundedRatio(BigInt(amount.amount) * BigInt(parts), BigInt(whole))),
    }));
    const taxes = lines.reduce((total, line) => total + line.amount, 0);
    return { net: amount, gross: money(amount.amount + taxes, amount.currency), lines };
  }
  const [net = 0, ...taxes] = allocateInclusive(
    amount.amount,
    inForce.map(({ parts }) => parts),
    whole,
  );
  return { net: money(net, amount.currency), gross: amount, lines: inForce.map(({ tax }, i) => ({ name: tax, amount: taxes[i] ?? 0 })) };
};

/** Net first, then each tax: the net is rounded once, what remains is shared by the rates. */
const allocateInclusive = (gross: number, parts: readonly number[], whole: number): readonly number[] => {
  const total = parts.reduce((a, b) => a + b, 0);
  const net = Number(roundedRatio(BigInt(gross) * BigInt(whole), BigInt(whole + total)));
  return [net, ...allocate(gross - net, parts)];
};
