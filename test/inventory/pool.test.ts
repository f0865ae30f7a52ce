import { describe, expect, it } from "@jest/globals";
import { type Unit, unitIdOf } from "../../functions/inventory/unit.ts";
import { countStock, type PoolId, poolReader, stockUnit } from "../../functions/inventory/unit-table.ts";
import { takeUnits } from "../../kernel/allocation.ts";
import { instant } from "../../platform/clock/clock.ts";
import { memoryTable } from "../../platform/table/memory.ts";
import { rng } from "../support/random.ts";

const now = instant(0);
const unit = (location: string, n: number): Unit => ({
  id: unitIdOf("lees", "CW-60", location, `S${n}`),
  merchant_id: "lees",
  listing_item_id: "CW-60",
  provider_id: location,
  serial_number: `S${n}`,
  status: "available",
  metadata: {},
  created_at: now,
  updated_at: now,
});
const pool = (location_id: string): PoolId => ({ merchant_id: "lees", listing_item_id: "CW-60", location_id });

const stocked = async (perLocation: Record<string, number>) => {
  const table = memoryTable();
  for (const [location, count] of Object.entries(perLocation)) {
    for (let first = 0; first < count; first += 45) {
      await table.transact(Array.from({ length: Math.min(45, count - first) }, (_, i) => stockUnit(unit(location, first + i))).flat());
    }
  }
  return table;
};

describe("the pool of a location (G-19)", () => {
  it("costs the same to show and to take from, with twenty units or with twenty thousand", async () => {
    const costs = await Promise.all(
      [30, 3000, 20000].map(async (count) => {
        const table = await stocked({ main: count });
        const before = table.consumed.reads;
        await countStock(table, pool("main"));
        const shown = table.consumed.reads - before;
        await takeUnits(poolReader(table, pool("main")), 1, rng("cost"), async () => ({ kind: "answered", answer: undefined }));
        return { shown, taken: table.consumed.reads - before - shown };
      }),
    );
    expect(new Set(costs.map((cost) => JSON.stringify(cost))).size).toBe(1);
  });

  it("sells only its own units: another store's stock is another pool", async () => {
    const table = await stocked({ main: 2, west: 3 });
    expect([await countStock(table, pool("main")), await countStock(table, pool("west")), await countStock(table, pool("east"))]).toEqual([2, 3, 0]);
  });

  it("is counted exactly up to twenty, then as more (S25)", async () => {
    const table = await stocked({ few: 20, many: 40 });
    expect([await countStock(table, pool("few")), await countStock(table, pool("many"))]).toEqual([20, 21]);
  });
});
