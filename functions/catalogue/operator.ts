import { bindCommand, operatorEntry } from "../../platform/edge/operator.ts";
import * as runtime from "../../platform/runtime.ts";
import * as contract from "./contract.ts";
import { saveListing } from "./save-listing.ts";

const ports = { table: runtime.table(), clock: runtime.clock };

export const handler = operatorEntry([bindCommand(contract.saveListing, (request) => saveListing(request, ports))]);
