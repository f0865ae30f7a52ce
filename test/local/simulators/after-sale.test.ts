import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import StripeSdk from "stripe";
import { stripeProvider } from "../../../functions/payments/providers/stripe/calls.ts";
import { newsOf, stripeEvents } from "../../../functions/payments/providers/stripe/mapping.ts";
import { demoStripeKey } from "../../../local/simulators/demo-keys.ts";
import { memoryStore } from "../../../local/simulators/store/memory.ts";
import { createStripe } from "../../../local/simulators/stripe/core.ts";
import { fetchOver } from "../../../local/simulators/wire/wire.ts";
import { openStage, postJson, type Stage, washCard } from "./stage.ts";

const start = Date.parse("2026-11-21T12:00:00Z");

/** The pure core under virtual time, with one session paid by a card. */
const paidBy = async (card: string) => {
  let now = start;
  let drawn = 0;
  const ports = {
    now: () => now,
    random: (bytes: number) =>
      Buffer.concat(Array.from({ length: Math.ceil(bytes / 32) }, () => createHash("sha256").update(`${card} ${drawn++}`).digest())).subarray(
        0,
        bytes,
      ),
  };
  const stripe = createStripe({ store: memoryStore(), ports, checkoutOrigin: "https://checkout.example" });
  const sdk = new StripeSdk(demoStripeKey, { httpClient: StripeSdk.createFetchHttpClient(fetchOver(stripe.call)), maxNetworkRetries: 0 });
  const metadata = { merchant_id: "lees", order_id: "o1" };
  const { id } = await sdk.checkout.sessions.create({
    ...washCard({ metadata, payment_intent_data: { metadata } }),
    expires_at: start / 1000 + 31 * 60,
  });
  expect(stripe.pay(id, { card })).toMatchObject({ kind: "paid" });
  const intent = String((await sdk.checkout.sessions.retrieve(id)).payment_intent);
  const told = (): string[] =>
    stripe
      .truth()
      .events.map(({ type }) => type)
      .filter((type) => /refund|dispute/.test(type))
      .reverse();
  const pass = (ms: number): void => {
    now += ms;
    stripe.advance();
  };
  const codeOf = (call: Promise<unknown>): Promise<string | undefined> =>
    call.then(
      () => "none",
      (error: { code?: string }) => error.code,
    );
  return { stripe, sdk, intent, told, pass, codeOf };
};

describe("refunds that take their time (docs.stripe.com/testing)", () => {
  it("are pending first and succeed later", async () => {
    const { stripe, sdk, intent, told, pass } = await paidBy("4000000000007726");
    const refund = await sdk.refunds.create({ payment_intent: intent, amount: 1000 }, { idempotencyKey: "one" });
    expect(refund.status).toBe("pending");
    expect(stripe.nextDue()).toBe(start + 3000);
    pass(2999);
    expect((await sdk.refunds.retrieve(refund.id)).status).toBe("pending");
    pass(1);
    expect((await sdk.refunds.retrieve(refund.id)).status).toBe("succeeded");
    expect(told()).toEqual(["refund.created", "charge.refunded", "refund.updated", "charge.refund.updated"]);
    expect((await sdk.refunds.create({ payment_intent: intent, amount: 1000 }, { idempotencyKey: "one" })).id).toBe(refund.id);
    expect(stripe.truth().refunds).toHaveLength(1);
  });

  it("have succeeded first and fail later, and the charge has its money again", async () => {
    const { stripe, sdk, intent, told, pass } = await paidBy("4000000000005126");
    const refund = await sdk.refunds.create({ payment_intent: intent });
    expect(refund.status).toBe("succeeded");
    pass(3000);
    expect(await sdk.refunds.retrieve(refund.id)).toMatchObject({ status: "failed", failure_reason: "expired_or_canceled_card" });
    expect(stripe.truth().charges[0]).toMatchObject({ amount_refunded: 0, refunded: false });
    expect(told().slice(2)).toEqual(["refund.updated", "refund.failed", "charge.refund.updated"]);
  });

  it("end when the control page says so, and stay as they ended", async () => {
    const { stripe, sdk, intent, told, pass } = await paidBy("4000000000007726");
    const { id } = await sdk.refunds.create({ payment_intent: intent });
    expect(stripe.endRefund(id, "fails")).toMatchObject({ status: "failed" });
    expect(stripe.truth().charges[0]).toMatchObject({ amount_refunded: 0, refunded: false });
    expect(told().slice(2)).toEqual(["refund.updated", "refund.failed", "charge.refund.updated"]);
    pass(3000);
    expect(stripe.endRefund(id, "succeeds")).toBeUndefined();
    expect((await sdk.refunds.retrieve(id)).status).toBe("failed");
  });
});

describe("disputes", () => {
  it("begin by themselves with the card that stands for them, and stop refunds", async () => {
    const { sdk, intent, told, codeOf } = await paidBy("4000000000000259");
    const { data } = await sdk.disputes.list({ payment_intent: intent });
    expect(data).toMatchObject([{ object: "dispute", status: "needs_response", amount: 6000, payment_intent: intent }]);
    expect(told()).toEqual(["charge.dispute.created", "charge.dispute.funds_withdrawn"]);
    expect(await codeOf(sdk.refunds.create({ payment_intent: intent }))).toBe("charge_disputed");
  });

  it("are decided once, and a won one lets refunds through again", async () => {
    const { stripe, sdk, intent, told } = await paidBy("4242424242424242");
    const id = stripe.dispute(intent)?.id ?? "";
    expect(stripe.moveDispute(id, "under_review")?.status).toBe("under_review");
    expect(stripe.moveDispute(id, "won")?.status).toBe("won");
    expect(stripe.moveDispute(id, "lost")).toBeUndefined();
    expect(told().slice(2)).toEqual(["charge.dispute.updated", "charge.dispute.closed", "charge.dispute.funds_reinstated"]);
    expect((await sdk.refunds.create({ payment_intent: intent })).status).toBe("succeeded");
  });

  it("may be inquiries first, which take no money yet and may grow", async () => {
    const { stripe, sdk, intent, told, codeOf } = await paidBy("4242424242424242");
    const id = stripe.dispute(intent, { status: "warning_needs_response", amount: 500 })?.id ?? "";
    expect(told()).toEqual(["charge.dispute.created"]);
    expect((await sdk.refunds.create({ payment_intent: intent, amount: 1 })).status).toBe("succeeded");
    stripe.moveDispute(id, "needs_response");
    expect(told().slice(-2)).toEqual(["charge.dispute.funds_withdrawn", "charge.dispute.updated"]);
    expect(await codeOf(sdk.refunds.create({ payment_intent: intent, amount: 1 }))).toBe("charge_disputed");
  });

  it("are no other merchant's to see", async () => {
    const { stripe, intent } = await paidBy("4000000000000259");
    const other = new StripeSdk("sk_test_unknown", { httpClient: StripeSdk.createFetchHttpClient(fetchOver(stripe.call)), maxNetworkRetries: 0 });
    await expect(other.disputes.list({ payment_intent: intent })).rejects.toMatchObject({ statusCode: 401 });
    expect(stripe.dispute("pi_nobody")).toBeUndefined();
  });

  it("and refunds are told to our webhook by names that it asked for", async () => {
    const { told, pass, sdk, intent } = await paidBy("4000000000005126");
    await sdk.refunds.create({ payment_intent: intent });
    pass(3000);
    const heard = told().filter((type) => (stripeEvents as readonly string[]).includes(type));
    expect(heard).toEqual(["refund.updated", "refund.failed", "charge.refund.updated"]);
    expect([...heard, "charge.dispute.closed", "checkout.session.completed"].map(newsOf)).toEqual([
      "refund",
      "refund",
      "refund",
      "dispute",
      undefined,
    ]);
  });
});

describe("the product's adapter after the sale", () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage();
  });
  afterAll(() => stage.close());

  it("finds refunds by our name, disputes by their status, and whose payment it is", async () => {
    const provider = stripeProvider({ api_key: demoStripeKey, signing_secret: "" }, stage.simulators.url);
    const metadata = { merchant_id: "lees", order_id: "o1" };
    const { id } = await stage.stripe.checkout.sessions.create(washCard({ metadata, payment_intent_data: { metadata } }));
    await postJson(`${stage.simulators.url}/control/stripe/sessions/${id}/pay`, { card: "4242424242424242" });
    const intent_id = String((await stage.stripe.checkout.sessions.retrieve(id)).payment_intent);
    expect(await provider.lookUpOwner(intent_id)).toEqual({ kind: "known", ...metadata });
    expect(await provider.lookUpOwner("pi_nobody")).toEqual({ kind: "none" });
    expect(await provider.recoverRefund({ intent_id, refund_id: "r1" })).toEqual({ kind: "none" });
    const made = await provider.refund({ provider_key: "k1", refund_id: "r1", intent_id, amount: 100, ...metadata });
    expect(await provider.recoverRefund({ intent_id, refund_id: "r1" })).toEqual(made);
    expect(await provider.lookUpDisputes(intent_id)).toEqual({ kind: "known", disputes: [] });
    const control = `${stage.simulators.url}/control/stripe`;
    const opened = await postJson(`${control}/payments/${intent_id}/dispute`, { status: "warning_needs_response" });
    expect(await provider.lookUpDisputes(intent_id)).toEqual({
      kind: "known",
      disputes: [{ id: opened.body.id, status: "open", inquiry: true, amount: 6000 }],
    });
    for (const [status, ours] of [
      ["needs_response", "open"],
      ["lost", "lost"],
    ] as const) {
      expect((await postJson(`${control}/disputes/${opened.body.id}/move`, { status })).status).toBe(200);
      expect(await provider.lookUpDisputes(intent_id)).toMatchObject({ disputes: [{ status: ours }] });
    }
    expect((await postJson(`${control}/disputes/${opened.body.id}/move`, { status: "won" })).status).toBe(409);
    expect((await postJson(`${control}/payments/pi_nobody/dispute`, {})).status).toBe(409);
    expect(await provider.refund({ provider_key: "k2", refund_id: "r2", intent_id, amount: 100, ...metadata })).toEqual({
      kind: "disputed",
    });
  });

  it("knows nothing while nobody answers", async () => {
    const provider = stripeProvider({ api_key: demoStripeKey, signing_secret: "" }, "http://127.0.0.1:1");
    expect(await provider.lookUpDisputes("pi_1")).toEqual({ kind: "unknown" });
    expect(await provider.lookUpOwner("pi_1")).toEqual({ kind: "unknown" });
    expect(await provider.recoverRefund({ intent_id: "pi_1", refund_id: "r1" })).toEqual({ kind: "unknown" });
  });
});
