import { bindCommand, operatorEntry } from "../../platform/edge/operator.ts";
import * as runtime from "../../platform/runtime.ts";
import * as contract from "./contract.ts";
import { giveUnits } from "./give-units.ts";
import { listExceptions } from "./list-exceptions.ts";
import { settleException } from "./settle-exception.ts";

const ports = { table: runtime.table(), clock: runtime.clock, random: runtime.random };

export const handler = operatorEntry([
  bindCommand(contract.listExceptions, (request) => listExceptions(request, ports)),
  bindCommand(contract.giveUnits, (request) => giveUnits(request, ports)),
  bindCommand(contract.settleException, (request) => settleException(request, ports)),
]);
