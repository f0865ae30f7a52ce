import { afterEach, describe, expect, it } from "@jest/globals";
import { previewRefund as previewContract, refundOrder as refundContract } from "../../functions/fulfilment/contract.ts";
import { orderView } from "../../functions/storefront/order-view.ts";
import { unitsOf } from "../inventory/stock-books.ts";
import { rng } from "../support/random.ts";
import { books, kinds, orderOf, paymentOf, preview, refund, refundsIn, type Shop, sold, unitStates } from "./after-sale.ts";

let shop: Shop;
afterEach(() => books(shop));
const open = async (...args: Parameters<typeof sold>) => {
  const made = await sold(...args);
  shop = made.shop;
  return made;
};
const asked = () => [...shop.provider.refunds.values()].map(({ amount }) => amount);

describe("a refund (step 7, I8)", () => {
  it("of everything gives the money back the way it came, reverses the tax and takes the number back for good (I1, trap 8)", async () => {
    const { ref } = await open("full");
    const tax = orderOf(shop, ref).lines[0]?.tax;
    expect(tax?.length).toBeGreaterThan(0);
    const answer = await refund(shop, ref);
    expect(answer).toMatchObject({ kind: "ok", result: { amount: 6000, currency: "CAD", full: true, status: "requested" } });
    expect(refundsIn(shop)[0]?.lines).toEqual([{ line: 0, quantity: 1, amount: 6000, tax, units: orderOf(shop, ref).lines[0]?.units }]);
    expect([orderOf(shop, ref).status, unitStates(shop, ref)]).toEqual(["refund_pending", ["archived"]]);
    expect(shop.started.at(-1)).toEqual(ref);
    expect(asked()).toEqual([]);
    expect(await shop.fulfil(ref)).toEqual({ refund: "refunded" });
    expect(orderOf(shop, ref)).toMatchObject({ status: "refunded", payment_status: "refunded", refunded: 6000, refunds_open: 0 });
    expect(orderOf(shop, ref).due_at).toBeUndefined();
    expect(paymentOf(shop, ref)).toMatchObject({ status: "captured", captured: 6000, refund_reserved: 6000, refunded: 6000 });
    expect([asked(), kinds(shop)]).toEqual([[6000], ["order_refunded", "refund_requested"]]);
    expect(shop.of("POOL")).toHaveLength(2);
  });

  it("of one piece leaves the order paid and the buyer the other pieces", async () => {
    const { ref } = await open("piece", 3);
    await refund(shop, ref, { lines: [{ line: 0, quantity: 1 }] });
    expect(await shop.fulfil(ref)).toEqual({ refund: "refunded" });
    expect(orderOf(shop, ref)).toMatchObject({ status: "paid", payment_status: "paid", refunded: 6000 });
    expect([unitStates(shop, ref), asked()]).toEqual([["archived", "sold", "sold"], [6000]]);
    // The last two end it.
    await refund(shop, ref, { lines: [{ line: 0, quantity: 2 }] }, "second-key");
    await shop.fulfil(ref);
    expect([orderOf(shop, ref).status, unitStates(shop, ref)]).toEqual(["refunded", ["archived", "archived", "archived"]]);
  });

  it("takes the units that are named, and beyond them the last ones (I6)", async () => {
    const { ref } = await open("named", 3);
    const [first, second, third] = orderOf(shop, ref).lines[0]?.units ?? [];
    const serialOf = (id: string | undefined) => unitsOf(shop).find((unit) => unit.id === id)?.serial_number ?? "";
    const change = { lines: [{ line: 0, quantity: 2, serial_numbers: [serialOf(first)] }] };
    const shown = await preview(shop, ref, change);
    expect(shown).toMatchObject({
      kind: "ok",
      result: { lines: [{ units: [first, third], serial_numbers: [serialOf(first), serialOf(third)] }] },
    });
    expect(await refund(shop, ref, change)).toMatchObject({ kind: "ok", result: { lines: [{ units: [first, third] }] } });
    expect(unitsOf(shop).filter(({ status }) => status === "sold")).toMatchObject([{ id: second }]);
  });

  it("of a unit that the buyer does not have changes nothing (I6)", async () => {
    const { ref } = await open("stranger", 2);
    const [first = ""] = orderOf(shop, ref).lines[0]?.units ?? [];
    const serial = unitsOf(shop).find(({ id }) => id === first)?.serial_number ?? "";
    const free = unitsOf(shop).find(({ status }) => status === "available")?.serial_number ?? "";
    await refund(shop, ref, { lines: [{ line: 0, quantity: 1, serial_numbers: [serial] }] });
    const before = shop.digest();
    for (const stranger of [serial, free, "NO-SUCH-UNIT"]) {
      const change = { lines: [{ line: 0, quantity: 1, serial_numbers: [stranger] }] };
      expect(await preview(shop, ref, change)).toEqual({ kind: "refused", refusal: "unit_not_on_order" });
      expect(await refund(shop, ref, change, "stranger-key")).toEqual({ kind: "refused", refusal: "unit_not_on_order" });
    }
    expect(shop.digest()).toBe(before);
  });

  it("names each unit once, and no more of them than pieces", () => {
    const parses = (piece: object) =>
      refundContract.body.safeParse({ merchant_id: "lees", order_id: "0".repeat(16), reason: "not_working", lines: [{ line: 0, ...piece }] }).success;
    expect(parses({ quantity: 2, serial_numbers: ["A-1", "A-2"] })).toBe(true);
    expect(parses({ quantity: 1, serial_numbers: ["A-1", "A-2"] })).toBe(false);
    expect(parses({ quantity: 2, serial_numbers: ["A-1", "A-1"] })).toBe(false);
  });

  it("of an amount leaves the pieces; the rest of the money takes them", async () => {
    const { ref } = await open("amount", 2);
    await refund(shop, ref, { amount: 11_999 });
    await shop.fulfil(ref);
    expect([orderOf(shop, ref).status, unitStates(shop, ref)]).toEqual(["paid", ["sold", "sold"]]);
    expect(await refund(shop, ref, { amount: 2 }, "too-much")).toEqual({ kind: "refused", refusal: "refund_too_large", context: { left: 1 } });
    await refund(shop, ref, { amount: 1 }, "rest-key");
    await shop.fulfil(ref);
    expect([orderOf(shop, ref).status, unitStates(shop, ref)]).toEqual(["refunded", ["archived", "archived"]]);
  });

  it("does exactly what its preview says, and the preview changes nothing", async () => {
    for (const [change, quantity] of [
      [{}, 2],
      [{ amount: 2500 }, 2],
      [{ lines: [{ line: 0, quantity: 1 }] }, 3],
    ] as const) {
      const { ref } = await open(`preview ${quantity} ${JSON.stringify(change)}`, quantity);
      const before = shop.digest();
      const calls = shop.provider.calls;
      const shown = await preview(shop, ref, change as never);
      expect([shop.digest(), shop.provider.calls]).toEqual([before, calls]);
      const done = await refund(shop, ref, change as never);
      if (shown.kind !== "ok" || done.kind !== "ok") throw new Error("refused");
      const { released, lines, ...rest } = shown.result;
      const plan = { ...rest, lines: lines.map(({ serial_numbers: _, ...line }) => line) };
      const { refund_id, status, ...made } = done.result;
      expect([made, released, status, refund_id]).toEqual([plan, [], "requested", refundsIn(shop)[0]?.id]);
      books(shop);
    }
  });

  it("reverses the same tax and money however it is cut (R18)", async () => {
    for (let round = 0; round < 12; round++) {
      const random = rng(`cut ${round}`);
      const { ref } = await open(`cut ${round}`, 3);
      const charged = orderOf(shop, ref).lines[0]?.tax.map(({ amount }) => amount);
      for (let part = 0; orderOf(shop, ref).status === "paid" && part < 6; part++) {
        const left = 18_000 - (orderOf(shop, ref).refunded ?? 0);
        const change = part === 5 ? {} : random() < 0.4 ? { lines: [{ line: 0, quantity: 1 }] } : { amount: 1 + Math.floor(random() * left) };
        await refund(shop, ref, change, `part-key-${part}`);
        await shop.fulfil(ref);
        books(shop);
      }
      const lines = refundsIn(shop).flatMap((each) => each.lines);
      const reversed = charged?.map((_, i) => lines.reduce((total, { tax }) => total + (tax[i]?.amount ?? 0), 0));
      expect([orderOf(shop, ref).status, reversed, unitStates(shop, ref)]).toEqual(["refunded", charged, ["archived", "archived", "archived"]]);
      expect(asked().reduce((a, b) => a + b, 0)).toBe(18_000);
    }
  });
});

describe("what the buyer sees of a refund", () => {
  const page = (token: string) => orderView({ token, language: undefined, back: false }, { ...shop.ports, checkoutOrigin: "https://pay.test" });

  it("is the truth: no number that was taken back, the amount on its way, then back", async () => {
    const { ref, token } = await open("page", 2);
    expect((await page(token))?.units).toHaveLength(2);
    await refund(shop, ref, { lines: [{ line: 0, quantity: 1 }] });
    expect((await page(token))?.units).toHaveLength(1);
    await refund(shop, ref, {}, "rest-key");
    expect(await page(token)).toMatchObject({ state: "closed", units: [], money: { coming: { amount: 12_000 }, back: undefined } });
    await shop.fulfil(ref);
    expect(await page(token)).toMatchObject({ state: "closed", money: { coming: undefined, back: { amount: 12_000 } } });
  });

  it("is that somebody sees to it when the refund failed", async () => {
    const { ref, token } = await open("page failed");
    await refund(shop, ref);
    shop.provider.refunding = { kind: "failed", reason: "declined" };
    await shop.fulfil(ref);
    expect(await page(token)).toMatchObject({ state: "attention", units: [], money: { failed: { amount: 6_000 }, back: undefined } });
  });

  it("sends no text with a number that is worth nothing any more", async () => {
    const { shop: made } = await open("late text");
    const { ref } = await made.buy(2);
    shop.provider.pay(ref.order_id);
    const confirmation = await shop.confirm(ref);
    if (confirmation.settlement !== "settled") throw new Error("not settled");
    await shop.deliver(ref, confirmation.facts);
    await refund(shop, ref);
    const before = shop.texting.texts.length;
    await shop.send(ref);
    expect(shop.texting.texts).toHaveLength(before);
  });
});

describe("a refund asked for more than once (I8, I11)", () => {
  it("by a double click is one refund, and the repeat costs no write and no call", async () => {
    const { ref } = await open("double");
    const first = await refund(shop, ref);
    await shop.fulfil(ref);
    const before = shop.digest();
    const calls = [shop.provider.calls, shop.started.length];
    const again = await refund(shop, ref);
    if (first.kind !== "ok" || again.kind !== "ok") throw new Error("refused");
    expect(again).toEqual({ kind: "ok", repeated: true, result: { ...first.result, status: "succeeded" } });
    expect([shop.digest(), [shop.provider.calls, shop.started.length]]).toEqual([before, calls]);
    expect(await refund(shop, ref, { amount: 5 })).toEqual({ kind: "refused", refusal: "key_reused" });
  });

  it("by the same click twice at once is one refund", async () => {
    const { ref } = await open("twice at once");
    const answers = await Promise.all([1, 2, 3].map(() => refund(shop, ref, { amount: 1000 })));
    expect(answers.map((each) => each.kind)).toEqual(["ok", "ok", "ok"]);
    expect(refundsIn(shop)).toHaveLength(1);
  });

  it("by the same click twice is one refund, also when the first takes everything while the second reads (I11)", async () => {
    let first: Promise<unknown> | undefined;
    let waits = false;
    const { ref } = await open("everything, twice", 1, {
      around: async <R>(call: { keys: readonly { pk: string }[] }, proceed: () => Promise<R>): Promise<R> => {
        // Between the look at the order and the look at its payment.
        if (waits && call.keys[0]?.pk.startsWith("PAYMENT#")) {
          waits = false;
          first = refund(shop, ref);
          await first;
        }
        return proceed();
      },
    });
    waits = true;
    const second = await refund(shop, ref);
    expect([await first, second]).toMatchObject([{ kind: "ok" }, { kind: "ok", repeated: true }]);
    expect(refundsIn(shop)).toHaveLength(1);
  });

  it("by two operators at once never passes what was captured", async () => {
    const { ref } = await open("two operators");
    const answers = await Promise.all(
      ["ann", "bob", "cid"].map((id) => refund(shop, ref, { amount: 2500 }, "same-key-for-all", { type: "operator", id })),
    );
    expect(answers.map((each) => (each.kind === "ok" ? each.result.amount : each.refusal)).sort()).toEqual([2500, 2500, "refund_too_large"]);
    await shop.fulfil(ref);
    expect([asked(), paymentOf(shop, ref).refunded]).toEqual([[2500, 2500], 5000]);
  });

  it("in parts is refused where the parts pass what was captured, and says what is left", async () => {
    const { ref } = await open("parts", 2);
    await refund(shop, ref, { amount: 7000 });
    const before = shop.digest();
    expect(await refund(shop, ref, { amount: 5001 }, "second-key")).toEqual({
      kind: "refused",
      refusal: "refund_too_large",
      context: { left: 5000 },
    });
    expect(await refund(shop, ref, { lines: [{ line: 0, quantity: 3 }] }, "third-key")).toMatchObject({ refusal: "quantity_too_large" });
    expect(shop.digest()).toBe(before);
    // Both pieces are worth 12,000; only what is left goes back.
    expect(await refund(shop, ref, { lines: [{ line: 0, quantity: 2 }] }, "fourth-key")).toMatchObject({ result: { amount: 5000, full: true } });
    expect(await refund(shop, ref, {}, "fifth-key")).toMatchObject({ refusal: "nothing_to_refund" });
  });
});

describe("bad input (I8, TH4)", () => {
  it.each([
    [{ lines: [{ line: 1, quantity: 1 }] }, "line_unknown"],
    [
      {
        lines: [
          { line: 0, quantity: 1 },
          { line: 0, quantity: 1 },
        ],
      },
      "line_unknown",
    ],
    [{ lines: [{ line: 0, quantity: 9 }] }, "quantity_too_large"],
    [{ amount: 6001 }, "refund_too_large"],
    [{ merchant_id: "other" }, "order_unknown"],
  ])("%j is refused as %s and changes nothing", async (change, refusal) => {
    const { ref } = await open("bad");
    const before = shop.digest();
    expect(await refund(shop, ref, change as never)).toMatchObject({ kind: "refused", refusal });
    expect(await preview(shop, ref, change as never)).toMatchObject({ kind: "refused", refusal });
    expect([shop.digest(), asked(), shop.started]).toEqual([before, [], []]);
  });

  it.each([
    { amount: 0 },
    { amount: -1 },
    { amount: 1.5 },
    { amount: "5" },
    { amount: 5, lines: [{ line: 0, quantity: 1 }] },
    { lines: [] },
    { lines: [{ line: 0, quantity: 0 }] },
    { lines: [{ line: -1, quantity: 1 }] },
    { reason: "because" },
    { currency: "USD" },
    { order_id: "../ORDER" },
  ])("%j does not pass the contract", (change) => {
    const body = { merchant_id: "lees", order_id: "0123456789abcdef", reason: "goodwill", ...change };
    expect([refundContract.body.safeParse(body).success, previewContract.body.safeParse(body).success]).toEqual([false, false]);
  });

  it("of an order without money there is nothing to refund", async () => {
    const { shop: made } = await open("unpaid");
    const { ref } = await made.buy(2);
    const before = shop.digest();
    expect(await refund(shop, ref)).toEqual({ kind: "refused", refusal: "not_refundable" });
    expect(shop.digest()).toBe(before);
  });
});

describe("money that bought nothing", () => {
  it("goes back whole from the exceptions desk, and the units that nobody saw go back to stock", async () => {
    const { shop: made } = await open("mismatch");
    const { ref } = await made.buy(2);
    shop.provider.pay(ref.order_id, { amount: 5000 });
    await shop.fulfil(ref);
    expect([orderOf(shop, ref).status, unitStates(shop, ref)]).toEqual(["attention", ["reserved"]]);
    expect(await refund(shop, ref, { amount: 1 })).toMatchObject({ refusal: "refund_whole_only" });
    expect(await preview(shop, ref)).toMatchObject({ result: { amount: 5000, lines: [], released: [expect.any(String)] } });
    await refund(shop, ref);
    expect(unitStates(shop, ref)).toEqual([]);
    await shop.fulfil(ref);
    expect([orderOf(shop, ref).status, asked()]).toEqual(["refunded", [5000]]);
  });

  it("stays with the desk when it cannot be paid back", async () => {
    const { shop: made } = await open("mismatch fails");
    const { ref } = await made.buy(2);
    shop.provider.pay(ref.order_id, { currency: "USD" });
    await shop.fulfil(ref);
    await refund(shop, ref);
    shop.provider.refunding = { kind: "failed", reason: "insufficient_funds" };
    await shop.fulfil(ref);
    expect(orderOf(shop, ref)).toMatchObject({ status: "attention", reason: "refund_failed", refunds_open: 0 });
    expect(refundsIn(shop)[0]?.currency).toBe("USD");
    await refund(shop, ref, {}, "again-key");
    await shop.fulfil(ref);
    expect(orderOf(shop, ref).status).toBe("refunded");
  });
});
