// What higher rows may use of the catalogue.
export { itemOf, priceAt, standingAt } from "./listing.ts";
export { type Listing, listings } from "./listing-table.ts";
