// What higher rows may use of inventory.
export { isOut, type Unit, unitIdOf } from "./unit.ts";
export { forfeitUnit, freezeUnit, revokeUnit, thawUnit } from "./unit-after-sale.ts";
export {
  commitUnit,
  countStock,
  holdUnit,
  markDefective,
  type PoolId,
  poolReader,
  releaseUnit,
  sellUnit,
  shownStockMax,
  units,
} from "./unit-table.ts";
