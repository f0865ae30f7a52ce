import { operationStreamEntry } from "../../platform/edge/stream.ts";
import * as runtime from "../../platform/runtime.ts";
import { enter } from "./journal.ts";

const ports = { table: runtime.table() };

export const handler = operationStreamEntry(runtime.log(), (operation_id) => enter(operation_id, ports));
