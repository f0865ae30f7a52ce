// Finding an order by its page's token. The signature is checked before anything is read: a guessed link costs us nothing and learns nothing.
import type { Table } from "../../platform/table/model.ts";
import type { Order } from "./order.ts";
import { orders } from "./order-table.ts";
import { openToken } from "./token.ts";

export interface ReadPorts {
  readonly table: Table;
  readonly linkSecret: () => Promise<string>;
}

/** Undefined for a token that is not ours; the caller answers as if there were nothing. */
export const readOrder = async (token: string, { table, linkSecret }: ReadPorts): Promise<Order | undefined> => {
  const id = openToken(await linkSecret(), token);
  return id && table.get(orders, id, { consistent: true });
};
