import { stepEntry } from "../../platform/edge/step.ts";
import * as runtime from "../../platform/runtime.ts";
import { deliver } from "./deliver.ts";
import { DeliverInput } from "./inputs.ts";

const ports = { table: runtime.table(), clock: runtime.clock, random: runtime.random };

export const handler = stepEntry("deliver", DeliverInput, runtime.log(), ({ facts, ...ref }) => deliver(ref, facts, ports));
