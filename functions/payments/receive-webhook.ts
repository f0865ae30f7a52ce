// A provider reports an event. Raw bytes → signature → stored → workflow started → 2xx. What the event says is only a hint where to look.
import { type Clock, type Instant, plusMinutes } from "../../platform/clock/clock.ts";
import { describeError, type Log } from "../../platform/log/log.ts";
import type { Table } from "../../platform/table/model.ts";
import type { Workflow } from "../../platform/workflow/workflow.ts";
import { type ConnectionPorts, openConnection } from "./connection.ts";
import { inbox, nameOrder, receiveEvent } from "./inbox-table.ts";
import type { PaymentProvider, Verified } from "./provider.ts";
import type { News, PaymentOwner } from "./provider-after-sale.ts";

export interface WebhookPorts extends ConnectionPorts {
  readonly clock: Clock;
  readonly log: Log;
  readonly fulfilOrder: Workflow<{ readonly merchant_id: string; readonly order_id: string; readonly news?: News }>;
}
export type WebhookOutcome =
  | { readonly kind: "received" }
  | { readonly kind: "refused"; readonly refusal: "connection_unknown" | "signature_invalid" | "provider_down" };

/** Money counts as late this long before its hold ends: clocks differ, and the run takes time. */
const lateMarginMinutes = 1;

export const receiveWebhook = async (
  delivery: { readonly connection_id: string; readonly raw: Buffer; readonly signature: string | undefined },
  ports: WebhookPorts,
): Promise<WebhookOutcome> => {
  const { table, clock, log, fulfilOrder } = ports;
  const { connection_id } = delivery;
  const open = await openConnection(ports, connection_id);
  if (!open) return { kind: "refused", refusal: "connection_unknown" };
  const { connection, provider } = open;

  const event = provider.verify(delivery.raw, delivery.signature, clock.now());
  // An event of the other mode cannot be about our money, however well it is signed.
  if (event.kind === "forged" || event.mode !== connection.mode) return { kind: "refused", refusal: "signature_invalid" };
  const owner = await ownerOf(event, provider);
  // The tenant is the connection's, whatever the event says.
  const order_id = owner.kind === "known" && owner.merchant_id === connection.owner ? owner.order_id : undefined;

  await keep(
    {
      connection_id,
      event_id: event.event_id,
      type: event.type,
      merchant_id: connection.owner,
      ...(order_id !== undefined && { order_id }),
      ...(event.intent_id !== undefined && { intent_id: event.intent_id }),
      ...(event.news && { news: event.news }),
      received_at: clock.now(),
    },
    event.paid_hold_until !== undefined && event.paid_hold_until <= plusMinutes(clock.now(), lateMarginMinutes),
    table,
  );
  // It is kept, but whose it is nobody has said yet: the provider brings it again until somebody does. Should it give up first, the night's
  // comparison of disputes finds what the event was about.
  if (owner.kind === "unknown") return { kind: "refused", refusal: "provider_down" };
  if (order_id === undefined) return { kind: "received" };
  try {
    await fulfilOrder.start({ merchant_id: connection.owner, order_id, ...(event.news && { news: event.news }) });
  } catch (error) {
    log("error", "fulfilment_not_started", { merchant_id: connection.owner, order_id, connection_id, ...describeError(error) });
    // A failed start is no failed receipt where the sweep looks anyway: at an order that awaits money, and again at money that came late. News of
    // an order that is done, however, is not awaited by anybody.
    if (event.news) return { kind: "refused", refusal: "provider_down" };
  }
  return { kind: "received" };
};

/** Once, whoever brings it; and with the order that it is about, as soon as anybody knows it. */
const keep = async (event: Parameters<typeof receiveEvent>[0], late: boolean, table: Table): Promise<void> => {
  const seen = await table.get(inbox, event);
  if (!seen && (await table.write(receiveEvent(event, late))).kind !== "refused") return;
  if (event.order_id === undefined) return;
  const stored = seen ?? (await table.get(inbox, event, { consistent: true }));
  if (stored && stored.order_id === undefined) await table.write(nameOrder(stored, event.order_id, event.received_at as Instant));
};

/** Disputes do not carry what we told the provider about the order; their payment does. */
const ownerOf = async (event: Extract<Verified, { kind: "verified" }>, provider: PaymentProvider): Promise<PaymentOwner> => {
  const { merchant_id, order_id, intent_id } = event;
  if (merchant_id !== undefined && order_id !== undefined) return { kind: "known", merchant_id, order_id };
  return intent_id === undefined ? { kind: "none" } : provider.lookUpOwner(intent_id);
};
