import { bindCommand, operatorEntry } from "../../platform/edge/operator.ts";
import * as runtime from "../../platform/runtime.ts";
import * as contract from "./contract.ts";
import { saveLocation, saveMerchant, saveNode } from "./save.ts";

const ports = { table: runtime.table(), clock: runtime.clock };

export const handler = operatorEntry([
  bindCommand(contract.saveMerchant, (request) => saveMerchant(request, ports)),
  bindCommand(contract.saveLocation, (request) => saveLocation(request, ports)),
  bindCommand(contract.saveNode, (request) => saveNode(request, ports)),
]);
