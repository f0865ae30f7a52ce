// The noun: what a listing offers at a node. Pure.
import { type Money, money } from "../../kernel/money.ts";
import { ratesAt, type Taxed, tax } from "../../kernel/tax.ts";
import { businessDate, type Instant } from "../../platform/clock/clock.ts";
import type { ListingItem } from "./contract.ts";
import type { Listing, Place } from "./listing-table.ts";

export type Standing = { readonly kind: "here"; readonly place: Place; readonly verified: boolean } | { readonly kind: "unknown_node" };

/** Where a scan stands. A node that the listing does not know is not ours: a copied or swapped sticker. */
export const standingAt = (listing: Listing, node: string | undefined): Standing => {
  if (node === undefined) return { kind: "here", place: listing.place, verified: false };
  // Own entries only: `constructor` is a word that anybody may print.
  const place = Object.hasOwn(listing.nodes, node) ? listing.nodes[node] : undefined;
  return place ? { kind: "here", place, verified: true } : { kind: "unknown_node" };
};

export const itemOf = (listing: Listing, itemId: string): ListingItem | undefined => listing.listing_items.find((item) => item.id === itemId);

/** What some pieces of an item cost at a place now, taxes in lines: the page and the order ask the same. */
export const priceAt = (listing: Listing, item: ListingItem, quantity: number, place: Place, now: Instant): Taxed => {
  const { seller } = listing;
  const amount: Money = money(item.price * quantity, seller.currency);
  return tax(amount, item.tax_treatment, item.pricing, ratesAt(place.province, businessDate(now, place.zone), seller.tax_registrations));
};
