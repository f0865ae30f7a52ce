// What becomes of an order whose units are called back while it waits for its money: other units, or its money back; never what was called back.
import { describe, expect, it } from "@jest/globals";
import type { Batch } from "../../functions/inventory/batch-table.ts";
import { recallBatch } from "../../functions/inventory/recall-batch.ts";
import { stockUnits } from "../../functions/inventory/stock-units.ts";
import { holdMinutes } from "../../functions/orders/order.ts";
import { orderView } from "../../functions/storefront/order-view.ts";
import type { Operation } from "../../platform/operation/operation.ts";
import { LostResponse, type MemoryTableOptions } from "../../platform/table/memory.ts";
import { expectSoundBooks, statusesOf, unitsOf } from "../inventory/stock-books.ts";
import { openShop, operator } from "../support/shop.ts";
import { books, orderOf, type Ref, refundsIn, type Shop } from "./after-sale.ts";

const over = holdMinutes * 60 + 1;
const serialsOn = (shop: Shop, ref: Ref) =>
  orderOf(shop, ref)
    .lines.flatMap(({ units }) => units)
    .map((id) => unitsOf(shop).find((unit) => unit.id === id)?.serial_number);

/** A buyer of `quantity` holds all of the first batch and, where that is less, units of a second; `more` of that are left. */
const held = async (seed: string, { first = 1, quantity = 1, more = 0 }, options: Partial<MemoryTableOptions> = {}) => {
  const shop = await openShop(seed, first, options);
  const stock = async (from: number, count: number) => {
    const units = Array.from({ length: count }, (_, at) => ({ serial_number: `NEW-${from + at}` }));
    if (count > 0)
      await stockUnits(
        {
          body: { listing_id: "lees-car-wash", listing_item_id: "CW-60", location_id: "lees-main", units },
          key: `stock-key-${from}`,
          principal: operator,
        },
        shop.ports,
      );
  };
  await stock(1, quantity - first);
  const { ref, token } = await shop.buy(1, { lines: [{ item: "CW-60", quantity }] });
  await stock(100, more);
  const recall = () => {
    const batch = shop
      .of<Batch>("BATCH")
      .find(({ units }) => units.some((id) => unitsOf(shop).find((unit) => unit.id === id)?.serial_number === "LW60-0001"));
    const body = { merchant_id: "lees", batch_id: batch?.id ?? "", to: "defective" as const, reason: "supplier recall 17" };
    return recallBatch({ body, key: "recall-key-1", principal: operator }, shop.ports);
  };
  return { shop, ref, token, recall };
};

describe("an order whose units were called back while it waited for money", () => {
  it("gets other units when it is paid, beside those that were not called back (I1, I2, I6)", async () => {
    const { shop, ref, recall } = await held("others", { first: 1, quantity: 2, more: 1 });
    expect(await recall()).toMatchObject({ kind: "ok", result: { recalled: 0, reserved: [{ serial_number: "LW60-0001", order_id: ref.order_id }] } });
    expect([orderOf(shop, ref).status, serialsOn(shop, ref).sort()]).toEqual(["awaiting_payment", ["LW60-0001", "NEW-1"]]);
    shop.provider.pay(ref.order_id);
    expect(await shop.fulfil(ref)).toEqual({ delivered: true });
    expect([orderOf(shop, ref).status, serialsOn(shop, ref).sort(), statusesOf(shop)]).toEqual([
      "paid",
      ["NEW-1", "NEW-100"],
      ["defective", "sold", "sold"],
    ]);
    expect(orderOf(shop, ref).due_at).toBeUndefined();
    expect(shop.texting.texts.map(({ body }) => [body.includes("NEW-100"), body.includes("LW60-0001")])).toEqual([[true, false]]);
    expectSoundBooks(shop, 3);
  });

  it("ends once when a slow run finds free what another has given back meanwhile (I6)", async () => {
    let meanwhile: (() => Promise<unknown>) | undefined;
    const { shop, ref, recall } = await held(
      "two ends",
      { first: 1, quantity: 2 },
      {
        async around(call, proceed) {
          const work = call.operation === "query" && call.keys[0]?.pk.startsWith("POOL#") ? meanwhile : undefined;
          if (work) meanwhile = undefined;
          await work?.();
          return proceed();
        },
      },
    );
    await recall();
    shop.provider.pay(ref.order_id);
    meanwhile = () => shop.fulfil(ref);
    expect(await shop.fulfil(ref)).toEqual({ delivered: false, reason: "refunded" });
    expect([meanwhile, orderOf(shop, ref).status, refundsIn(shop).length, statusesOf(shop)]).toEqual([
      undefined,
      "refunded",
      1,
      ["available", "defective"],
    ]);
    expectSoundBooks(shop, 2);
  });

  it("gets its money back where nothing else is left, and what was kept for it is free again (I4, I6)", async () => {
    const { shop, ref, token, recall } = await held("nothing left", { first: 1, quantity: 2 });
    await recall();
    shop.provider.pay(ref.order_id);
    expect(await shop.fulfil(ref)).toEqual({ refund: "refunded" });
    expect(orderOf(shop, ref)).toMatchObject({ status: "refunded", refunded: 12_000, refunds_open: 0 });
    expect(refundsIn(shop)).toMatchObject([{ reason: "stock_gone", amount: 12_000, lines: [], status: "succeeded" }]);
    expect([statusesOf(shop), shop.of("POOL").length]).toEqual([["available", "defective"], 1]);
    const requested = shop.of<Operation>("OP").find(({ kind }) => kind === "refund_requested");
    expect(requested?.details).toMatchObject({ reason: "stock_gone", released: [unitsOf(shop).find(({ status }) => status === "available")?.id] });
    const page = await orderView({ token, language: "en", back: false }, { ...shop.ports, checkoutOrigin: "https://pay.example" });
    expect(page?.money).toMatchObject({ ungiven: "called_back", late: false });
    expectSoundBooks(shop, 2);
    books(shop);
  });

  it("stays with a person when that money cannot be paid back: it was sold nothing (I6)", async () => {
    const { shop, ref, recall } = await held("not back", {});
    await recall();
    shop.provider.pay(ref.order_id);
    shop.provider.refunding = { kind: "failed", reason: "expired_or_canceled_card" };
    expect(await shop.fulfil(ref)).toEqual({ refund: "failed" });
    expect(orderOf(shop, ref)).toMatchObject({ status: "attention", reason: "refund_failed", failed_refunds: [{ id: refundsIn(shop)[0]?.id }] });
    expect(statusesOf(shop)).toEqual(["defective"]);
    books(shop);
  });

  it("ends unpaid with the units that it still has: those alone are free again, once (I3, I4)", async () => {
    const { shop, ref, recall } = await held("ends", { first: 1, quantity: 2 });
    await recall();
    shop.pass(over);
    expect(await shop.fulfil(ref)).toEqual({ released: true });
    expect([orderOf(shop, ref).status, statusesOf(shop), shop.of("POOL").length]).toEqual(["expired", ["available", "defective"], 1]);
    const ended = shop.of<Operation>("OP").find(({ kind }) => kind === "hold_expired");
    expect(ended?.details.units).toEqual(unitsOf(shop).flatMap(({ id, status }) => (status === "available" ? [id] : [])));
    const before = shop.digest();
    expect(await shop.fulfil(ref)).toBe("done");
    expect(shop.digest()).toBe(before);
    expectSoundBooks(shop, 2);
  });

  it("is answered once when recall, delivery and the end of the hold come at once (I1, I3, I6)", async () => {
    for (let n = 0; n < 12; n++) {
      const { shop, ref, recall } = await held(`at once ${n}`, { first: 1, quantity: 2, more: n % 2 });
      if (n % 3 > 0) shop.provider.pay(ref.order_id);
      else shop.pass(over);
      // Two workflows may be told that the other one is at it: the next run finds what is left to do.
      await Promise.allSettled([recall(), shop.fulfil(ref), shop.fulfil(ref)]);
      await shop.fulfil(ref);
      const { status, due_at } = orderOf(shop, ref);
      expect(n % 3 > 0 ? ["paid", "refunded"] : ["expired"]).toContain(status);
      expect(due_at).toBeUndefined();
      expect(shop.of("POOL")).toHaveLength(statusesOf(shop).filter((each) => each === "available").length);
      expectSoundBooks(shop, 2 + (n % 2));
      books(shop);
    }
  });

  it("is answered once when an answer is lost on either way (I6)", async () => {
    for (const [more, lost] of [0, 1].flatMap((left) => [1, 2, 3].map((nth) => [left, nth] as const))) {
      let until = 0;
      const { shop, ref, recall } = await held(
        `lost ${more} ${lost}`,
        { more },
        {
          around: async (call, proceed) => {
            const answer = await proceed();
            if (call.operation === "transact" && --until === 0) throw new LostResponse();
            return answer;
          },
        },
      );
      await recall();
      shop.provider.pay(ref.order_id);
      until = lost;
      // The workflow asks again for an outcome that nobody knows.
      await shop.fulfil(ref).catch(() => shop.fulfil(ref));
      await shop.fulfil(ref);
      expect(orderOf(shop, ref).status).toBe(more > 0 ? "paid" : "refunded");
      expect(shop.provider.refunds.size).toBe(more > 0 ? 0 : 1);
      expectSoundBooks(shop, 1 + more);
    }
  });
});
