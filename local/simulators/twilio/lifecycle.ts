// What the operations of the simulated Twilio share, and how a message travels by itself.
import type { Store } from "../store/store.ts";
import type { Ports } from "../wire/wire.ts";
import { type Message, type MessageStatus, messageKind } from "./records.ts";

export interface TwilioAccount {
  readonly accountSid: string;
  readonly authToken: string;
  /** The number the account owns. */
  readonly from: string;
  readonly messagingServiceSid: string;
}
export interface TwilioContext {
  readonly store: Store;
  readonly ports: Ports;
  readonly accounts: readonly TwilioAccount[];
  readonly stepMs: number;
}

/** Twilio's own test number that cannot be reached, as the handset's carrier would say it. */
const unreachable = "+15005550009";
export const unreachableCode = 30003;

const follow: Readonly<Partial<Record<MessageStatus, MessageStatus>>> = { accepted: "queued", queued: "sent", sent: "delivered" };

export const saveMessage = ({ store }: TwilioContext, message: Message): void =>
  store.put(messageKind, message.sid, message, { by: message.to, due: message.next?.at });

/** What follows a status: nothing after the last one. */
export const nextStep = (context: TwilioContext, status: MessageStatus, to: string): Message["next"] => {
  const next = follow[status];
  if (next === undefined) return null;
  const at = context.ports.now() + context.stepMs;
  return { status: next === "delivered" && to === unreachable ? "undelivered" : next, at };
};
