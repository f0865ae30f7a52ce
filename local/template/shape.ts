// Readers of untyped JSON that fail with the place in the template, so that nothing is misread in silence.

export type Json = Readonly<Record<string, unknown>>;

/** The template asks for something the local platform does not do. The message names the place. */
export class UnsupportedTemplate extends Error {
  override readonly name = "UnsupportedTemplate";
}

export const refuse = (where: string, what: string): never => {
  throw new UnsupportedTemplate(`${where}: ${what}`);
};

export const isRecord = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value);

export const record = (value: unknown, where: string): Json => (isRecord(value) ? value : refuse(where, "expected an object"));
export const optionalRecord = (value: unknown, where: string): Json => (value === undefined ? {} : record(value, where));
export const text = (value: unknown, where: string): string => (typeof value === "string" ? value : refuse(where, "expected text"));
export const list = (value: unknown, where: string): readonly unknown[] => (Array.isArray(value) ? value : refuse(where, "expected a list"));
export const optionalList = (value: unknown, where: string): readonly unknown[] => (value === undefined ? [] : list(value, where));
export const texts = (value: unknown, where: string): readonly string[] =>
  (Array.isArray(value) ? value : [value]).map((one, index) => text(one, `${where}[${index}]`));

/** CloudFormation writes numbers as numbers or as text. */
export const number = (value: unknown, where: string, fallback?: number): number => {
  if (value === undefined && fallback !== undefined) return fallback;
  const read = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  return typeof read === "number" && Number.isFinite(read) ? read : refuse(where, "expected a number");
};

/** Booleans too come as text now and then. */
export const flag = (value: unknown, where: string, fallback = false): boolean => {
  if (value === undefined) return fallback;
  if (value === true || value === "true") return true;
  if (value === false || value === "false") return false;
  return refuse(where, "expected true or false");
};

/** Refuses any property beside those named. `ignores` are known to have no effect on this machine. */
export const only = (value: Json, where: string, uses: readonly string[], ignores: readonly string[] = []): Json => {
  for (const name of Object.keys(value))
    if (!uses.includes(name) && !ignores.includes(name)) refuse(`${where}.${name}`, "this property is not supported locally");
  return value;
};

/** Refuses any value but those named; absent passes when `undefined` is among them. */
export const oneOf = <const T>(value: unknown, where: string, allowed: readonly T[]): T =>
  allowed.includes(value as T) ? (value as T) : refuse(where, `${JSON.stringify(value)} is not supported locally (${JSON.stringify(allowed)} is)`);
