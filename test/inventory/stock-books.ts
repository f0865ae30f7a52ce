// What must hold of the stock after every command, counted from the raw records.
import { expect } from "@jest/globals";
import { isOut, type Unit } from "../../functions/inventory/unit.ts";
import type { Order } from "../../functions/orders/order.ts";
import type { openShop } from "../support/shop.ts";

type Shop = Awaited<ReturnType<typeof openShop>>;

export const unitsOf = (shop: Shop): readonly Unit[] => shop.of<Unit>("UNIT");
export const statusesOf = (shop: Shop): readonly string[] =>
  unitsOf(shop)
    .map(({ status }) => status)
    .sort();

/** I1-I4, G-20: tokens are the available units, nothing was deleted, what left says why, and every live unit is on the one order that it names. */
export const expectSoundBooks = (shop: Shop, stocked: number): void => {
  const units = unitsOf(shop);
  const byId = new Map(units.map((unit) => [unit.id, unit]));
  const orders = new Map(shop.of<Order>("ORDER").map((order) => [order.id, order]));
  const tokens = shop
    .of<{ unit_id: string }>("POOL")
    .map(({ unit_id }) => unit_id)
    .sort();
  const operations = new Set(shop.of<{ id: string }>("OP").map(({ id }) => id));
  expect(units).toHaveLength(stocked);
  expect(tokens).toEqual(
    units
      .filter(({ status }) => status === "available")
      .map(({ id }) => id)
      .sort(),
  );
  for (const unit of units) {
    const order = orders.get(unit.order_id ?? "");
    const listed = order?.lines.some((line) => line.units.includes(unit.id)) ?? false;
    if (unit.status === "available") expect(order).toBeUndefined();
    if (unit.status === "reserved") expect([order?.status, listed]).toEqual(["awaiting_payment", true]);
    if (isOut(unit.status)) expect([typeof unit.status_reason, operations.has(unit.status_operation ?? "")]).toEqual(["string", true]);
    if (unit.status === "sold") expect([order?.status, listed]).toEqual(["paid", true]);
  }
  for (const order of orders.values()) {
    if (order.status !== "paid" && order.status !== "awaiting_payment") continue;
    for (const line of order.lines) {
      expect(new Set(line.units).size).toBe(line.quantity);
      for (const id of line.units) expect(byId.get(id)?.order_id).toBe(order.id);
    }
  }
};
