import * as z from "zod";
import { command } from "../../platform/contract/command.ts";
import { Label, Slug } from "../../platform/contract/names.ts";
import { problems } from "../../platform/contract/problem.ts";

/** What the buyer needs to find or use the unit, e.g. `{"locker_pos": "A-12"}`. */
export const UnitMetadata = z.record(z.string().regex(/^[a-z][a-z0-9_]{0,29}$/), z.union([z.string().max(60), z.int()]));

export const NewUnit = z.strictObject({
  serial_number: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9 -]{0,39}$/),
  /** Password or PIN; sealed before it is stored, shown to nobody but the buyer. */
  secret_code: z.string().min(1).max(60).optional(),
  metadata: UnitMetadata.optional(),
});
/** Units of one command: unit and token of each, and the operation, in one transaction of at most 100 writes. */
export const unitsPerCommandMax = 40;

export const inventoryProblems = problems({
  item_unknown: {
    status: 404,
    sentence: {
      en: "The listing has no such item, or it is another merchant's. Nothing was stocked.",
      fr: "L’annonce n’a pas cet article, ou elle appartient à un autre marchand. Rien n’a été ajouté.",
      zh: "该商品没有此规格，或属于其他商户。没有入库。",
    },
  },
  location_unknown: {
    status: 404,
    sentence: {
      en: "The merchant has no such location. Nothing was stocked.",
      fr: "Ce marchand n’a pas cet établissement. Rien n’a été ajouté.",
      zh: "该商户没有这个门店。没有入库。",
    },
  },
  serial_exists: {
    status: 409,
    sentence: {
      en: "One of these numbers is already in stock. None of this batch was stocked.",
      fr: "Un de ces numéros est déjà en stock. Rien de ce lot n’a été ajouté.",
      zh: "其中一个编号已在库存中。本批次均未入库。",
    },
  },
});

export const stockUnits = command({
  id: "stockUnits",
  summary: "Put numbered units into stock: all of the batch or none",
  body: z.strictObject({
    listing_id: Slug,
    listing_item_id: Label,
    location_id: Slug,
    units: z
      .array(NewUnit)
      .min(1)
      .max(unitsPerCommandMax)
      .refine((units) => new Set(units.map((unit) => unit.serial_number)).size === units.length, "serial numbers must differ"),
  }),
  result: z.object({ stocked: z.int() }),
  errors: {
    item_unknown: inventoryProblems.item_unknown,
    location_unknown: inventoryProblems.location_unknown,
    serial_exists: inventoryProblems.serial_exists,
  },
});
