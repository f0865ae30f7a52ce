// Phone numbers as people type them, in the countries we text to.
import * as z from "zod";

/**
 * Area codes that belong to the +1 plan but not to Canada or the United States: texting there is expensive and a known fraud.
 * Source: the North American Numbering Plan's list of Caribbean and Pacific codes, with 900 (premium rate).
 */
const refusedAreaCodes = new Set(
  "242 246 264 268 284 340 345 441 473 649 658 664 670 671 684 721 758 767 784 787 809 829 849 868 869 876 939 900".split(" "),
);

/** Digits as typed ("604 555-0123", "+1 (604) 555-0123") to E.164, or undefined when it is no Canadian or US number. */
export const toE164 = (typed: string): string | undefined => {
  const digits = typed.replace(/[\s().+-]/g, "");
  const national = /^1?([2-9]\d{2}[2-9]\d{6})$/.exec(digits)?.[1];
  return national && !refusedAreaCodes.has(national.slice(0, 3)) ? `+1${national}` : undefined;
};

/** A phone in a request: typed freely, kept as E.164. */
export const Phone = z
  .string()
  .max(30)
  .transform((typed, context) => {
    const phone = toE164(typed);
    if (phone) return phone;
    context.addIssue({ code: "custom", message: "a Canadian or US phone number, ten digits" });
    return z.NEVER;
  })
  .meta({ id: "Phone", description: "Canadian or US phone number; any usual spelling, answered as E.164" });
