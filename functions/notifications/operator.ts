import { bindCommand, operatorEntry } from "../../platform/edge/operator.ts";
import { runtime } from "../../platform/runtime.ts";
import { saveSmsChannel } from "./channel.ts";
import * as contract from "./contract.ts";

const ports = { table: runtime.table(), clock: runtime.clock, sealer: runtime.sealer() };

export const handler = operatorEntry([bindCommand(contract.saveSmsChannel, (request) => saveSmsChannel(request, ports))]);
