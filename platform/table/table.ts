// The verbs of the table over an engine: keys checked, records parsed by their entity's schema, outcomes settled.
import { type Engine, type Item, TableFault } from "./engine.ts";
import type { Entity, Key, Outcome, QueryOptions, ReadOptions, Table, Write } from "./model.ts";
import { type RetryPorts, settleTransaction, settleWrite } from "./outcome.ts";
import { batchGetLimit, checkedKey, checkedTransaction, checkedWrite, place } from "./request.ts";

/** Parses a stored item; the error names places, never values. */
function parsed<T extends object>(entity: Entity, item: Item): T {
  const result = entity.schema.safeParse(item);
  if (result.success) return result.data;
  const places = result.error.issues.map((issue) => `${issue.path.join(".") || "record"} (${issue.code})`);
  throw new TableFault(`a record of ${place({ entity })} does not fit its schema: ${places.join(", ")}`);
}

const keyName = (key: Key): string => JSON.stringify([key.pk, key.sk]);

/** The table over an engine. */
export function tableOver(engine: Engine, ports: RetryPorts): Table {
  let transactions = 0;
  return {
    async get<T extends object, K>(entity: Entity<T, K>, id: K, options: ReadOptions = {}) {
      const item = await engine.get(checkedKey(entity, entity.key(id)), options.consistent ?? false);
      return item && parsed(entity, item);
    },

    async getMany(wanted: readonly (readonly [Entity, unknown])[], options: ReadOptions = {}) {
      const keys = wanted.map(([entity, id]) => checkedKey(entity, entity.key(id)));
      const distinct = new Map(keys.map((key) => [keyName(key), key]));
      if (distinct.size > batchGetLimit) throw new TableFault(`a read of ${distinct.size} keys: at most ${batchGetLimit}`);
      if (distinct.size === 0) return [] as never;
      const items = await engine.getMany([...distinct.values()], options.consistent ?? false);
      const found = new Map([...distinct.keys()].map((name, at) => [name, items[at]]));
      return wanted.map(([entity], at) => {
        const item = found.get(keyName(keys[at] as Key));
        return item && parsed(entity, item);
      }) as never;
    },

    async query<T extends object>(entity: Entity, pk: string, options: QueryOptions) {
      checkedKey(entity, { pk, sk: options.from ?? "-" });
      // One more than wanted tells exactly whether more lie beyond; DynamoDB's own mark may point at nothing.
      const items = await engine.query({
        pk,
        ...(options.from !== undefined && { from: options.from }),
        descending: options.descending ?? false,
        limit: options.limit + 1,
        consistent: options.consistent ?? false,
      });
      return { items: items.slice(0, options.limit).map((item) => parsed<T>(entity, item)), more: items.length > options.limit };
    },

    due: (shard, until, limit) => engine.due(shard, until, limit),

    async desk(of, { from, descending = false, limit }) {
      const entries = await engine.desk({ of, ...(from !== undefined && { from }), descending, limit: limit + 1 });
      return { items: entries.slice(0, limit), more: entries.length > limit };
    },

    async write<R extends string>(write: Write<R>) {
      const checked = checkedWrite(write as Write);
      return (await settleWrite(engine, checked, engine.prepareWrite(checked), ports)) as Outcome<R>;
    },

    async transact(writes: readonly Write[]) {
      const checked = checkedTransaction(writes);
      transactions += 1;
      const nonce = checked.some((write) => write.op === "create" && write.proof) ? "" : `${transactions}:${ports.random()}`;
      return (await settleTransaction(engine, checked, engine.prepareTransaction(checked, nonce), ports)) as never;
    },
  };
}
