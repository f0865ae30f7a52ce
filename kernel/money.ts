// Money: integer minor units with a currency. Every sum of money in the product is made here, so that no cent is lost or invented.
import * as z from "zod";
import type { Language } from "../platform/contract/problem.ts";

/** Decimal places of each currency we take (ISO 4217). */
export const currencyExponents = { CAD: 2, USD: 2, EUR: 2, GBP: 2, CNY: 2, JPY: 0 } as const;
export type Currency = keyof typeof currencyExponents;

export const Currency = z.enum(Object.keys(currencyExponents) as [Currency, ...Currency[]]).meta({ id: "Currency" });
/** Minor units, at most a hundred million dollars: far below the 2^53 where integers stop being exact. */
export const minorUnitsMax = 10_000_000_000;
export const MinorUnits = z.int().min(0).max(minorUnitsMax).meta({ id: "MinorUnits" });
export const Money = z.strictObject({ amount: MinorUnits, currency: Currency }).meta({ id: "Money" });
export interface Money {
  /** Minor units: cents for CAD, yen for JPY. */
  readonly amount: number;
  readonly currency: Currency;
}

const checked = (amount: number): number => {
  if (!Number.isSafeInteger(amount)) throw new RangeError(`not an exact number of minor units: ${amount}`);
  return amount;
};

/** @param amount minor units; throws RangeError unless an exact integer */
export const money = (amount: number, currency: Currency): Money => ({ amount: checked(amount), currency });

/** Parses a decimal string ("60", "60.00"); throws RangeError on anything else, also on more decimals than the currency has. */
export const parseMoney = (text: string, currency: Currency): Money => {
  const exponent = currencyExponents[currency];
  const match = /^(\d{1,10})(?:\.(\d+))?$/.exec(text);
  const decimals = match?.[2] ?? "";
  if (!match || decimals.length > exponent) throw new RangeError(`not an amount in ${currency}: ${text}`);
  return money(Number(`${match[1]}${decimals.padEnd(exponent, "0")}`), currency);
};

/** The decimal string of an amount: "60.00"; the inverse of `parseMoney`. */
export const decimal = ({ amount, currency }: Money): string => {
  const exponent = currencyExponents[currency];
  const digits = Math.abs(amount)
    .toString()
    .padStart(exponent + 1, "0");
  const whole = digits.slice(0, digits.length - exponent);
  return `${amount < 0 ? "-" : ""}${whole}${exponent === 0 ? "" : `.${digits.slice(-exponent)}`}`;
};

const locales: Record<Language, string> = { en: "en-CA", fr: "fr-CA", zh: "zh-CN" };

/** As people write it: "$60.00", "60,00 $". `explicit` names the currency where two could be meant: "CA$60.00". */
export const formatMoney = (value: Money, language: Language, explicit = false): string =>
  new Intl.NumberFormat(locales[language], {
    style: "currency",
    currency: value.currency,
    currencyDisplay: explicit ? "symbol" : "narrowSymbol",
  }).format(decimal(value) as unknown as number);

/** Sums amounts of one currency; throws RangeError when currencies differ. */
export const sum = (values: readonly Money[], currency: Currency): Money =>
  values.reduce(
    (total, value) => {
      if (value.currency !== currency) throw new RangeError(`cannot add ${value.currency} to ${currency}`);
      return money(total.amount + value.amount, currency);
    },
    money(0, currency),
  );

/** A price for a number of pieces. */
export const times = (price: Money, quantity: number): Money => money(price.amount * checked(quantity), price.currency);

/**
 * Splits minor units by integer weights so that the parts add up to the whole exactly (cumulative rounding, so order matters only by a cent).
 * Throws RangeError when all weights are zero.
 */
export const allocate = (amount: number, weights: readonly number[]): readonly number[] => {
  const total = weights.reduce((a, b) => a + checked(b), 0);
  if (total <= 0 || weights.some((weight) => weight < 0)) throw new RangeError("weights must be positive somewhere and negative nowhere");
  let seen = 0;
  let given = 0;
  return weights.map((weight) => {
    seen += weight;
    const upTo = Number(roundedRatio(BigInt(checked(amount)) * BigInt(seen), BigInt(total)));
    const part = upTo - given;
    given = upTo;
    return part;
  });
};

/** numerator / denominator rounded half away from zero, exactly. */
export const roundedRatio = (numerator: bigint, denominator: bigint): bigint => {
  const doubled = 2n * (numerator < 0n ? -numerator : numerator) + denominator;
  const rounded = doubled / (2n * denominator);
  return numerator < 0n ? -rounded : rounded;
};
