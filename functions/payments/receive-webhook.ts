// A provider reports an event. Raw bytes → signature → stored → workflow started → 2xx. What the event says is only a hint where to look.
import type { Clock } from "../../platform/clock/clock.ts";
import type { Log } from "../../platform/log/log.ts";
import type { Workflow } from "../../platform/workflow/workflow.ts";
import { type ConnectionPorts, openConnection } from "./connection.ts";
import { inbox, receiveEvent } from "./payment-table.ts";

export interface WebhookPorts extends ConnectionPorts {
  readonly clock: Clock;
  readonly log: Log;
  readonly fulfilOrder: Workflow<{ readonly merchant_id: string; readonly order_id: string }>;
}
export type WebhookOutcome =
  | { readonly kind: "received" }
  | { readonly kind: "refused"; readonly refusal: "connection_unknown" | "signature_invalid" };

export const receiveWebhook = async (
  delivery: { readonly connection_id: string; readonly raw: Buffer; readonly signature: string | undefined },
  ports: WebhookPorts,
): Promise<WebhookOutcome> => {
  const { table, clock, log } = ports;
  const { connection_id } = delivery;
  const open = await openConnection(ports, connection_id);
  if (!open) return { kind: "refused", refusal: "connection_unknown" };
  const { connection, provider } = open;

  const event = provider.verify(delivery.raw, delivery.signature, clock.now());
  // An event of the other mode cannot be about our money, however well it is signed.
  if (event.kind === "forged" || event.mode !== connection.mode) return { kind: "refused", refusal: "signature_invalid" };
  // The tenant is the connection's, whatever the event says.
  const ours = event.merchant_id === connection.owner && event.order_id !== undefined;

  const seen = await table.get(inbox, { connection_id, event_id: event.event_id });
  if (!seen) {
    await table.write(
      receiveEvent({
        connection_id,
        event_id: event.event_id,
        type: event.type,
        merchant_id: connection.owner,
        ...(ours && { order_id: event.order_id }),
        received_at: clock.now(),
      }),
    );
  }
  if (ours && event.order_id) await startFulfilment(connection.owner, event.order_id, ports, log);
  return { kind: "received" };
};

/** A failed start is no failed receipt: the event is stored, and the sweep looks the order up again. */
const startFulfilment = async (merchant_id: string, order_id: string, { fulfilOrder }: WebhookPorts, log: Log): Promise<void> => {
  try {
    await fulfilOrder.start({ merchant_id, order_id });
  } catch {
    log("warn", "fulfilment_not_started", { merchant_id, order_id });
  }
};
