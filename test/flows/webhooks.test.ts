import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from "@jest/globals";
import { buy, orderIdOf, statusOf } from "./buyer.ts";
import { type StripeEvent, sessionOf } from "./outside-world.ts";
import { eventually, openPlatform, type Platform } from "./platform.ts";
import { recount } from "./recount.ts";
import { registeredEndpoint, signed } from "./stripe-signer.ts";

jest.setTimeout(120_000);

let platform: Platform;
let url = "";
let endpoint: ReturnType<typeof registeredEndpoint>;
beforeAll(async () => {
  platform = await openPlatform();
  url = platform.shop.url;
  endpoint = registeredEndpoint(platform.dataDir);
}, 120_000);
afterAll(() => platform?.stop(), 60_000);
beforeEach(() => platform.world.faults("stripe", { clear: true }));

const delivered = (token: string) => eventually("the text message reached the buyer", async () => (await statusOf(url, token)).sms === "delivered");
const pay = (checkoutUrl: string) => platform.world.pay(sessionOf(checkoutUrl));
const send = (payload: string, signature: string | undefined, path = endpoint.path): Promise<Response> =>
  fetch(url + path, {
    method: "POST",
    body: payload,
    headers: { "content-type": "application/json", ...(signature !== undefined && { "stripe-signature": signature }) },
  });
const eventOf = async (token: string): Promise<StripeEvent> => {
  const { events } = await platform.world.truth();
  const event = events.find(({ type, data }) => type === "checkout.session.completed" && data.object.metadata?.order_id === orderIdOf(token));
  if (event === undefined) throw new Error("the session was not completed");
  return event;
};
/** The event as Stripe would have sent it, had it been about something else. */
const changed = (event: StripeEvent, id: string, object: object): string =>
  JSON.stringify({ ...event, id, data: { object: { ...event.data.object, ...object } } });

describe("an event that comes again (X-4, I12)", () => {
  it("three times at once delivers once", async () => {
    await platform.world.faults("stripe", { duplicate_next: 1, duplicate_copies: 3, topic: "checkout.session.completed" });
    const { token, checkout_url, phone } = await buy(url);
    await pay(checkout_url);
    await delivered(token);
    await platform.quiet();
    expect(await platform.world.texts(phone)).toHaveLength(1);
    expect(
      (await platform.table.of<{ kind: string; subject: string }>("OP")).filter(
        ({ kind, subject }) => kind === "order_paid" && subject === orderIdOf(token),
      ),
    ).toHaveLength(1);
  });

  it("later, ten times, changes not one attribute of the table", async () => {
    const { token, checkout_url, phone } = await buy(url);
    await pay(checkout_url);
    await delivered(token);
    await platform.quiet();
    const digest = await platform.table.digest();
    const payload = JSON.stringify(await eventOf(token));
    const answers = await Promise.all(Array.from({ length: 10 }, () => send(payload, signed(payload, endpoint.secret))));
    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200));
    await platform.quiet();
    expect(await platform.table.digest()).toBe(digest);
    expect(await platform.world.texts(phone)).toHaveLength(1);
  });

  it("under another event id is written down as received and changes nothing else", async () => {
    const { token, checkout_url, phone } = await buy(url);
    await pay(checkout_url);
    await delivered(token);
    await platform.quiet();
    const digest = await platform.table.digest(["INBOX"]);
    const payload = changed(await eventOf(token), "evt_under_another_id", {});
    expect((await send(payload, signed(payload, endpoint.secret))).status).toBe(200);
    await platform.quiet();
    expect(await platform.table.digest(["INBOX"])).toBe(digest);
    expect(await platform.world.texts(phone)).toHaveLength(1);
  });
});

it("events of several buyers in reversed order give each the unit that was held for them (I12)", async () => {
  await platform.world.faults("stripe", { reorder_next: 3, topic: "checkout.session.completed" });
  const buyers = [await buy(url), await buy(url), await buy(url)];
  const held = new Map(
    (await platform.table.of<{ id: string; lines: { units: string[] }[] }>("ORDER")).map(({ id, lines }) => [id, lines[0]?.units]),
  );
  for (const { checkout_url } of buyers) await pay(checkout_url);
  for (const { token } of buyers) await delivered(token);
  const after = await platform.table.of<{ id: string; status: string; lines: { units: string[] }[] }>("ORDER");
  for (const { token } of buyers) {
    const order = after.find(({ id }) => id === orderIdOf(token));
    expect([order?.status, order?.lines[0]?.units]).toEqual(["paid", held.get(orderIdOf(token))]);
  }
});

describe("an event that nobody may believe (X-4, TH1, I13)", () => {
  /** An order that is open, and the event that would pay it if events were believed. */
  async function lure() {
    const paid = await buy(url);
    await pay(paid.checkout_url);
    await delivered(paid.token);
    const open = await buy(url);
    await platform.quiet();
    const metadata = { merchant_id: "lees", order_id: orderIdOf(open.token), payment_id: orderIdOf(open.token) };
    const payload = changed(await eventOf(paid.token), `evt_lure_${orderIdOf(open.token)}`, {
      id: sessionOf(open.checkout_url),
      metadata,
      payment_status: "paid",
    });
    return { open, payload, digest: await platform.table.digest() };
  }

  it("unsigned, wrongly signed, changed after signing, or too old is refused, and the table stays as it was", async () => {
    const { payload, digest } = await lure();
    const good = signed(payload, endpoint.secret);
    const [time, signature = ""] = good.split(",");
    const forgeries: readonly [string, string | undefined][] = [
      [payload, undefined],
      [payload, ""],
      [payload, "t=1,v1=00"],
      [payload, signed(payload, "whsec_of_another_merchant")],
      [payload, signed(payload, endpoint.secret, 3_600)],
      [payload, `${time},${signature.replace("v1=", "v0=")}`],
      [payload, `t=${Number(time?.slice(2)) + 1},${signature}`],
      [payload, good.replace(/.$/, (last) => (last === "0" ? "1" : "0"))],
      [`${payload} `, good],
      [payload.replace("6000", "6001"), good],
      [JSON.stringify(JSON.parse(payload), null, 1), good],
      [`\uFEFF${payload}`, good],
      ["", good],
    ];
    for (const [body, header] of forgeries) {
      const answer = await send(body, header);
      expect([header, answer.status, ((await answer.json()) as { code: string }).code]).toEqual([header, 400, "signature_invalid"]);
    }
    expect(await platform.table.digest()).toBe(digest);
  });

  it("at an address that is no connection is refused", async () => {
    const { payload, digest } = await lure();
    const answer = await send(payload, signed(payload, endpoint.secret), endpoint.path.replace(/[^/]+$/, "cn-nobody"));
    expect(answer.status).toBe(404);
    expect(await platform.table.digest()).toBe(digest);
  });

  it("of live mode at a test connection is refused, however well it is signed", async () => {
    const { payload, digest } = await lure();
    const live = JSON.stringify({ ...JSON.parse(payload), livemode: true });
    expect((await send(live, signed(live, endpoint.secret))).status).toBe(400);
    expect(await platform.table.digest()).toBe(digest);
  });

  it("truly signed and untrue delivers nothing: the provider is asked, not the event (I5)", async () => {
    const { open, payload } = await lure();
    const digest = await platform.table.digest(["INBOX"]);
    expect((await send(payload, signed(payload, endpoint.secret))).status).toBe(200);
    await platform.quiet();
    expect(await platform.table.digest(["INBOX"])).toBe(digest);
    expect(await statusOf(url, open.token)).toEqual({ state: "awaiting_payment", sms: "none" });
    expect(await platform.world.texts(open.phone)).toEqual([]);
  });

  it("truly signed for another merchant's order starts nothing: the tenant is the connection's (I31)", async () => {
    const { payload } = await lure();
    const digest = await platform.table.digest(["INBOX"]);
    const runs = platform.shop.workflows.executions.length;
    const foreign = payload.replaceAll('"merchant_id":"lees"', '"merchant_id":"other"').replace("evt_lure_", "evt_foreign_");
    expect((await send(foreign, signed(foreign, endpoint.secret))).status).toBe(200);
    expect(platform.shop.workflows.executions).toHaveLength(runs);
    expect(await platform.table.digest(["INBOX"])).toBe(digest);
  });

  it("changed on its way is refused; its true retry delivers", async () => {
    await platform.world.faults("stripe", { tamper_next: 1, topic: "checkout.session.completed" });
    const { token, checkout_url } = await buy(url);
    await pay(checkout_url);
    await delivered(token);
    const { stripe } = await platform.world.state();
    const [latest] = stripe.deliveries.filter(({ topic }) => topic === "checkout.session.completed");
    expect(latest?.attempts.map(({ status, tampered }) => [status, tampered ?? false])).toEqual([
      [400, true],
      [200, false],
    ]);
  });
});

describe("an event that never comes (I6, I14)", () => {
  const sweep = () => platform.world.runSchedule(platform.shop.inventory.schedules[0]?.id ?? "");

  it("is made up for by the sweep: the number is delivered, once", async () => {
    await platform.world.faults("stripe", { forget_next: 1, topic: "checkout.session.completed" });
    const { token, checkout_url, phone } = await buy(url);
    await pay(checkout_url);
    await platform.quiet();
    expect((await statusOf(url, token)).state).toBe("awaiting_payment");
    await platform.table.makeDue(orderIdOf(token));
    await Promise.all([sweep(), sweep()]);
    await delivered(token);
    await platform.quiet();
    expect(await platform.world.texts(phone)).toHaveLength(1);
    // The lost event turns up after all.
    const digest = await platform.table.digest(["INBOX"]);
    const payload = JSON.stringify(await eventOf(token));
    expect((await send(payload, signed(payload, endpoint.secret))).status).toBe(200);
    await platform.quiet();
    expect(await platform.table.digest(["INBOX"])).toBe(digest);
  });

  it("for an order nobody paid leaves it waiting, and its next look is later", async () => {
    const { token } = await buy(url);
    await platform.table.makeDue(orderIdOf(token));
    const mine = async () => (await platform.table.of<{ id: string; due_at: string }>("ORDER")).find(({ id }) => id === orderIdOf(token));
    const before = await mine();
    await sweep();
    await platform.quiet();
    const after = await mine();
    expect(after).toEqual({ ...before, due_at: expect.any(String) });
    expect(String(after?.due_at) > new Date().toISOString()).toBe(true);
  });
});

it("after all of this the books are right (I1-I7, I9, I32)", async () => {
  await platform.quiet();
  const { violations } = recount(await platform.table.all(), await platform.world.truth(), { imported: 300, settled: true });
  expect(violations).toEqual([]);
  expect(platform.shop.gateway.denied).toEqual([]);
});
