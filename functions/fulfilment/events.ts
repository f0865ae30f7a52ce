import { queueEntry } from "../../platform/edge/queue.ts";
import { OutboxEvent } from "../../platform/outbox/event.ts";
import * as runtime from "../../platform/runtime.ts";
import { send } from "./send.ts";
import { sendPorts } from "./send-ports.ts";

const ports = sendPorts();

export const handler = queueEntry(OutboxEvent, runtime.log(), async (event) => {
  if (event.kind === "order_paid") await send({ merchant_id: event.merchant_id, order_id: event.subject }, ports);
});
