// Verbs that read orders as they are not: what was never asked for, or what was asked for and not heeded.
import type { Order } from "../../../functions/orders/order.ts";
import type { Table } from "../../../platform/table/model.ts";

export type Change = (order: Order) => Order;
export const forgotten: Change = ({ dispute: _, ...order }) => order;
/** Neither quarrel nor anything to look after. */
export const settledOne: Change = ({ dispute: _, due_at: __, ...order }) => order;
/** A table whose orders are read as they are not. @param times how many of a run's first reads are; default: all */
export const misread = (table: Table, change: Change, times = Number.POSITIVE_INFINITY): Table => {
  let left = times;
  const read = (item: unknown): unknown => {
    const order = item as Order | undefined;
    left -= 1;
    return order?.dispute === undefined || left < 0 ? item : change(order);
  };
  const get = async (entity: never, id: never, options: never): Promise<unknown> => read(await table.get(entity, id, options));
  const getMany = async (wanted: never, options: never): Promise<unknown> => ((await table.getMany(wanted, options)) as readonly unknown[]).map(read);
  return { ...table, get: get as Table["get"], getMany: getMany as Table["getMany"] };
};
