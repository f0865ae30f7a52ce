// Verbs of the desk that see records otherwise than they are: how a guard that decides over what was read is left out.
import type { Table, Write } from "../../../platform/table/model.ts";
import type { Planting } from "../world-model.ts";
import { withVerbs } from "./planting.ts";
import type { Item } from "./rewritten.ts";

/** By the first word of a record's key: what is seen in its place. */
export type Seen = Readonly<Record<string, (item: Item) => Item>>;

const seeing = (table: Table, seen: Seen): Table => {
  const through = (entity: { readonly prefix: string }, item: unknown): unknown =>
    item && seen[entity.prefix] ? seen[entity.prefix]?.(item as Item) : item;
  const get = async (entity: { readonly prefix: string }, id: never, options: never): Promise<unknown> =>
    through(entity, await table.get(entity as never, id, options));
  const getMany = async (wanted: readonly (readonly [{ readonly prefix: string }, unknown])[], options: never): Promise<unknown> => {
    const found = (await table.getMany(wanted as never, options)) as readonly unknown[];
    return found.map((item, at) => through(wanted[at]?.[0] ?? { prefix: "" }, item));
  };
  return { ...table, get: get as unknown as Table["get"], getMany: getMany as unknown as Table["getMany"] };
};

export const giveSees = (seen: Seen): Planting => ({
  verbs: withVerbs(({ giveUnits }) => ({ giveUnits: (request, ports) => giveUnits(request, { ...ports, table: seeing(ports.table, seen) }) })),
});
/** @param told for which reasons; default: all */
export const settleSees = (seen: Seen, told: (reason: string) => boolean = () => true): Planting => ({
  verbs: withVerbs(({ settleException }) => ({
    settleException: (request, ports) => settleException(request, told(request.body.reason) ? { ...ports, table: seeing(ports.table, seen) } : ports),
  })),
});
export const refundSees = (seen: Seen): Planting => ({
  verbs: withVerbs(({ refundOrder }) => ({ refundOrder: (request, ports) => refundOrder(request, { ...ports, table: seeing(ports.table, seen) }) })),
});

/** Is it the look at the money in the moment in which units are given for it? */
export const isLookAtMoney = (write: Write): boolean => write.op === "check" && write.entity.prefix === "PAYMENT" && write.refusal === "order_moved";
/** With the look at the money, which stands behind what was read of it. */
export const unlooked = (planting: Planting): Planting => ({ ...planting, evaluate: (write, _item, holds) => holds || isLookAtMoney(write) });
