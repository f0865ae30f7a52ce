import { optional, required } from "../../platform/config/config.ts";
import { bind, httpEntry } from "../../platform/edge/http.ts";
import * as runtime from "../../platform/runtime.ts";
import { expressWorkflow } from "../../platform/workflow/workflow.ts";
import { paymentWebhook } from "./contract.ts";
import type { News } from "./provider-after-sale.ts";
import { brisk, providersOf } from "./providers/all.ts";
import { receiveWebhook } from "./receive-webhook.ts";

const ports = {
  table: runtime.table(),
  clock: runtime.clock,
  log: runtime.log(),
  sealer: runtime.sealer(),
  providers: providersOf(optional("SIMULATED_PROVIDERS"), brisk),
  fulfilOrder: expressWorkflow<{ merchant_id: string; order_id: string; news?: News }>(required("FULFIL_ORDER_ARN")),
};

export const handler = httpEntry(
  [
    bind(paymentWebhook, async ({ params, raw, event }) => {
      const outcome = await receiveWebhook({ connection_id: params.connection_id, raw, signature: event.headers["stripe-signature"] }, ports);
      return outcome.kind === "received" ? { kind: "ok", body: { received: true } } : outcome;
    }),
  ],
  runtime.httpPorts(),
);
