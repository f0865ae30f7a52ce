import { bindCommand, operatorEntry } from "../../platform/edge/operator.ts";
import * as runtime from "../../platform/runtime.ts";
import * as contract from "./contract.ts";
import { recallBatch } from "./recall-batch.ts";
import { retireUnit } from "./retire-unit.ts";
import { stockUnits } from "./stock-units.ts";

const ports = { table: runtime.table(), clock: runtime.clock, sealer: runtime.sealer() };

export const handler = operatorEntry([
  bindCommand(contract.stockUnits, (request) => stockUnits(request, ports)),
  bindCommand(contract.retireUnit, (request) => retireUnit(request, ports)),
  bindCommand(contract.recallBatch, (request) => recallBatch(request, ports)),
]);
