// How many transactions a buyer needs to get a unit when K buyers want one of S at the same moment (goals S2, S3). Over the in-memory
// table, in lockstep: everybody has read before anybody writes. That is the worst case, and the same on every machine.

import type { Unit } from "../functions/inventory/unit.ts";
import { holdUnit, type PoolId, poolReader, tokens, units } from "../functions/inventory/unit-table.ts";
import { type Attempt, takeUnits } from "../kernel/allocation.ts";
import type { Instant } from "../platform/clock/clock.ts";
import { hashId } from "../platform/ids/ids.ts";
import { memoryTable } from "../platform/table/memory.ts";
import { create, type Table } from "../platform/table/model.ts";
import { rng } from "../test/support/random.ts";

export interface Attempts {
  readonly mean: number;
  readonly p99: number;
  readonly allocated: number;
}

const pool: PoolId = { merchant_id: "m", listing_item_id: "item", location_id: "here" };
const at = "2026-11-21T00:00:00.000000Z" as Instant;

/** Opens when all who are still at it have arrived. */
class Barrier {
  private waiting: (() => void)[] = [];
  private parties: number;
  constructor(parties: number) {
    this.parties = parties;
  }
  arrive(): Promise<void> {
    return new Promise((resolve) => {
      this.waiting.push(resolve);
      this.open();
    });
  }
  leave(): void {
    this.parties -= 1;
    this.open();
  }
  private open(): void {
    if (this.waiting.length < this.parties) return;
    for (const go of this.waiting.splice(0)) go();
  }
}

async function stocked(count: number): Promise<Table> {
  const table = memoryTable();
  for (let first = 0; first < count; first += 50) {
    const batch = Array.from({ length: Math.min(50, count - first) }, (_, place) => unitOf(first + place));
    await table.transact(
      batch.flatMap((unit) => [
        create(units, { merchant_id: unit.merchant_id, unit_id: unit.id }, unit),
        create(tokens, { ...pool, unit_id: unit.id }, { unit_id: unit.id }),
      ]),
    );
  }
  return table;
}

const unitOf = (index: number): Unit => ({
  id: hashId("unit", String(index)),
  merchant_id: pool.merchant_id,
  listing_item_id: pool.listing_item_id,
  provider_id: pool.location_id,
  serial_number: String(index),
  status: "available",
  metadata: {},
  created_at: at,
  updated_at: at,
});

/** One buyer until a unit is held: the number of transactions, or undefined where nothing was left. */
type Strategy = (table: Table, buyer: string, random: () => number, barrier: Barrier) => Promise<number | undefined>;

const tryUnits = async (table: Table, unitIds: readonly string[], buyer: string): Promise<boolean> => {
  const outcome = await table.transact(unitIds.flatMap((unit_id) => holdUnit(pool, unit_id, { id: buyer, buyer_id: buyer }, at)));
  return outcome.kind !== "refused";
};

/** The product's own allocation; a buyer who is told to come back does. */
export const ours: Strategy = async (table, buyer, random, barrier) => {
  let attempts = 0;
  for (;;) {
    const taken = await takeUnits(poolReader(table, pool), 1, random, async (picked): Promise<Attempt<true>> => {
      await barrier.arrive();
      attempts += 1;
      const won = await tryUnits(
        table,
        picked.map(({ unit_id }) => unit_id),
        buyer,
      );
      return won ? { kind: "answered", answer: true } : { kind: "taken" };
    });
    if (taken.kind === "answered") return attempts;
    if (taken.kind === "out_of_stock") return undefined;
  }
};

/** What one would write first: the first free unit, again until it works. */
export const topOfList: Strategy = async (table, buyer, _random, barrier) => {
  for (let attempts = 1; ; attempts++) {
    const [first] = await poolReader(table, pool).page("0", false, 1);
    if (first === undefined) return undefined;
    await barrier.arrive();
    if (await tryUnits(table, [first.unit_id], buyer)) return attempts;
  }
};

/** @param buyers K; @param stock S */
export async function contend(strategy: Strategy, buyers: number, stock: number, seed: string): Promise<Attempts> {
  const table = await stocked(stock);
  const barrier = new Barrier(buyers);
  const ends = await Promise.all(
    Array.from({ length: buyers }, async (_, buyer) => {
      const attempts = await strategy(table, `order-${buyer}`, rng(`${seed} ${buyer}`), barrier);
      barrier.leave();
      return attempts;
    }),
  );
  const won = ends.filter((attempts) => attempts !== undefined).sort((a, b) => a - b);
  return {
    mean: won.reduce((sum, attempts) => sum + attempts, 0) / won.length,
    p99: won[Math.ceil(won.length * 0.99) - 1] ?? 0,
    allocated: won.length,
  };
}
