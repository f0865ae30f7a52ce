import * as z from "zod";
import { entity } from "../../platform/table/model.ts";
import { Location, Merchant } from "../merchants/index.ts";
import { ListingFacts } from "./contract.ts";

/** Where it is sold: whose stock, what the page says, whose taxes. Copied from the location when the listing is saved. */
export const Place = z.object({
  location_id: Location.shape.id,
  name: Location.shape.business_name,
  address: Location.shape.location,
  province: Location.shape.province,
  zone: Location.shape.zone,
});
export type Place = z.infer<typeof Place>;

/** What a page or an order needs of the seller, copied when the listing is saved, so that one read answers a scan. */
export const Seller = z.object({
  business_name: Merchant.shape.business_name,
  currency: Merchant.shape.currency,
  language: Merchant.shape.language,
  tax_registrations: Merchant.shape.tax_registrations,
  support_phone: Merchant.shape.support_phone,
});
export type Seller = z.infer<typeof Seller>;

export const Listing = z.object({
  ...ListingFacts.omit({ nodes: true, location_id: true }).shape,
  /** Where it is sold when no node says otherwise. */
  place: Place,
  /** Node id → where that sticker stands. */
  nodes: z.record(z.string(), Place),
  seller: Seller,
});
export type Listing = z.infer<typeof Listing>;

export const listings = entity({
  name: "listing_masters",
  prefix: "LISTING",
  about: "What is sold, with its `listing_items` and the seller's facts in one record: a scan or an order reads it once.",
  schema: Listing,
  key: (id: { listing_id: string }) => ({ pk: `LISTING#${id.listing_id}`, sk: "LISTING" }),
});
