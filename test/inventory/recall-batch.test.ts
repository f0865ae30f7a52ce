import { describe, expect, it } from "@jest/globals";
import type { Batch } from "../../functions/inventory/batch-table.ts";
import { chunkSize, recallBatch } from "../../functions/inventory/recall-batch.ts";
import type { MemoryTableOptions } from "../../platform/table/memory.ts";
import { InjectedConflict, LostResponse } from "../../platform/table/memory.ts";
import { TableBusy } from "../../platform/table/model.ts";
import { openShop, operator } from "../support/shop.ts";
import { expectSoundBooks, statusesOf, unitsOf } from "./stock-books.ts";

type Shop = Awaited<ReturnType<typeof openShop>>;

const batchOf = (shop: Shop): string => shop.of<Batch>("BATCH")[0]?.id ?? "";
const request = (shop: Shop, key: string, over: object = {}) => ({
  body: { merchant_id: "lees", batch_id: batchOf(shop), to: "defective" as const, reason: "supplier recall 17", ...over },
  key,
  principal: operator,
});
const recall = (shop: Shop, key = "recall-key-1") => recallBatch(request(shop, key), shop.ports);

/** A shop of 20 units: one held, one sold, one out of sale by then. */
const halfSold = async (seed: string, options: Partial<MemoryTableOptions> = {}) => {
  const shop = await openShop(seed, 20, options);
  const held = await shop.buy(1);
  const paid = await shop.buy(2);
  shop.provider.pay(paid.ref.order_id);
  await shop.fulfil(paid.ref);
  const serial = (order_id: string) => unitsOf(shop).find((unit) => unit.order_id === order_id)?.serial_number;
  return { shop, held: held.ref, paid: paid.ref, serial };
};

describe("recalling a batch", () => {
  it("takes its free and held units out of sale and names the orders that waited for them or have the others (G-16, I3)", async () => {
    const { shop, held, paid, serial } = await halfSold("recall");
    expect(await recall(shop)).toEqual({
      kind: "ok",
      repeated: false,
      result: {
        units: 20,
        recalled: 18,
        reserved: [{ serial_number: serial(held.order_id), order_id: held.order_id }],
        sold: [{ serial_number: serial(paid.order_id), order_id: paid.order_id }],
        already_out: 0,
      },
    });
    expect(shop.of("POOL")).toHaveLength(0);
    expect(statusesOf(shop).filter((status) => status === "defective")).toHaveLength(19);
    expectSoundBooks(shop, 20);
  });

  it("leaves other batches alone", async () => {
    const shop = await openShop("two batches", 50);
    await recall(shop);
    const of = (batch_id: string) =>
      new Set(
        unitsOf(shop)
          .filter((unit) => unit.batch_id === batch_id)
          .map(({ status }) => status),
      );
    const [first, second] = shop.of<Batch>("BATCH").map(({ id }) => of(id));
    expect([first, second]).toEqual([new Set(["defective"]), new Set(["available"])]);
  });

  it("answers a repeat as the first time and changes nothing; another body is refused (X-3)", async () => {
    const { shop, held } = await halfSold("repeat");
    const first = await recall(shop);
    shop.provider.pay(held.order_id);
    await shop.fulfil(held);
    const before = shop.digest();
    expect(await recall(shop)).toEqual({ ...first, repeated: true });
    expect(await recallBatch(request(shop, "recall-key-1", { to: "archived" }), shop.ports)).toEqual({ kind: "refused", refusal: "key_reused" });
    expect(shop.digest()).toBe(before);
  });

  it("leaves nothing that could come back: what a buyer held is not free when the hold ends, and a second recall finds nothing (I3)", async () => {
    const { shop, held } = await halfSold("second");
    await recall(shop);
    shop.pass(60 * 60);
    expect(await shop.fulfil(held)).toEqual({ released: true });
    expect(shop.of("POOL")).toHaveLength(0);
    expect(await recall(shop, "recall-key-2")).toMatchObject({ result: { recalled: 0, reserved: [], already_out: 19 } });
    expectSoundBooks(shop, 20);
  });

  it("is finished by the same key wherever it broke off, each unit moved once", async () => {
    const chunks = Math.ceil(20 / chunkSize);
    for (let broken = 1; broken <= chunks; broken++) {
      for (const after of [false, true]) {
        let commits = 0;
        const shop = await openShop(`crash ${broken} ${after}`, 20, {
          around: async (call, proceed) => {
            if (call.operation !== "transact" || !call.writes.some(({ op }) => op === "erase")) return proceed();
            const here = ++commits === broken;
            if (here && !after) throw new Error("crash");
            const answer = await proceed();
            if (here) throw new Error("crash");
            return answer;
          },
        });
        await expect(recall(shop)).rejects.toThrow("crash");
        expectSoundBooks(shop, 20);
        expect(await recall(shop)).toMatchObject({ kind: "ok", result: { units: 20, recalled: 20 } });
        expectSoundBooks(shop, 20);
        expect(shop.of<{ kind: string }>("OP").filter(({ kind }) => kind === "batch_recalled")).toHaveLength(chunks);
      }
    }
  });

  it("goes on where one handful moves too fast for it, says that it is not done, and is finished by the same key (I3)", async () => {
    const chunks = Math.ceil(20 / chunkSize);
    for (let busy = 0; busy < chunks; busy++) {
      let isBusy = true;
      const shop = await openShop(`busy ${busy}`, 20, {
        around: async (call, proceed) => {
          const firstOf = (n: number) => shop.of<Batch>("BATCH")[0]?.units[n * chunkSize] ?? "";
          const recalling = call.operation === "transact" && call.writes.some(({ op }) => op === "erase");
          if (isBusy && recalling && call.writes.some(({ key }) => key.pk.endsWith(`#${firstOf(busy)}`))) throw new InjectedConflict(0);
          return proceed();
        },
      });
      await expect(recall(shop)).rejects.toThrow(TableBusy);
      const size = Math.min(chunkSize, 20 - busy * chunkSize);
      expect(shop.of("POOL")).toHaveLength(size);
      isBusy = false;
      expect(await recall(shop)).toMatchObject({ kind: "ok", repeated: false, result: { units: 20, recalled: 20 } });
      expectSoundBooks(shop, 20);
    }
  });

  it("counts once what a lost answer or a conflict made it try twice", async () => {
    let calls = 0;
    const shop = await openShop("faults", 20, {
      around: async (call, proceed) => {
        if (!call.writes.some(({ op }) => op === "erase")) return proceed();
        const nth = ++calls;
        if (nth === 2) throw new InjectedConflict(0);
        const answer = await proceed();
        if (nth === 1) throw new LostResponse();
        return answer;
      },
    });
    expect(await recall(shop)).toMatchObject({ kind: "ok", result: { recalled: 20, reserved: [], sold: [], already_out: 0 } });
    expectSoundBooks(shop, 20);
  });

  it("run by two people at once moves each unit once, and every unit is someone's", async () => {
    const shop = await openShop("two people", 20);
    const both = await Promise.all([recall(shop, "recall-key-1"), recall(shop, "recall-key-2")]);
    const counts = both.map((each) => (each.kind === "ok" ? each.result : { recalled: 0, already_out: 0 }));
    expect(counts.map(({ recalled, already_out }) => recalled + already_out)).toEqual([20, 20]);
    expect(counts.reduce((sum, { recalled }) => sum + recalled, 0)).toBe(20);
    expectSoundBooks(shop, 20);
  });

  it("meets buyers who hold and pay at the same time without giving or losing a unit (I1, I3)", async () => {
    for (let n = 0; n < 5; n++) {
      const { shop, held } = await halfSold(`crossing ${n}`);
      shop.provider.pay(held.order_id);
      const [recalled] = await Promise.all([
        recall(shop),
        ...Array.from({ length: 6 }, (_, buyer) => shop.place(shop.request(10 + buyer))),
        shop.fulfil(held),
      ]);
      expectSoundBooks(shop, 20);
      if (recalled.kind !== "ok") throw new Error("not recalled");
      const { result } = recalled;
      expect(result.recalled + result.reserved.length + result.sold.length + result.already_out).toBe(20);
      expect(shop.of("POOL")).toHaveLength(0);
    }
  });

  it("changes nothing for a batch that is not the merchant's", async () => {
    const shop = await openShop("foreign", 2);
    const before = shop.digest();
    for (const over of [{ merchant_id: "other" }, { batch_id: "0".repeat(26) }]) {
      expect(await recallBatch(request(shop, "recall-key-1", over), shop.ports)).toEqual({ kind: "refused", refusal: "batch_unknown" });
    }
    expect(shop.digest()).toBe(before);
  });
});
