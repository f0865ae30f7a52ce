// What time brings about by itself: open sessions expire, debits under way settle.
import type Stripe from "stripe";
import { cardOf } from "./cards.ts";
import type { Context } from "./context.ts";
import { emit } from "./events.ts";
import { receive, withIntent } from "./pay.ts";
import { intentKind, type SessionRecord, sessionKind } from "./records.ts";
import { openSession, saveSession } from "./sessions.ts";

const settle = (context: Context, { settles, ...session }: SessionRecord): void => {
  const intent = context.store.get(intentKind, String(session.object.payment_intent));
  const card = settles && cardOf(settles.number);
  if (!settles || !intent || !card) return;
  if (settles.outcome === "succeeds") {
    receive(context, session, intent, { card, payer: settles, challenged: false }, "checkout.session.async_payment_succeeded");
    return;
  }
  saveSession(context, session);
  const last_payment_error: Stripe.PaymentIntent.LastPaymentError = {
    type: "card_error",
    code: "payment_intent_payment_attempt_failed",
    message: "The payment failed.",
  };
  const failed = withIntent(context, intent, { status: "requires_payment_method", payment_method: null, last_payment_error });
  emit(context, session.account, "payment_intent.payment_failed", failed.object);
  emit(context, session.account, "checkout.session.async_payment_failed", session.object);
};

export const advanceSessions = (context: Context): void => {
  const { store, ports } = context;
  for (const { object } of store.due(sessionKind, ports.now(), 100)) {
    store.transaction(() => {
      const record = openSession(context, object.id);
      if (record?.settles && record.settles.at <= ports.now()) settle(context, record);
    });
  }
};
