// The port between the verbs of the table and what stores it: DynamoDB (`dynamodb.ts`) or the in-memory twin (`memory.ts`).
// An engine does one request and says what came of it; what that means to a verb is decided once, in `outcome.ts`.
import type { DeskEntry, DueEntry, Key, Write } from "./model.ts";

/** An item's attributes without its key. */
export type Item = Readonly<Record<string, unknown>>;

/** A write whose values were checked and made plain by `request.ts`. */
export type PlainWrite = Write;

/** Why one write of a request did not go through. */
export type Reason =
  | { readonly code: "none" }
  | { readonly code: "condition"; readonly item?: Item }
  | { readonly code: "conflict" }
  | { readonly code: "throttled" }
  /** A request that can never succeed (item too large, wrong attribute type): a fault. */
  | { readonly code: "invalid"; readonly message: string };

/**
 * What one request came to. `attempts` counts the times the wire was used: more than one means that an earlier attempt may have been
 * carried out although its response was lost.
 */
export type Reply =
  | { readonly kind: "committed" }
  | { readonly kind: "cancelled"; readonly reasons: readonly Reason[]; readonly attempts: number }
  /** Refused as a whole, nothing was written: throttling, or the same transaction still in progress. */
  | { readonly kind: "throttled"; readonly attempts: number }
  /** Nobody knows whether it was carried out. */
  | { readonly kind: "unknown"; readonly cause: unknown };

export interface EngineQuery {
  readonly pk: string;
  readonly from?: string;
  readonly descending: boolean;
  readonly limit: number;
  readonly consistent: boolean;
}

export interface Engine {
  get(key: Key, consistent: boolean): Promise<Item | undefined>;
  /** Up to 100 distinct keys, answers in their order. */
  getMany(keys: readonly Key[], consistent: boolean): Promise<readonly (Item | undefined)[]>;
  query(query: EngineQuery): Promise<readonly Item[]>;
  due(shard: string, until: string, limit: number): Promise<readonly DueEntry[]>;
  desk(query: Omit<EngineQuery, "pk" | "consistent"> & { readonly of: string }): Promise<readonly DeskEntry[]>;
  /** Prepares one conditional write; each call of the answer sends the same request. */
  prepareWrite(write: PlainWrite): () => Promise<Reply>;
  /**
   * Prepares one transaction; each call of the answer sends the same request under the same token.
   * @param nonce makes the token of a transaction without a proof its own, so that two equal ones are two.
   */
  prepareTransaction(writes: readonly PlainWrite[], nonce: string): () => Promise<Reply>;
}

/** Raised when a write's outcome is unknown and its traces were not found. It may still have happened: look before trying anew. */
export class OutcomeUnknown extends Error {
  override readonly name = "OutcomeUnknown";
}

/** Raised for what no caller can act on: a guard without a meaning that failed, a record that does not fit its schema. */
export class TableFault extends Error {
  override readonly name = "TableFault";
}
