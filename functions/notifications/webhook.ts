import { bind, httpEntry } from "../../platform/edge/http.ts";
import * as runtime from "../../platform/runtime.ts";
import { smsCallback } from "./contract.ts";
import { recordDelivery } from "./record-delivery.ts";

const ports = { table: runtime.table(), clock: runtime.clock, sealer: runtime.sealer(), publicOrigin: runtime.publicOrigin() };

export const handler = httpEntry(
  [
    bind(smsCallback, async ({ params, query, raw, event }) => {
      const report = { channel_id: params.channel_id, message: query.message, raw, signature: event.headers["x-twilio-signature"] };
      const outcome = await recordDelivery(report, ports);
      return outcome.kind === "recorded" ? { kind: "ok", body: undefined } : outcome;
    }),
  ],
  runtime.httpPorts(),
);
