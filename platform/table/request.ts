// What may be asked of the table: plain values, the limits of DynamoDB, keys under their entity's prefix.
// Checked here once, so that the twin refuses exactly what the real table would.
import { type Item, type PlainWrite, TableFault } from "./engine.ts";
import { type Entity, type Key, sparseIndexes, type Write } from "./model.ts";

const transactionLimit = 100;
export const batchGetLimit = 100;

const utf8Length = (text: string): number => Buffer.byteLength(text, "utf8");

/** Names an item in an error without naming a person: the entity and the key's first word. */
export const place = (write: { readonly entity: Entity }): string => `${write.entity.name} (${write.entity.prefix}#)`;

/** The key of a record, checked: it lies under the entity's prefix and is neither empty nor too long. */
export function checkedKey(entity: Entity, key: Key): Key {
  if (!key.pk.startsWith(`${entity.prefix}#`)) throw new TableFault(`a key of ${place({ entity })} lies outside its prefix`);
  if (key.sk === "" || utf8Length(key.pk) > 2048 || utf8Length(key.sk) > 1024) {
    throw new TableFault(`a key of ${place({ entity })} is empty or too long`);
  }
  return { pk: key.pk, sk: key.sk };
}

/** A deep copy in which undefined attributes and empty sets are gone. Throws on a value the table cannot hold. */
function plain(value: unknown): unknown {
  switch (typeof value) {
    case "string":
    case "boolean":
      return value;
    case "number":
      if (Number.isFinite(value)) return value;
      break;
    case "object":
      if (value === null) return null;
      if (value instanceof Uint8Array) return new Uint8Array(value);
      if (value instanceof Set) return stringSet(value);
      if (Array.isArray(value)) return value.map(plain);
      if (isRecord(value)) return plainRecord(value as Item);
  }
  throw new TableFault(`the table cannot hold a value of type ${typeof value}`);
}

/** Not an instance of a class: its prototype is none or the root of all. */
function isRecord(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** As `plain`, for a record's attributes. */
export function plainRecord(record: Item): Item {
  const copy: Record<string, unknown> = {};
  for (const [attribute, value] of Object.entries(record)) {
    if (value === undefined || (value instanceof Set && value.size === 0)) continue;
    // Defined, not assigned: a key named `__proto__` stays data. All others are assigned, which is many times faster.
    if (attribute === "__proto__")
      Object.defineProperty(copy, attribute, { value: plain(value), enumerable: true, writable: true, configurable: true });
    else copy[attribute] = plain(value);
  }
  return copy;
}

function stringSet(set: ReadonlySet<unknown>): Set<string> {
  for (const member of set) if (typeof member !== "string") throw new TableFault("sets hold strings only");
  return new Set(set as ReadonlySet<string>);
}

const indexKeys: readonly string[] = Object.values(sparseIndexes).flat();

/** The table's own key is not an attribute to write; the index's keys are text, or absent. */
function refuseKeyAttributes(write: Write, set: Item, touched: readonly string[] = Object.keys(set)): void {
  if (touched.includes("pk") || touched.includes("sk")) throw new TableFault(`a write of ${place(write)} touches its own key`);
  for (const attribute of indexKeys) {
    if (Object.hasOwn(set, attribute) && (typeof set[attribute] !== "string" || set[attribute] === "")) {
      throw new TableFault(`${attribute} of ${place(write)} is an index key and must be text`);
    }
  }
}

function plainWrite(write: Write): PlainWrite {
  const key = checkedKey(write.entity, write.key);
  if (write.op === "create") {
    const item = plainRecord(write.item);
    refuseKeyAttributes(write, item);
    return { ...write, key, item };
  }
  if (write.op !== "change") return { ...write, key };
  const change = { ...write.change, set: plainRecord(write.change.set ?? {}) };
  const memberships = [...Object.keys(change.include ?? {}), ...Object.keys(change.exclude ?? {})];
  if (memberships.some((attribute) => indexKeys.includes(attribute))) throw new TableFault(`an index key of ${place(write)} is no set`);
  const touched = [...Object.keys(change.set), ...(change.remove ?? []), ...memberships];
  refuseKeyAttributes(write, change.set, touched);
  if (touched.length === 0) throw new TableFault(`a change of ${place(write)} changes nothing`);
  if (new Set(touched).size < touched.length) throw new TableFault(`a change of ${place(write)} touches one attribute twice`);
  return { ...write, key, change };
}

/** A single write, checked. */
export function checkedWrite(write: Write): PlainWrite {
  if (write.op === "check") throw new TableFault(`a check of ${place(write)} stands alone: checks belong into transactions`);
  return plainWrite(write);
}

/** A transaction's writes, checked. */
export function checkedTransaction(writes: readonly Write[]): readonly PlainWrite[] {
  if (writes.length === 0) throw new TableFault("a transaction without writes");
  if (writes.length > transactionLimit) throw new TableFault(`a transaction of ${writes.length} writes: at most ${transactionLimit}`);
  const keys = new Set<string>();
  for (const write of writes) {
    const name = JSON.stringify([write.key.pk, write.key.sk]);
    if (keys.has(name)) throw new TableFault(`two writes to one key of ${place(write)} in one transaction`);
    keys.add(name);
  }
  if (writes.filter((write) => write.op === "create" && write.proof).length > 1) throw new TableFault("a transaction with two proofs");
  return writes.map(plainWrite);
}
