import { required } from "../../platform/config/config.ts";
import { bindCommand, operatorEntry } from "../../platform/edge/operator.ts";
import * as runtime from "../../platform/runtime.ts";
import { expressWorkflow } from "../../platform/workflow/workflow.ts";
import type { OrderRef } from "./confirm.ts";
import * as contract from "./contract.ts";
import { previewRefund, refundOrder } from "./refund-order.ts";

const ports = {
  table: runtime.table(),
  clock: runtime.clock,
  log: runtime.log(),
  fulfilOrder: expressWorkflow<OrderRef>(required("FULFIL_ORDER_ARN")),
};

export const handler = operatorEntry([
  bindCommand(contract.previewRefund, (request) => previewRefund(request, ports)),
  bindCommand(contract.refundOrder, (request) => refundOrder(request, ports)),
]);
