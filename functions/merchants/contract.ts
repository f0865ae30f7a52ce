import * as z from "zod";
import { Currency } from "../../kernel/money.ts";
import { provinces, taxNames } from "../../kernel/tax.ts";
import { command } from "../../platform/contract/command.ts";
import { Label, Slug } from "../../platform/contract/names.ts";
import { languages, problems } from "../../platform/contract/problem.ts";

/** A merchant's text in every language we speak. */
export const localized = (max: number) =>
  z.strictObject({ en: z.string().min(1).max(max), fr: z.string().min(1).max(max), zh: z.string().min(1).max(max) });

export const Merchant = z.strictObject({
  id: Slug,
  kind: z.enum(["business", "person"]),
  business_name: z.string().min(1).max(60),
  currency: Currency,
  language: z.enum(languages),
  /** Taxes the merchant is registered to collect. */
  tax_registrations: z.array(z.enum(taxNames)).max(4),
  /** Whom a buyer calls, E.164. */
  support_phone: z
    .string()
    .regex(/^\+[1-9]\d{7,14}$/)
    .optional(),
});
export type Merchant = z.infer<typeof Merchant>;

/** Made once: the list is long and every read of a listing asks it. */
const zones: ReadonlySet<string> = new Set(Intl.supportedValuesOf("timeZone"));

/** A place of the merchant: `provider_profiles`. */
export const Location = z.strictObject({
  merchant_id: Slug,
  id: Slug,
  business_name: z.string().min(1).max(60),
  location: z.string().min(1).max(120),
  province: z.enum(provinces),
  /** IANA zone: business dates and slots are the place's. */
  zone: z.string().refine((zone) => zones.has(zone), "not an IANA zone"),
});
export type Location = z.infer<typeof Location>;

/** A surface that sells: a sticker, a till, a gate. */
export const Node = z.strictObject({ id: Label, merchant_id: Slug, location_id: Slug, kind: z.enum(["sticker", "till", "gate"]) });
export type Node = z.infer<typeof Node>;

export const merchantProblems = problems({
  merchant_unknown: {
    status: 404,
    sentence: {
      en: "There is no such merchant. Save the merchant first.",
      fr: "Ce marchand n’existe pas. Enregistrez d’abord le marchand.",
      zh: "没有这个商户。请先保存商户。",
    },
  },
  location_unknown: {
    status: 404,
    sentence: {
      en: "The merchant has no such location. Save the location first.",
      fr: "Ce marchand n’a pas cet établissement. Enregistrez-le d’abord.",
      zh: "该商户没有这个门店。请先保存门店。",
    },
  },
  node_taken: {
    status: 409,
    sentence: {
      en: "This sticker belongs to another merchant. Nothing was changed.",
      fr: "Cet autocollant appartient à un autre marchand. Rien n’a été modifié.",
      zh: "此贴纸属于另一个商户，没有任何更改。",
    },
  },
});

export const saveMerchant = command({
  id: "saveMerchant",
  summary: "Create a merchant or replace its facts",
  body: Merchant,
  result: z.object({ merchant_id: Slug }),
  errors: {},
});
export const saveLocation = command({
  id: "saveLocation",
  summary: "Create a location of a merchant or replace its facts",
  body: Location,
  result: z.object({ location_id: Slug }),
  errors: { merchant_unknown: merchantProblems.merchant_unknown },
});
export const saveNode = command({
  id: "saveNode",
  summary: "Register a sticker at a location",
  body: Node,
  result: z.object({ node_id: Label }),
  errors: { location_unknown: merchantProblems.location_unknown, node_taken: merchantProblems.node_taken },
});
