import { required } from "../../platform/config/config.ts";
import * as runtime from "../../platform/runtime.ts";
import { expressWorkflow } from "../../platform/workflow/workflow.ts";
import type { OrderRef } from "./confirm.ts";
import { sweep } from "./sweep.ts";

const ports = {
  table: runtime.table(),
  clock: runtime.clock,
  log: runtime.log(),
  fulfilOrder: expressWorkflow<OrderRef>(required("FULFIL_ORDER_ARN")),
};

export const handler = () => sweep(ports);
