import { afterEach, describe, expect, it } from "@jest/globals";
import { nextDispute } from "../../functions/fulfilment/dispute-decision.ts";
import { refusalsMax } from "../../functions/fulfilment/pay-back.ts";
import { disputeLookMinutes, sweep } from "../../functions/fulfilment/sweep.ts";
import type { DisputeFact, RefundAnswer } from "../../functions/payments/provider-after-sale.ts";
import { orderView } from "../../functions/storefront/order-view.ts";
import { LostResponse } from "../../platform/table/memory.ts";
import { books, kinds, orderOf, paymentOf, quarrel, type Ref, refund, refundsIn, type Shop, sold, unitStates } from "./after-sale.ts";
import { ends, list, mismatched, onlyOne, settle } from "./desk.ts";

let shop: Shop;
afterEach(() => books(shop));
const open = async (...args: Parameters<typeof sold>) => {
  const made = await sold(...args);
  shop = made.shop;
  return made;
};
const says = (...disputes: (readonly [string, DisputeFact["status"]])[]): void => {
  quarrel(shop, ...disputes.map(([id, status]) => ({ id, status })));
};
const news = (ref: Ref) => shop.fulfil({ ...ref, news: "dispute" });

describe("a dispute (trap 12, I6, I8)", () => {
  it("freezes the unit and the order while it is open, and is looked at again without news", async () => {
    const { ref } = await open("opened");
    says(["dp_1", "open"]);
    expect(await news(ref)).toMatchObject({ dispute: "open" });
    expect(orderOf(shop, ref)).toMatchObject({ status: "paid", payment_status: "paid", dispute: { id: "dp_1", status: "open", amount: 6000 } });
    expect(orderOf(shop, ref).attention_note).toMatchObject({ reason: "disputed", subject: "dp_1" });
    expect([unitStates(shop, ref), kinds(shop), paymentOf(shop, ref).status]).toEqual([["sold, frozen by dp_1"], ["dispute_opened"], "captured"]);
    // The news of its end is lost: the sweep comes by all the same, and seldom.
    says(["dp_1", "won"]);
    await sweep(shop.ports);
    const looks = shop.started.length;
    shop.pass((disputeLookMinutes - 1) * 60);
    await sweep(shop.ports);
    expect(shop.started).toHaveLength(looks);
    shop.pass(60);
    await sweep(shop.ports);
    expect(shop.started).toHaveLength(looks + 1);
    expect(await shop.fulfil(ref)).toMatchObject({ dispute: "won" });
  });

  it("won gives everything back as it was", async () => {
    const { ref } = await open("won", 2);
    says(["dp_1", "open"]);
    await news(ref);
    says(["dp_1", "won"]);
    expect(await news(ref)).toMatchObject({ dispute: "won" });
    const order = orderOf(shop, ref);
    expect([order.status, order.dispute?.status, order.attention_note, order.due_at]).toEqual(["paid", "won", undefined, undefined]);
    expect([unitStates(shop, ref), kinds(shop)]).toEqual([
      ["sold", "sold"],
      ["dispute_opened", "dispute_won"],
    ]);
  });

  it("lost settles: the money is lost, the units with it, and the page shows no number any more", async () => {
    const { ref, token } = await open("lost");
    const page = () => orderView({ token, language: undefined, back: false }, { ...shop.ports, checkoutOrigin: "https://pay.test" });
    says(["dp_1", "open"]);
    await news(ref);
    expect((await page())?.units).toHaveLength(1);
    says(["dp_1", "lost"]);
    expect(await news(ref)).toMatchObject({ dispute: "lost" });
    expect(orderOf(shop, ref)).toMatchObject({ status: "paid", payment_status: "lost", dispute: { status: "lost" } });
    expect([unitStates(shop, ref), paymentOf(shop, ref).status, orderOf(shop, ref).due_at]).toEqual([["archived"], "lost", undefined]);
    expect(kinds(shop)).toEqual(["dispute_lost", "dispute_opened"]);
    expect(shop.of("POOL")).toHaveLength(2);
    expect(await page()).toMatchObject({ state: "closed", units: [] });
  });

  it.each([
    [["open", "lost", "open", "won"], "lost", ["archived"]],
    [["lost", "open"], "lost", ["archived"]],
    [["open", "won", "open", "lost"], "won", ["sold"]],
    [["won", "open", "lost"], "won", ["sold"]],
    [["open", "open", "open"], "open", ["sold, frozen by dp_1"]],
  ] as const)("told as %j stays with the first end (I10, I12)", async (told, ends, states) => {
    const { ref } = await open(`told ${told}`);
    for (const status of told) {
      says(["dp_1", status]);
      await news(ref);
    }
    expect([orderOf(shop, ref).dispute?.status, unitStates(shop, ref)]).toEqual([ends, states]);
  });

  it.each([
    ["lost", "won", "archived"],
    ["won", "lost", "sold"],
    ["won", "open", "sold"],
  ] as const)("that was %s and is %s since moves nothing, and a person is told once (I10)", async (ended, since, state) => {
    const { ref } = await open(`moved ${ended} ${since}`);
    says(["dp_1", ended]);
    await news(ref);
    says(["dp_1", since]);
    await news(ref);
    expect([(await onlyOne(shop)).reason, unitStates(shop, ref)]).toEqual(["dispute_moved", [state]]);
    expect(orderOf(shop, ref).dispute).toMatchObject({ status: ended, since });
    await settle(shop, ref, "written_off");
    const before = shop.digest();
    await news(ref);
    expect([shop.digest(), (await list(shop)).exceptions]).toEqual([before, []]);
  });

  it("lost over a part of the money says so, and nobody records that none of it is there", async () => {
    const { ref } = await open("part", 2);
    says(["dp_1", "lost"]);
    await news(ref);
    expect((await onlyOne(shop)).reason).toBe("lost_in_part");
    expect(await ends(shop)).toEqual(["settle: refunded_elsewhere", "settle: given_elsewhere", "settle: written_off"]);
    expect(await settle(shop, ref, "no_money")).toMatchObject({ refusal: "reason_does_not_fit" });
  });

  it("that was won does not hide another one", async () => {
    const { ref } = await open("second");
    says(["dp_1", "open"]);
    await news(ref);
    says(["dp_2", "open"], ["dp_1", "won"]);
    await news(ref);
    expect(orderOf(shop, ref).dispute).toMatchObject({ id: "dp_2", status: "open" });
    says(["dp_2", "lost"], ["dp_1", "won"]);
    await news(ref);
    expect([orderOf(shop, ref).dispute, unitStates(shop, ref)]).toMatchObject([{ id: "dp_2", status: "lost" }, ["archived"]]);
    expect(kinds(shop)).toEqual(["dispute_lost", "dispute_opened", "dispute_opened", "dispute_won"]);
  });

  it("heard of again costs no write (I12)", async () => {
    const { ref } = await open("again");
    for (const status of ["open", "won"] as const) {
      says(["dp_1", status]);
      await news(ref);
      const before = shop.digest();
      await news(ref);
      await Promise.all([news(ref), news(ref)]);
      expect(shop.digest()).toBe(before);
    }
  });

  it("that the provider does not know of changes nothing, whatever the event said (I13)", async () => {
    const { ref } = await open("hoax");
    const before = shop.digest();
    expect(await news(ref)).toEqual({ dispute: "none", refund: "nothing_owed" });
    expect(shop.digest()).toBe(before);
  });

  it("that the provider is silent about is asked for again by the sweep", async () => {
    const { ref } = await open("silent");
    shop.provider.disputes = { kind: "unknown" };
    await expect(news(ref)).rejects.toMatchObject({ name: "ProviderUnknown" });
    says(["dp_1", "open"]);
    await sweep(shop.ports);
    expect(shop.started).toContainEqual(ref);
    expect(await shop.fulfil(ref)).toMatchObject({ dispute: "open" });
    says();
    shop.provider.disputes = { kind: "unknown" };
    await expect(news(ref)).rejects.toMatchObject({ name: "ProviderUnknown" });
  });

  it("faster than the sale it is about finds the sale delivered first", async () => {
    const { shop: made } = await open("fast");
    const { ref } = await made.buy(2);
    shop.provider.pay(ref.order_id);
    says(["dp_1", "open"]);
    expect(await news(ref)).toMatchObject({ dispute: "open" });
    expect([orderOf(shop, ref).status, unitStates(shop, ref)]).toEqual(["paid", ["sold, frozen by dp_1"]]);
  });

  it("of money that bought nothing is recorded too", async () => {
    const { shop: made } = await open("mismatch");
    const { ref } = await made.buy(2);
    shop.provider.pay(ref.order_id, { amount: 5000 });
    await shop.fulfil(ref);
    says(["dp_1", "lost"]);
    await news(ref);
    expect([orderOf(shop, ref).status, orderOf(shop, ref).dispute?.status, paymentOf(shop, ref).status]).toEqual(["attention", "lost", "lost"]);
    expect(await refund(shop, ref)).toMatchObject({ refusal: "disputed" });
  });

  it("is recorded once when answers are lost, at whichever transaction (F3)", async () => {
    for (const n of [1, 2]) {
      let seen = 0;
      const { ref } = await open(`crash ${n}`, 1, {
        around: async (call, proceed) => {
          if (!call.writes.some(({ key, op }) => key.pk.startsWith("UNIT#") && op === "change") || call.writes.length < 3) return proceed();
          const answer = await proceed();
          // The first two such transactions are the sale itself.
          if (++seen === n + 2) throw new LostResponse();
          return answer;
        },
      });
      for (const status of ["open", "won"] as const) {
        says(["dp_1", status]);
        await news(ref).catch(() => {});
        await news(ref);
      }
      expect([kinds(shop), unitStates(shop, ref)]).toEqual([["dispute_opened", "dispute_won"], ["sold"]]);
    }
  });
});

describe("never both a refund and a dispute (I6, I8)", () => {
  it.each(["open", "lost"] as const)("no refund while a dispute is %s, and a refusal changes nothing", async (status) => {
    const { ref } = await open(`refund ${status}`);
    says(["dp_1", status]);
    await news(ref);
    const before = shop.digest();
    expect(await refund(shop, ref)).toEqual({ kind: "refused", refusal: "disputed" });
    expect([shop.digest(), shop.provider.refunds.size]).toEqual([before, 0]);
  });

  it("a refund is possible again once the dispute is won", async () => {
    const { ref } = await open("refund won");
    says(["dp_1", "won"]);
    await news(ref);
    expect(await refund(shop, ref)).toMatchObject({ kind: "ok" });
    expect(await shop.fulfil(ref)).toEqual({ refund: "refunded" });
  });

  it("a dispute on refunded money is recorded for a person", async () => {
    const { ref } = await open("after refund");
    await refund(shop, ref);
    await shop.fulfil(ref);
    says(["dp_1", "open"]);
    await news(ref);
    expect(orderOf(shop, ref)).toMatchObject({ status: "refunded", attention_note: { reason: "disputed", subject: "dp_1" } });
    expect((await onlyOne(shop)).reason).toBe("disputed_after_refund");
    says(["dp_1", "lost"]);
    await news(ref);
    expect(orderOf(shop, ref)).toMatchObject({ status: "refunded", dispute: { status: "lost" } });
    expect((await onlyOne(shop)).reason).toBe("disputed_after_refund");
  });

  it("a refund that was not sent yet waits for the dispute, and goes out when it is won", async () => {
    const { ref } = await open("waits", 2);
    await refund(shop, ref, { lines: [{ line: 0, quantity: 1 }] });
    says(["dp_1", "open"]);
    expect(await news(ref)).toEqual({ dispute: "open", refund: "pending" });
    expect([shop.provider.refunds.size, unitStates(shop, ref)]).toEqual([0, ["archived", "sold, frozen by dp_1"]]);
    says(["dp_1", "won"]);
    expect(await news(ref)).toEqual({ dispute: "won", refund: "refunded" });
    expect([shop.provider.refunds.size, unitStates(shop, ref), orderOf(shop, ref).due_at]).toEqual([1, ["archived", "sold"], undefined]);
  });

  it("a refund that was not sent yet ends unsent when the dispute is lost", async () => {
    const { ref } = await open("unsent");
    await refund(shop, ref);
    says(["dp_1", "open"]);
    await news(ref);
    says(["dp_1", "lost"]);
    expect(await news(ref)).toEqual({ dispute: "lost", refund: "failed" });
    expect([shop.provider.refunds.size, refundsIn(shop)[0]?.failure]).toEqual([0, "disputed"]);
    expect(orderOf(shop, ref)).toMatchObject({ status: "paid", payment_status: "lost", refunded: 0 });
    // Nothing of it had left before: it has gone once.
    expect((await onlyOne(shop)).reason).toBe("dispute_lost");
  });

  it("a loss stays in sight when the refund of money that bought nothing ends unsent", async () => {
    const { shop: made, ref } = await mismatched("unsold and lost");
    shop = made;
    await refund(shop, ref);
    says(["dp_1", "open"]);
    await news(ref);
    expect((await onlyOne(shop)).reason).toBe("disputed");
    says(["dp_1", "lost"]);
    await news(ref);
    expect(orderOf(shop, ref)).toMatchObject({ status: "attention", payment_status: "lost", dispute: { status: "lost" } });
  });

  it("a refund that the provider refuses for a dispute of which nobody had told brings it to light, and waits for its end", async () => {
    for (const end of ["won", "lost"] as const) {
      const { ref } = await open(`refused ${end}`, 2);
      await refund(shop, ref, { lines: [{ line: 0, quantity: 1 }] });
      says(["dp_1", "open"]);
      shop.provider.refunding = { kind: "disputed" };
      expect(await shop.fulfil(ref)).toEqual({ dispute: "open", refund: "pending" });
      expect([shop.provider.refunds.size, unitStates(shop, ref)]).toEqual([0, ["archived", "sold, frozen by dp_1"]]);
      expect(orderOf(shop, ref)).toMatchObject({ refunds_open: 1, dispute: { id: "dp_1", status: "open" }, due_at: expect.any(String) });
      says(["dp_1", end]);
      expect(await news(ref)).toEqual({ dispute: end, refund: end === "won" ? "refunded" : "failed" });
      expect([shop.provider.refunds.size, refundsIn(shop)[0]?.failure]).toEqual(end === "won" ? [1, undefined] : [0, "disputed"]);
    }
  });

  it("a refund that was refused for a dispute goes out once that is won, although providers repeat an answer to its key", async () => {
    const { ref } = await open("key refused", 2);
    await refund(shop, ref, { lines: [{ line: 0, quantity: 1 }] });
    const answers = new Map<string, RefundAnswer>();
    const make = shop.provider.refund.bind(shop.provider);
    let quarrel = true;
    shop.provider.refund = async (request) => {
      const answer = answers.get(request.provider_key) ?? (quarrel ? { kind: "disputed" as const } : await make(request));
      answers.set(request.provider_key, answer);
      return answer;
    };
    says(["dp_1", "open"]);
    await Promise.all([shop.fulfil(ref), shop.fulfil(ref)]);
    quarrel = false;
    says(["dp_1", "won"]);
    expect(await news(ref)).toEqual({ dispute: "won", refund: "refunded" });
    await Promise.all([news(ref), shop.fulfil(ref)]);
    expect([shop.provider.refunds.size, answers.size, orderOf(shop, ref).refunds_open]).toEqual([1, 2, 0]);
  });

  it("a refund that the provider goes on refusing for a dispute it does not show stays owed, the sweep asks again, and in the end a person is told", async () => {
    const { ref } = await open("refused again");
    await refund(shop, ref);
    says();
    shop.provider.refund = async () => ({ kind: "disputed" });
    // A run asks again once it has looked for the dispute.
    for (let refusals = 2; refusals < refusalsMax; refusals += 2) {
      expect(await shop.fulfil(ref)).toEqual({ dispute: "none", refund: "disputed" });
      expect(orderOf(shop, ref)).toMatchObject({ status: "refund_pending", refunds_open: 1, due_at: expect.any(String) });
    }
    expect(await shop.fulfil(ref)).toMatchObject({ refund: "failed" });
    expect([orderOf(shop, ref).due_at, refundsIn(shop)[0]?.failure, (await onlyOne(shop)).reason]).toEqual([
      undefined,
      "charge_disputed",
      "units_missing",
    ]);
  });

  it("a refund that had been made before the dispute is found, not lost", async () => {
    const { ref } = await open("made", 2);
    await refund(shop, ref, { amount: 1000 });
    const made = shop.provider.refund.bind(shop.provider);
    shop.provider.refund = async (request) => {
      await made(request);
      return { kind: "unknown" };
    };
    await expect(shop.fulfil(ref)).rejects.toMatchObject({ name: "ProviderUnknown" });
    says(["dp_1", "open"]);
    expect(await news(ref)).toEqual({ dispute: "open", refund: "refunded" });
    expect(paymentOf(shop, ref).refunded).toBe(1000);
  });

  it("whichever of a refund and a dispute comes first wins, and the other sees it", async () => {
    for (let round = 0; round < 10; round++) {
      const { ref } = await open(`race ${round}`);
      says(["dp_1", "open"]);
      const [answer] = await Promise.all([refund(shop, ref), news(ref)]);
      const order = orderOf(shop, ref);
      expect(order.dispute?.status).toBe("open");
      expect([answer.kind, shop.provider.refunds.size]).toEqual([answer.kind === "ok" ? "ok" : "refused", 0]);
      books(shop);
    }
  });
});

it("the decision is a table", () => {
  const at = (status: DisputeFact["status"], id = "a"): DisputeFact => ({ id, status, amount: 1 });
  const order = (dispute?: DisputeFact) => (dispute ? { dispute } : {});
  const rows: [DisputeFact | undefined, DisputeFact[], DisputeFact | undefined][] = [
    [undefined, [], undefined],
    [undefined, [at("won"), at("lost", "b"), at("open", "c")], at("open", "c")],
    [undefined, [at("won"), at("lost", "b")], at("lost", "b")],
    [undefined, [at("won")], at("won")],
    [at("open"), [at("open")], undefined],
    [at("open"), [], undefined],
    [at("open"), [at("lost", "b")], undefined],
    [at("open"), [at("won")], at("won")],
    [at("open"), [at("lost")], at("lost")],
    [at("won"), [at("open")], undefined],
    [at("won"), [at("lost")], undefined],
    [at("won"), [at("won", "b")], undefined],
    [at("won"), [at("lost", "b")], at("lost", "b")],
    [at("lost"), [at("open"), at("won"), at("open", "b")], undefined],
  ];
  for (const [known, told, step] of rows) expect([known, told, nextDispute(order(known), told)]).toEqual([known, told, step]);
});
