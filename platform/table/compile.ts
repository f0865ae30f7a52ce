// Guards and changes become DynamoDB expressions here and nowhere else. `evaluate.ts` is the same meaning in memory.
import type { Item, PlainWrite } from "./engine.ts";
import type { Guard } from "./model.ts";

/** The expression part of a write request. */
export interface Expressions {
  readonly ConditionExpression: string;
  readonly UpdateExpression?: string;
  readonly ExpressionAttributeNames?: Record<string, string>;
  readonly ExpressionAttributeValues?: Record<string, unknown>;
}

/** Placeholders: every attribute gets a name once, so that reserved words never matter; every value its own. */
class Placeholders {
  readonly names: Record<string, string> = {};
  readonly values: Record<string, unknown> = {};
  readonly #known = new Map<string, string>();

  name(attribute: string): string {
    const known = this.#known.get(attribute);
    if (known) return known;
    const placeholder = `#a${this.#known.size}`;
    this.#known.set(attribute, placeholder);
    this.names[placeholder] = attribute;
    return placeholder;
  }

  value(value: unknown): string {
    const placeholder = `:v${Object.keys(this.values).length}`;
    this.values[placeholder] = value;
    return placeholder;
  }
}

const always = "(attribute_exists(pk) OR attribute_not_exists(pk))";
const never = "(attribute_exists(pk) AND attribute_not_exists(pk))";

function condition(guard: Guard, holders: Placeholders): string {
  switch (guard.is) {
    case "absent":
      return "attribute_not_exists(pk)";
    case "present":
      return "attribute_exists(pk)";
    case "equals":
      return `${holders.name(guard.attribute)} = ${holders.value(guard.value)}`;
    case "one_of":
      if (guard.values.length === 0) return never;
      return `${holders.name(guard.attribute)} IN (${guard.values.map((value) => holders.value(value)).join(", ")})`;
    case "missing":
      return `attribute_not_exists(${holders.name(guard.attribute)})`;
    case "at_least":
      return `${holders.name(guard.attribute)} >= ${holders.value(guard.value)}`;
    case "at_most":
      return `${holders.name(guard.attribute)} <= ${holders.value(guard.value)}`;
    case "contains": {
      // The type is asked because `contains` alone also finds a substring of a text.
      const name = holders.name(guard.attribute);
      return `(attribute_type(${name}, ${holders.value("SS")}) AND contains(${name}, ${holders.value(guard.value)}))`;
    }
    case "fewer_than": {
      const name = holders.name(guard.attribute);
      const small = `attribute_type(${name}, ${holders.value("SS")}) AND size(${name}) < ${holders.value(guard.size)}`;
      return `(attribute_not_exists(${name}) OR (${small}))`;
    }
    case "all":
      return joined(guard.guards, " AND ", always, holders);
    case "any":
      return joined(guard.guards, " OR ", never, holders);
  }
}

function joined(guards: readonly Guard[], word: string, empty: string, holders: Placeholders): string {
  const [only] = guards;
  if (!only) return empty;
  if (guards.length === 1) return condition(only, holders);
  return `(${guards.map((guard) => condition(guard, holders)).join(word)})`;
}

function update(write: PlainWrite & { op: "change" }, holders: Placeholders): string {
  const { set = {}, remove = [], include = {}, exclude = {} } = write.change;
  const member = ([name, value]: readonly [string, string]) => `${holders.name(name)} ${holders.value(new Set([value]))}`;
  const clauses: readonly (readonly [string, readonly string[]])[] = [
    ["SET", Object.entries(set).map(([name, value]) => `${holders.name(name)} = ${holders.value(value)}`)],
    ["REMOVE", remove.map((name) => holders.name(name))],
    ["ADD", Object.entries(include).map(member)],
    ["DELETE", Object.entries(exclude).map(member)],
  ];
  return clauses
    .filter(([, parts]) => parts.length > 0)
    .map(([word, parts]) => `${word} ${parts.join(", ")}`)
    .join(" ");
}

/** The condition of a write and, for a change, its update, with placeholders. */
export function expressionsOf(write: PlainWrite): Expressions {
  const holders = new Placeholders();
  const ConditionExpression = condition(write.guard, holders);
  const UpdateExpression = write.op === "change" ? update(write, holders) : undefined;
  return {
    ConditionExpression,
    ...(UpdateExpression !== undefined && { UpdateExpression }),
    ...(Object.keys(holders.names).length > 0 && { ExpressionAttributeNames: holders.names }),
    ...(Object.keys(holders.values).length > 0 && { ExpressionAttributeValues: holders.values }),
  };
}

/** A wire value (`{ S: "x" }`). The document client translates answers but leaves the items inside errors as they came. */
type WireValue = Readonly<Record<string, unknown>>;

/** Reads an item as it stands inside an error. */
export const itemOfWire = (wire: Readonly<Record<string, unknown>>): Item =>
  Object.fromEntries(Object.entries(wire).map(([name, value]) => [name, valueOfWire(value as WireValue)]));

function valueOfWire(wire: WireValue): unknown {
  if (wire.N !== undefined) return Number(wire.N);
  if (wire.NULL !== undefined) return null;
  if (wire.SS !== undefined) return new Set(wire.SS as string[]);
  if (wire.L !== undefined) return (wire.L as WireValue[]).map(valueOfWire);
  if (wire.M !== undefined) return itemOfWire(wire.M as WireValue);
  return wire.S ?? wire.BOOL ?? wire.B;
}
