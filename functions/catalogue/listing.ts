// The noun: what a listing offers at a node. Pure.
import { type Money, money } from "../../kernel/money.ts";
import type { ListingItem } from "./contract.ts";
import type { Listing } from "./listing-table.ts";

export type Place = { readonly kind: "here"; readonly locationId: string; readonly verified: boolean } | { readonly kind: "unknown_node" };

/** Whose stock a scan sells. A node that the listing does not know is not ours: a copied or swapped sticker. */
export const placeOf = (listing: Listing, node: string | undefined): Place => {
  if (node === undefined) return { kind: "here", locationId: listing.location_id, verified: false };
  const locationId = listing.nodes[node];
  return locationId === undefined ? { kind: "unknown_node" } : { kind: "here", locationId, verified: true };
};

export const itemOf = (listing: Listing, itemId: string): ListingItem | undefined => listing.listing_items.find((item) => item.id === itemId);

export const priceOf = (listing: Listing, item: ListingItem): Money => money(item.price, listing.seller.currency);
