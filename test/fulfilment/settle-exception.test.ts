import { afterEach, describe, expect, it } from "@jest/globals";
import { send } from "../../functions/fulfilment/send.ts";
import { orderView } from "../../functions/storefront/order-view.ts";
import { books, orderOf, paymentOf, preview, refund, type Shop, sold, unitStates } from "./after-sale.ts";
import { dispute, ends, give, indexHolds, list, mismatched, onlyOne, operations, settle, stripped } from "./desk.ts";

let shop: Shop;
afterEach(() => {
  books(shop);
  indexHolds(shop);
});
const open = async <M extends { readonly shop: Shop }>(made: Promise<M>): Promise<M> => {
  const opened = await made;
  shop = opened.shop;
  return opened;
};

describe("what a person settled elsewhere", () => {
  it("leaves the desk with a record; money stays where it is, and the hold ends with its order (I4, I6, I32)", async () => {
    const { ref, token } = await open(mismatched("settled"));
    const payment = paymentOf(shop, ref);
    const free = shop.of("POOL").length;
    const answer = await settle(shop, ref, "refunded_elsewhere", { note: "in cash at the counter" });
    expect(answer).toMatchObject({ kind: "ok", result: { reason: "refunded_elsewhere", released: [expect.any(String)] } });
    expect(orderOf(shop, ref)).toMatchObject({ status: "attention", settled: { reason: "refunded_elsewhere" } });
    // Whoever hears of the money afterwards calls nobody for it.
    expect(await shop.deliver(ref, { amount: 1, currency: "CAD", intent_id: "pi_x", session_id: "cs_x", mode: "test" })).toEqual({
      delivered: false,
      reason: "settled",
    });
    expect([paymentOf(shop, ref), shop.of("POOL").length, unitStates(shop, ref)]).toEqual([payment, free + 1, []]);
    expect(operations(shop, "exception_settled")[0]?.details).toMatchObject({
      about: "payment_mismatch",
      note: "in cash at the counter",
      money: { amount: 5000 },
    });
    expect((await list(shop)).exceptions).toEqual([]);
    const page = await orderView({ token, language: undefined, back: false }, { ...shop.ports, checkoutOrigin: "https://pay.test" });
    expect([page?.state, page?.units]).toEqual(["closed", []]);
    // Once and for all: the money does not go back a second time, and nothing is given for it (I6).
    expect(await refund(shop, ref)).toMatchObject({ refusal: "refunded_elsewhere" });
    expect(await preview(shop, ref)).toMatchObject({ refusal: "refunded_elsewhere" });
    expect(await give(shop, ref, { accept_amount: 5000 })).toMatchObject({ refusal: "not_on_desk" });
    expect(await settle(shop, ref, "written_off", {}, "other-key")).toMatchObject({ refusal: "not_on_desk" });
    const before = shop.digest();
    expect(await settle(shop, ref, "refunded_elsewhere", { note: "in cash at the counter" })).toEqual({ ...answer, repeated: true });
    expect(await settle(shop, ref, "written_off")).toEqual({ kind: "refused", refusal: "key_reused" });
    expect(shop.digest()).toBe(before);
  });

  it("says nothing that the records deny", async () => {
    const { ref } = await open(mismatched("denied"));
    expect(await settle(shop, ref, "no_money")).toMatchObject({ refusal: "reason_does_not_fit" });
    expect(await settle(shop, ref, "dispute_answered")).toMatchObject({ refusal: "reason_does_not_fit" });
    expect(await settle(shop, ref, "given_elsewhere")).toMatchObject({ refusal: "units_held" });
    await dispute(shop, ref, "open");
    for (const reason of ["dispute_answered", "written_off"] as const) expect(await settle(shop, ref, reason)).toMatchObject({ refusal: "disputed" });
    expect(orderOf(shop, ref).settled).toBeUndefined();
  });

  it("of a dispute is an answer: it comes back when the dispute is lost", async () => {
    const { ref } = await open(sold("answered"));
    await dispute(shop, ref, "open");
    expect(await settle(shop, ref, "written_off")).toMatchObject({ refusal: "disputed" });
    expect(await settle(shop, ref, "dispute_answered", {}, "answer-key")).toMatchObject({ kind: "ok", result: { released: [] } });
    expect([(await list(shop)).exceptions, unitStates(shop, ref)]).toEqual([[], ["sold, frozen by dp_1"]]);
    expect(orderOf(shop, ref).due_at).toBeDefined();
    await dispute(shop, ref, "lost");
    expect(await onlyOne(shop)).toMatchObject({ reason: "dispute_lost" });
    expect(await settle(shop, ref, "written_off", {}, "end-key")).toMatchObject({ kind: "ok" });
  });

  it("of a dispute ends with it: a matter that comes later is nobody's answer any more", async () => {
    const { ref, token } = await open(sold("answered, won"));
    await dispute(shop, ref, "open");
    await settle(shop, ref, "dispute_answered");
    await dispute(shop, ref, "won");
    expect([orderOf(shop, ref).settled, (await list(shop)).exceptions]).toEqual([undefined, []]);
    await stripped("answered, won", { shop, ref, token });
    const page = await orderView({ token, language: undefined, back: false }, { ...shop.ports, checkoutOrigin: "https://pay.test" });
    expect([page?.state, (await onlyOne(shop)).reason]).toEqual(["attention", "units_missing"]);
  });

  it("does not hide a refund that failed before the dispute or while it is open: won, it is owed again (I6)", async () => {
    for (const first of ["failed", "disputed"] as const) {
      const { ref } = await open(sold(`owed, first ${first}`, 2));
      await refund(shop, ref, { lines: [{ line: 0, quantity: 1 }] });
      shop.provider.refunding = { kind: "pending", provider_refund_id: "re_1" };
      await shop.fulfil(ref);
      if (first === "disputed") await dispute(shop, ref, "open");
      shop.provider.fates.set("re_1", { kind: "failed", reason: "expired_or_canceled_card" });
      await shop.fulfil({ ...ref, news: "refund" });
      if (first === "failed") await dispute(shop, ref, "open");
      expect(await onlyOne(shop)).toMatchObject({ reason: "disputed", evidence: { refunds: [{ status: "failed" }] }, ends: [] });
      expect(await settle(shop, ref, "dispute_answered")).toMatchObject({ refusal: "disputed" });
      await dispute(shop, ref, "won");
      expect((await onlyOne(shop)).reason).toBe("units_missing");
      expect((await onlyOne(shop)).ends[0]).toMatchObject({ command: "refundOrder", body: { lines: [{ line: 0, quantity: 1 }] } });
    }
  });

  it("is told the truth of a refund that ends unsent because the dispute was lost: the money is not here", async () => {
    const { ref } = await open(sold("unsent"));
    await refund(shop, ref);
    await dispute(shop, ref, "open");
    expect(await dispute(shop, ref, "lost")).toEqual({ dispute: "lost", refund: "failed" });
    expect(await onlyOne(shop)).toMatchObject({ reason: "dispute_lost", evidence: { refunds: [{ status: "failed", failure: "disputed" }] } });
  });

  it("once, is not given for as well when another refund of the order comes back (I6)", async () => {
    const { ref } = await open(sold("one elsewhere", 2));
    for (const n of [1, 2]) {
      await refund(shop, ref, { lines: [{ line: 0, quantity: 1 }] }, `refund-key-${n}`);
      shop.provider.refunding = { kind: "succeeded", provider_refund_id: `re_${n}` };
      await shop.fulfil(ref);
    }
    const comesBack = async (n: number) => {
      shop.provider.fates.set(`re_${n}`, { kind: "failed", reason: "lost_or_stolen_card" });
      await shop.fulfil({ ...ref, news: "refund" });
    };
    await comesBack(1);
    await settle(shop, ref, "refunded_elsewhere");
    await comesBack(2);
    expect(await ends(shop)).toEqual(["settle: refunded_elsewhere", "settle: given_elsewhere", "settle: written_off"]);
    expect(await give(shop, ref)).toMatchObject({ refusal: "refund_standing" });
  });

  it("of an unpaid or a delivered order nobody has to look at is refused", async () => {
    const { ref } = await open(sold("in order"));
    const unpaid = (await shop.buy(5)).ref;
    for (const each of [ref, unpaid]) {
      expect(await settle(shop, each, "written_off")).toMatchObject({ refusal: "not_on_desk" });
      expect(await give(shop, each)).toMatchObject({ refusal: "not_on_desk" });
    }
    await send(ref, shop.ports);
  });

  it("but written off may still be refunded: the buyer has called after all", async () => {
    const { ref } = await open(mismatched("called"));
    await settle(shop, ref, "written_off");
    expect(await refund(shop, ref)).toMatchObject({ kind: "ok" });
    shop.provider.refunding = { kind: "failed", reason: "declined" };
    await shop.fulfil(ref);
    expect(await onlyOne(shop)).toMatchObject({ reason: "refund_failed" });
  });
});
