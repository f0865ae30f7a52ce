import * as z from "zod";
import { MinorUnits } from "../../kernel/money.ts";
import { taxTreatments } from "../../kernel/tax.ts";
import { command } from "../../platform/contract/command.ts";
import { Label, Slug } from "../../platform/contract/names.ts";
import { problems } from "../../platform/contract/problem.ts";
import { localized, merchantProblems } from "../merchants/contract.ts";

/** Minor units: what providers take in one payment (eight digits), shared by the pieces of a line. */
const priceMax = 19_999_999;

/** One SKU of a listing (`listing_items`): a card size, a ticket class. */
export const ListingItem = z.strictObject({
  id: Label,
  name: localized(40),
  /** What the buyer gets for it, in a few words. */
  gives: localized(80),
  /** Minor units of the merchant's currency. */
  price: MinorUnits.min(50).max(priceMax),
  pricing: z.enum(["inclusive", "exclusive"]),
  tax_treatment: z.enum(taxTreatments),
  stock: z.enum(["pool"]),
  delivery: z.enum(["assign_unit"]),
});
export type ListingItem = z.infer<typeof ListingItem>;

export const ListingFacts = z.strictObject({
  id: Slug,
  merchant_id: Slug,
  status: z.enum(["open", "closed"]),
  is_serialized: z.literal(true),
  title: localized(60),
  photo: z
    .strictObject({
      src: z.string().regex(/^\/assets\/[\w/.-]{1,100}$/),
      width: z.int().min(1).max(4000),
      height: z.int().min(1).max(4000),
      alt: localized(100),
    })
    .optional(),
  /** How the thing is handed over: shown before and after paying. */
  fulfillment_config: z.strictObject({
    /** Where it is handed over, if not at the place itself. */ pickup_address: z.string().min(1).max(120).optional(),
    guidance: localized(200),
  }),
  /** The location whose stock is sold where no node says otherwise. */
  location_id: Slug,
  /** The stickers this listing is sold from; each sells the stock of its own location. */
  nodes: z.array(Label).max(90),
  listing_items: z
    .array(ListingItem)
    .min(1)
    .max(20)
    .refine((items) => new Set(items.map((item) => item.id)).size === items.length, "item ids must differ"),
});
export type ListingFacts = z.infer<typeof ListingFacts>;

export const catalogueProblems = problems({
  listing_taken: {
    status: 409,
    sentence: {
      en: "This listing id belongs to another merchant. Nothing was changed.",
      fr: "Cet identifiant d’annonce appartient à un autre marchand. Rien n’a été modifié.",
      zh: "此商品编号属于另一个商户，没有任何更改。",
    },
  },
  node_unknown: {
    status: 404,
    sentence: {
      en: "One of the stickers does not exist or is another merchant's. Save it first.",
      fr: "Un des autocollants n’existe pas ou appartient à un autre marchand. Enregistrez-le d’abord.",
      zh: "其中一个贴纸不存在或属于其他商户。请先保存贴纸。",
    },
  },
});

export const saveListing = command({
  id: "saveListing",
  summary: "Create a listing or replace its facts; what is printed stays valid",
  body: ListingFacts,
  result: z.object({ listing_id: Slug }),
  errors: {
    merchant_unknown: merchantProblems.merchant_unknown,
    location_unknown: merchantProblems.location_unknown,
    listing_taken: catalogueProblems.listing_taken,
    node_unknown: catalogueProblems.node_unknown,
  },
});
