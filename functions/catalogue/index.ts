// What higher rows may use of the catalogue.
export type { ListingItem } from "./contract.ts";
export { itemOf, placeOf, priceOf } from "./listing.ts";
export { type Listing, listings } from "./listing-table.ts";
