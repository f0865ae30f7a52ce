import { afterEach, describe, expect, it } from "@jest/globals";
import { giveUnits as giveContract, settleException as settleContract } from "../../functions/fulfilment/contract.ts";
import { deliver } from "../../functions/fulfilment/deliver.ts";
import { openShop } from "../support/shop.ts";
import { books, orderOf, type Ref, refund, refundsIn, type Shop, sold, unitStates } from "./after-sale.ts";
import { dispute, give, indexHolds, lateAndUnpaid, list, mismatched, onlyOne, operations, settle, stripped } from "./desk.ts";

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
    expect(operations(shop, "order_needs_attention")[0]?.details).toMatchObject({ captured, evidence: { differs: [what] } });
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
    await dispute(shop, ref, "open");
    expect(await onlyOne(shop)).toMatchObject({ since, reason: "disputed" });
    await dispute(shop, ref, "won");
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
      expect(sentence.fr).not.toMatch(/[^\u00a0]:/);
      seen.add(reason);
    };
    await dispute(shop, ref, "open");
    await look();
    await dispute(shop, ref, "won");
    await stripped("languages", { shop, ref, token: "" });
    await look();
    await dispute(shop, ref, "lost", "dp_2");
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
      await dispute(shop, made.ref, "open");
      return made;
    };
    expect(await offered(disputed)).toEqual(["settle: dispute_answered"]);
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
