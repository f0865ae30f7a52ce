// Stripe over its official SDK: hosted Checkout, look-up, webhook registration, signature.
import Stripe from "stripe";
import { epochMs, type Instant } from "../../../../platform/clock/clock.ts";
import type { CheckoutClosed, CheckoutOpened, PaymentProvider, Probe, ProviderSecrets, Settlement, Verified } from "../../provider.ts";
import type { RefundAnswer, Refunded } from "../../provider-after-sale.ts";
import { stripeAfterSale } from "./after-sale.ts";
import { stripeBooks } from "./books.ts";
import { newsOf, paidHoldOf, refundedOf, refundParams, refundRefusalOf, sessionParams, settlementOf, stripeEvents } from "./mapping.ts";

/** The API version our adapter was written against; stored on each connection. */
export const stripeApiVersion = "2026-10-28.endive";
/** How old a signed event may be: Stripe's own advice. */
const signatureSecondsMax = 300;

/** How long one of our functions can wait for a provider; the SDK's own 80 s and two retries outlast any of them. */
export interface Patience {
  readonly milliseconds: number;
  readonly retries: number;
}
/** A person waits and nobody asks again for them. */
export const patient: Patience = { milliseconds: 8_000, retries: 1 };
/** A step of a workflow, which is itself asked again, or the receipt of an event, which the provider brings again. */
export const brisk: Patience = { milliseconds: 3_000, retries: 0 };

/** @param address base URL of a simulator; absent for Stripe itself */
export const stripeProvider = (secrets: ProviderSecrets, address?: string, patience: Patience = patient): PaymentProvider => {
  const at = address ? new URL(address) : undefined;
  const stripe = new Stripe(secrets.api_key, {
    apiVersion: stripeApiVersion,
    timeout: patience.milliseconds,
    maxNetworkRetries: patience.retries,
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
        return settlementOf(await stripe.checkout.sessions.retrieve(sessionId, { expand: ["payment_intent.latest_charge"] }));
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
    async refund(request): Promise<RefundAnswer> {
      try {
        const refund = await stripe.refunds.create(refundParams(request), { idempotencyKey: request.provider_key });
        return refundedOf(refund);
      } catch (error) {
        // Only a refusal of the request itself is final; a key that is being repaired or a 409 is asked again.
        return error instanceof Stripe.errors.StripeInvalidRequestError ? refundRefusalOf(error.code ?? error.type) : { kind: "unknown" };
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
      // Each permission we need, asked with a call that can do nothing: of what is not there. "No such thing" is a yes, "forbidden" a no.
      const needed = [
        () => stripe.checkout.sessions.list({ limit: 1 }),
        () => stripe.checkout.sessions.expire(nothing.session),
        () => stripe.paymentIntents.retrieve(nothing.intent),
        () => stripe.refunds.create({ payment_intent: nothing.intent }),
        () => stripe.disputes.list({ limit: 1 }),
        () => stripe.webhookEndpoints.list({ limit: 1 }),
      ];
      for (const ask of needed) {
        const answer = await asked(ask);
        if (answer !== "may") return { kind: answer === "may_not" ? "invalid" : "unknown" };
      }
      // Restricted keys may often not read their own account; its name is for people only.
      const account = await stripe.accounts.retrieveCurrent().catch(() => undefined);
      return { kind: "good", account: account?.id ?? "" };
    },
    async hasWebhook(url, id) {
      try {
        let found: "other" | "no" = "no";
        for await (const endpoint of stripe.webhookEndpoints.list({ limit: 100 })) {
          if (endpoint.url !== url) continue;
          if (endpoint.status === "enabled" && (id === undefined || endpoint.id === id)) return "yes";
          found = "other";
        }
        return found;
      } catch {
        return "unknown";
      }
    },
    async registerWebhook(url) {
      try {
        // An endpoint of ours from a try that broke off has a secret that nobody knows any more: it would fail for ever, and there may be 16.
        for await (const endpoint of stripe.webhookEndpoints.list({ limit: 100 })) {
          if (endpoint.url === url) await stripe.webhookEndpoints.del(endpoint.id);
        }
        const endpoint = await stripe.webhookEndpoints.create({ url, enabled_events: [...stripeEvents], api_version: stripeApiVersion });
        return endpoint.secret ? { kind: "registered", webhook_id: endpoint.id, signing_secret: endpoint.secret } : { kind: "unknown" };
      } catch (error) {
        return isForbidden(error) ? { kind: "forbidden" } : { kind: "unknown" };
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
        const object = event.data.object as { metadata?: Readonly<Record<string, unknown>> | null; payment_intent?: unknown };
        const metadata = object.metadata ?? {};
        const { merchant_id, order_id } = metadata;
        const news = newsOf(event.type);
        const paid_hold_until = paidHoldOf(event.type, metadata);
        return {
          kind: "verified",
          event_id: event.id,
          type: event.type,
          mode: event.livemode ? "live" : "test",
          ...(typeof merchant_id === "string" && { merchant_id }),
          ...(typeof order_id === "string" && { order_id }),
          ...(paid_hold_until !== undefined && { paid_hold_until }),
          ...(news && { news }),
          ...(news && typeof object.payment_intent === "string" && { intent_id: object.payment_intent }),
        };
      } catch {
        return { kind: "forged" };
      }
    },
  };
};

/** Names of things that are not there. */
const nothing = { session: "cs_test_nothing", intent: "pi_nothing" } as const;

/** The key is wrong, or lacks a permission: said of the key, not of what was asked. */
const isForbidden = (error: unknown): boolean =>
  error instanceof Stripe.errors.StripeAuthenticationError || error instanceof Stripe.errors.StripePermissionError;

const asked = async (ask: () => Promise<unknown>): Promise<"may" | "may_not" | "unknown"> => {
  try {
    await ask();
    return "may";
  } catch (error) {
    if (isForbidden(error)) return "may_not";
    return error instanceof Stripe.errors.StripeInvalidRequestError ? "may" : "unknown";
  }
};

/** Only a refusal of the request itself is a no. A key that is being repaired, a 429, a 5xx or the network leave the outcome open. */
const refusalOf = (error: unknown): CheckoutOpened => {
  if (!(error instanceof Stripe.errors.StripeError)) return { kind: "unknown" };
  if (error.statusCode === 409) return { kind: "in_progress" };
  return { kind: error instanceof Stripe.errors.StripeInvalidRequestError ? "declined" : "unknown", reason: error.code ?? error.type };
};
