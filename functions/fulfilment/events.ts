import { queueEntry } from "../../platform/edge/queue.ts";
import { OutboxEvent } from "../../platform/outbox/event.ts";
import * as runtime from "../../platform/runtime.ts";
import { send, sendReplacement } from "./send.ts";
import { sendPorts } from "./send-ports.ts";

const ports = sendPorts();

export const handler = queueEntry(OutboxEvent, runtime.log(), async (event) => {
  const ref = { merchant_id: event.merchant_id, order_id: event.subject };
  if (event.kind === "order_paid") await send(ref, ports);
  if (event.kind === "unit_replaced") await sendReplacement({ ...ref, id: event.id }, ports);
});
