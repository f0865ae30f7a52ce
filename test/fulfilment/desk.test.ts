import { afterEach, describe, expect, it } from "@jest/globals";
import { giveUnits as giveContract, listExceptions as listContract, settleException as settleContract } from "../../functions/fulfilment/contract.ts";
import { deliver } from "../../functions/fulfilment/deliver.ts";
import { send, sendGiven } from "../../functions/fulfilment/send.ts";
import { stockUnits } from "../../functions/inventory/stock-units.ts";
import { markAttention, markPaid } from "../../functions/orders/order-table.ts";
import type { Payment } from "../../functions/payments/payment.ts";
import { losePayment, reserveRefund } from "../../functions/payments/payment-table.ts";
import type { DisputeFact } from "../../functions/payments/provider-after-sale.ts";
import { orderView } from "../../functions/storefront/order-view.ts";
import type { Instant } from "../../platform/clock/clock.ts";
import { LostResponse } from "../../platform/table/memory.ts";
import type { Write } from "../../platform/table/model.ts";
import { openShop } from "../support/shop.ts";
import { books, orderOf, paymentOf, preview, type Ref, refund, refundsIn, type Shop, sold, unitStates } from "./after-sale.ts";
import { ends, give, indexHolds, lateAndUnpaid, list, mismatched, onlyOne, settle, stripped } from "./desk.ts";

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
const says = (id: string, status: DisputeFact["status"]): void => {
  shop.provider.disputes = { kind: "known", disputes: [{ id, status, amount: 6000 }] };
};
const dispute = (ref: Ref, status: DisputeFact["status"], id = "dp_1") => {
  says(id, status);
  return shop.fulfil({ ...ref, news: "dispute" });
};
const operations = (kind: string) => shop.of<{ kind: string; details: Record<string, unknown> }>("OP").filter((op) => op.kind === kind);
const given = () => shop.of<{ id: string; kind: string; subject: string; merchant_id: string }>("OP").find(({ kind }) => kind === "units_given");
const tell = async (): Promise<void> => {
  const op = given();
  if (op) await sendGiven({ merchant_id: op.merchant_id, order_id: op.subject, id: op.id }, shop.ports);
};

describe("wrong money never delivers and lands on the desk with its evidence (I5, I9)", () => {
  it.each([
    ["amount", { amount: 5999 }, { amount: 5999 }, 5999],
    ["currency", { currency: "USD" }, { currency: "USD" }, 6000],
    ["mode", { mode: "live" }, { mode: "live", connection: { mode: "test", account: "acct_test" } }, 0],
  ] as const)("another %s: found as it was, nothing given", async (what, other, found, captured) => {
    const { ref } = await open(mismatched(`wrong ${what}`, other));
    const shown = await onlyOne(shop);
    expect(shown).toMatchObject({
      order_id: ref.order_id,
      status: "attention",
      reason: "payment_mismatch",
      evidence: { planned: { amount: 6000, currency: "CAD", connection_id: shop.connection_id }, captured: { amount: captured } },
    });
    expect(shown.evidence.found).toMatchObject({ differs: [what], intent_id: "pi_cs_0", session_id: "cs_0", ...found });
    expect(operations("order_needs_attention")[0]?.details).toMatchObject({ captured, evidence: { differs: [what] } });
    expect([unitStates(shop, ref), shop.texting.texts.length]).toEqual([["reserved"], 0]);
    // The evidence is ours: the provider may tell another story by now.
    shop.provider.pay(ref.order_id);
    const calls = shop.provider.calls;
    expect([await onlyOne(shop), shop.provider.calls]).toEqual([shown, calls]);
    expect(await shop.fulfil(ref)).toBe("done");
  });

  it.each([
    ["connection", { connection: { id: "another", account: "acct_other", mode: "test" as const } }],
    ["session", { session_id: "cs_other" }],
  ])("another %s: the plan's own is the only one that delivers", async (what, other) => {
    const { ref } = await open(mismatchedFacts(`wrong ${what}`, other));
    const shown = await onlyOne(shop);
    expect(shown.evidence.found).toMatchObject({ differs: [what], ...other });
    expect(await give(shop, ref)).toMatchObject({ refusal: "amount_not_accepted" });
    expect(unitStates(shop, ref)).toEqual(["reserved"]);
    // It goes back the way it came.
    await refund(shop, ref);
    expect(refundsIn(shop)[0]?.connection_id).toBe(what === "connection" ? "another" : shop.connection_id);
    await expectFailedOrBack(ref, what);
  });

  const mismatchedFacts = async (seed: string, other: object) => {
    const made = await openShop(seed, 3);
    const { ref } = await made.buy(1);
    made.provider.pay(ref.order_id);
    const confirmation = await made.confirm(ref);
    if (confirmation.settlement !== "settled") throw new Error("not settled");
    expect(await made.deliver(ref, { ...confirmation.facts, ...other })).toEqual({ delivered: false, reason: "payment_mismatch" });
    return { shop: made, ref };
  };
  /** Of a connection that is not there nobody knows anything: the refund stays owed and looked after. */
  const expectFailedOrBack = async (ref: Ref, what: string): Promise<void> => {
    if (what === "connection") await expect(shop.fulfil(ref)).rejects.toMatchObject({ name: "ProviderUnknown" });
    else await shop.fulfil(ref);
    expect(orderOf(shop, ref).status).toBe(what === "connection" ? "refund_pending" : "refunded");
  };

  it("a hold that ends between look and delivery is late money, and nobody's desk while units are left (G-50)", async () => {
    const made = await openShop("crossed", 2);
    shop = made;
    const { ref } = await made.buy(1);
    made.pass(34 * 60);
    let crossed = false;
    const get = made.ports.table.get;
    const table: typeof made.ports.table = {
      ...made.ports.table,
      get: (async (entity: never, id: never, options: never) => {
        const item = await get(entity, id, options);
        if (!crossed && (item as { status?: string } | undefined)?.status === "awaiting_payment") {
          crossed = true;
          await made.release(ref);
        }
        return item;
      }) as typeof get,
    };
    const session = made.of<{ session_id?: string }>("PAYMENT")[0]?.session_id ?? "";
    const facts = { amount: 6000, currency: "CAD", intent_id: "pi_1", session_id: session, mode: "test" as const };
    expect(await deliver(ref, facts, { ...made.ports, table })).toEqual({ delivered: true });
    expect([crossed, orderOf(made, ref).status, unitStates(made, ref)]).toEqual([true, "paid", ["sold"]]);
  });
});

describe("the list of the desk", () => {
  it("shows one merchant's orders, oldest or newest first, page by page, each once, without a scan", async () => {
    const made = await openShop("pages", 30);
    shop = made;
    const refs: string[] = [];
    for (let n = 0; n < 23; n++) {
      const { ref } = await made.buy(n);
      made.provider.pay(ref.order_id, { amount: 1 });
      await made.fulfil(ref);
      // Two at a time are there since the same moment.
      if (n % 2 === 1) made.pass(60);
      refs.push(ref.order_id);
    }
    const first = await list(made);
    const rest = await list(made, { cursor: first.cursor });
    expect([first.exceptions.length, rest.exceptions.length, rest.cursor]).toEqual([20, 3, undefined]);
    const ids = [...first.exceptions, ...rest.exceptions].map(({ order_id }) => order_id);
    expect(ids.toSorted()).toEqual(refs.toSorted());
    const since = [...first.exceptions, ...rest.exceptions].map((each) => each.since);
    expect(since).toEqual(since.toSorted());
    const newest = await list(made, { first: "newest" });
    const oldest = await list(made, { first: "newest", cursor: newest.cursor });
    expect([...newest.exceptions, ...oldest.exceptions].map(({ order_id }) => order_id)).toEqual(ids.toReversed());
    expect(await list(made, { merchant_id: "another" })).toEqual({ exceptions: [] });
  });

  it("keeps an order's place while one matter follows another", async () => {
    const { ref } = await open(mismatched("place"));
    const { since } = await onlyOne(shop);
    shop.pass(600);
    await dispute(ref, "open");
    expect(await onlyOne(shop)).toMatchObject({ since, reason: "disputed" });
    await dispute(ref, "won");
    expect(await onlyOne(shop)).toMatchObject({ since, reason: "payment_mismatch" });
  });

  it("believes the orders and not the index, which may lag", async () => {
    const made = await openShop("lag", 3, { lagged: true });
    shop = made;
    const { ref } = await made.buy(1);
    made.provider.pay(ref.order_id, { amount: 1 });
    await made.fulfil(ref);
    expect((await list(made)).exceptions).toEqual([]);
    made.table.catchUpDue();
    expect((await list(made)).exceptions).toHaveLength(1);
    await refund(made, ref);
    expect((await list(made)).exceptions).toEqual([]);
  });

  it("costs an order on its way to its buyer nothing", async () => {
    const made = await openShop("free of charge");
    shop = made;
    const { ref } = await made.buy(1);
    made.provider.pay(ref.order_id);
    const confirmation = await made.confirm(ref);
    if (confirmation.settlement !== "settled") throw new Error("not settled");
    const before = made.table.consumed.writes;
    await made.deliver(ref, confirmation.facts);
    expect(made.table.consumed.writes - before).toBeLessThanOrEqual(11);
    expect(Object.keys(orderOf(made, ref)).filter((name) => name.startsWith("desk"))).toEqual([]);
    expect((await list(made)).exceptions).toEqual([]);
  });

  it("says every reason in every language", async () => {
    const { ref } = await open(sold("languages"));
    const seen = new Set<string>();
    const look = async () => {
      const { reason, sentence } = await onlyOne(shop);
      expect([sentence.en, sentence.fr, sentence.zh].every((text) => text.length > 5)).toBe(true);
      seen.add(reason);
    };
    await dispute(ref, "open");
    await look();
    await dispute(ref, "won");
    await stripped("languages", { shop, ref, token: "" });
    await look();
    await dispute(ref, "lost", "dp_2");
    await look();
    expect([...seen]).toEqual(["disputed", "units_missing", "dispute_lost"]);
  });

  it("offers only what is accepted as it stands, and each offer is", async () => {
    const offered = async (make: () => Promise<{ shop: Shop; ref: Ref }>) => {
      const all: string[] = [];
      for (let n = 0; ; n++) {
        const { ref } = await open(make());
        const end = (await onlyOne(shop)).ends[n];
        if (!end) return all;
        all.push(end.command === "settleException" ? `settle: ${String(end.body.reason)}` : end.command);
        const { merchant_id: _m, order_id: _o, ...rest } = end.body;
        const answer =
          end.command === "refundOrder"
            ? await refund(shop, ref, rest)
            : end.command === "giveUnits"
              ? await give(shop, ref, rest)
              : await settle(shop, ref, rest.reason as "written_off");
        expect([end.command, answer.kind]).toEqual([end.command, "ok"]);
        const contract = end.command === "giveUnits" ? giveContract : settleContract;
        if (end.command !== "refundOrder") expect(contract.body.safeParse(end.body).success).toBe(true);
        expect((await list(shop)).exceptions).toEqual([]);
      }
    };
    expect(await offered(() => mismatched("offer amount"))).toEqual([
      "refundOrder",
      "giveUnits",
      "settle: refunded_elsewhere",
      "settle: written_off",
    ]);
    expect(await offered(() => mismatched("offer currency", { currency: "USD" }))).toEqual([
      "refundOrder",
      "settle: refunded_elsewhere",
      "settle: written_off",
    ]);
    const noMoney = ["settle: no_money", "settle: refunded_elsewhere", "settle: written_off"];
    expect(await offered(() => mismatched("offer mode", { mode: "live" }))).toEqual(noMoney);
    const elsewhere = ["settle: refunded_elsewhere", "settle: given_elsewhere", "settle: written_off"];
    expect(await offered(() => lateAndUnpaid("offer late"))).toEqual(["refundOrder", ...elsewhere]);
    expect(await offered(async () => stripped("offer", await sold("offer stripped")))).toEqual(["refundOrder", "giveUnits", ...elsewhere]);
    const disputed = async () => {
      const made = await open(sold("offer disputed"));
      await dispute(made.ref, "open");
      return made;
    };
    expect(await offered(disputed)).toEqual(["settle: dispute_answered"]);
  });
});

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
    expect(operations("units_given")[0]?.details).toMatchObject({ money: { amount: 5000, difference: -1000 }, note: "paid the rest in cash" });
    await tell();
    await tell();
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
    await tell();
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
    await tell();
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

  it("are never given beside a dispute that is open or lost (I6, I8)", async () => {
    for (const status of ["open", "lost"] as const) {
      const { ref } = await open(mismatched(`beside ${status}`));
      await dispute(ref, status);
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
    await dispute(ref, "open");
    expect((await onlyOne(shop)).reason).toBe("disputed");
    await dispute(ref, "won");
    expect(await onlyOne(shop)).toMatchObject({ reason: "units_missing", evidence: { dispute: { status: "won" } } });
    expect(await give(shop, ref)).toMatchObject({ kind: "ok" });
  });
});

describe("a command of the desk that comes more than once, or not alone (I6, I11)", () => {
  it("gives once for one key, whatever came after; another body under it is refused", async () => {
    const { ref } = await open(mismatched("key"));
    const first = await give(shop, ref, { accept_amount: 5000 });
    if (first.kind !== "ok") throw new Error("refused");
    await refund(shop, ref);
    const before = shop.digest();
    expect(await give(shop, ref, { accept_amount: 5000 })).toEqual({ ...first, repeated: true });
    expect(await give(shop, ref, { accept_amount: 5001 })).toEqual({ kind: "refused", refusal: "key_reused" });
    expect(shop.digest()).toBe(before);
  });

  it("gives once when the first answer was lost on the way, and to two equal commands at the same moment", async () => {
    let losses = 1;
    const made = await openShop("lost answer", 3, {
      around: async (call, proceed) => {
        const answer = await proceed();
        if (losses > 0 && call.writes.some(({ entity, op }) => entity.name === "operation" && op === "create" && isGiven(call.writes))) {
          losses -= 1;
          throw new LostResponse();
        }
        return answer;
      },
    });
    shop = made;
    const { ref } = await made.buy(1);
    made.provider.pay(ref.order_id, { amount: 5000 });
    await made.fulfil(ref);
    const answers = await Promise.all([give(made, ref, { accept_amount: 5000 }), give(made, ref, { accept_amount: 5000 })]);
    expect([answers.map(({ kind }) => kind), losses, unitStates(made, ref), operations("units_given").length]).toEqual([
      ["ok", "ok"],
      0,
      ["sold"],
      1,
    ]);
  });
  const isGiven = (writes: readonly { op: string }[]): boolean => JSON.stringify(writes).includes("units_given");

  it("of two operators, one refunds or one gives, never both", async () => {
    for (let round = 0; round < 8; round++) {
      const { ref } = await open(round % 2 ? mismatched(`race ${round}`) : stripped(`race ${round}`, await sold(`race ${round}`)));
      const accept = round % 2 ? { accept_amount: 5000 } : {};
      const commands = [() => refund(shop, ref, {}, "race-refund"), () => give(shop, ref, accept), () => settle(shop, ref, "refunded_elsewhere")];
      const order = round < 4 ? commands : commands.toReversed();
      const answers = await Promise.all(order.map((run) => run()));
      const won = answers.filter(({ kind }) => kind === "ok").length;
      const effects =
        operations("units_given").length +
        operations("exception_settled").length +
        refundsIn(shop).filter(({ status }) => status !== "failed").length;
      // A refund after units were given is a sale's, with its numbers taken back: the only one that may follow.
      const sale = operations("units_given").length === 1 && orderOf(shop, ref).status === "refund_pending";
      expect([won, effects]).toEqual(sale ? [2, 2] : [1, 1]);
      if (sale) expect(unitStates(shop, ref).includes("sold")).toBe(false);
      await shop.fulfil(ref);
      expect((await list(shop)).exceptions).toEqual([]);
    }
  });

  it("gives nothing when the money goes in the same moment: the payment is looked at in the transaction itself (I5)", async () => {
    for (const away of [losePayment, (payment: Payment, at: Instant) => reserveRefund(payment, 1, at)]) {
      let losses = 0;
      const made = await openShop("gone", 3, {
        around: async (call, proceed) => {
          if (losses === 0 && isGiven(call.writes)) {
            losses += 1;
            await made.table.write(away(paymentOf(made, ref), made.ports.clock.now()) as Write<"order_moved">);
          }
          return proceed();
        },
      });
      const { ref } = await made.buy(1);
      made.provider.pay(ref.order_id, { amount: 5000 });
      await made.fulfil(ref);
      const answer = await give(made, ref, { accept_amount: 5000 });
      expect([losses, answer.kind, unitStates(made, ref), orderOf(made, ref).status]).toEqual([1, "refused", ["reserved"], "attention"]);
    }
    // What was taken away past its own verbs is not judged by the books.
    await open(mismatched("untouched"));
  });

  it("never makes an order paid that the sale itself could not deliver", async () => {
    const { ref } = await open(mismatched("not by the sale"));
    const order = orderOf(shop, ref);
    const outcome = await shop.table.write(markPaid(order, "pi_1", shop.ports.clock.now()));
    expect(outcome).toMatchObject({ kind: "refused", refusal: "not_awaiting_payment" });
    const seenBefore = { ...order, status: "awaiting_payment" } as const;
    expect(await shop.table.write(markAttention(seenBefore, "stock_lost", shop.ports.clock.now()))).toMatchObject({ kind: "refused" });
  });

  it("of another merchant's order knows nothing", async () => {
    const { ref } = await open(mismatched("foreign order"));
    const theirs = { ...ref, merchant_id: "another" };
    const before = shop.digest();
    expect(await give(shop, theirs, { accept_amount: 5000 })).toEqual({ kind: "refused", refusal: "order_unknown" });
    expect(await settle(shop, theirs, "written_off")).toEqual({ kind: "refused", refusal: "order_unknown" });
    expect(await refund(shop, theirs)).toEqual({ kind: "refused", refusal: "order_unknown" });
    expect(shop.digest()).toBe(before);
  });

  it.each([
    [giveContract, { accept_amount: 0 }],
    [giveContract, { accept_amount: 1.5 }],
    [giveContract, { note: "x".repeat(301) }],
    [settleContract, {}],
    [settleContract, { reason: "because" }],
    [settleContract, { reason: "written_off", note: "" }],
    [listContract, { first: "loudest" }],
  ])("that is malformed does not pass the contract (%#)", (contract, more) => {
    const body = contract === listContract ? { merchant_id: "lees", ...more } : { merchant_id: "lees", order_id: "0123456789abcdef", ...more };
    expect(contract.body.safeParse(body).success).toBe(false);
  });
});

describe("a refund from the desk", () => {
  it("takes the order off, and one that fails puts it back with its own reason and time", async () => {
    const { ref } = await open(mismatched("off and on"));
    const { since } = await onlyOne(shop);
    await refund(shop, ref);
    expect((await list(shop)).exceptions).toEqual([]);
    shop.pass(600);
    shop.provider.refunding = { kind: "failed", reason: "insufficient_funds" };
    await shop.fulfil(ref);
    const again = await onlyOne(shop);
    expect(again).toMatchObject({ reason: "refund_failed", evidence: { refunds: [{ status: "failed", failure: "insufficient_funds" }], units: [] } });
    expect(again.since > since).toBe(true);
    await refund(shop, ref, {}, "again-key");
    await shop.fulfil(ref);
    // Days later the bank sends it back after all.
    shop.provider.fates.set(refundsIn(shop).find(({ status }) => status === "succeeded")?.provider_refund_id ?? "", {
      kind: "failed",
      reason: "expired_card",
    });
    await shop.fulfil({ ...ref, news: "refund" });
    expect(await onlyOne(shop)).toMatchObject({ status: "attention", reason: "refund_failed" });
  });
});

describe("what a person settled elsewhere", () => {
  it("leaves the desk with a record; money stays where it is, and the hold ends with its order (I4, I6, I32)", async () => {
    const { ref, token } = await open(mismatched("settled"));
    const payment = paymentOf(shop, ref);
    const free = shop.of("POOL").length;
    const answer = await settle(shop, ref, "refunded_elsewhere", { note: "in cash at the counter" });
    expect(answer).toMatchObject({ kind: "ok", result: { reason: "refunded_elsewhere", released: [expect.any(String)] } });
    expect(orderOf(shop, ref)).toMatchObject({ status: "attention", settled: { reason: "refunded_elsewhere" } });
    expect([paymentOf(shop, ref), shop.of("POOL").length, unitStates(shop, ref)]).toEqual([payment, free + 1, []]);
    expect(operations("exception_settled")[0]?.details).toMatchObject({
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
    await dispute(ref, "open");
    for (const reason of ["dispute_answered", "written_off"] as const) expect(await settle(shop, ref, reason)).toMatchObject({ refusal: "disputed" });
    expect(orderOf(shop, ref).settled).toBeUndefined();
  });

  it("of a dispute is an answer: it comes back when the dispute is lost", async () => {
    const { ref } = await open(sold("answered"));
    await dispute(ref, "open");
    expect(await settle(shop, ref, "written_off")).toMatchObject({ refusal: "disputed" });
    expect(await settle(shop, ref, "dispute_answered", {}, "answer-key")).toMatchObject({ kind: "ok", result: { released: [] } });
    expect([(await list(shop)).exceptions, unitStates(shop, ref)]).toEqual([[], ["sold, frozen by dp_1"]]);
    expect(orderOf(shop, ref).due_at).toBeDefined();
    await dispute(ref, "lost");
    expect(await onlyOne(shop)).toMatchObject({ reason: "dispute_lost" });
    expect(await settle(shop, ref, "written_off", {}, "end-key")).toMatchObject({ kind: "ok" });
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
