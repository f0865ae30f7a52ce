import { describe, expect, it } from "@jest/globals";
import { saveListing } from "../../functions/catalogue/save-listing.ts";
import type { Batch } from "../../functions/inventory/batch-table.ts";
import { unitsPerCommandMax } from "../../functions/inventory/contract.ts";
import { stockUnits } from "../../functions/inventory/stock-units.ts";
import type { Unit } from "../../functions/inventory/unit.ts";
import { demoListing } from "../support/demo.ts";
import { openShop, operator } from "../support/shop.ts";

const batch = (units: { serial_number: string; secret_code?: string }[]) => ({
  listing_id: "lees-car-wash",
  listing_item_id: "CW-120",
  location_id: "lees-main",
  units,
});

describe("stocking units", () => {
  it("makes a unit and its token each, with the operation, once (I3, X-9)", async () => {
    const shop = await openShop("stock", 0);
    const request = { body: batch([{ serial_number: "A1" }, { serial_number: "A2" }]), key: "stock-key-1", principal: operator };
    expect(await stockUnits(request, shop.ports)).toMatchObject({ kind: "ok", result: { stocked: 2 } });
    const before = shop.digest();
    expect(await stockUnits(request, shop.ports)).toMatchObject({ kind: "ok", result: { stocked: 2 } });
    expect(shop.digest()).toBe(before);
    expect([shop.of("UNIT").length, shop.of("POOL").length]).toEqual([2, 2]);
    const [stored] = shop.of<Batch>("BATCH");
    expect(stored?.units).toHaveLength(2);
    expect(shop.of<Unit>("UNIT").map(({ id, batch_id }) => [id, batch_id])).toEqual(
      expect.arrayContaining(stored?.units.map((id) => [id, stored.id]) ?? []),
    );
  });

  it("tells a repeat what it did, also when the listing has lost the item since (X-3)", async () => {
    const shop = await openShop("unlisted", 0);
    const request = { body: batch([{ serial_number: "A1" }]), key: "stock-key-1", principal: operator };
    const first = await stockUnits(request, shop.ports);
    const listing_items = demoListing.listing_items.filter(({ id }) => id !== "CW-120");
    expect(await saveListing({ body: { ...demoListing, listing_items }, key: "save-key-1", principal: operator }, shop.ports)).toMatchObject({
      kind: "ok",
    });
    expect(await stockUnits(request, shop.ports)).toEqual({ ...first, repeated: true });
    expect(await stockUnits({ ...request, body: batch([{ serial_number: "A2" }]) }, shop.ports)).toEqual({ kind: "refused", refusal: "key_reused" });
    expect(await stockUnits({ ...request, key: "stock-key-2" }, shop.ports)).toEqual({ kind: "refused", refusal: "item_unknown" });
  });

  it("takes no serial twice, and none of the batch when one is there (G-16)", async () => {
    const shop = await openShop("twice", 0);
    await stockUnits({ body: batch([{ serial_number: "A1" }]), key: "stock-key-1", principal: operator }, shop.ports);
    const before = shop.digest();
    expect(
      await stockUnits({ body: batch([{ serial_number: "A2" }, { serial_number: "A1" }]), key: "stock-key-2", principal: operator }, shop.ports),
    ).toEqual({
      kind: "refused",
      refusal: "serial_exists",
      context: { serial_number: "A1" },
    });
    expect(shop.digest()).toBe(before);
  });

  it("stores a secret only sealed, bound to its unit (G-16, TH15)", async () => {
    const shop = await openShop("secret", 0);
    await stockUnits({ body: batch([{ serial_number: "B1", secret_code: "4711-0815" }]), key: "stock-key-1", principal: operator }, shop.ports);
    expect(shop.digest()).not.toContain("4711-0815");
    const [unit] = shop.of<Unit>("UNIT");
    if (!unit?.secret_code) throw new Error("no secret");
    expect(await shop.ports.sealer.open("unit", unit.id, unit.secret_code)).toBe("4711-0815");
  });

  it("refuses an item that the listing does not have", async () => {
    const shop = await openShop("unknown", 0);
    const outcome = await stockUnits(
      { body: { ...batch([{ serial_number: "C1" }]), listing_item_id: "CW-1" }, key: "stock-key-1", principal: operator },
      shop.ports,
    );
    expect(outcome).toEqual({ kind: "refused", refusal: "item_unknown" });
  });

  it("fits into one transaction at its largest", async () => {
    const shop = await openShop("largest", 0);
    const units = Array.from({ length: unitsPerCommandMax }, (_, n) => ({ serial_number: `L${n}`, secret_code: "4711" }));
    const outcome = await stockUnits({ body: batch(units), key: "stock-key-1", principal: operator }, shop.ports);
    expect(outcome).toMatchObject({ kind: "ok", result: { stocked: unitsPerCommandMax } });
  });

  it("refuses a location that the merchant does not have, so that nothing waits where nobody sells", async () => {
    const shop = await openShop("nowhere", 0);
    const before = shop.digest();
    const outcome = await stockUnits(
      { body: { ...batch([{ serial_number: "D1" }]), location_id: "nowhere" }, key: "stock-key-1", principal: operator },
      shop.ports,
    );
    expect(outcome).toEqual({ kind: "refused", refusal: "location_unknown" });
    expect(shop.digest()).toBe(before);
  });
});
