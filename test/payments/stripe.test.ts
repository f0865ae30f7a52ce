import { describe, expect, it } from "@jest/globals";
import Stripe from "stripe";
import { stripeProvider } from "../../functions/payments/providers/stripe/calls.ts";
import { disputeOf, refundRefusalOf, sessionParams, settlementOf } from "../../functions/payments/providers/stripe/mapping.ts";
import { instant } from "../../platform/clock/clock.ts";

const secret = "whsec_0123456789";
const now = instant(Date.UTC(2026, 10, 21, 18));
const provider = stripeProvider({ api_key: "rk_test_x", signing_secret: secret });
const stripe = new Stripe("sk_test_x");
const payload = JSON.stringify({
  id: "evt_1",
  object: "event",
  type: "checkout.session.completed",
  livemode: false,
  data: { object: { metadata: { merchant_id: "lees", order_id: "o1" } } },
});
const sign = (text: string, by = secret, at = now, scheme = "v1") =>
  stripe.webhooks.generateTestHeaderString({ payload: text, secret: by, timestamp: Math.floor(Date.parse(`${at.slice(0, 23)}Z`) / 1000), scheme });

describe("Stripe's signature (TH1, I13)", () => {
  it("lets a genuine event in, and says which order it may be about", () => {
    expect(provider.verify(Buffer.from(payload), sign(payload), now)).toEqual({
      kind: "verified",
      event_id: "evt_1",
      type: "checkout.session.completed",
      mode: "test",
      merchant_id: "lees",
      order_id: "o1",
    });
  });

  it("says until when that was kept which money came in for, of such events alone (G-50)", () => {
    const told = (type: string) => {
      const text = JSON.stringify({ ...JSON.parse(payload), type, data: { object: { metadata: { hold_until: "2026-11-21T18:33:00.000000Z" } } } });
      return provider.verify(Buffer.from(text), sign(text), now);
    };
    expect(told("checkout.session.completed")).toMatchObject({ paid_hold_until: "2026-11-21T18:33:00.000000Z" });
    expect(told("checkout.session.expired")).not.toHaveProperty("paid_hold_until");
  });

  const six = instant(Date.UTC(2026, 10, 21, 17, 54));
  it.each([
    ["a flipped byte", payload.replace("lees", "leez"), sign(payload)],
    ["the same JSON written anew", JSON.stringify(JSON.parse(payload), null, 1), sign(payload)],
    ["another merchant's secret", payload, sign(payload, "whsec_other")],
    ["no signature", payload, undefined],
    ["an empty signature", payload, ""],
    ["a test scheme alone", payload, sign(payload, secret, now, "v0")],
    ["a signature six minutes old (TH2)", payload, sign(payload, secret, six)],
    [
      "a timestamp moved forward",
      payload,
      sign(payload, secret, six).replace(/^t=\d+/, `t=${Math.floor(Date.parse(`${now.slice(0, 23)}Z`) / 1000)}`),
    ],
    ["a byte order mark", `\ufeff${payload}`, sign(payload)],
    ["line ends of another system", `${payload}\r\n`, sign(payload)],
    ["no body", "", sign(payload)],
    ["a header of words", payload, "signature"],
  ])("keeps %s out", (_what, body, signature) => {
    expect(provider.verify(Buffer.from(body), signature, now)).toEqual({ kind: "forged" });
  });

  it("refuses everything while no secret is known", () => {
    expect(stripeProvider({ api_key: "rk_test_x", signing_secret: "" }).verify(Buffer.from(payload), sign(payload, ""), now)).toEqual({
      kind: "forged",
    });
  });
});

describe("Stripe's words", () => {
  const intent = { id: "pi_1", status: "succeeded", amount_received: 6000, currency: "cad" } as Stripe.PaymentIntent;
  const session = { id: "cs_1", status: "complete", payment_status: "paid", livemode: false, payment_intent: intent } as Stripe.Checkout.Session;

  it("mean settled only together: session paid and intent succeeded", () => {
    expect(settlementOf(session)).toEqual({
      kind: "settled",
      facts: { amount: 6000, currency: "CAD", intent_id: "pi_1", session_id: "cs_1", mode: "test" },
    });
    expect(settlementOf({ ...session, payment_status: "unpaid" })).toEqual({ kind: "pending" });
    expect(settlementOf({ ...session, payment_intent: { ...intent, status: "processing" } })).toEqual({ kind: "pending" });
    expect(settlementOf({ ...session, payment_intent: "pi_1" })).toEqual({ kind: "pending" });
    expect(settlementOf({ ...session, status: "expired", payment_status: "unpaid", payment_intent: null })).toEqual({ kind: "failed" });
    expect(settlementOf({ ...session, status: "a new word" as never, payment_status: "another" as never })).toEqual({ kind: "pending" });
  });

  it("that refuse a refund say whether a dispute stands in its way or the money has gone back there already", () => {
    expect(refundRefusalOf("charge_disputed")).toEqual({ kind: "disputed" });
    for (const code of ["charge_already_refunded", "amount_too_large"])
      expect(refundRefusalOf(code)).toEqual({ kind: "failed", reason: "refunded_at_provider" });
    expect(refundRefusalOf("card_not_supported")).toEqual({ kind: "failed", reason: "card_not_supported" });
  });

  it("of a bank that only asks are told from those of one that has taken the money", () => {
    const said = (status: Stripe.Dispute["status"]) => disputeOf({ id: "du_1", status, amount: 6000 });
    expect(said("warning_needs_response")).toEqual({ id: "du_1", status: "open", inquiry: true, amount: 6000 });
    expect(said("warning_closed")).toEqual({ id: "du_1", status: "won", inquiry: true, amount: 6000 });
    expect(said("needs_response")).toEqual({ id: "du_1", status: "open", amount: 6000 });
  });

  it("are asked for with pinned methods, no conversion, and the same parameters each time", () => {
    const request = {
      provider_key: "k",
      merchant_id: "lees",
      order_id: "o1",
      payment_id: "o1",
      amount: 6000,
      currency: "CAD",
      hold_until: instant(Date.UTC(2026, 10, 21, 18, 33)),
      description: "Wash card",
      quantity: 1,
      language: "fr",
      expires_at: now,
      success_url: "https://shop.test/o/t?back=1",
      cancel_url: "https://shop.test/o/t",
    } as const;
    expect(sessionParams(request)).toEqual(sessionParams(request));
    expect(sessionParams(request)).toMatchObject({
      mode: "payment",
      allowed_payment_method_types: ["card"],
      adaptive_pricing: { enabled: false },
      locale: "fr-CA",
      metadata: { merchant_id: "lees", order_id: "o1", hold_until: "2026-11-21T18:33:00.000000Z" },
      line_items: [{ quantity: 1, price_data: { unit_amount: 6000, currency: "cad" } }],
    });
  });
});
