// What the simulated Stripe remembers. The objects are the SDK's own types, so a wrong or missing field does not compile.
import type Stripe from "stripe";
import type { Kind } from "../store/store.ts";
import { kind } from "../store/store.ts";
import type { WireAnswer } from "../wire/wire.ts";

/** Every record belongs to one account; nothing is seen across accounts. */
export interface Owned<T> {
  readonly account: string;
  readonly object: T;
}

export interface SessionRecord extends Owned<Stripe.Checkout.Session> {
  readonly line_items: readonly Stripe.LineItem[];
  readonly intent: { readonly metadata: Stripe.Metadata; readonly description: string | null };
  /** A bank debit under way: what it will come to, and when (ms since the epoch). */
  readonly settles?: {
    readonly at: number;
    readonly outcome: "succeeds" | "fails";
    readonly number: string;
    readonly email?: string;
    readonly name?: string;
  };
  /** The bank's question is open; what the buyer had typed. */
  readonly challenge?: { readonly number: string; readonly card: string; readonly email?: string; readonly name?: string };
}
export interface EndpointRecord extends Owned<Stripe.WebhookEndpoint> {
  readonly secret: string;
}
export interface SavedAnswer {
  /** Method, path and parameters of the first request with this key. */
  readonly request: string;
  readonly path: string;
  readonly answer: WireAnswer;
  readonly request_id: string;
  readonly saved_at: number;
}

/** An event as it is stored and sent; `data.object` is the object as it was at that moment. */
export interface StripeEvent {
  readonly id: string;
  readonly object: "event";
  readonly api_version: string;
  readonly created: number;
  readonly data: { readonly object: unknown };
  readonly livemode: false;
  readonly pending_webhooks: number;
  readonly request: { readonly id: string | null; readonly idempotency_key: string | null };
  readonly type: string;
}

export const sessionKind: Kind<SessionRecord> = kind("stripe_session");
export const intentKind: Kind<Owned<Stripe.PaymentIntent>> = kind("stripe_intent");
export const chargeKind: Kind<Owned<Stripe.Charge>> = kind("stripe_charge");
/** `settles`: what a refund under way will come to, and when (ms since the epoch). */
export interface RefundRecord extends Owned<Stripe.Refund> {
  readonly settles?: { readonly at: number; readonly outcome: "succeeds" | "fails" };
}
export const refundKind: Kind<RefundRecord> = kind("stripe_refund");
export const disputeKind: Kind<Owned<Stripe.Dispute>> = kind("stripe_dispute");
export const eventKind: Kind<Owned<StripeEvent>> = kind("stripe_event");
export const endpointKind: Kind<EndpointRecord> = kind("stripe_endpoint");
export const answerKind: Kind<SavedAnswer> = kind("stripe_answer");
