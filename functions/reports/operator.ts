import { bindCommand, operatorEntry } from "../../platform/edge/operator.ts";
import * as contract from "./contract.ts";
import { enterOperation, listFindings, reconcileNow } from "./operate.ts";
import { reconcilePorts } from "./reconcile-ports.ts";

const ports = reconcilePorts();

export const handler = operatorEntry([
  bindCommand(contract.reconcileNow, (request) => reconcileNow(request, ports)),
  bindCommand(contract.listFindings, (request) => listFindings(request, ports)),
  bindCommand(contract.enterOperation, (request) => enterOperation(request, ports)),
]);
