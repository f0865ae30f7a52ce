// The exceptions desk of one merchant. The index only suggests: each order is read again, and what it allows is decided from how it stands.
import type { CommandAnswer, CommandRequest } from "../../platform/edge/operator.ts";
import type { Table } from "../../platform/table/model.ts";
import { countStock } from "../inventory/index.ts";
import { type Order, onDesk, orders } from "../orders/index.ts";
import { refundsOf } from "../payments/index.ts";
import type * as contract from "./contract.ts";
import { poolOf } from "./engine.ts";
import { shownOf } from "./exception.ts";
import { loadMatter } from "./load-matter.ts";

/** Orders of one answer; the cursor leads to the rest. */
export const exceptionsPerPage = 20;

export const listExceptions = async (
  { body }: CommandRequest<typeof contract.listExceptions>,
  { table }: { readonly table: Table },
): Promise<CommandAnswer<typeof contract.listExceptions>> => {
  const { merchant_id, cursor } = body;
  const page = await table.desk(merchant_id, {
    descending: body.first === "newest",
    // One more tells where the next page begins.
    limit: exceptionsPerPage + 1,
    ...(cursor !== undefined && { from: cursor }),
  });
  const entries = page.items.slice(0, exceptionsPerPage);
  const found = await table.getMany(
    entries.map(({ desk_place }) => [orders, { merchant_id, order_id: desk_place.split(" ")[1] ?? "" }] as const),
    { consistent: true },
  );
  const waiting = found.flatMap((order) => (order && onDesk(order) ? [order] : []));
  const exceptions = await Promise.all(waiting.map((order) => shown(order, table)));
  const next = page.items[exceptionsPerPage]?.desk_place;
  return { kind: "ok", result: { exceptions, ...(next !== undefined && { cursor: next }) } };
};

const shown = async (order: Order, table: Table) => {
  const [matter, refunds, free] = await Promise.all([
    loadMatter(order, table),
    refundsOf(table, { merchant_id: order.merchant_id, order_id: order.id }),
    countStock(table, poolOf(order)),
  ]);
  return shownOf({ ...matter, refunds, free });
};
