import { afterEach, describe, expect, it } from "@jest/globals";
import { stockUnits } from "../../functions/inventory/stock-units.ts";
import { refundedAtProvider } from "../../functions/payments/provider-after-sale.ts";
import { books, orderOf, preview, refund, refundsIn, type Shop, sold, unitStates } from "./after-sale.ts";
import { dispute, ends, give, indexHolds, lateAndUnpaid, list, mismatched, onlyOne, operations, settle, stripped, tell } from "./desk.ts";

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

describe("units for money on the desk", () => {
  it("of another amount: only when a person names it, who is recorded with the difference (I5, I32)", async () => {
    const { ref } = await open(mismatched("accepted"));
    const before = shop.digest();
    for (const accept_amount of [undefined, 6000, 4999] as const) {
      const answer = await give(shop, ref, accept_amount === undefined ? {} : { accept_amount });
      expect(answer).toMatchObject({
        refusal: "amount_not_accepted",
        context: { planned: 6000, captured: 5000, difference: -1000, currency: "CAD" },
      });
    }
    expect(shop.digest()).toBe(before);
    const answer = await give(shop, ref, { accept_amount: 5000, note: "paid the rest in cash" });
    expect(answer).toMatchObject({ kind: "ok", result: { units: [{ serial_number: expect.stringMatching(/^LW60-/) }] } });
    expect(orderOf(shop, ref)).toMatchObject({ status: "paid", payment_status: "paid", accepted: { amount: 5000, difference: -1000, by: "test" } });
    expect(orderOf(shop, ref).reason).toBeUndefined();
    expect([unitStates(shop, ref), (await list(shop)).exceptions]).toEqual([["sold"], []]);
    expect(operations(shop, "units_given")[0]?.details).toMatchObject({ money: { amount: 5000, difference: -1000 }, note: "paid the rest in cash" });
    await tell(shop);
    await tell(shop);
    expect(shop.texting.texts.map(({ body }) => body)).toEqual([expect.stringContaining("your number is LW60-")]);
  });

  it.each([
    ["too little", 5000],
    ["too much", 6500],
  ])("that were %s go back to the cent later, tax by what the pieces cost", async (_what, amount) => {
    const { ref } = await open(mismatched(`refund of ${amount}`, { amount }));
    await give(shop, ref, { accept_amount: amount });
    const tax = orderOf(shop, ref).lines[0]?.tax;
    if (amount > 6000) {
      // What was beyond the price is of no line and goes first, without tax; the number stays.
      await refund(shop, ref, { amount: 200 });
      await shop.fulfil(ref);
      expect([refundsIn(shop)[0]?.lines, unitStates(shop, ref)]).toEqual([[], ["sold"]]);
    }
    expect(await preview(shop, ref)).toMatchObject({ result: { full: true, amount: amount > 6000 ? 6300 : 5000 } });
    await refund(shop, ref, { lines: [{ line: 0, quantity: 1 }] }, "pieces-key");
    await shop.fulfil(ref);
    expect(orderOf(shop, ref)).toMatchObject({ status: "refunded", refunded: amount });
    const reversed = refundsIn(shop).flatMap(({ lines }) => lines.flatMap((line) => line.tax.map(({ amount: each }) => each)));
    if (amount > 6000) expect(reversed).toEqual(tax?.map(({ amount: each }) => each));
    else expect(reversed.every((each, at) => each < (tax?.[at]?.amount ?? 0))).toBe(true);
  });

  it("that came late, whose refund failed: once there is stock again (G-50)", async () => {
    const { ref, rival } = await open(lateAndUnpaid("late"));
    expect(await onlyOne(shop)).toMatchObject({ reason: "refund_failed", evidence: { units_missing: 1, refunds: [{ status: "failed" }] } });
    expect(await ends(shop)).not.toContain("giveUnits");
    expect(await give(shop, ref)).toMatchObject({ refusal: "out_of_stock", context: { next: "refundOrder" } });
    shop.pass(34 * 60);
    await shop.fulfil(rival);
    expect(await ends(shop)).toContain("giveUnits");
    expect(await give(shop, ref)).toMatchObject({ kind: "ok" });
    expect([orderOf(shop, ref).status, unitStates(shop, ref), orderOf(shop, ref).accepted]).toEqual(["paid", ["sold"], undefined]);
    await tell(shop);
    expect(shop.texting.texts).toHaveLength(1);
    // From now on it is an order like any other: a refund that fails leaves it sold, and back on the desk.
    await stripped("late again", { shop, ref, token: "" });
    expect([orderOf(shop, ref).status, (await onlyOne(shop)).reason]).toEqual(["paid", "units_missing"]);
  });

  it("for the pieces that a failed refund took: the new numbers are told, the old ones stay worthless (I1, I2)", async () => {
    const { ref } = await open(sold("pieces", 3));
    for (const seed of ["more stock"]) expect(await restock(seed)).toBe("ok");
    const told = shop.texting.texts.length;
    await refund(shop, ref, { lines: [{ line: 0, quantity: 2 }] });
    shop.provider.refunding = { kind: "failed", reason: "declined" };
    await shop.fulfil(ref);
    expect(await onlyOne(shop)).toMatchObject({ reason: "units_missing", evidence: { units_missing: 2 } });
    expect((await onlyOne(shop)).ends[0]).toMatchObject({ command: "refundOrder", body: { lines: [{ line: 0, quantity: 2 }] } });
    await give(shop, ref);
    expect([unitStates(shop, ref), orderOf(shop, ref).lines[0]?.units.length]).toEqual([["archived", "archived", "sold", "sold", "sold"], 3]);
    await tell(shop);
    expect(shop.texting.texts.slice(told).map(({ body }) => body)).toEqual([expect.stringMatching(/new number, LW60-\d+, LW60-\d+\./)]);
    expect(await give(shop, ref, {}, "another-key")).toMatchObject({ refusal: "not_on_desk" });
  });
  const restock = async (seed: string) => {
    const fresh = ["0090", "0091", "0092"].map((n) => ({ serial_number: `LW60-${n}` }));
    const body = { listing_id: "lees-car-wash", listing_item_id: "CW-60", location_id: "lees-main", units: fresh };
    return (await stockUnits({ body, key: seed, principal: { type: "operator", id: "stock" } }, shop.ports)).kind;
  };

  it("are never given beside money that is back or on its way (I6)", async () => {
    const { ref } = await open(sold("beside", 2));
    await refund(shop, ref, { amount: 100 });
    await shop.fulfil(ref);
    await refund(shop, ref, { lines: [{ line: 0, quantity: 1 }] }, "second-key");
    shop.provider.refunding = { kind: "failed", reason: "declined" };
    await shop.fulfil(ref);
    expect((await onlyOne(shop)).evidence.units_missing).toBe(1);
    expect(await give(shop, ref)).toMatchObject({ refusal: "refund_standing", context: { amount: 100 } });
    // And not while one is open.
    await refund(shop, ref, { amount: 200 }, "third-key");
    expect((await onlyOne(shop)).reason).toBe("units_missing");
    expect(await give(shop, ref)).toMatchObject({ refusal: "refund_standing" });
    expect(await settle(shop, ref, "written_off")).toMatchObject({ refusal: "refund_running" });
  });

  it("are never given for money that went back at the provider without us, and the desk does not say that it is here (I6)", async () => {
    const { ref } = await open(sold("gone back", 2));
    await refund(shop, ref);
    shop.provider.refunding = { kind: "failed", reason: refundedAtProvider };
    expect(await shop.fulfil(ref)).toEqual({ refund: "failed" });
    const shown = await onlyOne(shop);
    expect([shown.reason, shown.evidence.units_missing]).toEqual(["refunded_at_provider", 2]);
    expect(shown.sentence.en).toMatch(/has gone back already/);
    expect(await ends(shop)).toEqual(["settle: refunded_elsewhere", "settle: given_elsewhere", "settle: written_off"]);
    expect(await give(shop, ref)).toMatchObject({ refusal: "refund_standing" });
    // Whatever else fails later: what was said once stays known.
    await settle(shop, ref, "written_off");
    await refund(shop, ref, { amount: 100 }, "more-key");
    shop.provider.refunding = { kind: "failed", reason: "declined" };
    await shop.fulfil(ref);
    expect(await give(shop, ref)).toMatchObject({ refusal: "refund_standing" });
  });

  it("are never given beside a dispute that is open or lost (I6, I8)", async () => {
    for (const status of ["open", "lost"] as const) {
      const { ref } = await open(mismatched(`beside ${status}`));
      await dispute(shop, ref, status);
      expect(await give(shop, ref, { accept_amount: 5000 })).toMatchObject({ refusal: "disputed", context: { dispute_id: "dp_1" } });
      expect(await ends(shop)).not.toContain("giveUnits");
      expect(unitStates(shop, ref)).toEqual(["reserved"]);
    }
  });

  it("are not given for money that is not there, nor for money of another currency", async () => {
    const unreal = await open(mismatched("unreal", { mode: "live" }));
    expect(await give(shop, unreal.ref, { accept_amount: 6000 })).toEqual({ kind: "refused", refusal: "no_money" });
    expect(await refund(shop, unreal.ref)).toMatchObject({ refusal: "not_refundable" });
    const gone = await open(mismatched("given back by hand", { amount: 0 }));
    expect(await give(shop, gone.ref)).toEqual({ kind: "refused", refusal: "no_money" });
    const foreign = await open(mismatched("foreign", { currency: "USD" }));
    expect(await give(shop, foreign.ref, { accept_amount: 6000 })).toMatchObject({ refusal: "currency_differs", context: { captured: "USD" } });
  });

  it("are not given to a buyer who has them all: only money was owed", async () => {
    const { ref } = await open(sold("goodwill"));
    await refund(shop, ref, { amount: 500 });
    shop.provider.refunding = { kind: "failed", reason: "declined" };
    await shop.fulfil(ref);
    expect(await give(shop, ref)).toMatchObject({ refusal: "nothing_missing" });
    const shown = await onlyOne(shop);
    expect([shown.reason, shown.ends[0]]).toMatchObject(["refund_failed", { command: "refundOrder", body: { amount: 500 } }]);
    await refund(shop, ref, { amount: 500 }, "again-key");
    expect((await list(shop)).exceptions).toEqual([]);
  });

  it("stay owed while a smaller refund goes out: the matter leaves the desk only when it is made good (I6)", async () => {
    const { ref } = await open(sold("small"));
    await stripped("small", { shop, ref, token: "" });
    await refund(shop, ref, { amount: 100 }, "small-key");
    await shop.fulfil(ref);
    expect(await onlyOne(shop)).toMatchObject({ reason: "units_missing" });
    await refund(shop, ref, {}, "rest-key");
    await shop.fulfil(ref);
    expect([orderOf(shop, ref).status, (await list(shop)).exceptions]).toEqual(["refunded", []]);
  });

  it("stay owed behind a dispute that is won (I6)", async () => {
    const { ref } = await open(sold("behind"));
    await stripped("behind", { shop, ref, token: "" });
    await dispute(shop, ref, "open");
    expect((await onlyOne(shop)).reason).toBe("disputed");
    await dispute(shop, ref, "won");
    expect(await onlyOne(shop)).toMatchObject({ reason: "units_missing", evidence: { dispute: { status: "won" } } });
    expect(await give(shop, ref)).toMatchObject({ kind: "ok" });
  });
});
