// Sizes of items in bytes and what requests consume, by DynamoDB's published rules.
import type { Item } from "./engine.ts";
import type { Key } from "./model.ts";

const utf8Length = (text: string): number => Buffer.byteLength(text, "utf8");

/** About one byte per two significant digits, one more, and one for a minus. */
function numberSize(value: number): number {
  if (value === 0) return 2;
  const [mantissa = ""] = Math.abs(value).toExponential().split("e");
  const digits = mantissa.replace(".", "").replace(/0+$/, "");
  return Math.ceil(digits.length / 2) + 1 + (value < 0 ? 1 : 0);
}

function valueSize(value: unknown): number {
  if (typeof value === "string") return utf8Length(value);
  if (typeof value === "number") return numberSize(value);
  if (typeof value === "boolean" || value === null) return 1;
  if (value instanceof Uint8Array) return value.length;
  if (value instanceof Set) return [...value].reduce((sum: number, member: unknown) => sum + valueSize(member), 0);
  if (Array.isArray(value)) return value.reduce((sum: number, member: unknown) => sum + 1 + valueSize(member), 3);
  if (typeof value === "object") return Object.entries(value).reduce((sum, [name, member]) => sum + 1 + utf8Length(name) + valueSize(member), 3);
  return 0;
}

/** Bytes of an item, its key included. */
export function itemSize(key: Key, item: Item): number {
  const attributes = Object.entries(item).reduce((sum, [name, value]) => sum + utf8Length(name) + valueSize(value), 0);
  return 2 + utf8Length(key.pk) + 2 + utf8Length(key.sk) + attributes;
}

/** Write units for the larger of an item's sizes before and after. @param bytes item size */
export const writeUnits = (bytes: number): number => Math.max(1, Math.ceil(bytes / 1024));

/** Read units; an eventual read costs half. @param bytes what was read */
export const readUnits = (bytes: number, consistent: boolean): number => Math.max(1, Math.ceil(bytes / 4096)) * (consistent ? 1 : 0.5);

/** Largest item. */
export const itemLimitBytes = 400 * 1024;
/** Largest transaction. */
export const transactionLimitBytes = 4 * 1024 * 1024;
