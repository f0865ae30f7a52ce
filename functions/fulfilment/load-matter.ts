// An order with what belongs to it, as it stands: what every decision after the sale looks at.
import type { Table } from "../../platform/table/model.ts";
import { type Unit, units } from "../inventory/index.ts";
import { type Order, paymentIdOf, unitIdsOf } from "../orders/index.ts";
import { payments } from "../payments/index.ts";
import type { Matter } from "./desk-decision.ts";

/** Units that went to somebody else since are none of this order's. */
export const loadMatter = async (order: Order, table: Table): Promise<Matter> => {
  const [payment, ...found] = await table.getMany(
    [[payments, paymentIdOf(order)], ...unitIdsOf(order).map((unit_id) => [units, { merchant_id: order.merchant_id, unit_id }] as const)] as const,
    { consistent: true },
  );
  return { order, payment, units: (found as readonly (Unit | undefined)[]).flatMap((unit) => (unit?.order_id === order.id ? [unit] : [])) };
};
