import { afterEach, describe, expect, it } from "@jest/globals";
import { refusalsMax } from "../../functions/fulfilment/pay-back.ts";
import type { DisputeFact } from "../../functions/payments/provider-after-sale.ts";
import { books, kinds, orderOf, quarrel, type Ref, refund, refundsIn, type Shop, sold, unitStates } from "./after-sale.ts";
import { give, mismatched, onlyOne, settle } from "./desk.ts";

let shop: Shop;
afterEach(() => books(shop));
const open = async (...args: Parameters<typeof sold>) => {
  const made = await sold(...args);
  shop = made.shop;
  return made;
};
/** The bank only asks. */
const asks = (status: DisputeFact["status"] = "open"): void => quarrel(shop, { id: "dp_1", status, inquiry: true });
/** … or takes the payment up. */
const says = (status: DisputeFact["status"]): void => quarrel(shop, { id: "dp_1", status });
const news = (ref: Ref) => shop.fulfil({ ...ref, news: "dispute" });

describe("a bank that only asks about a payment", () => {
  it("is answered by a refund: claimed, sent at once, and its frozen units taken (I6, I8)", async () => {
    const { ref } = await open("asked", 2);
    asks();
    expect(await news(ref)).toMatchObject({ dispute: "open" });
    expect([unitStates(shop, ref), kinds(shop)]).toEqual([["sold, frozen by dp_1", "sold, frozen by dp_1"], ["dispute_inquired"]]);
    const shown = await onlyOne(shop);
    expect([shown.reason, shown.ends[0]?.command]).toEqual(["inquiry", "refundOrder"]);
    expect(await refund(shop, ref)).toMatchObject({ kind: "ok", result: { full: true } });
    expect(await shop.fulfil(ref)).toMatchObject({ refund: "refunded" });
    expect([orderOf(shop, ref).status, unitStates(shop, ref)]).toEqual(["refunded", ["archived", "archived"]]);
    asks("won");
    await news(ref);
    expect(orderOf(shop, ref)).toMatchObject({ status: "refunded", dispute: { status: "won", inquiry: true } });
    expect([orderOf(shop, ref).attention_note, orderOf(shop, ref).due_at]).toEqual([undefined, undefined]);
  });

  it("does not hold back a refund that was claimed before it asked", async () => {
    const { ref } = await open("asked meanwhile", 2);
    await refund(shop, ref, { lines: [{ line: 0, quantity: 1 }] });
    asks();
    expect(await news(ref)).toEqual({ dispute: "open", refund: "refunded" });
  });

  it("hides no refusal: a refund that the provider refuses beside it for another quarrel is asked for again a bounded number of times (I6)", async () => {
    const { ref } = await open("hides another");
    asks();
    await news(ref);
    await refund(shop, ref);
    shop.provider.refund = async () => ({ kind: "disputed" });
    const told: unknown[] = [];
    while (told.length < refusalsMax && refundsIn(shop)[0]?.status === "requested") told.push(await shop.fulfil(ref));
    expect(told.at(-1)).toMatchObject({ refund: "failed" });
    expect([refundsIn(shop)[0]?.failure, orderOf(shop, ref).failed_refunds]).toEqual([
      "charge_disputed",
      [{ id: refundsIn(shop)[0]?.id, amount: 6000 }],
    ]);
  });

  it("and then takes the money is a dispute from then on, told once more and never a question again (I10)", async () => {
    const { ref } = await open("escalates");
    asks();
    await news(ref);
    await settle(shop, ref, "dispute_answered");
    says("open");
    await news(ref);
    expect([(await onlyOne(shop)).reason, kinds(shop)]).toEqual(["disputed", ["dispute_inquired", "dispute_opened"]]);
    expect(await refund(shop, ref)).toEqual({ kind: "refused", refusal: "disputed" });
    asks();
    await news(ref);
    expect(orderOf(shop, ref).dispute).toEqual({ id: "dp_1", status: "open", amount: 6000 });
    says("lost");
    expect(await news(ref)).toMatchObject({ dispute: "lost" });
    expect(unitStates(shop, ref)).toEqual(["archived"]);
  });

  it("gives nothing beside its question", async () => {
    const { shop: made, ref } = await mismatched("asked at the desk");
    shop = made;
    asks();
    await news(ref);
    expect(await give(shop, ref, { accept_amount: 5000 })).toMatchObject({ refusal: "disputed" });
  });
});
