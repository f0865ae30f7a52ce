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
/** Units of one command: unit and token of each, the batch and the operation, in one transaction of at most 100 writes. */
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
  batch_unknown: {
    status: 404,
    sentence: {
      en: "The merchant has no such batch. Nothing was recalled.",
      fr: "Le marchand n’a pas ce lot. Rien n’a été rappelé.",
      zh: "该商户没有此批次。没有召回任何单位。",
    },
  },
  unit_unknown: {
    status: 404,
    sentence: {
      en: "There is no unit with this number here. Nothing was changed.",
      fr: "Aucune unité ne porte ce numéro ici. Rien n’a été modifié.",
      zh: "此处没有该编号的单位，没有任何更改。",
    },
  },
  unit_reserved: {
    status: 409,
    sentence: {
      en: "Somebody is paying for this unit right now. Nothing was changed. Try again when the hold is over.",
      fr: "Quelqu’un est en train de payer cette unité. Rien n’a été modifié. Réessayez à la fin de la réservation.",
      zh: "有人正在为此单位付款，没有任何更改。请在保留期结束后重试。",
    },
  },
  unit_sold: {
    status: 409,
    sentence: {
      en: "This unit belongs to a buyer. Nothing was changed. Replace it or refund the order.",
      fr: "Cette unité appartient à un acheteur. Rien n’a été modifié. Remplacez-la ou remboursez la commande.",
      zh: "此单位已属于买家，没有任何更改。请更换该单位或为订单退款。",
    },
  },
  unit_disputed: {
    status: 409,
    sentence: {
      en: "The buyer's bank disputes the payment of this unit. Nothing was changed. Wait until the dispute has ended.",
      fr: "La banque de l’acheteur conteste le paiement de cette unité. Rien n’a été modifié. Attendez la fin de la contestation.",
      zh: "买家的银行正对此单位的付款提出争议，没有任何更改。请等待争议结束。",
    },
  },
  transition_refused: {
    status: 409,
    sentence: {
      en: "The unit's state does not allow that. Nothing was changed.",
      fr: "L’état de l’unité ne le permet pas. Rien n’a été modifié.",
      zh: "该单位的状态不允许此操作，没有任何更改。",
    },
  },
});

/** Where a unit can go that is not to be sold any more. */
export const Retirement = z.enum(["defective", "expired", "archived"]);
export type Retirement = z.infer<typeof Retirement>;
/** In a person's words; no names or phone numbers. */
export const Reason = z.string().trim().min(3).max(200);

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
  result: z.object({ stocked: z.int(), batch_id: z.string() }),
  errors: {
    item_unknown: inventoryProblems.item_unknown,
    location_unknown: inventoryProblems.location_unknown,
    serial_exists: inventoryProblems.serial_exists,
  },
});

export const retireUnit = command({
  id: "retireUnit",
  summary: "Take one unit out of sale, or close the books on one that is out; nothing is ever deleted",
  body: z.strictObject({
    merchant_id: Slug,
    listing_item_id: Label,
    location_id: Slug,
    serial_number: NewUnit.shape.serial_number,
    to: Retirement,
    reason: Reason,
  }),
  result: z.object({ unit_id: z.string(), from: z.string(), to: Retirement }),
  errors: {
    unit_unknown: inventoryProblems.unit_unknown,
    unit_reserved: inventoryProblems.unit_reserved,
    unit_sold: inventoryProblems.unit_sold,
    unit_disputed: inventoryProblems.unit_disputed,
    transition_refused: inventoryProblems.transition_refused,
  },
});

/** A unit of the batch with the order that it waited for, or that has it: what becomes of a sold one is for who recalls to decide. */
const Assigned = z.object({ serial_number: z.string(), order_id: z.string() });

export const recallBatch = command({
  id: "recallBatch",
  summary:
    "Take the units of a batch that nobody has paid for out of sale and name the orders that had or have the others; repeat the key to finish a broken run",
  body: z.strictObject({ merchant_id: Slug, batch_id: z.string().regex(/^[0-9a-z]{26}$/), to: Retirement, reason: Reason }),
  result: z.object({
    units: z.int(),
    recalled: z.int(),
    /** Called back while their buyers were paying: the order gets another unit, or its money back, by itself. */
    reserved: z.array(Assigned),
    sold: z.array(Assigned),
    /** Out of sale before this recall. */
    already_out: z.int(),
  }),
  errors: { batch_unknown: inventoryProblems.batch_unknown },
});
