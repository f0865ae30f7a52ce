import { sourcesOf } from "../../kernel/lifecycle.ts";
import type { Instant } from "../../platform/clock/clock.ts";
import { change, check, create, entity, guarded, type Write, when } from "../../platform/table/model.ts";
import { type Evidence, Payment, paymentLife } from "./payment.ts";
import type { ConfirmedFacts, SettledFacts } from "./provider.ts";

export const payments = entity({
  name: "payment",
  prefix: "PAYMENT",
  about: "One movement of money toward an order: planned amount, provider key and ids, what was really captured.",
  schema: Payment,
  key: (id: { merchant_id: string; payment_id: string }) => ({ pk: `PAYMENT#${id.merchant_id}#${id.payment_id}`, sk: "PAYMENT" }),
});

/** A payment's first key at its provider. */
export const checkoutKey = (merchantId: string, paymentId: string): string => `checkout-${merchantId}-${paymentId}`;

const keyOf = (payment: Payment) => ({ merchant_id: payment.merchant_id, payment_id: payment.id });

/** The intent, before the provider is called. */
export const createPayment = (payment: Payment): Write<"payment_exists"> => guarded("payment_exists", create(payments, keyOf(payment), payment));

/** The provider opened a session: one per payment, whoever records it first. */
export const sessionOpened = (
  payment: Payment,
  session: { readonly session_id: string; readonly url: string },
  at: Instant,
): Write<"session_exists"> =>
  guarded(
    "session_exists",
    change(
      payments,
      keyOf(payment),
      { set: { status: "pending", session_id: session.session_id, checkout_url: session.url, updated_at: at } },
      when.oneOf("status", sourcesOf(paymentLife, "pending")),
    ),
  );

/**
 * The provider opened nothing that we know of, and repeats that to whoever asks with the same key: the next try has another. Whatever it opened
 * all the same is known to nobody and dies by itself: only a session that is recorded is ever shown, and one alone is recorded.
 */
export const spendCheckoutKey = (payment: Payment, at: Instant): Write<"payment_moved"> => {
  const keys_spent = (payment.keys_spent ?? 0) + 1;
  const provider_key = `${checkoutKey(payment.merchant_id, payment.id)}-${keys_spent}`;
  return guarded(
    "payment_moved",
    change(
      payments,
      keyOf(payment),
      { set: { provider_key, keys_spent, updated_at: at } },
      when.all(when.equals("status", "created"), when.equals("provider_key", payment.provider_key)),
    ),
  );
};

/** The money is there. Guarded by the plan: an amount, currency, session or connection that was not asked for settles nothing. */
export const settle = (payment: Payment, facts: ConfirmedFacts, at: Instant): Write<"payment_mismatch"> =>
  guarded(
    "payment_mismatch",
    change(
      payments,
      keyOf(payment),
      { set: captured(facts, at) },
      when.all(
        when.oneOf("status", sourcesOf(paymentLife, "captured")),
        when.equals("amount", facts.amount),
        when.equals("currency", facts.currency),
        when.equals("session_id", facts.session_id),
        when.equals("connection_id", facts.connection?.id ?? payment.connection_id),
      ),
    ),
  );

/**
 * The money is there, but not as planned: recorded as it is, delivered never.
 * @param more `owed`: minor units that go back, claimed in the same step; `evidence`: what it was instead of the plan
 */
export const captureAsItIs = (
  payment: Payment,
  facts: SettledFacts,
  at: Instant,
  { owed = 0, evidence }: { readonly owed?: number; readonly evidence?: Evidence | undefined } = {},
): Write<"payment_not_open"> =>
  guarded(
    "payment_not_open",
    change(
      payments,
      keyOf(payment),
      { set: { ...captured(facts, at), ...(owed > 0 && { refund_reserved: owed }), ...(evidence && { evidence }) } },
      when.oneOf("status", sourcesOf(paymentLife, "captured")),
    ),
  );

const captured = (facts: SettledFacts, at: Instant): Partial<Payment> => ({
  status: "captured",
  captured: facts.amount,
  captured_currency: facts.currency,
  intent_id: facts.intent_id,
  updated_at: at,
});

/** An amount as it was read; none yet is a missing attribute. */
const asRead = (attribute: "refund_reserved" | "refunded", value: number | undefined) =>
  value === undefined ? when.missing(attribute) : when.equals(attribute, value);

/** All of the captured money is still ours, as it was read: nothing of it is claimed, back or lost. For a step that gives something for it. */
export const standsWhole = (payment: Payment): Write<"order_moved"> =>
  guarded(
    "order_moved",
    check(
      payments,
      keyOf(payment),
      when.all(
        when.equals("status", "captured"),
        when.equals("captured", payment.captured ?? 0),
        when.equals("captured_currency", payment.captured_currency ?? payment.currency),
        when.any(when.missing("refund_reserved"), when.equals("refund_reserved", 0)),
        when.any(when.missing("refunded"), when.equals("refunded", 0)),
      ),
    ),
  );

/** Claims money for a refund. Guarded by the claims as they were read, so that two at once never pass what was captured. */
export const reserveRefund = (payment: Payment, amount: number, at: Instant): Write<"order_moved"> => {
  const reserved = (payment.refund_reserved ?? 0) + amount;
  if (amount <= 0 || reserved > (payment.captured ?? 0)) throw new RangeError("a refund beyond what was captured");
  return guarded(
    "order_moved",
    change(
      payments,
      keyOf(payment),
      { set: { refund_reserved: reserved, updated_at: at } },
      when.all(when.equals("status", "captured"), asRead("refund_reserved", payment.refund_reserved), when.atLeast("captured", reserved)),
    ),
  );
};

/** The claimed money is back with the payer. */
export const settleRefund = (payment: Payment, amount: number, at: Instant): Write<"order_moved"> =>
  guarded(
    "order_moved",
    change(
      payments,
      keyOf(payment),
      { set: { refunded: (payment.refunded ?? 0) + amount, updated_at: at } },
      when.all(when.oneOf("status", ["captured", "lost"]), asRead("refunded", payment.refunded), when.atLeast("refund_reserved", amount)),
    ),
  );

/** A refund came to nothing: its claim ends. @param wasBack the provider had said before that the money was back */
export const releaseRefund = (payment: Payment, amount: number, wasBack: boolean, at: Instant): Write<"order_moved"> =>
  guarded(
    "order_moved",
    change(
      payments,
      keyOf(payment),
      {
        set: {
          refund_reserved: (payment.refund_reserved ?? 0) - amount,
          ...(wasBack && { refunded: (payment.refunded ?? 0) - amount }),
          updated_at: at,
        },
      },
      when.all(
        when.oneOf("status", ["captured", "lost"]),
        asRead("refund_reserved", payment.refund_reserved),
        asRead("refunded", payment.refunded),
        when.atLeast("refund_reserved", amount),
      ),
    ),
  );

/** The payer's bank took the money back. */
export const losePayment = (payment: Payment, at: Instant): Write<"order_moved"> =>
  guarded(
    "order_moved",
    change(payments, keyOf(payment), { set: { status: "lost", updated_at: at } }, when.oneOf("status", sourcesOf(paymentLife, "lost"))),
  );

/** Nothing was paid and nothing can be any more. Only with the session that was asked about, or with none where none was. */
export const cancelPayment = (payment: Payment, at: Instant): Write<"payment_moved"> =>
  guarded(
    "payment_moved",
    change(
      payments,
      keyOf(payment),
      { set: { status: "cancelled", updated_at: at } },
      when.all(
        when.oneOf("status", sourcesOf(paymentLife, "cancelled")),
        payment.session_id === undefined ? when.missing("session_id") : when.equals("session_id", payment.session_id),
      ),
    ),
  );
