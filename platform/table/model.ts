// The vocabulary of the table: entities, guards, changes, writes and outcomes, all plain values.
// `dynamodb.ts` compiles them to DynamoDB; `memory.ts` interprets them. Nothing else may know how a condition is spelled.
import type * as z from "zod";

export interface Key {
  readonly pk: string;
  readonly sk: string;
}

/** A kind of record. `prefix` is the first word of its partition key and the unit of IAM permission. */
// biome-ignore lint/suspicious/noExplicitAny: the entity of an unknown record is any entity; its key function takes ids of any kind.
export interface Entity<T extends object = any, K = any> {
  readonly name: string;
  readonly prefix: string;
  /** What the record is for, in one sentence: it becomes docs/table.md. */
  readonly about: string;
  readonly schema: z.ZodType<T>;
  readonly key: (id: K) => Key;
}

/** Declares an entity. The key's partition must start with `prefix#`. Records are `snake_case`, as on the wire. */
export const entity = <T extends object, K>(spec: {
  name: string;
  prefix: string;
  about: string;
  schema: z.ZodType<T>;
  key: (id: K) => Key;
}): Entity<T, K> => spec;

export type Scalar = string | number | boolean;

/** The closed set of conditions. A comparison with a missing attribute is false, as in DynamoDB. */
export type Guard =
  | { readonly is: "absent" } // no such item
  | { readonly is: "present" } // the item exists
  | { readonly is: "equals"; readonly attribute: string; readonly value: Scalar }
  | { readonly is: "one_of"; readonly attribute: string; readonly values: readonly Scalar[] }
  | { readonly is: "missing"; readonly attribute: string }
  | { readonly is: "at_least" | "at_most"; readonly attribute: string; readonly value: string | number }
  | { readonly is: "contains"; readonly attribute: string; readonly value: string } // set membership
  | { readonly is: "fewer_than"; readonly attribute: string; readonly size: number } // set size; a missing set is empty
  | { readonly is: "all" | "any"; readonly guards: readonly Guard[] };

export const when = {
  absent: { is: "absent" } as Guard,
  present: { is: "present" } as Guard,
  equals: (attribute: string, value: Scalar): Guard => ({ is: "equals", attribute, value }),
  oneOf: (attribute: string, values: readonly Scalar[]): Guard => ({ is: "one_of", attribute, values }),
  missing: (attribute: string): Guard => ({ is: "missing", attribute }),
  atLeast: (attribute: string, value: string | number): Guard => ({ is: "at_least", attribute, value }),
  atMost: (attribute: string, value: string | number): Guard => ({ is: "at_most", attribute, value }),
  contains: (attribute: string, value: string): Guard => ({ is: "contains", attribute, value }),
  fewerThan: (attribute: string, size: number): Guard => ({ is: "fewer_than", attribute, size }),
  all: (...guards: readonly Guard[]): Guard => ({ is: "all", guards }),
  any: (...guards: readonly Guard[]): Guard => ({ is: "any", guards }),
};

/** The closed set of changes to one item. Sets are JavaScript `Set<string>`; a set that becomes empty disappears. */
export interface Change<T = Record<string, unknown>> {
  readonly set?: Partial<T>;
  readonly remove?: readonly (keyof T & string)[];
  /** Adds members to string sets. */
  readonly include?: Readonly<Record<string, string>>;
  /** Takes members out of string sets. */
  readonly exclude?: Readonly<Record<string, string>>;
}

interface WriteBase<R extends string> {
  readonly entity: Entity;
  readonly key: Key;
  readonly guard: Guard;
  /** The business meaning of a failed guard. Absent: a failed guard is a fault and throws. */
  readonly refusal?: R;
  /** Others compete for this very item: a transaction conflict on it counts as its refusal instead of being retried. */
  readonly contended?: true;
}
/** One guarded write. `proof` marks the create of a transaction's operation item: see `Table.transact`. */
export type Write<R extends string = string> =
  | (WriteBase<R> & { readonly op: "create"; readonly item: Readonly<Record<string, unknown>>; readonly proof?: true })
  | (WriteBase<R> & { readonly op: "change"; readonly change: Change })
  | (WriteBase<R> & { readonly op: "erase" })
  | (WriteBase<R> & { readonly op: "check" });

/** Puts a new item; the built-in guard is that none exists. */
export const create = <T extends object, K>(entity: Entity<T, K>, id: K, item: T): Write<never> => ({
  op: "create",
  entity,
  key: entity.key(id),
  item: item as Readonly<Record<string, unknown>>,
  guard: when.absent,
});

/** Puts an item whatever stands there: for records that one verb owns whole (a saved listing), never for money or stock. */
export const replace = <T extends object, K>(entity: Entity<T, K>, id: K, item: T): Write<never> => ({
  ...create(entity, id, item),
  guard: when.any(when.absent, when.present),
});

/** Changes an existing item under a guard; a change never creates an item. */
export const change = <T extends object, K>(entity: Entity<T, K>, id: K, change: Change<T>, guard: Guard = when.present): Write<never> => ({
  op: "change",
  entity,
  key: entity.key(id),
  change: change as Change,
  guard: when.all(when.present, guard),
});

/** Changes an item or makes it: for a record that is the same whoever writes it first (a guest person). */
export const upsert = <T extends object, K>(
  entity: Entity<T, K>,
  id: K,
  change: Change<T>,
  guard: Guard = when.any(when.absent, when.present),
): Write<never> => ({
  op: "change",
  entity,
  key: entity.key(id),
  change: change as Change,
  guard,
});

/** Deletes an existing item: tokens only. Financial and stock records are never erased. */
export const erase = <T extends object, K>(entity: Entity<T, K>, id: K, guard: Guard = when.present): Write<never> => ({
  op: "erase",
  entity,
  key: entity.key(id),
  guard,
});

/** Asserts a condition on an item that the transaction does not write. */
export const check = <T extends object, K>(entity: Entity<T, K>, id: K, guard: Guard): Write<never> => ({
  op: "check",
  entity,
  key: entity.key(id),
  guard,
});

/** Names what a failed guard means to the business. */
export const guarded = <const R extends string>(refusal: R, write: Write<never>): Write<R> => ({ ...write, refusal }) as Write<R>;

/** As `guarded`, for an item that many compete for: losing a transaction conflict on it is the same refusal. */
export const contended = <const R extends string>(refusal: R, write: Write<never>): Write<R> => ({ ...write, refusal, contended: true }) as Write<R>;

export type Committed = { readonly kind: "committed" };
/** The operation of this transaction had already been committed: by us (a lost response) or by the same command before. */
export type Repeated = { readonly kind: "repeated"; readonly operation: Readonly<Record<string, unknown>> };
/** A named guard failed; nothing was written. `item` is the stored item the guard looked at, if there is one; `at` the write's place. */
export type Refused<R extends string> = {
  readonly kind: "refused";
  readonly refusal: R;
  readonly at: number;
  readonly item?: Readonly<Record<string, unknown>>;
};
export type RefusalOf<W> = W extends { readonly refusal?: infer R } ? (R extends string ? R : never) : never;
export type Outcome<R extends string> = Committed | Repeated | Refused<R>;

export interface Page<T> {
  readonly items: readonly T[];
  /** True when more items lie beyond the limit. */
  readonly more: boolean;
}

export interface ReadOptions {
  /** Default false: eventual, half the price. */
  readonly consistent?: boolean;
}
export interface QueryOptions extends ReadOptions {
  /** Sort keys from here on (inclusive), in the direction of reading. */
  readonly from?: string;
  readonly descending?: boolean;
  readonly limit: number;
}

/** A record that waits for time: written sparsely on orders; the sweep reads it. */
export interface DueEntry {
  readonly pk: string;
  readonly sk: string;
  readonly due_shard: string;
  readonly due_at: string;
}

/** A record that waits for a person: written sparsely on orders; whoever sits at the desk of `desk_of` reads it. */
export interface DeskEntry {
  readonly pk: string;
  readonly sk: string;
  readonly desk_of: string;
  /** Sorts, and is no other record's. */
  readonly desk_place: string;
}

/** The attributes that put a record on a sparse index: its partition and its place there. Both are text, or one is absent. */
export const sparseIndexes = { due: ["due_shard", "due_at"], desk: ["desk_of", "desk_place"] } as const;

/**
 * The table as verbs see it. Reads parse by the entity's schema and throw on a record that does not fit.
 * Faults (throttling past the retries, an outcome still unknown after a read-back) throw.
 */
export interface Table {
  get<T extends object, K>(entity: Entity<T, K>, id: K, options?: ReadOptions): Promise<T | undefined>;
  /** One round trip for up to 100 keys, answers in the order asked; eventual unless told. */
  getMany<const G extends readonly (readonly [Entity, unknown])[]>(
    wanted: G,
    options?: ReadOptions,
  ): Promise<{ -readonly [I in keyof G]: G[I] extends readonly [Entity<infer T>, unknown] ? T | undefined : never }>;
  /** Items of one partition in sort-key order. */
  query<T extends object>(entity: Entity<T>, pk: string, options: QueryOptions): Promise<Page<T>>;
  /** Entries of the `due` index with `due_at <= until`, oldest first. Eventual; only suggests. */
  due(shard: string, until: string, limit: number): Promise<readonly DueEntry[]>;
  /** Entries of the `desk` index, from a place on (inclusive) in the direction of reading. Eventual; only suggests. */
  desk(of: string, options: Omit<QueryOptions, "consistent">): Promise<Page<DeskEntry>>;
  /** One guarded write of one item, 1 write unit per KB. */
  write<R extends string>(write: Write<R>): Promise<Outcome<R>>;
  /**
   * All or nothing, at most 100 writes, never two to one key (throws). A create marked `proof` is the operation item: when it already
   * exists the outcome is `repeated`, whatever else failed; after a lost response it is read back. Conflicts are retried with full
   * jitter, the same request and token; 8 attempts, then throws `TableBusy`. The identical transaction with a proof may answer
   * `committed` again for ten minutes, having done nothing; without a proof two equal transactions are two.
   */
  transact<const W extends readonly Write[]>(writes: W): Promise<Outcome<RefusalOf<W[number]>>>;
}

/** Raised when conflicts, throttling or a table that does not answer reads outlast the retries. The edge answers 503 `busy`. */
export class TableBusy extends Error {
  override readonly name = "TableBusy";
}
