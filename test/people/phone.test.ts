import { expect, it } from "@jest/globals";
import { toE164 } from "../../functions/people/contract.ts";

it.each(["6045550123", "604-555-0123", "(604) 555-0123", "+1 604 555 0123", "1.604.555.0123"])("reads %s as people write it", (typed) => {
  expect(toE164(typed)).toBe("+16045550123");
});

it.each(["", "911", "604555012", "60455501234", "104-555-0123", "604-155-0123", "+33 6 12 34 56 78", "phone", "876-555-0123", "+1 900 555 0123"])(
  "refuses %s: no number that we text to (TH9)",
  (typed) => {
    expect(toE164(typed)).toBeUndefined();
  },
);
