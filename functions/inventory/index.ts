// What higher rows may use of inventory.
export { type Unit, unitLife } from "./unit.ts";
export { commitUnit, countStock, holdUnit, type PoolId, poolReader, shownStockMax, type UnitToken, units } from "./unit-table.ts";
