// Transactions that are written otherwise than the product means them: some of their writes left out, or setting something else.
import type { Write } from "../../../platform/table/model.ts";
import { nameOfWrites } from "../ports/table.ts";
import type { Planting } from "../world-model.ts";
import { type Transaction, transacting } from "./planting.ts";

export type Item = Readonly<Record<string, unknown>>;

/** The transactions of one name are written otherwise. */
export const instead = (name: string, change: (writes: Transaction) => Transaction): NonNullable<Planting["table"]> =>
  transacting((writes, table) => table.transact(nameOfWrites(writes) === name ? change(writes) : writes));
export const without = (name: string, dropped: (write: Write) => boolean): Planting => ({
  table: instead(name, (writes) => writes.filter((write) => !dropped(write))),
});
/** A change of one kind of record sets something else. */
export const setting = (name: string, prefix: string, change: (set: Item) => Item): Planting => ({
  table: instead(name, (writes) =>
    writes.map((write) =>
      write.op === "change" && write.entity.prefix === prefix
        ? { ...write, change: { ...write.change, set: change(write.change.set ?? {}) } }
        : write,
    ),
  ),
});
export const but = (item: Item, ...names: readonly string[]): Item =>
  Object.fromEntries(Object.entries(item).filter(([name]) => !names.includes(name)));
/** What the transaction sets on one kind of record. */
export const changeOf = (writes: Transaction, prefix: string): Item => {
  const found = writes.find((write) => write.op === "change" && write.entity.prefix === prefix);
  return found?.op === "change" ? (found.change.set ?? {}) : {};
};

/** Does it change one of these on a record of this kind? */
export const hasSet = (write: Write, prefix: string, ...names: readonly string[]): boolean =>
  write.op === "change" && write.entity.prefix === prefix && names.some((name) => name in (write.change.set ?? {}));
