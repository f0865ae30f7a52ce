import { queueEntry } from "../../platform/edge/queue.ts";
import { OutboxEvent } from "../../platform/outbox/event.ts";
import * as runtime from "../../platform/runtime.ts";
import type { personNeeded, publishedKinds } from "./contract.ts";
import { send, sendGiven, sendReplacement } from "./send.ts";
import { sendPorts } from "./send-ports.ts";

const ports = sendPorts();
const log = runtime.log();

/** As the alarm knows it; typed by the contract, whose sentences stay out of this bundle. */
const call: typeof personNeeded = "person_needed";

/** Each time, also where others wait for a person already. */
const callPerson = async ({ kind, id, merchant_id, subject }: OutboxEvent): Promise<void> =>
  log("warn", call, { code: kind, operation_id: id, merchant_id, order_id: subject });

/** What each published kind is followed by; the list in the contract is what the stream lets through. */
const followedBy: Readonly<Record<(typeof publishedKinds)[number], (event: OutboxEvent) => Promise<void>>> = {
  order_paid: ({ merchant_id, subject }) => send({ merchant_id, order_id: subject }, ports),
  unit_replaced: ({ merchant_id, subject, id }) => sendReplacement({ merchant_id, order_id: subject, id }, ports),
  units_given: ({ merchant_id, subject, id }) => sendGiven({ merchant_id, order_id: subject, id }, ports),
  order_needs_attention: callPerson,
  refund_failed: callPerson,
  dispute_inquired: callPerson,
  dispute_opened: callPerson,
};

const isFollowed = (kind: string): kind is keyof typeof followedBy => Object.hasOwn(followedBy, kind);

export const handler = queueEntry(OutboxEvent, log, async (event) => {
  if (isFollowed(event.kind)) await followedBy[event.kind](event);
});
