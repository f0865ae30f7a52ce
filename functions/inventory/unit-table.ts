// Units and their tokens. Invariant: a token exists exactly while its unit is `available`; every transition moves both in one transaction.
import * as z from "zod";
import type { Pool } from "../../kernel/allocation.ts";
import type { Instant } from "../../platform/clock/clock.ts";
import { change, contended, create, entity, erase, type Guard, guarded, type Table, type Write, when } from "../../platform/table/model.ts";
import type { Retirement } from "./contract.ts";
import { type Leave, leaving, Unit, type UnitStatus } from "./unit.ts";

export const units = entity({
  name: "listing_inventory",
  prefix: "UNIT",
  about: "One unique thing with a serial number. Never deleted.",
  schema: Unit,
  key: (id: { merchant_id: string; unit_id: string }) => ({ pk: `UNIT#${id.merchant_id}#${id.unit_id}`, sk: "UNIT" }),
});

export const UnitToken = z.object({ unit_id: z.string() });
export type UnitToken = z.infer<typeof UnitToken>;

/** No dispute is open on it. Only units of a sold order have one, so only writes that take a sold unit away ask. */
export const unfrozen: Guard = when.missing("frozen_by");

/** Where units of one SKU wait at one location. */
export interface PoolId {
  readonly merchant_id: string;
  readonly listing_item_id: string;
  readonly location_id: string;
}
const poolKey = (id: PoolId): string => `POOL#${id.merchant_id}#${id.listing_item_id}#${id.location_id}`;

export const tokens = entity({
  name: "token",
  prefix: "POOL",
  about: "A free unit of a SKU at a location; whoever deletes it in an order's transaction has the unit. The only record that is ever deleted.",
  schema: UnitToken,
  key: (id: PoolId & { unit_id: string }) => ({ pk: poolKey(id), sk: id.unit_id }),
});

const poolOf = (unit: Unit): PoolId => ({ merchant_id: unit.merchant_id, listing_item_id: unit.listing_item_id, location_id: unit.provider_id });

/** Stock-in: the unit and its token. */
export const stockUnit = (unit: Unit): readonly [Write<"serial_exists">, Write<never>] => [
  guarded("serial_exists", create(units, { merchant_id: unit.merchant_id, unit_id: unit.id }, unit)),
  create(tokens, { ...poolOf(unit), unit_id: unit.id }, { unit_id: unit.id }),
];

/** The pool as the allocator reads it: strongly consistent, from a point in one direction. */
export const poolReader = (table: Table, id: PoolId): Pool<UnitToken> => ({
  page: async (from, descending, limit) => (await table.query(tokens, poolKey(id), { from, descending, limit, consistent: true })).items,
});

/** Most tokens read to show stock: exact up to 20, "plenty" above. */
export const shownStockMax = 20;

/** Free units, eventual: 0…20 exact, 21 means more. */
export const countStock = async (table: Table, id: PoolId): Promise<number> =>
  (await table.query(tokens, poolKey(id), { limit: shownStockMax + 1 })).items.length;

/** Takes a unit for an order: token away, unit reserved. Losing the race for it is `unit_taken`. */
export const holdUnit = (
  pool: PoolId,
  unit_id: string,
  order: { readonly id: string; readonly buyer_id: string },
  at: Instant,
): readonly Write<"unit_taken">[] => takeUnit(pool, unit_id, order, "reserved", at);

/** The token decides who gets the unit; its item follows in the same transaction. */
const takeUnit = (
  pool: PoolId,
  unit_id: string,
  order: { readonly id: string; readonly buyer_id: string },
  status: "reserved" | "sold",
  at: Instant,
): readonly Write<"unit_taken">[] => [
  contended("unit_taken", erase(tokens, { ...pool, unit_id })),
  contended(
    "unit_taken",
    change(
      units,
      { merchant_id: pool.merchant_id, unit_id },
      { set: { status, order_id: order.id, buyer_id: order.buyer_id, updated_at: at } },
      when.equals("status", "available"),
    ),
  ),
];

/** A hold ends unpaid: the unit is free again and its token is back, exactly once, and only by the order that held it. */
export const releaseUnit = (
  pool: PoolId,
  unit_id: string,
  order_id: string,
  at: Instant,
): readonly [Write<"unit_not_held">, Write<"unit_not_held">] => [
  guarded(
    "unit_not_held",
    change(
      units,
      { merchant_id: pool.merchant_id, unit_id },
      { set: { status: "available", updated_at: at }, remove: ["order_id", "buyer_id"] },
      when.all(when.equals("status", "reserved"), when.equals("order_id", order_id)),
    ),
  ),
  guarded("unit_not_held", create(tokens, { ...pool, unit_id }, { unit_id })),
];

/** A free unit goes to a buyer whose money is already there. */
export const sellUnit = (
  pool: PoolId,
  unit_id: string,
  order: { readonly id: string; readonly buyer_id: string },
  at: Instant,
): readonly Write<"unit_taken">[] => takeUnit(pool, unit_id, order, "sold", at);

/** The unit becomes the buyer's for good; only the order that holds it can do that. */
export const commitUnit = (merchant_id: string, unit_id: string, order_id: string, at: Instant): Write<"unit_not_held"> =>
  guarded(
    "unit_not_held",
    change(
      units,
      { merchant_id, unit_id },
      { set: { status: "sold", updated_at: at } },
      when.all(when.equals("status", "reserved"), when.equals("order_id", order_id)),
    ),
  );

/** A free unit leaves the stock: token and state in one step, unless somebody takes it in the same moment. */
export const withdrawUnit = (unit: Unit, to: Retirement, leave: Leave, at: Instant): readonly [Write<"unit_moved">, Write<"unit_moved">] => [
  contended("unit_moved", erase(tokens, { ...poolOf(unit), unit_id: unit.id })),
  moveUnit(unit, "available", to, leave, at),
];

/** A unit that nobody has moves on in its life; a free one takes its token along by `withdrawUnit`. */
export const moveUnit = (unit: Pick<Unit, "merchant_id" | "id">, from: UnitStatus, to: Retirement, leave: Leave, at: Instant): Write<"unit_moved"> =>
  contended(
    "unit_moved",
    change(units, { merchant_id: unit.merchant_id, unit_id: unit.id }, { set: leaving(to, leave, at) }, when.equals("status", from)),
  );

/** A unit that waits for an order is called back: no token stands for it, and it keeps whose it was, so that the order can tell what became of it. */
export const callBackHeld = (unit: Unit, to: Retirement, leave: Leave, at: Instant): Write<"unit_moved"> =>
  contended(
    "unit_moved",
    change(
      units,
      { merchant_id: unit.merchant_id, unit_id: unit.id },
      { set: leaving(to, leave, at) },
      when.all(when.equals("status", "reserved"), when.equals("order_id", unit.order_id ?? "")),
    ),
  );

/** What a buyer has turns out to be defective. It stays theirs in the books; only the order that it was sold to can say so. */
export const markDefective = (merchant_id: string, unit_id: string, order_id: string, leave: Leave, at: Instant): Write<"unit_not_sold"> =>
  guarded(
    "unit_not_sold",
    change(
      units,
      { merchant_id, unit_id },
      { set: leaving("defective", leave, at) },
      when.all(when.equals("status", "sold"), when.equals("order_id", order_id), unfrozen),
    ),
  );
