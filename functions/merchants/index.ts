// What higher rows may use of merchants.
export { Location, Merchant, type Node } from "./contract.ts";
export { locations, merchants, nodes } from "./merchant-table.ts";
