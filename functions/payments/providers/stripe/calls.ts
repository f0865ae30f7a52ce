// Stripe over its official SDK: hosted Checkout, look-up, webhook registration, signature.
import Stripe from "stripe";
import { epochMs, type Instant } from "../../../../platform/clock/clock.ts";
import type { CheckoutClosed, CheckoutOpened, PaymentProvider, Probe, ProviderSecrets, Refunded, Settlement, Verified } from "../../provider.ts";
import { stripeAfterSale } from "./after-sale.ts";
import { stripeBooks } from "./books.ts";
import { newsOf, refundedOf, refundParams, sessionParams, settlementOf, stripeEvents } from "./mapping.ts";

/** The API version our adapter was written against; stored on each connection. */
export const stripeApiVersion = "2026-10-28.endive";
/** The SDK's own default of 80 s outlasts any HTTP request of ours. */
const callMillisecondsMax = 8_000;
/** How old a signed event may be: Stripe's own advice. */
const signatureSecondsMax = 300;

/** @param address base URL of a simulator; absent for Stripe itself */
export const stripeProvider = (secrets: ProviderSecrets, address?: string): PaymentProvider => {
  const at = address ? new URL(address) : undefined;
  const stripe = new Stripe(secrets.api_key, {
    apiVersion: stripeApiVersion,
    timeout: callMillisecondsMax,
    maxNetworkRetries: 1,
    telemetry: false,
    ...(at && { host: at.hostname, port: at.port, protocol: at.protocol === "https:" ? ("https" as const) : ("http" as const) }),
  });

  return {
    ...stripeBooks(stripe),
    ...stripeAfterSale(stripe),
    async openCheckout(request): Promise<CheckoutOpened> {
      try {
        const session = await stripe.checkout.sessions.create(sessionParams(request), { idempotencyKey: request.provider_key });
        return session.url ? { kind: "open", session_id: session.id, url: session.url } : { kind: "declined", reason: "no_url" };
      } catch (error) {
        return refusalOf(error);
      }
    },
    async lookUp(sessionId): Promise<Settlement> {
      try {
        return settlementOf(await stripe.checkout.sessions.retrieve(sessionId, { expand: ["payment_intent"] }));
      } catch {
        return { kind: "unknown" };
      }
    },
    async closeCheckout(sessionId): Promise<CheckoutClosed> {
      try {
        await stripe.checkout.sessions.expire(sessionId);
        return { kind: "closed" };
      } catch (error) {
        return error instanceof Stripe.errors.StripeInvalidRequestError ? { kind: "not_open" } : { kind: "unknown" };
      }
    },
    async refund(request): Promise<Refunded> {
      try {
        const refund = await stripe.refunds.create(refundParams(request), { idempotencyKey: request.provider_key });
        return refundedOf(refund);
      } catch (error) {
        // Only a refusal of the request itself is final; a key that is being repaired or a 409 is asked again.
        return error instanceof Stripe.errors.StripeInvalidRequestError ? { kind: "failed", reason: error.code ?? error.type } : { kind: "unknown" };
      }
    },
    async lookUpRefund(id): Promise<Refunded> {
      try {
        return refundedOf(await stripe.refunds.retrieve(id));
      } catch {
        return { kind: "unknown" };
      }
    },
    async probe(): Promise<Probe> {
      try {
        await stripe.checkout.sessions.list({ limit: 1 });
        const account = await stripe.accounts.retrieveCurrent();
        return { kind: "good", account: account.id };
      } catch (error) {
        return isRefusal(error) ? { kind: "invalid" } : { kind: "unknown" };
      }
    },
    async registerWebhook(url) {
      try {
        const endpoint = await stripe.webhookEndpoints.create({ url, enabled_events: [...stripeEvents], api_version: stripeApiVersion });
        return endpoint.secret ? { kind: "registered", signing_secret: endpoint.secret } : { kind: "unknown" };
      } catch {
        return { kind: "unknown" };
      }
    },
    verify(raw: Buffer, signature: string | undefined, now: Instant): Verified {
      if (!signature || !secrets.signing_secret) return { kind: "forged" };
      try {
        const event = stripe.webhooks.constructEvent(
          raw.toString("utf8"),
          signature,
          secrets.signing_secret,
          signatureSecondsMax,
          undefined,
          epochMs(now),
        );
        const object = event.data.object as { metadata?: { merchant_id?: unknown; order_id?: unknown } | null; payment_intent?: unknown };
        const { merchant_id, order_id } = object.metadata ?? {};
        const news = newsOf(event.type);
        return {
          kind: "verified",
          event_id: event.id,
          type: event.type,
          mode: event.livemode ? "live" : "test",
          ...(typeof merchant_id === "string" && { merchant_id }),
          ...(typeof order_id === "string" && { order_id }),
          ...(news && { news }),
          ...(news && typeof object.payment_intent === "string" && { intent_id: object.payment_intent }),
        };
      } catch {
        return { kind: "forged" };
      }
    },
  };
};

/** A 4xx that means no; everything else (5xx, 429, network) leaves the outcome open. */
const isRefusal = (error: unknown): error is Stripe.errors.StripeError =>
  error instanceof Stripe.errors.StripeInvalidRequestError ||
  error instanceof Stripe.errors.StripeAuthenticationError ||
  error instanceof Stripe.errors.StripePermissionError;

const refusalOf = (error: unknown): CheckoutOpened => {
  if (error instanceof Stripe.errors.StripeError && error.statusCode === 409) return { kind: "in_progress" };
  return isRefusal(error) ? { kind: "declined", reason: error.code ?? error.type } : { kind: "unknown" };
};
