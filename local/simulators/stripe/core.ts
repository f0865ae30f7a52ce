// The simulated Stripe: one stateful core over a store, a clock and randomness that are lent to it. No sockets here.
// Every operation commits its whole effect (objects, events, deliveries, saved answer) in one transaction before it answers.
import { createHmac } from "node:crypto";
import type StripeSdk from "stripe";
import {
  type Arrival,
  arrived,
  type Courier,
  type Deliveries,
  type DeliveryRules,
  deliveries,
  deliveryKindOf,
  type Outgoing,
} from "../delivery/delivery.ts";
import { type Faults, faultsOf, setFaults } from "../delivery/faults.ts";
import type { Store } from "../store/store.ts";
import type { Begun, Ports, WireAnswer, WireRequest } from "../wire/wire.ts";
import { beginCall } from "./api.ts";
import type { Context } from "./context.ts";
import { moveDispute, type moves, openDispute } from "./disputes.ts";
import { demoAccounts, demoKeys, type StripeAccount, type StripeKey } from "./keys.ts";
import { authenticate, type Payer, type PayOutcome, pay, redirectOf } from "./pay.ts";
import { chargeKind, disputeKind, endpointKind, eventKind, intentKind, refundKind, type SessionRecord, sessionKind } from "./records.ts";
import { advanceRefunds, endRefund, refundByHand } from "./refunds.ts";
import { expireSession, openSession } from "./sessions.ts";
import { advanceSessions } from "./settle-later.ts";

export interface StripeOptions {
  readonly store: Store;
  readonly ports: Ports;
  /** Origin of the hosted page as browsers reach it, e.g. `http://127.0.0.1:4101`. */
  readonly checkoutOrigin: string;
  readonly keys?: readonly StripeKey[];
  readonly accounts?: readonly StripeAccount[];
}

export interface Stripe extends Courier {
  /** One API call, done at once. */
  call(request: WireRequest): WireAnswer;
  /** One API call in two steps, so that another may come between: 409 for the same idempotency key. */
  begin(request: WireRequest): Begun;
  /** The session behind a hosted page; expires it first if its time has passed. */
  session(id: string): SessionRecord | undefined;
  /** Why the last try to pay this session failed, while that is still the last word. */
  lastError(sessionId: string): { readonly code?: string | undefined; readonly decline_code?: string | undefined } | undefined;
  /** What the account calls itself to buyers. */
  merchantName(account: string): string;
  /** Where a paid session sends the buyer. */
  successUrl(session: SessionRecord): string;
  /** Presses Pay on the hosted page. */
  pay(sessionId: string, payer: Payer): PayOutcome;
  /** Answers the bank's question (3-D Secure). */
  authenticate(sessionId: string, answer: "complete" | "fail"): PayOutcome;
  /** Ends an open session at once; false when it is not open. */
  expire(sessionId: string): boolean;
  /** A payer quarrels with a payment; undefined when it has no money to quarrel about. */
  dispute(intentId: string, opening?: Parameters<typeof openDispute>[2]): StripeSdk.Dispute | undefined;
  /** Moves a dispute on, or decides it; undefined when it is decided or unknown. */
  moveDispute(id: string, status: (typeof moves)[number]): StripeSdk.Dispute | undefined;
  /** Gives back minor units of a charge as the merchant does on Stripe's own pages. */
  refundByHand(chargeId: string, amount: number): StripeSdk.Refund;
  /** Ends a refund under way at once, or takes a succeeded one back; undefined when there is nothing to end. */
  endRefund(id: string, outcome: "succeeds" | "fails"): StripeSdk.Refund | undefined;
  faults(): Faults;
  setFaults(change: unknown): Faults;
  /** Sends one delivery again, or all that have not arrived. Returns how many. */
  redeliver(deliveryId?: string): number;
  readonly deliveries: Deliveries;
  /** Everything, newest first: what a checker compares the shop's books with. */
  truth(limit?: number): Truth;
}

export type Truth = ReturnType<typeof truthOf>;
const truthOf = ({ store }: Context, limit: number) => ({
  sessions: store.newest(sessionKind, { limit }).map(({ account, object, line_items }) => ({ account, ...object, line_items: { data: line_items } })),
  payment_intents: store.newest(intentKind, { limit }).map(({ account, object }) => ({ account, ...object })),
  charges: store.newest(chargeKind, { limit }).map(({ account, object }) => ({ account, ...object })),
  refunds: store.newest(refundKind, { limit }).map(({ account, object }) => ({ account, ...object })),
  disputes: store.newest(disputeKind, { limit }).map(({ account, object }) => ({ account, ...object })),
  events: store.newest(eventKind, { limit }).map(({ account, object }) => ({ account, ...object })),
});

/** Live Stripe retries for three days with growing gaps; ours starts fast because people are watching. */
const retryGapsMs = [1_000, 2_000, 5_000, 15_000, 60_000, 300_000, 900_000, 3_600_000] as const;
const giveUpAfterAttempts = 72;

export const stripeRules: DeliveryRules = {
  provider: "stripe",
  retryAfter: (attempts: number): number | undefined =>
    attempts >= giveUpAfterAttempts ? undefined : (retryGapsMs[Math.min(attempts, retryGapsMs.length) - 1] ?? 1_000),
};

/** `t=…,v1=…` as https://docs.stripe.com/webhooks#verify-manually describes. */
export const stripeSignature = (payload: string, secret: string, epochSeconds: number): string =>
  `t=${epochSeconds},v1=${createHmac("sha256", secret).update(`${epochSeconds}.${payload}`, "utf8").digest("hex")}`;

/** Changes what the event says after it was signed. */
const tampered = (payload: string): string => payload.replace(/"(amount_total|amount)": \d+/, '"$1": 1').replace(/\}$/, ' , "tampered": true }');

export const createStripe = (options: StripeOptions): Stripe => {
  const { store, ports } = options;
  const context: Context = {
    store,
    ports,
    checkoutOrigin: options.checkoutOrigin.replace(/\/$/, ""),
    keys: options.keys ?? demoKeys,
    accounts: options.accounts ?? demoAccounts,
    deliveries: deliveries(store, ports, stripeRules),
    atWork: new Set(),
  };

  const begin = (request: WireRequest): Begun => beginCall(context, request);

  return {
    begin,
    call: (request) => {
      const begun = begin(request);
      return "answer" in begun ? begun.answer : begun.run();
    },
    session: (id) => openSession(context, id),
    lastError: (sessionId) => {
      const intent = store.get(sessionKind, sessionId)?.object.payment_intent;
      return typeof intent === "string" ? (store.get(intentKind, intent)?.object.last_payment_error ?? undefined) : undefined;
    },
    merchantName: (account) => context.accounts.find(({ id }) => id === account)?.name ?? account,
    successUrl: redirectOf,
    pay: (sessionId, payer) => pay(context, sessionId, payer),
    authenticate: (sessionId, answer) => authenticate(context, sessionId, answer),
    expire: (sessionId) => expireSession(context, sessionId),
    dispute: (intentId, opening) => store.transaction(() => openDispute(context, intentId, opening)),
    moveDispute: (id, status) => store.transaction(() => moveDispute(context, id, status)),
    refundByHand: (chargeId, amount) => store.transaction(() => refundByHand(context, chargeId, amount)),
    endRefund: (id, outcome) => store.transaction(() => endRefund(context, id, outcome)),
    faults: () => faultsOf(store, "stripe"),
    setFaults: (change) => setFaults(store, "stripe", change),
    redeliver: (deliveryId) => context.deliveries.redeliver(deliveryId),
    deliveries: context.deliveries,
    truth: (limit = 10_000) => truthOf(context, limit),

    advance: () => {
      advanceSessions(context);
      advanceRefunds(context);
    },
    nextDue: () => {
      const times = [store.nextDue(sessionKind), store.nextDue(refundKind), context.deliveries.nextDue()].filter((time) => time !== undefined);
      return times.length === 0 ? undefined : Math.min(...times);
    },
    due: (limit) => context.deliveries.due(limit),
    prepare: (delivery): Outgoing => {
      const event = store.get(eventKind, delivery.subject);
      const endpoint = store.get(endpointKind, delivery.memo.endpoint ?? "");
      if (!event || !endpoint) throw new Error(`delivery ${delivery.id} has lost its event or endpoint`);
      const faults = context.deliveries.attemptFaults(delivery);
      // Stripe's bodies are indented JSON; the signature is over these very bytes.
      const payload = JSON.stringify(event.object, null, 2);
      return {
        id: delivery.id,
        url: delivery.url,
        headers: {
          "content-type": "application/json; charset=utf-8",
          "user-agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
          accept: "*/*; q=0.5, application/xml",
          "cache-control": "no-cache",
          "stripe-signature": stripeSignature(payload, endpoint.secret, Math.floor(ports.now() / 1000)),
        },
        body: faults.tampered ? tampered(payload) : payload,
        ...faults,
      };
    },
    settle: (id: string, arrival: Arrival, wasTampered?: boolean) =>
      store.transaction(() => {
        const delivery = store.get(deliveryKindOf("stripe"), id);
        context.deliveries.settle(id, arrival, wasTampered);
        if (!delivery || !arrived(arrival)) return;
        const event = store.get(eventKind, delivery.subject);
        if (event) {
          const pending_webhooks = Math.max(event.object.pending_webhooks - 1, 0);
          store.put(eventKind, delivery.subject, { ...event, object: { ...event.object, pending_webhooks } }, { by: event.account });
        }
      }),
  };
};
