// What happens when a buyer presses Pay: an intent, a charge, and at most one success per session, ever.
import type Stripe from "stripe";
import { letters } from "../wire/wire.ts";
import { cardOf, laterOf, type TestCard } from "./cards.ts";
import { cardCharge } from "./charge.ts";
import type { Context } from "./context.ts";
import { openDispute } from "./disputes.ts";
import { emit, seconds } from "./events.ts";
import { chargeKind, intentKind, type Owned, type SessionRecord, sessionKind } from "./records.ts";
import { openSession, saveSession } from "./sessions.ts";

export interface Payer {
  /** The number as typed; spaces allowed. */
  readonly card: string;
  readonly email?: string;
  readonly name?: string;
  /** Pays as a bank debit does: complete at once, money (or its refusal) later. */
  readonly later?: "succeeds" | "fails";
}

export type PayOutcome =
  | { readonly kind: "paid"; readonly redirect: string }
  /** The session is complete, the money is still on its way. */
  | { readonly kind: "pending"; readonly redirect: string }
  /** The session was paid before; nothing was charged now. */
  | { readonly kind: "already_paid"; readonly redirect: string }
  | { readonly kind: "declined"; readonly code: string; readonly decline_code?: string; readonly message: string }
  /** The bank asks the buyer; see `authenticate`. */
  | { readonly kind: "challenge" }
  /** Not a card number; nothing was sent anywhere. */
  | { readonly kind: "invalid_card" }
  | { readonly kind: "expired" }
  | { readonly kind: "unknown" }
  /** Nothing waits for the bank's answer. */
  | { readonly kind: "no_challenge" };

export type Intent = Owned<Stripe.PaymentIntent>;

/** `{CHECKOUT_SESSION_ID}` in the success address becomes the session's id, as Stripe does. */
export const redirectOf = ({ object }: SessionRecord): string => (object.success_url ?? "/").replaceAll("{CHECKOUT_SESSION_ID}", object.id);

const saveIntent = (context: Context, intent: Intent): Intent => {
  context.store.put(intentKind, intent.object.id, intent, { by: intent.account });
  return intent;
};
export const withIntent = (context: Context, intent: Intent, change: Partial<Stripe.PaymentIntent>): Intent =>
  saveIntent(context, { ...intent, object: { ...intent.object, ...change } });

/** The session's intent, made on the first try to pay. */
const intentOf = (context: Context, session: SessionRecord): Intent => {
  const known = typeof session.object.payment_intent === "string" ? context.store.get(intentKind, session.object.payment_intent) : undefined;
  if (known) return known;
  const id = `pi_3${letters(context.ports, 23)}`;
  const object: Stripe.PaymentIntent = {
    id,
    object: "payment_intent",
    allowed_payment_method_types: null,
    amount: session.object.amount_total ?? 0,
    amount_capturable: 0,
    amount_received: 0,
    application: null,
    application_fee_amount: null,
    automatic_payment_methods: null,
    canceled_at: null,
    cancellation_reason: null,
    capture_method: "automatic_async",
    client_secret: `${id}_secret_${letters(context.ports, 25)}`,
    confirmation_method: "automatic",
    created: seconds(context),
    currency: session.object.currency ?? "cad",
    customer: null,
    customer_account: null,
    description: session.intent.description,
    excluded_payment_method_types: null,
    last_payment_error: null,
    latest_charge: null,
    livemode: false,
    managed_payments: null,
    metadata: session.intent.metadata,
    next_action: null,
    on_behalf_of: null,
    payment_method: null,
    payment_method_configuration_details: null,
    payment_method_options: null,
    payment_method_types: session.object.payment_method_types,
    payment_record: null,
    processing: null,
    receipt_email: null,
    review: null,
    setup_future_usage: null,
    shipping: null,
    source: null,
    statement_descriptor: null,
    statement_descriptor_suffix: null,
    status: "requires_payment_method",
    transfer_group: null,
  };
  const intent = saveIntent(context, { account: session.account, object });
  saveSession(context, { ...session, object: { ...session.object, payment_intent: id } });
  emit(context, session.account, "payment_intent.created", object);
  return intent;
};

const customerOf = (payer: Partial<Payer>, session: SessionRecord): Stripe.Checkout.Session.CustomerDetails => {
  const name = payer.name ?? null;
  const email = payer.email ?? session.object.customer_email;
  return { address: null, business_name: null, email, individual_name: name, name, phone: null, tax_exempt: "none", tax_ids: [] };
};

/** The money is there: charge, intent and session say so. `told` is the session's event. */
export const receive = (
  context: Context,
  session: SessionRecord,
  intent: Intent,
  { card, payer, challenged }: { card: TestCard; payer: Partial<Payer>; challenged: boolean },
  told: "checkout.session.completed" | "checkout.session.async_payment_succeeded",
): void => {
  const charge = cardCharge(context, intent.object, { card, payer, challenged });
  context.store.put(chargeKind, charge.id, { account: session.account, object: charge }, { by: session.account });
  const paid = withIntent(context, intent, {
    status: "succeeded",
    amount_received: intent.object.amount,
    latest_charge: charge.id,
    payment_method: charge.payment_method,
    last_payment_error: null,
    next_action: null,
  });
  const object: Stripe.Checkout.Session = {
    ...session.object,
    payment_intent: paid.object.id,
    payment_status: "paid",
    status: "complete",
    url: null,
    customer_details: customerOf(payer, session),
  };
  saveSession(context, { ...session, object });
  emit(context, session.account, "charge.succeeded", charge);
  emit(context, session.account, "payment_intent.succeeded", paid.object);
  emit(context, session.account, told, object);
  if (laterOf(card.number.slice(-4)) === "disputed") openDispute(context, paid.object.id);
};

/** ms until a debit settles; days at a bank. */
const settleAfterMs = 3_000;

const payLater = (context: Context, session: SessionRecord, intent: Intent, card: TestCard, payer: Payer, outcome: "succeeds" | "fails"): void => {
  const under = withIntent(context, intent, { status: "processing", payment_method: `pm_1${letters(context.ports, 23)}`, last_payment_error: null });
  const object: Stripe.Checkout.Session = { ...session.object, status: "complete", url: null, customer_details: customerOf(payer, session) };
  const { email, name } = payer;
  const settles = {
    at: context.ports.now() + settleAfterMs,
    outcome,
    number: card.number,
    ...(email === undefined ? {} : { email }),
    ...(name === undefined ? {} : { name }),
  };
  saveSession(context, { ...session, object, settles });
  emit(context, session.account, "payment_intent.processing", under.object);
  emit(context, session.account, "checkout.session.completed", object);
};

interface Decline {
  readonly code: string;
  readonly decline_code?: string;
  readonly message: string;
}
const decline = (context: Context, session: SessionRecord, intent: Intent, card: TestCard, payer: Payer, why: Decline): PayOutcome => {
  const { code, decline_code, message } = why;
  const charge = cardCharge(context, intent.object, { card, payer, challenged: false, decline: why });
  context.store.put(chargeKind, charge.id, { account: session.account, object: charge }, { by: session.account });
  const failed = withIntent(context, intent, {
    status: "requires_payment_method",
    latest_charge: charge.id,
    next_action: null,
    last_payment_error: {
      type: "card_error",
      code: code as Stripe.PaymentIntent.LastPaymentError.Code,
      message,
      charge: charge.id,
      ...(decline_code === undefined ? {} : { decline_code }),
    },
  });
  emit(context, session.account, "charge.failed", charge);
  emit(context, session.account, "payment_intent.payment_failed", failed.object);
  return { kind: "declined", ...why };
};

type Ready = { readonly session: SessionRecord } | { readonly outcome: PayOutcome };
const readyToPay = (context: Context, sessionId: string): Ready => {
  const session = openSession(context, sessionId);
  if (!session) return { outcome: { kind: "unknown" } };
  if (session.object.status === "complete") return { outcome: { kind: "already_paid", redirect: redirectOf(session) } };
  if (session.object.status !== "open") return { outcome: { kind: "expired" } };
  return { session };
};

export const pay = (context: Context, sessionId: string, payer: Payer): PayOutcome =>
  context.store.transaction(() => {
    const ready = readyToPay(context, sessionId);
    if ("outcome" in ready) return ready.outcome;
    const card = cardOf(payer.card);
    if (!card) return { kind: "invalid_card" };
    const intent = intentOf(context, ready.session);
    const session = context.store.get(sessionKind, sessionId) ?? ready.session;
    const { outcome } = card;
    switch (outcome.kind) {
      case "approved":
        if (payer.later !== undefined) {
          payLater(context, session, intent, card, payer, payer.later);
          return { kind: "pending", redirect: redirectOf(session) };
        }
        receive(context, session, intent, { card, payer, challenged: false }, "checkout.session.completed");
        return { kind: "paid", redirect: redirectOf(session) };
      case "declined":
        return decline(context, session, intent, card, payer, outcome);
      case "challenge": {
        const waiting = withIntent(context, intent, {
          status: "requires_action",
          payment_method: `pm_1${letters(context.ports, 23)}`,
          last_payment_error: null,
          next_action: {
            type: "redirect_to_url",
            redirect_to_url: { return_url: session.object.success_url, url: `${context.checkoutOrigin}/pay/${sessionId}/challenge` },
          },
        });
        saveSession(context, { ...session, challenge: { number: card.number, ...payer } });
        emit(context, session.account, "payment_intent.requires_action", waiting.object);
        return { kind: "challenge" };
      }
    }
  });

/** The buyer's answer to the bank. A second answer finds nothing waiting. */
export const authenticate = (context: Context, sessionId: string, answer: "complete" | "fail"): PayOutcome =>
  context.store.transaction(() => {
    const ready = readyToPay(context, sessionId);
    if ("outcome" in ready) return ready.outcome;
    const { challenge, ...session } = ready.session;
    const card = challenge && cardOf(challenge.number);
    const intent = intentOf(context, session);
    if (!challenge || !card || intent.object.status !== "requires_action") return { kind: "no_challenge" };
    saveSession(context, session);
    if (answer === "complete") {
      receive(context, session, intent, { card, payer: challenge, challenged: true }, "checkout.session.completed");
      return { kind: "paid", redirect: redirectOf(session) };
    }
    const message = "We are unable to authenticate your payment method. Please choose a different payment method and try again.";
    const code = "payment_intent_authentication_failure";
    const failed = withIntent(context, intent, {
      status: "requires_payment_method",
      payment_method: null,
      next_action: null,
      last_payment_error: { type: "invalid_request_error", code, message },
    });
    emit(context, session.account, "payment_intent.payment_failed", failed.object);
    return { kind: "declined", code, message };
  });
