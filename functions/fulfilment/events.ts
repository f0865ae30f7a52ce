import { queueEntry } from "../../platform/edge/queue.ts";
import { OutboxEvent } from "../../platform/outbox/event.ts";
import * as runtime from "../../platform/runtime.ts";
import type { OrderRef } from "./confirm.ts";
import { publishedKinds } from "./contract.ts";
import { send } from "./send.ts";
import { sendPorts } from "./send-ports.ts";

const ports = sendPorts();

/** What each published kind is followed by; the list in the contract is what the stream lets through. */
const followedBy: Readonly<Record<(typeof publishedKinds)[number], (ref: OrderRef) => Promise<void>>> = {
  order_paid: (ref) => send(ref, ports),
};

export const handler = queueEntry(OutboxEvent, runtime.log(), async ({ kind, merchant_id, subject }) => {
  const published = publishedKinds.find((known) => known === kind);
  if (published) await followedBy[published]({ merchant_id, order_id: subject });
});
