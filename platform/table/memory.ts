// The in-memory twin of the table: the same values, limits and outcomes as `dynamodb.ts`, one commit at a time, no clock and no chance.
// A simulator stands around every call and may crash it, lose its response or refuse it; what a verb then sees is what it would see live.
import { type Engine, type Item, type PlainWrite, type Reason, type Reply, TableFault } from "./engine.ts";
import { applied, holds } from "./evaluate.ts";
import { entrySize, indexWriteUnits, memoryStore, type StoredRecord } from "./memory-store.ts";
import type { DeskEntry, DueEntry, Key, Table, Write } from "./model.ts";
import { place, plainRecord } from "./request.ts";
import { itemLimitBytes, itemSize, readUnits, transactionLimitBytes, writeUnits } from "./size.ts";
import { tableOver } from "./table.ts";

/** One call as it goes over the wire; the read-back after a lost response is a call of its own. */
export interface TableCall {
  readonly operation: "get" | "getMany" | "query" | "due" | "desk" | "write" | "transact";
  /** What is read or written; of a query its partition and first sort key, of `due` the shard and the latest instant, of `desk` whose and the first place. */
  readonly keys: readonly Key[];
  /** Empty for reads. */
  readonly writes: readonly Write[];
}

/** Thrown by `around` instead of an answer: the caller never learns the outcome. Throw before or after `proceed` to lose request or response. */
export class LostResponse extends Error {
  override readonly name = "LostResponse";
}

/** Thrown by `around` of a write instead of proceeding: another transaction holds the item of the write at this place. */
export class InjectedConflict extends Error {
  override readonly name = "InjectedConflict";
  readonly at: number;
  constructor(at = 0) {
    super(`conflict on write ${at}`);
    this.at = at;
  }
}

/** Thrown by `around` of a write instead of proceeding: refused as a whole, for now. */
export class InjectedThrottle extends Error {
  override readonly name = "InjectedThrottle";
}

export interface RecordChange {
  readonly write: Write;
  readonly key: Key;
  readonly before?: Item;
  readonly after?: Item;
}

export interface Commit {
  readonly call: TableCall;
  /** What this commit wrote, in the order asked; checks are not among them. */
  readonly changes: readonly RecordChange[];
  readonly writeUnits: number;
}

/** The table as it stands, without cost and past every hook. Records are shared, not copied: look, do not touch. */
export interface Snapshot {
  get(key: Key): Item | undefined;
  /** All records, or those of one key prefix (`ORDER`). */
  records(prefix?: string): Iterable<StoredRecord>;
}

export interface MemoryTableOptions {
  /** Jitter; uniform in [0, 1). Default: always 0. */
  readonly random?: () => number;
  /** Waits between retries, milliseconds. Default: not at all. */
  readonly sleep?: (ms: number) => Promise<void>;
  /** Milliseconds; tokens of transactions are forgotten after ten minutes of it. Default: never. */
  readonly now?: () => number;
  /** The sparse indexes show changes only after `catchUpDue`. */
  readonly lagged?: boolean;
  /** Stands around every call. Not proceeding, or never answering, is a crash; proceeding twice is what the SDK's own retry does. */
  readonly around?: <R>(call: TableCall, proceed: () => Promise<R>) => Promise<R>;
  /** Called after every commit, before its caller hears of it. */
  readonly commits?: (commit: Commit, snapshot: Snapshot) => void;
  /** Decides guards in place of `holds`: a test plants a bug by letting a named guard always hold. @param among all writes of the call */
  readonly evaluate?: (write: Write, item: Item | undefined, among: readonly Write[]) => boolean;
}

export interface MemoryTable extends Table {
  readonly snapshot: Snapshot;
  /** Units consumed so far, failed and repeated requests included. */
  readonly consumed: { readonly reads: number; readonly writes: number };
  /** Lets the sparse indexes see the oldest changes; all of them unless told. */
  catchUpDue(count?: number): void;
  /** Changes the sparse indexes do not show yet. */
  dueLag(): number;
}

const tokenLifetimeMs = 10 * 60 * 1000;

/** A fresh, empty twin. */
export function memoryTable(options: MemoryTableOptions = {}): MemoryTable {
  const store = memoryStore(options.lagged ?? false);
  const snapshot: Snapshot = { get: store.get, records: store.all };
  const consumed = { reads: 0, writes: 0 };
  const tokens = new Map<string, number>();
  const now = options.now ?? (() => 0);
  const around = options.around ?? (<R>(_call: TableCall, proceed: () => Promise<R>) => proceed());
  const evaluate = options.evaluate ?? ((write: Write, item: Item | undefined) => holds(write.guard, item));

  const read = <R>(operation: TableCall["operation"], keys: readonly Key[], answer: () => { result: R; units: number }): Promise<R> =>
    around({ operation, keys, writes: [] }, async () => {
      const { result, units } = answer();
      consumed.reads += units;
      return result;
    });

  const readOne = (key: Key, consistent: boolean): { result: Item | undefined; units: number } => {
    const item = store.get(key);
    return { result: item && plainRecord(item), units: readUnits(sizeAt(key, item), consistent) };
  };

  /** Judges and applies all writes in one step. @param factor units per KB: 1 alone, 2 in a transaction */
  const commit = (call: TableCall, factor: 1 | 2): readonly Reason[] | undefined => {
    const steps = call.writes.map((write) => step(write, store.get(write.key), (one, item) => evaluate(one, item, call.writes)));
    const total = steps.reduce((sum, each) => sum + each.bytes, 0);
    if (factor === 2 && total > transactionLimitBytes) throw new TableFault("a transaction of more than 4 MB");
    const units = steps.reduce((sum, each) => sum + factor * writeUnits(each.bytes), 0);
    consumed.writes += units;
    if (steps.some(({ reason }) => reason.code !== "none")) return steps.map(({ reason }) => reason);
    const changes = steps
      .filter(({ write }) => write.op !== "check")
      .map(({ write, before, after }) => {
        store.put(write.key, after);
        return { write, key: write.key, ...(before && { before }), ...(after && { after }) };
      });
    const indexUnits = changes.reduce((sum, { key, before, after }) => sum + indexWriteUnits(key, before, after), 0);
    consumed.writes += indexUnits;
    options.commits?.({ call, changes, writeUnits: units + indexUnits }, snapshot);
    return undefined;
  };

  /** One request as the SDK sends it: `proceed` once for each attempt. */
  const send = async (call: TableCall, execute: () => readonly Reason[] | undefined): Promise<Reply> => {
    let attempts = 0;
    try {
      return await around<Reply>(call, async () => {
        attempts += 1;
        const reasons = execute();
        return reasons ? { kind: "cancelled", reasons, attempts } : { kind: "committed" };
      });
    } catch (error) {
      if (error instanceof LostResponse) return { kind: "unknown", cause: error };
      if (error instanceof InjectedThrottle) return { kind: "throttled", attempts: attempts + 1 };
      if (!(error instanceof InjectedConflict)) throw error;
      const reasons = call.writes.map((_, at): Reason => ({ code: at === error.at ? "conflict" : "none" }));
      return { kind: "cancelled", reasons, attempts: attempts + 1 };
    }
  };

  const tokenLives = (token: string): boolean => {
    const since = tokens.get(token);
    return since !== undefined && now() - since < tokenLifetimeMs;
  };

  const engine: Engine = {
    get: (key, consistent) => read("get", [key], () => readOne(key, consistent)),

    getMany: (keys, consistent) =>
      read("getMany", keys, () => {
        const found = keys.map((key) => readOne(key, consistent));
        return { result: found.map(({ result }) => result), units: found.reduce((sum, { units }) => sum + units, 0) };
      }),

    query: ({ pk, from, descending, limit, consistent }) =>
      read("query", [{ pk, sk: from ?? "" }], () => {
        const result: Item[] = [];
        let bytes = 0;
        for (const { key, item } of store.partition(pk, from, descending)) {
          if (result.length === limit) break;
          bytes += itemSize(key, item);
          result.push(plainRecord(item));
        }
        return { result, units: readUnits(bytes, consistent) };
      }),

    due: (shard, until, limit) =>
      read("due", [{ pk: shard, sk: until }], () => {
        const result = store.due(shard, until).slice(0, limit);
        return { result, units: listUnits(result) };
      }),

    desk: ({ of, from, descending, limit }) =>
      read("desk", [{ pk: of, sk: from ?? "" }], () => {
        const result = store.desk(of, from, descending).slice(0, limit);
        return { result, units: listUnits(result) };
      }),

    prepareWrite(write) {
      const call: TableCall = { operation: "write", keys: [write.key], writes: [write] };
      return () => send(call, () => commit(call, 1));
    },

    prepareTransaction(writes, nonce) {
      const call: TableCall = { operation: "transact", keys: writes.map(({ key }) => key), writes };
      const token = tokenOf(writes, nonce);
      return () =>
        send(call, () => {
          if (tokenLives(token)) {
            consumed.reads += writes.reduce((sum, { key }) => sum + 2 * readUnits(sizeAt(key, store.get(key)), true), 0);
            return undefined;
          }
          const reasons = commit(call, 2);
          if (!reasons) tokens.set(token, now());
          return reasons;
        });
    },
  };

  return {
    ...tableOver(engine, { random: options.random ?? (() => 0), sleep: options.sleep ?? (async () => {}) }),
    snapshot,
    consumed,
    catchUpDue: store.catchUpDue,
    dueLag: store.dueLag,
  };
}

/** An index is read eventually. */
const listUnits = (entries: readonly (DueEntry | DeskEntry)[]): number =>
  readUnits(
    entries.reduce((sum, entry) => sum + entrySize(entry), 0),
    false,
  );

/** Stored items are never changed in place and stay under one key: each is measured once. */
const sizes = new WeakMap<Item, number>();
const sizeAt = (key: Key, item: Item | undefined): number => {
  if (!item) return 0;
  const size = sizes.get(item) ?? itemSize(key, item);
  sizes.set(item, size);
  return size;
};

interface Step {
  readonly write: PlainWrite;
  readonly before: Item | undefined;
  readonly after: Item | undefined;
  readonly reason: Reason;
  /** The larger of the item's sizes before and after. */
  readonly bytes: number;
}

/** What one write would do. A write that fails its guard, or cannot be, leaves the item as it is. */
function step(write: PlainWrite, before: Item | undefined, evaluate: (write: Write, item: Item | undefined) => boolean): Step {
  // A put is measured before its condition is looked at, a change after.
  if (write.op === "create" && sizeAt(write.key, write.item) > itemLimitBytes) throw new TableFault(`an item of ${place(write)} is too large`);
  const sizeBefore = sizeAt(write.key, before);
  const unmoved = (reason: Reason): Step => ({ write, before, after: before, reason, bytes: sizeBefore });
  if (!evaluate(write, before)) return unmoved({ code: "condition", ...(before && { item: plainRecord(before) }) });
  try {
    const after = applied(write, before);
    const bytes = sizeAt(write.key, after);
    if (bytes > itemLimitBytes) throw new TableFault("an item is too large");
    return { write, before, after, reason: { code: "none" }, bytes: Math.max(sizeBefore, bytes) };
  } catch (error) {
    if (error instanceof TableFault) return unmoved({ code: "invalid", message: error.message });
    throw error;
  }
}

/** Equal requests have equal tokens. */
function tokenOf(writes: readonly PlainWrite[], nonce: string): string {
  const content = writes.map((write) => ({
    op: write.op,
    key: write.key,
    guard: write.guard,
    ...(write.op === "create" && { item: write.item }),
    ...(write.op === "change" && { change: write.change }),
  }));
  return JSON.stringify([nonce, content], (_, value) => (value instanceof Set ? { set: [...value].sort() } : value));
}

export type { StoredRecord };
