// docs/table.md: every kind of record, its keys and fields, and which functions may touch it.
import type { FunctionSpec } from "../../lib/function-list.ts";
import type { Entity } from "../../platform/table/model.ts";
import { code, codes, generatedNote, table } from "./markdown.ts";

export function tableDocument(entities: readonly Entity[], functions: readonly FunctionSpec[]): string {
  const overview = entities.map((entity) => {
    const { pk, sk } = keyShape(entity);
    return [`[${entity.name}](#${entity.name})`, code(pk), code(sk), entity.about];
  });
  return [
    "# The table",
    generatedNote,
    "One DynamoDB table, on demand. A partition key starts with the kind of record and `#`; each function's role names the kinds it may touch. " +
      "A sparse index `due` (partition `due_shard`, sort `due_at`) lists what waits for time, another one, `desk` (partition `desk_of`, " +
      "sort `desk_place`), what waits for a person.",
    table(["Record", "Partition key", "Sort key", "What it is"], overview),
    ...entities.map((entity) => section(entity, functions)),
    "",
  ].join("\n\n");
}

/** The key of an imagined id: every field of it shows as its name. */
export function keyShape(entity: Entity): { readonly pk: string; readonly sk: string } {
  const id = new Proxy({}, { get: (_target, field) => `{${String(field)}}` });
  return entity.key(id);
}

function section(entity: Entity, functions: readonly FunctionSpec[]): string {
  const may = (kind: "gets" | "queries" | "puts" | "updates" | "deletes"): readonly string[] =>
    functions.filter(({ table }) => (table?.[kind] as readonly string[] | undefined)?.includes(entity.prefix)).map(({ id }) => id);
  return [
    `## ${entity.name}`,
    entity.about,
    `Fields: ${codes(fieldsOf(entity))}.`,
    table(
      ["May", "Functions"],
      [
        ["get", codes(may("gets"))],
        ["query", codes(may("queries"))],
        ["put", codes(may("puts"))],
        ["update", codes(may("updates"))],
        ["delete", codes(may("deletes"))],
      ],
    ),
  ].join("\n\n");
}

const fieldsOf = ({ schema }: Entity): readonly string[] => {
  const { shape } = schema as { shape?: object };
  return shape === undefined ? [] : Object.keys(shape);
};
