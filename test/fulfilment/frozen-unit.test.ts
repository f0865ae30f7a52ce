import { afterEach, describe, expect, it } from "@jest/globals";
import { replaceUnit } from "../../functions/fulfilment/replace-unit.ts";
import { Retirement } from "../../functions/inventory/contract.ts";
import { recallBatch } from "../../functions/inventory/recall-batch.ts";
import { retireUnit } from "../../functions/inventory/retire-unit.ts";
import type { Unit } from "../../functions/inventory/unit.ts";
import type { DisputeFact } from "../../functions/payments/provider-after-sale.ts";
import { orderView } from "../../functions/storefront/order-view.ts";
import { operator } from "../support/shop.ts";
import { books, type Ref, refund, type Shop, sold, unitStates } from "./after-sale.ts";

let shop: Shop;
afterEach(() => books(shop));
const open = async (...args: Parameters<typeof sold>) => {
  const made = await sold(...args);
  shop = made.shop;
  return made;
};
const says = (...disputes: (readonly [string, DisputeFact["status"]])[]): void => {
  shop.provider.disputes = { kind: "known", disputes: disputes.map(([id, status]) => ({ id, status, amount: 6000 })) };
};
const news = (ref: Ref) => shop.fulfil({ ...ref, news: "dispute" });

describe("a frozen unit (G-16, I10)", () => {
  const serialOf = (status: string) => shop.of<Unit>("UNIT").find((unit) => unit.status === status)?.serial_number ?? "";
  const by = (key: string) => ({ key, principal: operator });
  const where = { merchant_id: "lees", reason: "gate does not read it" };
  const retire = (to: Retirement, key: string) =>
    retireUnit(
      { body: { ...where, listing_item_id: "CW-60", location_id: "lees-main", serial_number: serialOf("sold"), to }, ...by(key) },
      shop.ports,
    );
  const replace = (ref: Ref, key: string) => replaceUnit({ body: { ...where, ...ref, serial_number: serialOf("sold") }, ...by(key) }, shop.ports);
  const recall = (key: string) =>
    recallBatch({ body: { ...where, batch_id: shop.of<{ id: string }>("BATCH")[0]?.id ?? "", to: "defective" }, ...by(key) }, shop.ports);

  it("stays sold and shown, and names its dispute; nobody retires, replaces or refunds it until that ends", async () => {
    const { ref, token } = await open("frozen");
    const serial = serialOf("sold");
    says(["dp_1", "open"]);
    await news(ref);
    const before = shop.digest();
    for (const to of Retirement.options)
      expect(await retire(to, `retire-${to}`)).toMatchObject({ refusal: "unit_disputed", context: { order_id: ref.order_id } });
    expect(await replace(ref, "replace-1")).toEqual({ kind: "refused", refusal: "unit_disputed", context: { dispute_id: "dp_1" } });
    expect(await refund(shop, ref)).toEqual({ kind: "refused", refusal: "disputed" });
    expect(shop.digest()).toBe(before);
    const page = await orderView({ token, language: undefined, back: false }, { ...shop.ports, checkoutOrigin: "https://pay.test" });
    expect(page?.units).toEqual([expect.objectContaining({ serial })]);

    says(["dp_1", "won"]);
    await news(ref);
    expect(await replace(ref, "replace-2")).toMatchObject({ kind: "ok" });
    expect(await retire("archived", "retire-2")).toMatchObject({ refusal: "unit_sold" });
  });

  it("is named by a recall of its batch, and not touched", async () => {
    const { ref } = await open("recalled");
    says(["dp_1", "open"]);
    await news(ref);
    expect(await recall("recall-1")).toMatchObject({
      kind: "ok",
      result: { recalled: 2, sold: [{ serial_number: serialOf("sold"), order_id: ref.order_id }] },
    });
    expect(unitStates(shop, ref)).toEqual(["sold, frozen by dp_1"]);
  });

  it("keeps no sign of a dispute that has ended, and why it left its buyer if that one was lost", async () => {
    for (const end of ["won", "lost"] as const) {
      const { ref } = await open(`ended ${end}`);
      const units = () => shop.of<Unit>("UNIT").filter(({ order_id }) => order_id === ref.order_id);
      const [bought] = units();
      says(["dp_1", "open"]);
      await news(ref);
      says(["dp_1", end]);
      await news(ref);
      const { frozen_by, updated_at: _, ...unit } = units()[0] as Unit;
      expect(frozen_by).toBeUndefined();
      expect(unit).toMatchObject(
        end === "won" ? { status: "sold" } : { status: "archived", status_reason: "dispute_lost", buyer_id: bought?.buyer_id },
      );
    }
  });

  it("and a person's command in the same moment: one of them has it, and the other sees that", async () => {
    for (let round = 0; round < 10; round++) {
      const { ref } = await open(`unit race ${round}`);
      says(["dp_1", "open"]);
      const hand = round % 2 ? () => retire("archived", "retire-1") : () => replace(ref, "replace-1");
      const runs: (() => Promise<unknown>)[] = [() => news(ref), hand];
      await Promise.all((round % 4 < 2 ? runs : runs.reverse()).map((run) => run()));
      const sound = [["sold, frozen by dp_1"], ["defective", "sold, frozen by dp_1"]];
      expect(sound).toContainEqual(unitStates(shop, ref));
    }
  });
});
