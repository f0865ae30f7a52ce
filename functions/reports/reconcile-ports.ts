// The ports of comparing, the same for the night and for operators.
import { optional, required } from "../../platform/config/config.ts";
import * as runtime from "../../platform/runtime.ts";
import { expressWorkflow } from "../../platform/workflow/workflow.ts";
import { patient, providersOf } from "../payments/index.ts";
import type { Healing } from "./note-findings.ts";
import type { ReconcilePorts } from "./reconcile.ts";

export const reconcilePorts = (): ReconcilePorts => ({
  table: runtime.table(),
  clock: runtime.clock,
  log: runtime.log(),
  sealer: runtime.sealer(),
  providers: providersOf(optional("SIMULATED_PROVIDERS"), patient),
  fulfilOrder: expressWorkflow<Healing>(required("FULFIL_ORDER_ARN")),
});
