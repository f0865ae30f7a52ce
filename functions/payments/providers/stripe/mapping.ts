// What Stripe's words mean to us. One map; a word that is not in it is pending, never paid.
import type Stripe from "stripe";
import type { Instant } from "../../../../platform/clock/clock.ts";
import { epochMs } from "../../../../platform/clock/clock.ts";
import type { Language } from "../../../../platform/contract/problem.ts";
import type { CheckoutRequest, Settlement } from "../../provider.ts";
import { type DisputeFact, type News, type RefundAnswer, type Refunded, type RefundRequest, refundedAtProvider } from "../../provider-after-sale.ts";

/** The events we act on; the webhook is registered for these alone. */
export const stripeEvents = [
  "checkout.session.completed",
  "checkout.session.async_payment_succeeded",
  "checkout.session.async_payment_failed",
  "checkout.session.expired",
  "refund.updated",
  "refund.failed",
  "charge.refund.updated",
  "charge.dispute.created",
  "charge.dispute.updated",
  "charge.dispute.closed",
  "charge.dispute.funds_withdrawn",
  "charge.dispute.funds_reinstated",
] as const;

/** Events that tell of money coming in. */
const paidEvents: ReadonlySet<string> = new Set(["checkout.session.completed", "checkout.session.async_payment_succeeded"]);

/** Until when that was kept which an event tells the payment of, as we noted it on the session; undefined for any other event. */
export const paidHoldOf = (type: string, metadata: { readonly hold_until?: unknown }): string | undefined =>
  paidEvents.has(type) && typeof metadata.hold_until === "string" ? metadata.hold_until : undefined;

/** What an event may be about besides a payment coming in. Its name says where to look and nothing more. */
export const newsOf = (type: string): News | undefined => {
  if (type.startsWith("charge.dispute.")) return "dispute";
  return type.startsWith("refund.") || type.startsWith("charge.refund.") ? "refund" : undefined;
};

const locales = { en: "en", fr: "fr-CA", zh: "zh" } as const satisfies Record<Language, Stripe.Checkout.SessionCreateParams.Locale>;

/** Whole seconds, as Stripe counts time. */
export const unixSeconds = (at: Instant): number => Math.floor(epochMs(at) / 1000);

/** Deterministic: a repeat with the same key must carry the same parameters. Payment methods are pinned, conversion is off. */
export const sessionParams = (request: CheckoutRequest): Stripe.Checkout.SessionCreateParams => {
  const metadata = { merchant_id: request.merchant_id, order_id: request.order_id, payment_id: request.payment_id };
  // Whoever hears of the payment knows whether it is late, without looking at the order.
  const { hold_until } = request;
  return {
    mode: "payment",
    client_reference_id: request.order_id,
    line_items: [
      {
        quantity: 1,
        price_data: { currency: request.currency.toLowerCase(), unit_amount: request.amount, product_data: { name: request.description } },
      },
    ],
    allowed_payment_method_types: ["card"],
    adaptive_pricing: { enabled: false },
    locale: locales[request.language],
    expires_at: unixSeconds(request.expires_at),
    success_url: request.success_url,
    cancel_url: request.cancel_url,
    metadata: { ...metadata, hold_until },
    payment_intent_data: { metadata },
  };
};

const refundRefusals: Readonly<Record<string, RefundAnswer>> = {
  charge_disputed: { kind: "disputed" },
  charge_already_refunded: { kind: "failed", reason: refundedAtProvider },
  // We never ask for more than is left by our own books.
  amount_too_large: { kind: "failed", reason: refundedAtProvider },
};
/** What a refused request for a refund means: it is final, unless a dispute alone stands in its way. */
export const refundRefusalOf = (code: string): RefundAnswer => refundRefusals[code] ?? { kind: "failed", reason: code };

type Session = Pick<Stripe.Checkout.Session, "id" | "status" | "payment_status" | "livemode" | "payment_intent">;

/** Minor units refunded on the intent's charge. */
const givenBack = ({ latest_charge }: Pick<Stripe.PaymentIntent, "latest_charge">): number =>
  typeof latest_charge === "object" && latest_charge ? latest_charge.amount_refunded : 0;

/** Paid means: the session says paid and its payment intent says succeeded, with the amount that it received. */
export const settlementOf = (session: Session): Settlement => {
  const intent = typeof session.payment_intent === "object" ? session.payment_intent : null;
  if (session.payment_status === "paid" && intent?.status === "succeeded") {
    return {
      kind: "settled",
      facts: {
        // What was given back by hand at the provider is not there any more.
        amount: intent.amount_received - givenBack(intent),
        currency: intent.currency.toUpperCase(),
        intent_id: intent.id,
        session_id: session.id,
        mode: session.livemode ? "live" : "test",
      },
    };
  }
  if (session.status === "expired" || intent?.status === "canceled") return { kind: "failed" };
  return { kind: "pending" };
};

export const refundParams = ({ intent_id, amount, merchant_id, order_id, refund_id }: RefundRequest): Stripe.RefundCreateParams => ({
  payment_intent: intent_id,
  amount,
  metadata: { merchant_id, order_id, refund_id },
});

/** Succeeded and failed are said outright; every other word is on its way. */
export const refundedOf = (refund: Pick<Stripe.Refund, "id" | "status" | "failure_reason">): Refunded => {
  if (refund.status === "succeeded") return { kind: "succeeded", provider_refund_id: refund.id };
  if (refund.status === "failed" || refund.status === "canceled") return { kind: "failed", reason: refund.failure_reason ?? refund.status };
  return { kind: "pending", provider_refund_id: refund.id };
};

const disputeStatus: Readonly<Record<string, DisputeFact["status"]>> = {
  won: "won",
  // An inquiry that never became a dispute.
  warning_closed: "won",
  lost: "lost",
  // Settled by giving the money back before it became one.
  prevented: "lost",
};

/** Won and lost are said outright; every other word is an open quarrel. */
export const disputeOf = ({ id, status, amount }: Pick<Stripe.Dispute, "id" | "status" | "amount">): DisputeFact => ({
  id,
  status: disputeStatus[status] ?? "open",
  ...(status.startsWith("warning_") && { inquiry: true }),
  amount,
});
