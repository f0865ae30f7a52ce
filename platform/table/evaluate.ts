// Guards and changes interpreted in memory, as DynamoDB evaluates what `compile.ts` makes of them.
import { type Item, type PlainWrite, TableFault } from "./engine.ts";
import type { Guard, Scalar } from "./model.ts";

/** Orders text by its UTF-8 bytes, as sort keys and comparisons do. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at += 1) {
    const left = a.charCodeAt(at);
    const right = b.charCodeAt(at);
    if (left === right) continue;
    // Only surrogates sort differently in UTF-16 and in UTF-8.
    return left < 0xd800 && right < 0xd800 ? left - right : Buffer.compare(Buffer.from(a), Buffer.from(b));
  }
  return a.length - b.length;
}

/** Negative, zero or positive; undefined when the types differ or do not order. */
function compare(stored: unknown, value: Scalar): number | undefined {
  if (typeof stored === "string" && typeof value === "string") return compareText(stored, value);
  if (typeof stored === "number" && typeof value === "number") return stored - value;
  return undefined;
}

const attributeOf = (item: Item | undefined, attribute: string): unknown => (item && Object.hasOwn(item, attribute) ? item[attribute] : undefined);

/** Whether a guard holds for the stored item (undefined: there is none). */
export function holds(guard: Guard, item: Item | undefined): boolean {
  switch (guard.is) {
    case "absent":
      return item === undefined;
    case "present":
      return item !== undefined;
    case "equals":
      return attributeOf(item, guard.attribute) === guard.value;
    case "one_of":
      return guard.values.some((value) => attributeOf(item, guard.attribute) === value);
    case "missing":
      return attributeOf(item, guard.attribute) === undefined;
    case "at_least":
      return (compare(attributeOf(item, guard.attribute), guard.value) ?? -1) >= 0;
    case "at_most":
      return (compare(attributeOf(item, guard.attribute), guard.value) ?? 1) <= 0;
    case "contains": {
      const stored = attributeOf(item, guard.attribute);
      return stored instanceof Set && stored.has(guard.value);
    }
    case "fewer_than": {
      const stored = attributeOf(item, guard.attribute);
      return stored === undefined || (stored instanceof Set && stored.size < guard.size);
    }
    case "all":
      return guard.guards.every((each) => holds(each, item));
    case "any":
      return guard.guards.some((each) => holds(each, item));
  }
}

function setAt(item: Item, attribute: string): Set<string> {
  const stored = attributeOf(item, attribute);
  if (stored === undefined) return new Set();
  if (!(stored instanceof Set)) throw new TableFault("an operand of a set change has another type");
  return new Set(stored as ReadonlySet<string>);
}

/** The item as the write leaves it (undefined: none). The stored item is not touched. */
export function applied(write: PlainWrite, item: Item | undefined): Item | undefined {
  if (write.op === "create") return write.item;
  if (write.op === "erase") return undefined;
  if (write.op === "check") return item;
  const next: Record<string, unknown> = { ...item, ...write.change.set };
  for (const attribute of write.change.remove ?? []) delete next[attribute];
  const keep = (attribute: string, members: ReadonlySet<string>) => {
    if (members.size > 0) next[attribute] = members;
    else delete next[attribute];
  };
  for (const [attribute, member] of Object.entries(write.change.include ?? {})) keep(attribute, setAt(next, attribute).add(member));
  for (const [attribute, member] of Object.entries(write.change.exclude ?? {})) {
    const members = setAt(next, attribute);
    members.delete(member);
    keep(attribute, members);
  }
  return next;
}
