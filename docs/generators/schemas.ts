// JSON Schema from zod, with named schemas collected once: `meta({ id })` makes a component.
import { isDeepStrictEqual } from "node:util";
import * as z from "zod";

export type Schema = Readonly<Record<string, unknown>>;
export type Schemas = Record<string, Schema>;

/**
 * The schema of what travels on the wire (before our own transforms), with its named parts moved into `schemas`.
 * Throws when one name stands for two different schemas.
 */
export function componentsFrom(schema: z.ZodType, schemas: Schemas): Schema {
  const { $schema, $defs, ...rest } = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) as Schema & { $defs?: Schemas };
  for (const [name, definition] of Object.entries($defs ?? {})) {
    const moved = atComponents(definition) as Schema;
    const known = schemas[name];
    if (known !== undefined && !isDeepStrictEqual(known, moved)) throw new Error(`two different schemas are named ${name}`);
    schemas[name] = moved;
  }
  return atComponents(rest) as Schema;
}

/** `#/$defs/Money` becomes `#/components/schemas/Money`, at any depth. */
function atComponents(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(atComponents);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      key === "$ref" && typeof inner === "string" ? inner.replace("#/$defs/", "#/components/schemas/") : atComponents(inner),
    ]),
  );
}
