import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import StripeSdk from "stripe";
import type { Faults } from "../../../local/simulators/delivery/faults.ts";
import { openStage, postJson, type Received, type Stage, washCard } from "./stage.ts";

let stage: Stage;
let secret: string;
let endpointId: string;
beforeEach(async () => {
  stage = await openStage();
  const endpoint = await stage.stripe.webhookEndpoints.create({
    url: "https://shop.example/api/payment/webhook/conn_1?x=1",
    enabled_events: ["checkout.session.completed", "checkout.session.expired"],
  });
  secret = endpoint.secret ?? "";
  endpointId = endpoint.id;
});
afterEach(() => stage.close());

const faults = (change: Partial<Faults> | { clear: true }) => postJson(`${stage.simulators.url}/control/stripe/faults`, change);
const paidSession = async (): Promise<string> => {
  const { id } = await stage.stripe.checkout.sessions.create(washCard());
  const { body } = await postJson(`${stage.simulators.url}/control/stripe/sessions/${id}/pay`, { card: "4242424242424242" });
  expect(body.kind).toBe("paid");
  return id;
};
const checked = ({ body, headers }: Received) => StripeSdk.webhooks.constructEvent(body, headers["stripe-signature"] ?? "", secret);
const deliveries = () => stage.simulators.control.stripe.deliveries.newest(50);

describe("webhooks", () => {
  it("shows the signing secret once", async () => {
    expect(secret).toMatch(/^whsec_/);
    expect((await stage.stripe.webhookEndpoints.retrieve(endpointId)).secret).toBeUndefined();
    expect((await stage.stripe.webhookEndpoints.list()).data.map((endpoint) => endpoint.secret)).toEqual([undefined]);
  });

  it("brings a paid session to the registered path at the shop's present origin, signed so that the SDK accepts it (I13)", async () => {
    const id = await paidSession();
    const [delivery] = await stage.shop.waitFor(1);
    expect(delivery?.path).toBe("/api/payment/webhook/conn_1?x=1");
    const event = checked(delivery as Received);
    expect(event).toMatchObject({
      object: "event",
      type: "checkout.session.completed",
      livemode: false,
      data: { object: { id, payment_status: "paid" } },
    });
    await stage.simulators.control.idle();
    expect(deliveries().map(({ state, topic }) => [state, topic])).toEqual([["delivered", "checkout.session.completed"]]);
  });

  it("tells only what the endpoint asked for, and keeps the rest as events", async () => {
    await paidSession();
    await stage.shop.waitFor(1);
    await stage.simulators.control.idle();
    expect(stage.shop.received).toHaveLength(1);
    const types = (await stage.stripe.events.list({ limit: 100 })).data.map(({ type }) => type);
    expect(types).toEqual(["checkout.session.completed", "payment_intent.succeeded", "charge.succeeded", "payment_intent.created"]);
  });

  it("tells of an expiry by the merchant", async () => {
    const { id } = await stage.stripe.checkout.sessions.create(washCard());
    await stage.stripe.checkout.sessions.expire(id);
    const [delivery] = await stage.shop.waitFor(1);
    expect(checked(delivery as Received)).toMatchObject({ type: "checkout.session.expired", data: { object: { id, status: "expired" } } });
  });

  it("tells a removed endpoint nothing", async () => {
    await stage.stripe.webhookEndpoints.del(endpointId);
    await paidSession();
    await stage.simulators.control.idle();
    expect(stage.shop.received).toEqual([]);
  });
});

describe("faults of the delivery", () => {
  it("tampered content is refused by the SDK, and its retry arrives true (I13)", async () => {
    await faults({ tamper_next: 1 });
    stage.shop.answers.push(400);
    await paidSession();
    const [first, second] = await stage.shop.waitFor(2);
    expect(() => checked(first as Received)).toThrow(StripeSdk.errors.StripeSignatureVerificationError);
    expect(checked(second as Received).type).toBe("checkout.session.completed");
  });

  it("a delivery that failed comes again with the same event and a fresh signature (F5)", async () => {
    stage.shop.answers.push(500);
    await paidSession();
    const [first, second] = await stage.shop.waitFor(2);
    expect(checked(second as Received).id).toBe(checked(first as Received).id);
    await stage.simulators.control.idle();
    expect(deliveries()[0]?.attempts.map(({ status }) => status)).toEqual([500, 200]);
  });

  it("a redirect is a failure, as at Stripe", async () => {
    stage.shop.answers.push(302);
    await paidSession();
    await stage.shop.waitFor(2);
    await stage.simulators.control.idle();
    expect(deliveries()[0]?.attempts.map(({ status }) => status)).toEqual([302, 200]);
  });

  it("an attempt broken on request is tried again", async () => {
    await faults({ fail_next: 1 });
    await paidSession();
    await stage.shop.waitFor(1);
    await stage.simulators.control.idle();
    expect(deliveries()[0]?.attempts.map(({ status, error }) => status ?? error)).toEqual(["broken on request", 200]);
  });

  it("duplicates carry the same event id, or new ones when asked (F5)", async () => {
    await faults({ duplicate_next: 1, duplicate_copies: 2 });
    await paidSession();
    const same = (await stage.shop.waitFor(3)).map((delivery) => checked(delivery).id);
    expect(new Set(same).size).toBe(1);
    await faults({ duplicate_next: 1, duplicate_copies: 1, duplicate_new_id: true });
    await paidSession();
    const events = (await stage.shop.waitFor(5)).slice(3).map(checked);
    expect(new Set(events.map(({ id }) => id)).size).toBe(2);
    expect(new Set(events.map(({ data }) => (data.object as { id: string }).id)).size).toBe(1);
  });

  it("reordered deliveries arrive last first (F6)", async () => {
    await faults({ reorder_next: 3, reorder_hold_ms: 60_000 });
    const ids = [await paidSession(), await paidSession(), await paidSession()];
    const order = (await stage.shop.waitFor(3)).map((delivery) => (checked(delivery).data.object as { id: string }).id);
    expect(order).toEqual([...ids].reverse());
  });

  it("an incomplete batch is not held for ever", async () => {
    await faults({ reorder_next: 9, reorder_hold_ms: 500 });
    const ids = [await paidSession(), await paidSession()];
    const order = (await stage.shop.waitFor(2)).map((delivery) => (checked(delivery).data.object as { id: string }).id);
    expect(order.sort()).toEqual(ids.sort());
  });

  it("a forgotten delivery never comes, though the payment is true; it can be sent again by hand", async () => {
    await faults({ forget_next: 1 });
    const id = await paidSession();
    await stage.simulators.control.idle();
    expect(stage.shop.received).toEqual([]);
    expect((await stage.stripe.checkout.sessions.retrieve(id)).payment_status).toBe("paid");
    expect((await stage.stripe.events.list({ delivery_success: false })).data.map(({ type }) => type)).toEqual(["checkout.session.completed"]);
    const { body } = await postJson(`${stage.simulators.url}/control/stripe/webhooks/redeliver`, {});
    expect(body).toEqual({ redelivered: 1 });
    await stage.shop.waitFor(1);
  });

  it("touches only the named type when one is named", async () => {
    await faults({ forget_next: 5, topic: "checkout.session.expired" });
    await paidSession();
    await stage.shop.waitFor(1);
    expect(stage.simulators.control.stripe.faults().forget_next).toBe(5);
  });
});
