// What the in-memory twin holds: items by partition in sort-key order, and the sparse indexes as copies that may lag.
import type { Item } from "./engine.ts";
import { compareText } from "./evaluate.ts";
import { type DeskEntry, type DueEntry, type Key, sparseIndexes } from "./model.ts";
import { itemSize } from "./size.ts";

export interface StoredRecord {
  readonly key: Key;
  /** Never changed in place: a commit puts another object. */
  readonly item: Item;
}

interface Partition {
  readonly records: Map<string, StoredRecord>;
  /** Sort keys in order; made when first asked for after a change. */
  sorted: string[] | undefined;
}

export interface MemoryStore {
  get(key: Key): Item | undefined;
  put(key: Key, item: Item | undefined): void;
  /** Records of one partition, lazily, in the direction of reading. */
  partition(pk: string, from: string | undefined, descending: boolean): Iterable<StoredRecord>;
  /** All records, or those whose partition key starts with `prefix#`; in no promised order. */
  all(prefix?: string): Iterable<StoredRecord>;
  due(shard: string, until: string): readonly DueEntry[];
  desk(of: string, from: string | undefined, descending: boolean): readonly DeskEntry[];
  /** Carries the oldest changes over into the indexes' copies; all of them unless told. */
  catchUpDue(count?: number): void;
  /** Changes that the indexes' copies do not show yet. */
  dueLag(): number;
}

type Index = keyof typeof sparseIndexes;
const indexes = Object.keys(sparseIndexes) as readonly Index[];

interface IndexEntry {
  readonly key: Key;
  readonly partition: string;
  readonly place: string;
}

const entryOf = (index: Index, key: Key, item: Item | undefined): IndexEntry | undefined => {
  const [partition, place] = sparseIndexes[index].map((attribute) => item?.[attribute]);
  return typeof partition === "string" && typeof place === "string" ? { key, partition, place } : undefined;
};
const stays = (old: IndexEntry | undefined, entry: IndexEntry | undefined): boolean =>
  old?.place === entry?.place && old?.partition === entry?.partition;

/** The word before the first `#`. */
const kindOf = (pk: string): string => pk.slice(0, pk.indexOf("#"));

const nameOf = (key: Key): string => JSON.stringify([key.pk, key.sk]);

/** @param lagged the indexes' copies change only when `catchUpDue` is called */
export function memoryStore(lagged: boolean): MemoryStore {
  /** Partitions by the first word of their key: readers of one kind pass over the others. */
  const kinds = new Map<string, Map<string, Partition>>();
  const shown: Readonly<Record<Index, Map<string, IndexEntry>>> = { due: new Map(), desk: new Map() };
  let waiting: { readonly index: Index; readonly name: string; readonly entry: IndexEntry | undefined }[] = [];

  const show = ({ index, name, entry }: (typeof waiting)[number]) => {
    if (entry) shown[index].set(name, entry);
    else shown[index].delete(name);
  };
  /** Of one partition, in order. */
  const listed = (index: Index, partition: string): readonly IndexEntry[] =>
    [...shown[index].values()]
      .filter((entry) => entry.partition === partition)
      .sort((a, b) => compareText(a.place, b.place) || compareText(a.key.pk, b.key.pk) || compareText(a.key.sk, b.key.sk));

  const found = (pk: string): Partition | undefined => kinds.get(kindOf(pk))?.get(pk);
  const partitionOf = (pk: string): Partition => {
    const kind = kinds.get(kindOf(pk)) ?? new Map<string, Partition>();
    kinds.set(kindOf(pk), kind);
    const partition = kind.get(pk) ?? { records: new Map(), sorted: undefined };
    kind.set(pk, partition);
    return partition;
  };

  const indexed = (key: Key, before: Item | undefined, after: Item | undefined) => {
    for (const index of indexes) {
      const entry = entryOf(index, key, after);
      if (stays(entryOf(index, key, before), entry)) continue;
      const step = { index, name: nameOf(key), entry };
      if (lagged) waiting.push(step);
      else show(step);
    }
  };

  return {
    get: (key) => found(key.pk)?.records.get(key.sk)?.item,

    put(key, item) {
      const partition = partitionOf(key.pk);
      const before = partition.records.get(key.sk)?.item;
      if (item) partition.records.set(key.sk, { key, item });
      else partition.records.delete(key.sk);
      if ((before === undefined) !== (item === undefined)) partition.sorted = undefined;
      if (partition.records.size === 0) kinds.get(kindOf(key.pk))?.delete(key.pk);
      indexed(key, before, item);
    },

    *partition(pk, from, descending) {
      const partition = found(pk);
      if (!partition) return;
      partition.sorted ??= [...partition.records.keys()].sort(compareText);
      const order = partition.sorted;
      const step = descending ? -1 : 1;
      for (let at = start(order, from, descending); at >= 0 && at < order.length; at += step) {
        const record = partition.records.get(order[at] as string);
        if (record) yield record;
      }
    },

    *all(prefix) {
      const wanted = prefix === undefined ? kinds.values() : [kinds.get(prefix) ?? new Map<string, Partition>()];
      for (const kind of wanted) for (const partition of kind.values()) yield* partition.records.values();
    },

    due: (shard, until) =>
      listed("due", shard)
        .filter(({ place }) => compareText(place, until) <= 0)
        .map(({ key, partition, place }) => ({ ...key, due_shard: partition, due_at: place })),

    desk(of, from, descending) {
      const entries = listed("desk", of).filter(({ place }) => from === undefined || compareText(place, from) * (descending ? -1 : 1) >= 0);
      return (descending ? entries.toReversed() : entries).map(({ key, partition, place }) => ({ ...key, desk_of: partition, desk_place: place }));
    },

    catchUpDue(count = waiting.length) {
      for (const step of waiting.slice(0, count)) show(step);
      waiting = waiting.slice(count);
    },

    dueLag: () => waiting.length,
  };
}

/** The place of the first sort key to read. */
function start(order: readonly string[], from: string | undefined, descending: boolean): number {
  if (from === undefined) return descending ? order.length - 1 : 0;
  let low = 0;
  let high = order.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const before = compareText(order[middle] as string, from) < 0;
    if (before) low = middle + 1;
    else high = middle;
  }
  return descending && order[low] !== from ? low - 1 : low;
}

/** Write units of the sparse indexes for one change: one for each entry put or taken away, none where its key stays. */
export const indexWriteUnits = (key: Key, before: Item | undefined, after: Item | undefined): number =>
  indexes.reduce((sum, index) => {
    const old = entryOf(index, key, before);
    const entry = entryOf(index, key, after);
    return stays(old, entry) ? sum : sum + (old ? 1 : 0) + (entry ? 1 : 0);
  }, 0);

/** Bytes of an entry of an index. */
export const entrySize = ({ pk, sk, ...attributes }: DueEntry | DeskEntry): number => itemSize({ pk, sk }, attributes);
