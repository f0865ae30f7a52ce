// What higher rows may use of merchants.
export { Location, Merchant } from "./contract.ts";
export { locations, merchants, nodes } from "./merchant-table.ts";
