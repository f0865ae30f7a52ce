// The in-memory twin as a port of the simulation: every call waits for its turn and may go wrong as DynamoDB can.

import { holds } from "../../../platform/table/evaluate.ts";
import type { Commit, Snapshot } from "../../../platform/table/memory.ts";
import { InjectedConflict, InjectedThrottle, LostResponse, type MemoryTable, memoryTable, type TableCall } from "../../../platform/table/memory.ts";
import type { Entity, Key, QueryOptions, ReadOptions, Table, Write } from "../../../platform/table/model.ts";
import { TableBusy } from "../../../platform/table/model.ts";
import type { Dice } from "../dice.ts";
import type { Fault } from "../faults.ts";
import type { Reach } from "../reach.ts";
import type { Execution, Scheduler } from "../scheduler.ts";
import type { Planting } from "../world-model.ts";

type Item = Readonly<Record<string, unknown>>;

export interface TablePortOptions {
  readonly scheduler: Scheduler;
  readonly dice: Dice;
  readonly reach: Reach;
  /** A planted bug: decides guards in place of the twin. */
  readonly evaluate?: NonNullable<Planting["evaluate"]>;
  readonly commits: (commit: Commit, snapshot: Snapshot, by: Execution | undefined) => void;
}
export interface TablePort {
  readonly table: Table;
  readonly twin: MemoryTable;
}

/** How old an eventual read may be, milliseconds. */
const staleMs = 5_000;
/** Changes of the `due` index that may be missing. */
const lagMax = 6;

const readFaults: readonly Fault[] = ["crash_before", "refuse", "break", "slow", "abandon"];
const writeFaults: readonly Fault[] = [
  "crash_before",
  "crash_after",
  "lose_request",
  "lose_response",
  "refuse",
  "conflict",
  "send_twice",
  "slow",
  "abandon",
];

/** A planted bug let a write through whose guard failed. */
export const guardDropped = "a guard failed and was dropped";
/** … and all that was to be written with it was: no other guard stood in the way. */
export const droppedCommitted = "a dropped guard was the last";
/** How often a guard was asked, failed, and was the only one of its call that did. */
export const guardCounts = {
  asked: (site: string) => `guard asked: ${site}`,
  failed: (site: string) => `guard failed: ${site}`,
  alone: (site: string) => `guard alone: ${site}`,
} as const;

const kindOf = (key: Key): string => key.pk.slice(0, key.pk.indexOf("#"));

/** What a transaction is about: its operation's kind, else the kinds it writes. */
export const nameOfWrites = (writes: readonly Write[]): string => {
  const proof = writes.find((write) => write.op === "create" && write.proof);
  if (proof?.op === "create") return String(proof.item.kind);
  return writes.map((write) => `${write.op} ${kindOf(write.key)}${write.refusal ? ` or ${write.refusal}` : ""}`).join(", ");
};
const attributesOf = (write: Write): string => {
  if (write.op !== "change") return "";
  const { set = {}, remove = [], include = {}, exclude = {} } = write.change;
  const names = [
    ...Object.keys(set),
    ...remove.map((name) => `-${name}`),
    ...Object.keys(include),
    ...Object.keys(exclude).map((name) => `-${name}`),
  ];
  // A place at the desk follows from the others.
  return ` {${names
    .filter((name) => !/^-?desk_/.test(name))
    .sort()
    .join()}}`;
};
/** Which guard of which transaction: what it asks before what is written to which kind of record, and what it means that it fails. A write alone is known by what it changes. */
export const siteOf = (write: Write, among: readonly Write[]): string => {
  const single = among.length === 1;
  // An operation that has nothing to change is a write alone, and still a command's.
  if (single && write.op === "create" && write.proof) return `${String(write.item.kind)} alone: create OP`;
  const asked = `${write.op} ${kindOf(write.key)}${single ? attributesOf(write) : ""}${write.refusal ? ` or ${write.refusal}` : ""}`;
  return single ? asked : `${nameOfWrites(among)}: ${asked}`;
};
const labelOf = ({ operation, keys, writes }: TableCall): string =>
  writes.length > 0
    ? `${operation} ${nameOfWrites(writes)}`
    : `${operation} ${operation === "due" ? `shard ${keys[0]?.pk.at(-1) ?? ""}` : keys.map(kindOf).join(", ")}`;

/** What an item was at every moment of the last seconds. */
class Versions {
  readonly #past = new Map<string, { readonly until: number; readonly item: Item | undefined }[]>();

  keep(key: Key, before: Item | undefined, now: number): void {
    const name = `${key.pk} ${key.sk}`;
    const list = this.#past.get(name) ?? [];
    list.push({ until: now, item: before });
    this.#past.set(name, list.slice(-lagMax));
  }

  /** States that an eventual read may still answer; empty when the item did not change lately. */
  older(key: Key, now: number): readonly (Item | undefined)[] {
    return (this.#past.get(`${key.pk} ${key.sk}`) ?? []).filter(({ until }) => now - until <= staleMs).map(({ item }) => item);
  }
}

export const tablePort = ({ scheduler, dice, reach, evaluate, commits }: TablePortOptions): TablePort => {
  const versions = new Versions();
  let eventual = false;

  const stale = (call: TableCall, fresh: unknown): unknown => {
    const olderOf = (key: Key, now: unknown): unknown => {
      const past = versions.older(key, scheduler.now);
      if (past.length === 0) return now;
      reach.saw("stale read");
      return dice.pick(past);
    };
    if (call.operation === "get") return olderOf(call.keys[0] as Key, fresh);
    return (fresh as readonly unknown[]).map((item, at) => olderOf(call.keys[at] as Key, item));
  };

  const readTurn = async <R>(call: TableCall, isEventual: boolean, proceed: () => Promise<R>): Promise<R> => {
    const isIndex = call.operation === "due" || call.operation === "desk";
    const faults: readonly Fault[] = (isEventual && call.operation !== "query") || isIndex ? [...readFaults, "stale"] : readFaults;
    return scheduler.perform(labelOf(call), faults, async (fault) => {
      if (fault === "refuse") throw new TableBusy("reads of the table are throttled");
      if (fault === "break") throw new Error("socket hang up");
      if (isIndex) twin.catchUpDue(fault === "stale" ? Math.max(0, twin.dueLag() - 1 - dice.below(lagMax)) : twin.dueLag());
      if (isIndex && fault === "stale" && twin.dueLag() > 0) reach.saw(`${call.operation} index behind the table`);
      const fresh = await proceed();
      return fault === "stale" && !isIndex ? (stale(call, fresh) as R) : fresh;
    });
  };

  const writeTurn = <R>(call: TableCall, proceed: () => Promise<R>): Promise<R> =>
    scheduler.perform(labelOf(call), writeFaults, async (fault) => {
      switch (fault) {
        case "refuse":
          reach.saw("write throttled");
          throw new InjectedThrottle("throttled");
        case "conflict":
          reach.saw("transaction conflict");
          throw new InjectedConflict(dice.below(call.writes.length));
        case "lose_request":
          throw new LostResponse("the request was lost");
        case "lose_response": {
          const before = commitsSeen;
          await proceed();
          if (commitsSeen > before) reach.saw(`lost response of ${nameOfWrites(call.writes)}`);
          throw new LostResponse("the response was lost");
        }
        case "send_twice":
          await proceed();
          reach.saw("sent twice by the client library");
          return proceed();
        default:
          return proceed();
      }
    });

  let commitsSeen = 0;
  /** What is being written, where a planted bug let a failed guard through; and its guards that do not hold. */
  let letThrough: readonly Write[] | undefined;
  const failing = new Set<string>();
  const decide = (write: Write, item: Item | undefined, among: readonly Write[]): boolean => {
    const real = holds(write.guard, item);
    if (scheduler.current()) {
      const site = siteOf(write, among);
      reach.saw(guardCounts.asked(site));
      if (!real) failing.add(site);
    }
    const decided = evaluate?.(write, item, real, among) ?? real;
    if (decided && !real) {
      reach.saw(guardDropped);
      letThrough = among;
    }
    return decided;
  };
  const judged = async <R>(proceed: () => Promise<R>): Promise<R> => {
    letThrough = undefined;
    failing.clear();
    const reply = await proceed();
    for (const site of failing) reach.saw(guardCounts.failed(site));
    if (failing.size === 1) for (const site of failing) reach.saw(guardCounts.alone(site));
    return reply;
  };
  const twin = memoryTable({
    random: dice.next,
    sleep: async (ms) => {
      if (scheduler.current()) await scheduler.sleep(ms, "waits before trying again");
    },
    now: () => scheduler.now,
    lagged: true,
    around: (call, proceed) => {
      const isEventual = eventual;
      eventual = false;
      if (!scheduler.current()) return proceed();
      if (call.writes.length === 0) return readTurn(call, isEventual, proceed);
      return writeTurn(call, () => judged(proceed));
    },
    commits: (commit, snapshot) => {
      commitsSeen += 1;
      if (commit.call.writes === letThrough) reach.saw(droppedCommitted);
      for (const { key, before } of commit.changes) versions.keep(key, before, scheduler.now);
      commits(commit, snapshot, scheduler.current());
    },
    evaluate: decide,
  });

  /** The twin reads `eventual` in the same breath in which it is called. */
  const asked = (options: ReadOptions | undefined): void => {
    eventual = !options?.consistent;
  };
  const told = <O extends { readonly kind: string }>(outcome: O, writes: readonly Write[]): O => {
    if (!scheduler.current()) return outcome;
    const refusal = "refusal" in outcome ? ` ${String(outcome.refusal)}` : "";
    scheduler.note(`${outcome.kind}${refusal}`);
    if (outcome.kind !== "committed") reach.saw(`${nameOfWrites(writes)}: ${outcome.kind}${refusal}`);
    return outcome;
  };

  const table: Table = {
    get: <T extends object, K>(entity: Entity<T, K>, id: K, options?: ReadOptions) => {
      asked(options);
      return twin.get(entity, id, options);
    },
    getMany: ((wanted: readonly (readonly [Entity, unknown])[], options?: ReadOptions) => {
      asked(options);
      return twin.getMany(wanted, options);
    }) as Table["getMany"],
    query: <T extends object>(entity: Entity<T>, pk: string, options: QueryOptions) => twin.query(entity, pk, options),
    due: (shard, until, limit) => twin.due(shard, until, limit),
    desk: (of, options) => twin.desk(of, options),
    write: async <R extends string>(write: Write<R>) => told(await twin.write(write), [write as Write]),
    transact: (async (writes: readonly Write[]) => told(await twin.transact(writes), writes)) as Table["transact"],
  };
  return { table, twin };
};
