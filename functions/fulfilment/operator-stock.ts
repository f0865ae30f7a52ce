import { bindCommand, operatorEntry } from "../../platform/edge/operator.ts";
import * as runtime from "../../platform/runtime.ts";
import * as contract from "./contract.ts";
import { replaceUnit } from "./replace-unit.ts";

const ports = { table: runtime.table(), clock: runtime.clock, random: runtime.random };

export const handler = operatorEntry([bindCommand(contract.replaceUnit, (request) => replaceUnit(request, ports))]);
