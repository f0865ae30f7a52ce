// The stock against a model of a page: whatever is done in whatever order, with answers lost and conflicts on the way, every unit is where
// the model says, and the books are sound after every step.
import { describe, expect, it } from "@jest/globals";
import { replaceUnit } from "../../functions/fulfilment/replace-unit.ts";
import type { Batch } from "../../functions/inventory/batch-table.ts";
import { recallBatch } from "../../functions/inventory/recall-batch.ts";
import { retireUnit } from "../../functions/inventory/retire-unit.ts";
import { stockUnits } from "../../functions/inventory/stock-units.ts";
import { type UnitStatus, unitLife } from "../../functions/inventory/unit.ts";
import { holdMinutes, type Order } from "../../functions/orders/order.ts";
import { OutcomeUnknown } from "../../platform/table/engine.ts";
import { InjectedConflict, LostResponse } from "../../platform/table/memory.ts";
import { rng } from "../support/random.ts";
import { openShop, operator } from "../support/shop.ts";
import { expectSoundBooks, unitsOf } from "./stock-books.ts";

const targets = ["defective", "expired", "archived"] as const;
type Ref = { readonly merchant_id: string; readonly order_id: string };

/** A shop whose table loses every twelfth answer and meets a conflict in every twelfth transaction. */
const world = async (seed: number) => {
  const chance = rng(`faults ${seed}`);
  let faulty = false;
  const shop = await openShop(`model ${seed}`, 0, {
    around: async (call, proceed) => {
      const fault = faulty && call.operation === "transact" ? chance() : 1;
      if (fault < 1 / 12) throw new InjectedConflict(Math.floor(chance() * call.writes.length));
      const answer = await proceed();
      if (fault < 2 / 12) throw new LostResponse();
      return answer;
    },
  });
  faulty = true;
  return shop;
};

/** As a person does who was told that the outcome is unknown: the same again. */
const again = async <T>(act: () => Promise<T>): Promise<T> => {
  for (;;) {
    try {
      return await act();
    } catch (error) {
      if (!(error instanceof OutcomeUnknown)) throw error;
    }
  }
};

const walk = async (seed: number, steps: number, reached: Map<string, number>): Promise<void> => {
  const shop = await world(seed);
  const random = rng(`steps ${seed}`);
  const draw = (n: number): number => Math.floor(random() * n);
  const one = <T>(list: readonly T[]): T | undefined => list[draw(list.length)];
  const model = new Map<string, UnitStatus>();
  const open: Ref[] = [];
  const paid: Ref[] = [];
  let keys = 0;
  const by = () => ({ key: `model-key-${keys++}`, principal: operator });
  const note = (what: string): void => void reached.set(what, (reached.get(what) ?? 0) + 1);
  const serialsOf = ({ order_id }: Ref): readonly string[] => {
    const ids =
      shop
        .of<Order>("ORDER")
        .find(({ id }) => id === order_id)
        ?.lines.flatMap(({ units }) => units) ?? [];
    return ids.map((id) => unitsOf(shop).find((unit) => unit.id === id)?.serial_number ?? "");
  };
  const move = (serial: string, from: UnitStatus, to: UnitStatus): void => {
    expect([serial, model.get(serial)]).toEqual([serial, from]);
    expect(unitLife.next[from]).toContain(to);
    model.set(serial, to);
  };
  const free = () => [...model.values()].filter((status) => status === "available").length;

  const commands: readonly (() => Promise<void>)[] = [
    async () => {
      const first = Math.max(0, model.size - (draw(6) === 0 ? 1 : 0));
      const serials = Array.from({ length: 1 + draw(9) }, (_, n) => `S${first + n}`);
      const units = serials.map((serial_number) => ({ serial_number }));
      const body = { listing_id: "lees-car-wash", listing_item_id: "CW-60", location_id: "lees-main", units };
      const request = { body, ...by() };
      const outcome = await again(() => stockUnits(request, shop.ports));
      note(`stock ${outcome.kind}`);
      expect(outcome.kind).toBe(serials.some((serial) => model.has(serial)) ? "refused" : "ok");
      if (outcome.kind === "ok") for (const serial of serials) model.set(serial, "available");
    },
    async () => {
      const quantity = 1 + draw(2);
      const had = free();
      const request = shop.request(keys++ % 9000, { lines: [{ item: "CW-60", quantity }] }, `buyer-key-${keys}-0123456789`);
      const outcome = await again(() => shop.place(request));
      note(`hold ${outcome.kind}`);
      expect(outcome.kind).toBe(had >= quantity ? "placed" : "refused");
      if (outcome.kind !== "placed") return;
      const [merchant_id = "", order_id = ""] = outcome.placed.token.split(".");
      open.push({ merchant_id, order_id });
      for (const serial of serialsOf({ merchant_id, order_id })) move(serial, "available", "reserved");
    },
    async () => {
      const ref = open.splice(draw(open.length), 1)[0];
      if (!ref) return;
      const placed = serialsOf(ref);
      const kept = placed.filter((serial) => model.get(serial) === "reserved");
      const enough = free() >= placed.length - kept.length;
      shop.provider.pay(ref.order_id);
      await again(() => shop.fulfil(ref));
      note(kept.length === placed.length ? "pay" : enough ? "pay others" : "pay back");
      if (enough) paid.push(ref);
      for (const serial of kept) move(serial, "reserved", enough ? "sold" : "available");
      if (enough) for (const serial of serialsOf(ref)) if (!kept.includes(serial)) move(serial, "available", "sold");
    },
    async () => {
      if (open.length === 0 || draw(3) > 0) return;
      shop.pass(holdMinutes * 60 + 1);
      for (const ref of open.splice(0)) {
        const serials = serialsOf(ref);
        expect(await again(() => shop.fulfil(ref))).toEqual({ released: true });
        const held = serials.filter((serial) => model.get(serial) === "reserved");
        for (const serial of held) move(serial, "reserved", "available");
        note(held.length === serials.length ? "release" : "release others");
      }
    },
    async () => {
      const serial = one([...model.keys()]);
      const to = one(targets);
      if (!serial || !to) return;
      const from = model.get(serial) ?? "available";
      const body = { merchant_id: "lees", listing_item_id: "CW-60", location_id: "lees-main", serial_number: serial, to, reason: "model says so" };
      const request = { body, ...by() };
      const outcome = await again(() => retireUnit(request, shop.ports));
      note(`retire ${from} ${outcome.kind}`);
      const may = from !== "reserved" && from !== "sold" && unitLife.next[from].includes(to);
      expect(outcome.kind).toBe(may ? "ok" : "refused");
      if (outcome.kind !== "ok") return;
      move(serial, from, to);
      expect(await retireUnit(request, shop.ports)).toMatchObject({ kind: "ok", repeated: true });
    },
    async () => {
      const ref = one(paid);
      const serial = ref && (one(serialsOf(ref)) ?? "");
      if (!ref || !serial) return;
      const had = free();
      const before = serialsOf(ref);
      const request = { body: { ...ref, serial_number: serial, reason: "model says so" }, ...by() };
      const outcome = await again(() => replaceUnit(request, shop.ports));
      note(`replace ${outcome.kind === "ok" ? "ok" : outcome.refusal}`);
      expect(outcome.kind === "ok" ? "ok" : outcome.refusal).toBe(had > 0 ? "ok" : "out_of_stock");
      if (outcome.kind !== "ok") return;
      move(serial, "sold", "defective");
      move(outcome.result.serial_number, "available", "sold");
      expect(serialsOf(ref)).toEqual(before.map((each) => (each === serial ? outcome.result.serial_number : each)));
      expect(await replaceUnit(request, shop.ports)).toMatchObject({ kind: "ok", repeated: true, result: outcome.result });
      expect(await replaceUnit({ ...request, ...by() }, shop.ports)).toMatchObject({ kind: "refused", refusal: "already_replaced" });
    },
    async () => {
      const batch = one(shop.of<Batch>("BATCH"));
      if (!batch || draw(4) > 0) return;
      const to = one(targets) ?? "defective";
      const serials = batch.units.map((id) => unitsOf(shop).find((unit) => unit.id === id)?.serial_number ?? "");
      const of = (status: UnitStatus) => serials.filter((serial) => model.get(serial) === status);
      const request = { body: { merchant_id: "lees", batch_id: batch.id, to, reason: "model says so" }, ...by() };
      const outcome = await again(() => recallBatch(request, shop.ports));
      if (outcome.kind !== "ok") throw new Error("not recalled");
      note("recall");
      const { result } = outcome;
      expect(result.recalled).toBe(of("available").length);
      expect(result.reserved.map(({ serial_number }) => serial_number).sort()).toEqual([...of("reserved")].sort());
      expect(result.sold.map(({ serial_number }) => serial_number).sort()).toEqual([...of("sold")].sort());
      for (const from of ["available", "reserved"] as const) for (const serial of of(from)) move(serial, from, to);
    },
  ];

  for (let step = 0; step < steps; step++) {
    await one(commands)?.();
    expect(Object.fromEntries(unitsOf(shop).map(({ serial_number, status }) => [serial_number, status]))).toEqual(Object.fromEntries(model));
    expectSoundBooks(shop, model.size);
  }
};

describe("the stock", () => {
  it("is what a model of it says, after every step of many random walks (I1-I4, I10, G-16, G-20)", async () => {
    const reached = new Map<string, number>();
    for (let seed = 0; seed < 24; seed++) await walk(seed, 40, reached);
    const rare = ["stock refused", "hold refused", "release", "recall", "retire sold refused", "retire reserved refused", "retire archived refused"];
    for (const what of [...rare, "pay others", "pay back", "release others", "replace ok", "replace out_of_stock"])
      expect([what, reached.get(what) ?? 0]).not.toEqual([what, 0]);
  });
});
