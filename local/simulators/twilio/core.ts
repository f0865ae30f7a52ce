// The simulated Twilio: messages that travel queued, sent, delivered by themselves, and callbacks that say so, signed.
// Pure over its store, clock and randomness; every change and its callback commit together.
import { createHmac } from "node:crypto";
import { type Arrival, type Courier, type Deliveries, type DeliveryRules, deliveries, type Outgoing } from "../delivery/delivery.ts";
import { type Faults, faultsOf, setFaults } from "../delivery/faults.ts";
import { demoTwilio } from "../demo-keys.ts";
import type { Store } from "../store/store.ts";
import type { Begun, Ports, WireAnswer, WireRequest } from "../wire/wire.ts";
import { answerMessages } from "./api.ts";
import { nextStep, saveMessage, type TwilioAccount, type TwilioContext, unreachableCode } from "./lifecycle.ts";
import { type Message, messageKind } from "./records.ts";

export interface TwilioOptions {
  readonly store: Store;
  readonly ports: Ports;
  readonly accounts?: readonly TwilioAccount[];
  /** ms from one status to the next; people watch, so it is short. */
  readonly stepMs?: number;
}
export interface Twilio extends Courier {
  call(request: WireRequest): WireAnswer;
  /** Twilio knows no idempotency key here: a repeated POST is a second message. */
  begin(request: WireRequest): Begun;
  faults(): Faults;
  setFaults(change: unknown): Faults;
  redeliver(deliveryId?: string): number;
  readonly deliveries: Deliveries;
  /** Messages, newest first; of one number when `to` is given. */
  messages(limit: number, to?: string): Message[];
}

/** Twilio retries a callback once, and only when the connection failed; an answer of any status ends it. */
export const twilioRules: DeliveryRules = {
  provider: "twilio",
  retryAfter: (attempts: number, arrival: Arrival): number | undefined => ("error" in arrival && attempts < 2 ? 1_000 : undefined),
};

/** HMAC-SHA1 over the URL followed by the sorted parameters, as https://www.twilio.com/docs/usage/security describes. */
export const twilioSignature = (authToken: string, url: string, params: Readonly<Record<string, string>>): string => {
  const text = Object.keys(params)
    .sort()
    .reduce((joined, name) => joined + name + (params[name] ?? ""), url);
  return createHmac("sha1", authToken).update(text, "utf8").digest("base64");
};

/** What a status callback carries. A memo of strings, so that a later attempt tells of that moment and not of now. */
const callbackOf = (message: Message): Record<string, string> => ({
  AccountSid: message.account_sid,
  ApiVersion: "2010-04-01",
  MessageSid: message.sid,
  SmsSid: message.sid,
  MessageStatus: message.status,
  SmsStatus: message.status,
  To: message.to,
  ...(message.from === null ? {} : { From: message.from }),
  ...(message.messaging_service_sid === null ? {} : { MessagingServiceSid: message.messaging_service_sid }),
  ...(message.error_code === null ? {} : { ErrorCode: String(message.error_code) }),
});

export const createTwilio = (options: TwilioOptions): Twilio => {
  const { store, ports } = options;
  const context: TwilioContext = { store, ports, accounts: options.accounts ?? [demoTwilio], stepMs: options.stepMs ?? 400 };
  const callbacks = deliveries(store, ports, twilioRules);

  const step = (message: Message): void => {
    if (!message.next) return;
    const { status } = message.next;
    const now = ports.now();
    const changed: Message = {
      ...message,
      status,
      updated_at: now,
      from: message.from ?? context.accounts.find(({ accountSid }) => accountSid === message.account_sid)?.from ?? null,
      sent_at: status === "sent" ? now : message.sent_at,
      error_code: status === "undelivered" ? unreachableCode : null,
      error_message: status === "undelivered" ? "Unreachable destination handset" : null,
      next: nextStep(context, status, message.to),
    };
    saveMessage(context, changed);
    if (changed.status_callback !== null) {
      callbacks.schedule({ topic: status, subject: changed.sid, url: changed.status_callback, memo: callbackOf(changed) });
    }
  };

  const begin = (request: WireRequest): Begun => ({ run: () => store.transaction(() => answerMessages(context, request)), drop: () => undefined });

  return {
    begin,
    call: (request) => store.transaction(() => answerMessages(context, request)),
    faults: () => faultsOf(store, "twilio"),
    setFaults: (change) => setFaults(store, "twilio", change),
    redeliver: (deliveryId) => callbacks.redeliver(deliveryId),
    deliveries: callbacks,
    messages: (limit, to) => store.newest(messageKind, { limit, by: to }),

    advance: () => {
      for (const { sid } of store.due(messageKind, ports.now(), 200)) {
        store.transaction(() => {
          const message = store.get(messageKind, sid);
          if (message) step(message);
        });
      }
    },
    nextDue: () => {
      const times = [store.nextDue(messageKind), callbacks.nextDue()].filter((time) => time !== undefined);
      return times.length === 0 ? undefined : Math.min(...times);
    },
    due: (limit) => callbacks.due(limit),
    prepare: (delivery): Outgoing => {
      const account = context.accounts.find(({ accountSid }) => accountSid === delivery.memo.AccountSid);
      if (!account) throw new Error(`delivery ${delivery.id} has lost its account`);
      const faults = callbacks.attemptFaults(delivery);
      const signature = twilioSignature(account.authToken, delivery.url, delivery.memo);
      const sent = faults.tampered ? { ...delivery.memo, MessageStatus: "failed", SmsStatus: "failed" } : delivery.memo;
      return {
        id: delivery.id,
        url: delivery.url,
        headers: {
          "content-type": "application/x-www-form-urlencoded; charset=UTF-8",
          "user-agent": "TwilioProxy/1.1",
          accept: "*/*",
          "i-twilio-idempotency-token": delivery.id,
          "x-home-region": "us1",
          "x-twilio-signature": signature,
        },
        body: new URLSearchParams(sent).toString(),
        ...faults,
      };
    },
    settle: (id, arrival, tampered) => callbacks.settle(id, arrival, tampered),
  };
};
