// The hosted page's addresses: `/pay/:session` and `/pay/:session/challenge`. Every POST answers 303, so reload never pays again.
import { redirect } from "../pages/html.ts";
import type { Stripe } from "../stripe/core.ts";
import type { PayOutcome } from "../stripe/pay.ts";
import type { WireAnswer, WireRequest } from "../wire/wire.ts";
import { challengePage, expiredPage, paidPage, payPage, type Shown, type Trouble, unknownPage } from "./pages.ts";
import { languageOf } from "./words.ts";

const troubleOf = (stripe: Stripe, { session }: Shown, query: URLSearchParams): Trouble | undefined => {
  if (query.has("number")) return "badNumber";
  const error = stripe.lastError(session.object.id);
  if (!error) return undefined;
  if (error.decline_code === "insufficient_funds") return "insufficient";
  return error.code === "payment_intent_authentication_failure" ? "notConfirmed" : "declined";
};

const leadTo = (outcome: PayOutcome, id: string): WireAnswer => {
  switch (outcome.kind) {
    case "paid":
    case "pending":
    case "already_paid":
      return redirect(outcome.redirect);
    case "challenge":
      return redirect(`/pay/${id}/challenge`);
    case "invalid_card":
      return redirect(`/pay/${id}?number`);
    case "declined":
    case "expired":
    case "unknown":
    case "no_challenge":
      return redirect(`/pay/${id}`);
  }
};

export const answerCheckout = (stripe: Stripe, request: WireRequest): WireAnswer => {
  const match = /^\/pay\/([\w-]+)(\/challenge)?$/.exec(request.path);
  const id = match?.[1] ?? "";
  const atChallenge = match?.[2] !== undefined;
  const session = stripe.session(id);
  const language = languageOf(session?.object.locale ?? null, request.headers["accept-language"]);
  if (!session) return unknownPage(language);
  const shown: Shown = { session, language, merchant: stripe.merchantName(session.account) };

  if (request.method === "POST") {
    const form = new URLSearchParams(request.body);
    if (atChallenge) return leadTo(stripe.authenticate(id, form.get("answer") === "complete" ? "complete" : "fail"), id);
    const typed = form.get("typed")?.trim();
    const email = form.get("email")?.trim();
    return leadTo(stripe.pay(id, { card: typed || (form.get("card") ?? ""), ...(email ? { email } : {}) }), id);
  }
  if (session.object.status === "complete") return paidPage(shown, stripe.successUrl(session));
  if (session.object.status === "expired") return expiredPage(shown);
  if (atChallenge) return session.challenge ? challengePage(shown) : redirect(`/pay/${id}`);
  return payPage(shown, troubleOf(stripe, shown, new URLSearchParams(request.query)));
};
