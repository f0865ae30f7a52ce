// What higher rows may use of merchants.
export { Location, localized, Merchant, Node } from "./contract.ts";
export { locations, merchants, nodes } from "./merchant-table.ts";
