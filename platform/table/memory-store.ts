// What the in-memory twin holds: items by partition in sort-key order, and the sparse `due` index as a copy that may lag.
import type { Item } from "./engine.ts";
import { compareText } from "./evaluate.ts";
import type { DueEntry, Key } from "./model.ts";
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
  /** Carries the oldest changes over into the `due` copy; all of them unless told. */
  catchUpDue(count?: number): void;
  /** Changes that the `due` copy does not show yet. */
  dueLag(): number;
}

const dueEntryOf = (key: Key, item: Item | undefined): DueEntry | undefined =>
  item && typeof item.due_shard === "string" && typeof item.due_at === "string"
    ? { pk: key.pk, sk: key.sk, due_shard: item.due_shard, due_at: item.due_at }
    : undefined;

const nameOf = (key: Key): string => JSON.stringify([key.pk, key.sk]);

/** @param lagged the `due` copy changes only when `catchUpDue` is called */
export function memoryStore(lagged: boolean): MemoryStore {
  const partitions = new Map<string, Partition>();
  const due = new Map<string, DueEntry>();
  let waiting: { readonly name: string; readonly entry: DueEntry | undefined }[] = [];

  const show = ({ name, entry }: (typeof waiting)[number]) => {
    if (entry) due.set(name, entry);
    else due.delete(name);
  };

  const partitionOf = (pk: string): Partition => {
    const known = partitions.get(pk);
    if (known) return known;
    const fresh: Partition = { records: new Map(), sorted: undefined };
    partitions.set(pk, fresh);
    return fresh;
  };

  const indexed = (key: Key, before: Item | undefined, after: Item | undefined) => {
    const entry = dueEntryOf(key, after);
    const old = dueEntryOf(key, before);
    if (entry?.due_at === old?.due_at && entry?.due_shard === old?.due_shard) return;
    const step = { name: nameOf(key), entry };
    if (lagged) waiting.push(step);
    else show(step);
  };

  return {
    get: (key) => partitions.get(key.pk)?.records.get(key.sk)?.item,

    put(key, item) {
      const partition = partitionOf(key.pk);
      const before = partition.records.get(key.sk)?.item;
      if (item) partition.records.set(key.sk, { key, item });
      else partition.records.delete(key.sk);
      if ((before === undefined) !== (item === undefined)) partition.sorted = undefined;
      if (partition.records.size === 0) partitions.delete(key.pk);
      indexed(key, before, item);
    },

    *partition(pk, from, descending) {
      const partition = partitions.get(pk);
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
      for (const [pk, partition] of partitions) {
        if (prefix === undefined || pk.startsWith(`${prefix}#`)) yield* partition.records.values();
      }
    },

    due: (shard, until) =>
      [...due.values()]
        .filter((entry) => entry.due_shard === shard && compareText(entry.due_at, until) <= 0)
        .sort((a, b) => compareText(a.due_at, b.due_at) || compareText(a.pk, b.pk) || compareText(a.sk, b.sk)),

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

/** Write units of the `due` index for one change: one for each entry put or taken away, none when its key stays. */
export function dueWriteUnits(key: Key, before: Item | undefined, after: Item | undefined): number {
  const old = dueEntryOf(key, before);
  const entry = dueEntryOf(key, after);
  if (old?.due_at === entry?.due_at && old?.due_shard === entry?.due_shard) return 0;
  return (old ? 1 : 0) + (entry ? 1 : 0);
}

/** Bytes of an entry of the `due` index. */
export const dueEntrySize = (entry: DueEntry): number => itemSize(entry, { due_shard: entry.due_shard, due_at: entry.due_at });
