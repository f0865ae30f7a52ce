// Refund arithmetic by cumulative floor: what is back so far is a function of how much was refunded so far, never of how it was cut.
// A refund is the difference of two such values, so that many small ones and one large one reverse the same, and the last takes the remainder.
import type { TaxLine } from "./tax.ts";

const exact = (value: number, name: string): number => {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`${name} is not an exact amount: ${value}`);
  return value;
};

/** floor(whole × part / of), exactly; the whole when `part` is `of`. Throws RangeError unless 0 ≤ part ≤ of. */
const share = (whole: number, part: number, of: number): number => {
  exact(whole, "whole");
  if (exact(part, "part") > exact(of, "of")) throw new RangeError(`${part} is more than ${of}`);
  return of === 0 ? 0 : Number((BigInt(whole) * BigInt(part)) / BigInt(of));
};

/**
 * What the first `pieces` of a line are worth together, in minor units: all of them are worth the whole line.
 * @param gross minor units that the line cost, taxes included
 */
export const piecesWorth = (gross: number, quantity: number, pieces: number): number => share(gross, pieces, quantity);

/**
 * Each tax line's part of moving a line's refunded money from `before` to `after`, in minor units; negative when a failed refund is put back.
 * @param gross minor units that the line cost, taxes included
 */
export const taxReversed = (taxes: readonly TaxLine[], gross: number, before: number, after: number): readonly TaxLine[] =>
  taxes.map(({ name, amount }) => ({ name, amount: share(amount, after, gross) - share(amount, before, gross) }));
