import { describe, expect, it } from "@jest/globals";
import { at, type Books, type ProvidersDispute, type ProvidersRefund, refund, right, violations } from "./right-books.ts";

const made: ProvidersRefund = { id: "re_1", status: "succeeded", amount: 1000, payment_intent: "pi_done", metadata: { refund_id: "r1" } };
const quarrel: ProvidersDispute = { id: "dp_1", status: "needs_response", payment_intent: "pi_done" };

/** Our order has given 1000 back, and says so. */
function gaveBack(books: Books): Books {
  Object.assign(at(books, "ORDER#m#done"), { refunded: 1000 });
  books.items.push(refund("r1", "done", "succeeded", 1000));
  return books;
}
const isDisputed = (books: Books, status: string): Books => {
  Object.assign(at(books, "ORDER#m#done"), { dispute: { id: "dp_1", status }, ...(status === "open" && { due_at: "2026" }) });
  if (status === "open") Object.assign(at(books, "UNIT#m#gone"), { frozen_by: "dp_1" });
  return books;
};

describe("the recount sees, between the provider's refunds and disputes and ours", () => {
  const planted: readonly [string, () => Books, RegExp][] = [
    [
      "a refund that nobody asked for",
      () => ({ ...right(), refunds: [{ ...made, metadata: { refund_id: "r9" } }] }),
      /I8: re_1 gives back 1000, our refund is not there/,
    ],
    [
      "a refund that was made twice under one name",
      () => ({ ...gaveBack(right()), refunds: [made, { ...made, id: "re_2" }] }),
      /I8: 2 refunds at the provider go by 1 names/,
    ],
    [
      "more given back than was taken",
      () => ({ ...right(), refunds: [{ ...made, status: "pending", amount: 6001 }] }),
      /I8: pi_done took 6000 and gave back 6001/,
    ],
    [
      "a refund that failed there and succeeded here",
      () => ({ ...gaveBack(right()), refunds: [{ ...made, status: "failed" }] }),
      /I14: re_1 is failed, our refund r1 succeeded/,
    ],
    [
      "a refund that was never made",
      () => ({ ...gaveBack(right()), refunds: [] }),
      /I8: refund r1 succeeded, and the provider has never heard of it/,
    ],
    ["a dispute that we have not heard of", () => ({ ...right(), disputes: [quarrel] }), /I14: pi_done is open, order done says nothing/],
    [
      "a dispute that was lost and stands open here",
      () => ({ ...isDisputed(right(), "open"), disputes: [{ ...quarrel, status: "lost" }] }),
      /I14: pi_done is lost, order done says open/,
    ],
    ["a dispute of nobody's", () => ({ ...isDisputed(right(), "won"), disputes: [] }), /I14: order done is disputed by nobody/],
  ];
  it.each(planted)("%s", (_what, books, sentence) => expect(violations(books())).toContainEqual(expect.stringMatching(sentence)));

  it("nothing wrong where both say the same", () => {
    expect(violations({ ...gaveBack(right()), refunds: [made] })).toEqual([]);
    expect(violations({ ...isDisputed(right(), "open"), disputes: [{ ...quarrel, status: "under_review" }] })).toEqual([]);
    expect(violations({ ...isDisputed(right(), "won"), disputes: [{ ...quarrel, status: "won" }] })).toEqual([]);
  });

  it("nothing wrong in an end that is still on its way, while things are not settled", () => {
    expect(violations({ ...gaveBack(right()), refunds: [{ ...made, status: "pending" }], disputes: [quarrel] }, false)).toEqual([]);
  });
});
