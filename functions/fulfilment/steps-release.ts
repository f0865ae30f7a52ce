import { optional } from "../../platform/config/config.ts";
import { stepEntry } from "../../platform/edge/step.ts";
import * as runtime from "../../platform/runtime.ts";
import { brisk, providersOf } from "../payments/index.ts";
import { OrderRefInput } from "./inputs.ts";
import { releaseHold } from "./release-hold.ts";

const ports = {
  table: runtime.table(),
  clock: runtime.clock,
  sealer: runtime.sealer(),
  providers: providersOf(optional("SIMULATED_PROVIDERS"), brisk),
};

export const handler = stepEntry("release", OrderRefInput, runtime.log(), (ref) => releaseHold(ref, ports));
