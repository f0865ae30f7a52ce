import { createHash } from "node:crypto";
import { expect, it } from "@jest/globals";
import StripeSdk from "stripe";
import type { Courier, Outgoing } from "../../../local/simulators/delivery/delivery.ts";
import { demoStripeKey } from "../../../local/simulators/demo-keys.ts";
import { memoryStore } from "../../../local/simulators/store/memory.ts";
import { createStripe } from "../../../local/simulators/stripe/core.ts";
import { createTwilio } from "../../../local/simulators/twilio/core.ts";
import { fetchOver, type Ports } from "../../../local/simulators/wire/wire.ts";
import { washCard } from "./stage.ts";

const start = Date.parse("2026-11-21T12:00:00Z");

/** Virtual time, and randomness that a seed decides. */
const world = (seed: string) => {
  let now = start;
  let drawn = 0;
  const ports: Ports = {
    now: () => now,
    random: (bytes) => {
      const pool = Buffer.concat(Array.from({ length: Math.ceil(bytes / 32) }, () => createHash("sha256").update(`${seed} ${drawn++}`).digest()));
      return pool.subarray(0, bytes);
    },
  };
  return { ports, jumpTo: (at: number) => (now = Math.max(now, at)), pass: (seconds: number) => (now += seconds * 1000) };
};

/** Lets time run as far as the courier owes something, handing each delivery to `arrive`. */
const settle = (courier: Courier, jumpTo: (at: number) => void, arrive: (outgoing: Outgoing) => number, steps = 50): void => {
  for (let step = 0; step < steps; step++) {
    const next = courier.nextDue();
    if (next === undefined) return;
    jumpTo(next);
    courier.advance();
    for (const delivery of courier.due(10)) courier.settle(delivery.id, { status: arrive(courier.prepare(delivery)) });
  }
};

const params = { ...washCard(), expires_at: start / 1000 + 31 * 60 };

it("the same seed gives the same ids, events and signatures: the simulation can replay it", async () => {
  const run = async (): Promise<string[]> => {
    const { ports, jumpTo } = world("7");
    const stripe = createStripe({ store: memoryStore(), ports, checkoutOrigin: "https://checkout.example" });
    const sdk = new StripeSdk(demoStripeKey, { httpClient: StripeSdk.createFetchHttpClient(fetchOver(stripe.call)), maxNetworkRetries: 0 });
    await sdk.webhookEndpoints.create(
      { url: "https://shop.example/hook", enabled_events: ["checkout.session.completed"] },
      { idempotencyKey: "endpoint" },
    );
    const { id } = await sdk.checkout.sessions.create(params, { idempotencyKey: "sess-1" });
    stripe.pay(id, { card: "4242424242424242" });
    const sent: string[] = [];
    settle(stripe, jumpTo, ({ body, headers }) => {
      sent.push(body, headers["stripe-signature"] ?? "");
      return 200;
    });
    return [...sent, JSON.stringify(stripe.truth())];
  };
  const [one, two] = [await run(), await run()];
  expect(one).toEqual(two);
  expect(one).toHaveLength(3);
});

it("a session expires by time alone, tells of it once, and takes no money after (G-42)", async () => {
  const { ports, jumpTo } = world("8");
  const stripe = createStripe({ store: memoryStore(), ports, checkoutOrigin: "https://checkout.example" });
  const sdk = new StripeSdk(demoStripeKey, { httpClient: StripeSdk.createFetchHttpClient(fetchOver(stripe.call)) });
  await sdk.webhookEndpoints.create({ url: "https://shop.example/hook", enabled_events: ["checkout.session.expired"] });
  const { id, expires_at } = await sdk.checkout.sessions.create(params);
  jumpTo(expires_at * 1000 - 1);
  stripe.advance();
  expect(stripe.session(id)?.object.status).toBe("open");
  const told: unknown[] = [];
  settle(stripe, jumpTo, ({ body }) => {
    told.push((JSON.parse(body) as { type: string }).type);
    return 200;
  });
  expect(told).toEqual(["checkout.session.expired"]);
  expect(stripe.pay(id, { card: "4242424242424242" })).toEqual({ kind: "expired" });
  expect((await sdk.checkout.sessions.retrieve(id)).status).toBe("expired");
});

it("payment at the last instant before the expiry is a payment", async () => {
  const { ports, jumpTo } = world("9");
  const stripe = createStripe({ store: memoryStore(), ports, checkoutOrigin: "https://checkout.example" });
  const sdk = new StripeSdk(demoStripeKey, { httpClient: StripeSdk.createFetchHttpClient(fetchOver(stripe.call)) });
  const { id, expires_at } = await sdk.checkout.sessions.create(params);
  jumpTo(expires_at * 1000 - 1);
  expect(stripe.pay(id, { card: "4242424242424242" }).kind).toBe("paid");
  jumpTo(expires_at * 1000 + 60_000);
  stripe.advance();
  expect(stripe.session(id)?.object.status).toBe("complete");
});

it("deliveries that keep failing come at growing gaps and are given up after about three days", () => {
  const { ports, jumpTo } = world("10");
  const stripe = createStripe({ store: memoryStore(), ports, checkoutOrigin: "https://checkout.example" });
  const call = (path: string, body: string) =>
    JSON.parse(stripe.call({ method: "POST", path, query: "", headers: { authorization: `Bearer ${demoStripeKey}` }, body }).body) as { id: string };
  call("/v1/webhook_endpoints", "url=https://shop.example/hook&enabled_events[]=checkout.session.expired");
  const { id } = call(
    "/v1/checkout/sessions",
    "mode=payment&success_url=https://shop.example&line_items[0][quantity]=1&line_items[0][price_data][currency]=cad&line_items[0][price_data][unit_amount]=100&line_items[0][price_data][product_data][name]=Wash",
  );
  stripe.expire(id);
  const times: number[] = [];
  settle(stripe, jumpTo, () => (times.push(ports.now()) > 0 ? 500 : 200), 200);
  const gaps = times.slice(1).map((time, place) => time - (times[place] ?? 0));
  expect(gaps.slice(0, 3)).toEqual([1000, 2000, 5000]);
  expect(gaps).toEqual([...gaps].sort((a, b) => a - b));
  const days = ((times.at(-1) ?? 0) - start) / 86_400_000;
  expect([Math.floor(days), stripe.deliveries.newest(1)[0]?.state]).toEqual([2, "given_up"]);
});

it("an idempotency key is forgotten after a day: the same request then makes another session (X-3)", async () => {
  const { ports, pass } = world("11");
  const stripe = createStripe({ store: memoryStore(), ports, checkoutOrigin: "https://checkout.example" });
  const sdk = new StripeSdk(demoStripeKey, { httpClient: StripeSdk.createFetchHttpClient(fetchOver(stripe.call)) });
  const { expires_at: _, ...undated } = params;
  const first = await sdk.checkout.sessions.create(undated, { idempotencyKey: "sess-1" });
  pass(23 * 3600);
  expect((await sdk.checkout.sessions.create(undated, { idempotencyKey: "sess-1" })).id).toBe(first.id);
  pass(2 * 3600);
  expect((await sdk.checkout.sessions.create(undated, { idempotencyKey: "sess-1" })).id).not.toBe(first.id);
});

it("a call that never came to its work leaves its key free", () => {
  const { ports } = world("12");
  const stripe = createStripe({ store: memoryStore(), ports, checkoutOrigin: "https://checkout.example" });
  const request = {
    method: "POST",
    path: "/v1/webhook_endpoints",
    query: "",
    headers: { authorization: `Bearer ${demoStripeKey}`, "idempotency-key": "k" },
    body: "url=https://shop.example/hook&enabled_events[]=*",
  };
  const first = stripe.begin(request);
  expect(stripe.call(request).status).toBe(409);
  if ("drop" in first) first.drop();
  expect(stripe.call(request).status).toBe(200);
});

it("a text travels by virtual time alone (G-31)", () => {
  const { ports, jumpTo } = world("13");
  const twilio = createTwilio({
    store: memoryStore(),
    ports,
    accounts: [{ accountSid: "AC1", authToken: "token", from: "+15005550006", messagingServiceSid: "MG1" }],
  });
  const body = new URLSearchParams({
    To: "+16045550123",
    From: "+15005550006",
    Body: "hello",
    StatusCallback: "https://shop.example/sms",
  }).toString();
  const headers = { authorization: `Basic ${Buffer.from("AC1:token").toString("base64")}` };
  expect(twilio.call({ method: "POST", path: "/2010-04-01/Accounts/AC1/Messages.json", query: "", headers, body }).status).toBe(201);
  const told: (string | null)[] = [];
  settle(twilio, jumpTo, ({ body: sent }) => (told.push(new URLSearchParams(sent).get("MessageStatus")) > 0 ? 200 : 500));
  expect(told).toEqual(["sent", "delivered"]);
});

it.each([
  ["succeeds", "checkout.session.async_payment_succeeded", "paid", "succeeded", 6000],
  ["fails", "checkout.session.async_payment_failed", "unpaid", "requires_payment_method", 0],
] as const)(
  "a debit that %s is complete and unpaid first, and tells the rest later",
  async (later, told, payment_status, status, amount_received) => {
    const { ports, jumpTo } = world("14");
    const stripe = createStripe({ store: memoryStore(), ports, checkoutOrigin: "https://checkout.example" });
    const sdk = new StripeSdk(demoStripeKey, { httpClient: StripeSdk.createFetchHttpClient(fetchOver(stripe.call)) });
    await sdk.webhookEndpoints.create({
      url: "https://shop.example/hook",
      enabled_events: ["checkout.session.completed", "checkout.session.async_payment_succeeded", "checkout.session.async_payment_failed"],
    });
    const { id } = await sdk.checkout.sessions.create(params);
    expect(stripe.pay(id, { card: "4242424242424242", later }).kind).toBe("pending");
    expect(await sdk.checkout.sessions.retrieve(id, { expand: ["payment_intent"] })).toMatchObject({
      status: "complete",
      payment_status: "unpaid",
      payment_intent: { status: "processing", amount_received: 0 },
    });
    const events: unknown[][] = [];
    settle(stripe, jumpTo, ({ body }) => {
      const event = JSON.parse(body) as { type: string; data: { object: { payment_status: string } } };
      events.push([event.type, event.data.object.payment_status]);
      return 200;
    });
    expect(events).toEqual([
      ["checkout.session.completed", "unpaid"],
      [told, payment_status],
    ]);
    expect(await sdk.checkout.sessions.retrieve(id, { expand: ["payment_intent"] })).toMatchObject({
      payment_status,
      payment_intent: { status, amount_received },
    });
  },
);
