// Entities the table's own tests use: loose records, so that any attribute may be tried, and one strict record.
import * as z from "zod";
import { entity } from "../../../platform/table/model.ts";

export interface Thing {
  readonly [attribute: string]: unknown;
}

export interface ThingId {
  readonly partition: string;
  readonly sort: string;
}

export const things = entity<Thing, ThingId>({
  name: "thing",
  prefix: "THING",
  about: "Anything a test wants to store.",
  schema: z.looseObject({}),
  key: ({ partition, sort }) => ({ pk: `THING#${partition}`, sk: sort }),
});

export const operations = entity<Thing, string>({
  name: "operation",
  prefix: "OP",
  about: "Proof that a transaction was committed.",
  schema: z.looseObject({}),
  key: (id) => ({ pk: `OP#${id}`, sk: "-" }),
});

export const strict = entity<{ readonly name: string; readonly labels?: ReadonlySet<string> | undefined }, string>({
  name: "strict record",
  prefix: "STRICT",
  about: "A record with a schema that refuses strangers.",
  schema: z.strictObject({ name: z.string(), labels: z.set(z.string()).optional() }),
  key: (id) => ({ pk: `STRICT#${id}`, sk: "-" }),
});
