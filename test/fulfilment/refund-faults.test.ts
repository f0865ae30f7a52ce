import { afterEach, describe, expect, it } from "@jest/globals";
import { keyMinutesMax, payBack, repeatMinutesMax } from "../../functions/fulfilment/pay-back.ts";
import { replaceUnit } from "../../functions/fulfilment/replace-unit.ts";
import { sweep } from "../../functions/fulfilment/sweep.ts";
import type { Unit } from "../../functions/inventory/unit.ts";
import { LostResponse } from "../../platform/table/memory.ts";
import { operator } from "../support/shop.ts";
import { books, kinds, orderOf, paymentOf, type Ref, refund, refundsIn, type Shop, sold, unitStates } from "./after-sale.ts";
import { onlyOne } from "./desk.ts";

let shop: Shop;
afterEach(() => books(shop));
const open = async (...args: Parameters<typeof sold>) => {
  const made = await sold(...args);
  shop = made.shop;
  return made;
};
const asked = () => [...shop.provider.refunds.values()].map(({ amount }) => amount);

describe("the provider's answer (B5, F3, F10)", () => {
  it("unknown is looked for, then asked again with the same key, and the refund is made once", async () => {
    const { ref } = await open("unknown");
    await refund(shop, ref);
    shop.provider.refunding = { kind: "unknown" };
    await expect(shop.fulfil(ref)).rejects.toMatchObject({ name: "ProviderUnknown" });
    expect(orderOf(shop, ref).status).toBe("refund_pending");
    shop.pass(60);
    await sweep(shop.ports);
    expect(shop.started).toContainEqual(ref);
    expect(await shop.fulfil(ref)).toEqual({ refund: "refunded" });
    expect([...shop.provider.refunds.keys()]).toEqual([refundsIn(shop)[0]?.provider_key]);
    expect(refundsIn(shop)[0]?.keys_spent).toBeUndefined();
  });

  it("that its key repeats for a day is asked for with another, once no call with the first can be under way any more (I8)", async () => {
    const { ref } = await open("saved failure");
    await refund(shop, ref, { amount: 1000 });
    const make = shop.provider.refund.bind(shop.provider);
    const asked = new Map<string, number>();
    let failed: string | undefined;
    shop.provider.refund = async (request) => {
      failed ??= request.provider_key;
      asked.set(request.provider_key, (asked.get(request.provider_key) ?? 0) + 1);
      return request.provider_key === failed ? { kind: "unknown" } : make(request);
    };
    await expect(shop.fulfil(ref)).rejects.toMatchObject({ name: "ProviderUnknown" });
    shop.pass(60);
    await expect(shop.fulfil(ref)).rejects.toMatchObject({ name: "ProviderUnknown" });
    shop.pass(repeatMinutesMax * 60);
    // Not asked for now: looked for, and kept due.
    expect(await shop.fulfil(ref)).toEqual({ refund: "pending" });
    expect(orderOf(shop, ref).due_at).toEqual(expect.any(String));
    shop.pass((keyMinutesMax - repeatMinutesMax) * 60);
    expect(await shop.fulfil(ref)).toEqual({ refund: "refunded" });
    expect([[...asked.values()], refundsIn(shop)[0]?.keys_spent]).toEqual([[2, 1], 1]);
  });

  it("that is being waited for by another run is not asked for beside it", async () => {
    const { ref } = await open("beside");
    await refund(shop, ref);
    const make = shop.provider.refund.bind(shop.provider);
    let beside: unknown;
    shop.provider.refund = async (request) => {
      shop.provider.refund = make;
      beside = await payBackOf(staleTable());
      return make(request);
    };
    const stale = refundsIn(shop);
    const staleTable = () => ({ ...shop.table, query: (async () => ({ items: stale })) as unknown as typeof shop.table.query });
    const payBackOf = (table: typeof shop.table) => payBack(ref, { ...shop.ports, table });
    expect(await shop.fulfil(ref)).toEqual({ refund: "refunded" });
    expect([beside, shop.provider.refunds.size]).toEqual([{ refund: "pending" }, 1]);
  });

  it("lost is looked for by our name of it before anything is asked again: never two refunds", async () => {
    const { ref } = await open("old");
    await refund(shop, ref, { amount: 1000 });
    const made = shop.provider.refund.bind(shop.provider);
    shop.provider.refund = async (request) => {
      await made(request);
      return { kind: "unknown" };
    };
    await expect(shop.fulfil(ref)).rejects.toMatchObject({ name: "ProviderUnknown" });
    shop.provider.refund = async () => {
      throw new Error("a second refund");
    };
    expect(await shop.fulfil(ref)).toEqual({ refund: "refunded" });
    expect(asked()).toEqual([1000]);
  });

  it("pending is looked up, not asked for again, until it succeeds", async () => {
    const { ref } = await open("pending");
    await refund(shop, ref);
    shop.provider.refunding = { kind: "pending", provider_refund_id: "re_1" };
    shop.provider.fates.set("re_1", { kind: "pending", provider_refund_id: "re_1" });
    expect(await shop.fulfil(ref)).toEqual({ refund: "pending" });
    expect(await shop.fulfil({ ...ref, news: "refund" })).toEqual({ refund: "pending" });
    shop.provider.fates.set("re_1", { kind: "succeeded", provider_refund_id: "re_1" });
    expect(await shop.fulfil({ ...ref, news: "refund" })).toEqual({ refund: "refunded" });
    expect(asked()).toEqual([6000]);
  });

  it("failed puts amounts and lines back, keeps the order paid, and tells a person", async () => {
    const { ref } = await open("failed", 2);
    await refund(shop, ref);
    shop.provider.refunding = { kind: "pending", provider_refund_id: "re_1" };
    await shop.fulfil(ref);
    shop.provider.fates.set("re_1", { kind: "failed", reason: "expired_or_canceled_card" });
    expect(await shop.fulfil(ref)).toEqual({ refund: "failed" });
    const order = orderOf(shop, ref);
    expect(order).toMatchObject({ status: "paid", payment_status: "paid", refunded: 0, refunds_open: 0 });
    expect(order.lines[0]).toMatchObject({ refunded_quantity: 0, refunded_amount: 0 });
    expect(order.failed_refunds).toEqual([{ id: refundsIn(shop)[0]?.id, amount: 12_000 }]);
    expect([order.due_at, paymentOf(shop, ref).refund_reserved, refundsIn(shop)[0]?.failure]).toEqual([undefined, 0, "expired_or_canceled_card"]);
    // Numbers once shown stay worthless, and the refund can be made again.
    expect(unitStates(shop, ref)).toEqual(["archived", "archived"]);
    expect(await refund(shop, ref, {}, "again-key")).toMatchObject({ kind: "ok", result: { amount: 12_000, full: true } });
    expect(await shop.fulfil(ref)).toEqual({ refund: "refunded" });
    expect([orderOf(shop, ref).status, orderOf(shop, ref).failed_refunds]).toEqual(["refunded", undefined]);
  });

  it("failed stays in sight by as much as nothing has made good, however many failed and whatever small refund goes out (I6)", async () => {
    const { ref } = await open("several", 2);
    const owed = () => orderOf(shop, ref).failed_refunds?.map(({ amount }) => amount);
    const make = shop.provider.refund.bind(shop.provider);
    shop.provider.refund = async () => ({ kind: "failed", reason: "declined" });
    for (const amount of [5000, 5000]) await refund(shop, ref, { amount }, `failing-key-${shop.of("REFUND").length}`);
    await shop.fulfil(ref);
    shop.provider.refund = make;
    expect([owed(), (await onlyOne(shop)).ends[0]]).toEqual([[5000, 5000], expect.objectContaining({ command: "refundOrder" })]);
    await refund(shop, ref, { amount: 100 }, "goodwill-key");
    expect([owed(), (await onlyOne(shop)).reason]).toEqual([[4900, 5000], "refund_failed"]);
    expect(await shop.fulfil(ref)).toEqual({ refund: "refunded" });
    await refund(shop, ref, { amount: 5000 }, "again-key");
    expect(owed()).toEqual([4900]);
    await refund(shop, ref, {}, "rest-key");
    expect(owed()).toBeUndefined();
  });

  it("failed after it had succeeded is learnt from the event, and put back all the same", async () => {
    const { ref } = await open("came back");
    await refund(shop, ref);
    await shop.fulfil(ref);
    const id = refundsIn(shop)[0]?.provider_refund_id ?? "";
    expect(await shop.fulfil({ ...ref, news: "refund" })).toEqual({ refund: "nothing_owed" });
    expect(orderOf(shop, ref).status).toBe("refunded");
    shop.provider.fates.set(id, { kind: "failed", reason: "lost_or_stolen_card" });
    expect(await shop.fulfil({ ...ref, news: "refund" })).toEqual({ refund: "failed" });
    expect(orderOf(shop, ref)).toMatchObject({ status: "paid", refunded: 0, refunds_open: 0 });
    expect(paymentOf(shop, ref)).toMatchObject({ refunded: 0, refund_reserved: 0 });
    expect(kinds(shop)).toEqual(["order_refunded", "refund_failed", "refund_requested"]);
  });

  it("silent about an old refund keeps the order with the sweep until it speaks", async () => {
    const { ref } = await open("silent");
    await refund(shop, ref);
    await shop.fulfil(ref);
    const id = refundsIn(shop)[0]?.provider_refund_id ?? "";
    shop.provider.fates.set(id, { kind: "unknown" });
    await expect(shop.fulfil({ ...ref, news: "refund" })).rejects.toMatchObject({ name: "ProviderUnknown" });
    expect(orderOf(shop, ref).due_at).toBeDefined();
    shop.provider.fates.set(id, { kind: "failed", reason: "unknown" });
    expect(await shop.fulfil(ref)).toMatchObject({ refund: "failed" });
    expect(orderOf(shop, ref).due_at).toBeUndefined();
  });

  it("missing for one refund is a fault only after the others were seen, and the order stays due", async () => {
    const { ref } = await open("half silent", 2);
    await refund(shop, ref, { amount: 2000 }, "first-key");
    shop.provider.refunding = { kind: "pending", provider_refund_id: "re_1" };
    await shop.fulfil(ref);
    await refund(shop, ref, { amount: 3000 }, "second-key");
    shop.provider.fates.set("re_1", { kind: "unknown" });
    await expect(shop.fulfil(ref)).rejects.toMatchObject({ name: "ProviderUnknown" });
    expect(orderOf(shop, ref)).toMatchObject({ refunded: 5000, refunds_open: 1, due_at: expect.any(String) });
    expect(paymentOf(shop, ref).refunded).toBe(3000);
    shop.provider.fates.delete("re_1");
    expect(await shop.fulfil(ref)).toEqual({ refund: "refunded" });
    expect(orderOf(shop, ref).due_at).toBeUndefined();
  });

  it("of one refund does not depend on another's: one fails, one succeeds", async () => {
    const { ref } = await open("mixed", 2);
    await refund(shop, ref, { amount: 2000 }, "first-key");
    shop.provider.refunding = { kind: "pending", provider_refund_id: "re_1" };
    await shop.fulfil(ref);
    await refund(shop, ref, {}, "rest-key");
    shop.provider.fates.set("re_1", { kind: "pending", provider_refund_id: "re_1" });
    await shop.fulfil(ref);
    // Everything is claimed, and one part is not there yet.
    expect(orderOf(shop, ref)).toMatchObject({ status: "refund_pending", refunds_open: 1 });
    shop.provider.fates.set("re_1", { kind: "failed", reason: "declined" });
    await shop.fulfil(ref);
    expect(orderOf(shop, ref)).toMatchObject({ status: "paid", refunded: 10_000, refunds_open: 0 });
    await refund(shop, ref, {}, "last-key");
    await shop.fulfil(ref);
    expect(orderOf(shop, ref)).toMatchObject({ status: "refunded", refunded: 12_000 });
  });
});

describe("a refund and a replacement (I1, I2, I8)", () => {
  const unitsNow = () => shop.of<Unit>("UNIT");
  const serialsOf = (ref: Ref): string[] =>
    orderOf(shop, ref).lines.flatMap((line) => line.units.map((id) => unitsNow().find((unit) => unit.id === id)?.serial_number ?? ""));
  const replace = (ref: Ref, serial_number: string, key = "replace-key-1") =>
    replaceUnit({ body: { ...ref, serial_number, reason: "gate does not read it" }, key, principal: operator }, shop.ports);
  const said = (answer: Awaited<ReturnType<typeof replace>>) => (answer.kind === "ok" ? "ok" : answer.refusal);

  it("of a piece that was refunded is refused in plain words, and changes nothing", async () => {
    const { ref } = await open("refunded piece", 2);
    const [kept = "", gone = ""] = serialsOf(ref);
    await refund(shop, ref, { lines: [{ line: 0, quantity: 1 }] });
    for (const when of ["on its way", "back"] as const) {
      const before = shop.digest();
      expect(await replace(ref, gone, `replace ${when}`)).toEqual({
        kind: "refused",
        refusal: "unit_not_sold",
        context: { status: "archived", reason: "refunded" },
      });
      expect(shop.digest()).toBe(before);
      await shop.fulfil(ref);
    }
    // The piece that the buyer kept is theirs, and may be defective.
    expect(await replace(ref, kept, "replace-kept")).toMatchObject({ kind: "ok" });
    await refund(shop, ref, {}, "rest-key");
    expect(await replace(ref, serialsOf(ref)[0] ?? "", "replace-late")).toMatchObject({ refusal: "order_not_paid" });
  });

  it("of a piece whose refund came to nothing: the number stays worthless, and the refusal says why", async () => {
    const { ref } = await open("came to nothing");
    const [serial = ""] = serialsOf(ref);
    await refund(shop, ref);
    await shop.fulfil(ref);
    shop.provider.fates.set(refundsIn(shop)[0]?.provider_refund_id ?? "", { kind: "failed", reason: "lost_or_stolen_card" });
    expect(await shop.fulfil({ ...ref, news: "refund" })).toEqual({ refund: "failed" });
    expect(orderOf(shop, ref).status).toBe("paid");
    expect(await replace(ref, serial)).toMatchObject({ refusal: "unit_not_sold", context: { reason: "refunded" } });
  });

  it("takes the replacement back, and leaves the defective one as it is", async () => {
    const { ref } = await open("after replacing", 2);
    const [first = "", second = ""] = serialsOf(ref);
    await replace(ref, second);
    const replacement = serialsOf(ref)[1];
    expect(await refund(shop, ref, { lines: [{ line: 0, quantity: 1 }] })).toMatchObject({ kind: "ok", result: { amount: 6000 } });
    await shop.fulfil(ref);
    const fate = (serial: string | undefined) => {
      const unit = unitsNow().find(({ serial_number }) => serial_number === serial);
      return [unit?.status, unit?.status_reason];
    };
    expect([fate(first), fate(second), fate(replacement)]).toEqual([
      ["sold", undefined],
      ["defective", "gate does not read it"],
      ["archived", "refunded"],
    ]);
    // The rest: what is left of the money, and of the units.
    expect(await refund(shop, ref, {}, "rest-key")).toMatchObject({ kind: "ok", result: { amount: 6000, full: true } });
    await shop.fulfil(ref);
    expect([orderOf(shop, ref).status, unitStates(shop, ref)]).toEqual(["refunded", ["archived", "archived", "defective"]]);
    // And it comes back after all, days later: the money is the seller's again, the numbers stay worthless.
    for (const { provider_refund_id } of refundsIn(shop))
      shop.provider.fates.set(provider_refund_id ?? "", { kind: "failed", reason: "expired_or_canceled_card" });
    await shop.fulfil({ ...ref, news: "refund" });
    expect([orderOf(shop, ref).status, orderOf(shop, ref).refunded, paymentOf(shop, ref).refund_reserved]).toEqual(["paid", 0, 0]);
    expect(unitStates(shop, ref)).toEqual(["archived", "archived", "defective"]);
  });

  it("of the same piece at once: each says what it did, and what was paid back is no live unit", async () => {
    const seen = new Set<string>();
    for (let round = 0; round < 24; round++) {
      const { ref } = await open(`crossing ${round}`, 1 + (round % 2));
      const serial = serialsOf(ref).at(-1) ?? "";
      const pieces = { lines: [{ line: 0, quantity: 1 }] };
      const runs: (() => Promise<string>)[] = [async () => said(await replace(ref, serial)), async () => (await refund(shop, ref, pieces)).kind];
      const answers = await Promise.all((round % 4 < 2 ? runs : runs.reverse()).map((run) => run()));
      expect(answers).toContain("ok");
      for (const answer of answers) expect(["ok", "unit_not_sold", "order_not_paid"]).toContain(answer);
      seen.add(answers.sort().join());
      await shop.fulfil(ref);
      const order = orderOf(shop, ref);
      const live = unitsNow().filter(({ order_id, status }) => order_id === ref.order_id && status === "sold");
      expect(live).toHaveLength((order.lines[0]?.quantity ?? 0) - (order.lines[0]?.refunded_quantity ?? 0));
      books(shop);
    }
    expect(seen.size).toBeGreaterThan(1);
  });
});

describe("a crash (F1, F2, F3)", () => {
  /** Loses the answer of the nth transaction that touches refunds, after or before it was made. */
  const losing = (n: number, made: boolean) => {
    let seen = 0;
    return {
      around: async <R>(call: { writes: readonly { key: { pk: string } }[] }, proceed: () => Promise<R>): Promise<R> => {
        const touches = call.writes.some(({ key }) => key.pk.startsWith("REFUND#"));
        if (!touches || ++seen !== n) return proceed();
        if (made) await proceed();
        throw new LostResponse();
      },
    };
  };

  it.each([
    [1, true],
    [1, false],
    [2, true],
    [2, false],
    [3, true],
    [3, false],
  ])("at transaction %i (made: %s) changes nothing about the end", async (n, made) => {
    const { ref } = await open(`crash ${n} ${made}`, 2, losing(n, made));
    for (let look = 0; look < 4; look++) {
      await refund(shop, ref, { lines: [{ line: 0, quantity: 1 }] }, "one-key").catch(() => {});
      shop.provider.fates.set("re_1", { kind: "succeeded", provider_refund_id: "re_1" });
      if (look === 0) shop.provider.refunding = { kind: "pending", provider_refund_id: "re_1" };
      await shop.fulfil(ref).catch(() => {});
    }
    expect([orderOf(shop, ref).status, orderOf(shop, ref).refunded, paymentOf(shop, ref).refunded]).toEqual(["paid", 6000, 6000]);
    expect([refundsIn(shop).map(({ status }) => status), unitStates(shop, ref)]).toEqual([["succeeded"], ["archived", "sold"]]);
    expect(kinds(shop)).toEqual(["order_refunded", "refund_requested"]);
  });

  it("of many runs at once ends each refund once", async () => {
    const { ref } = await open("many runs", 3);
    for (const n of [1, 2, 3]) await refund(shop, ref, { lines: [{ line: 0, quantity: 1 }] }, `piece-key-${n}`);
    await Promise.allSettled(Array.from({ length: 5 }, () => shop.fulfil(ref)));
    await shop.fulfil(ref);
    expect([orderOf(shop, ref).status, kinds(shop).filter((kind) => kind === "order_refunded").length, asked().length]).toEqual(["refunded", 3, 3]);
  });
});
