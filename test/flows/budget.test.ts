import { request } from "node:http";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, it, jest } from "@jest/globals";
import { buy, newKey, open, orderIdOf, orderOf, type Placed, place, statusOf } from "./buyer.ts";
import { type Cost, costOf, httpFunctions, sum } from "./meter.ts";
import { sessionOf } from "./outside-world.ts";
import { openPlatform, type Platform } from "./platform.ts";
import { registeredEndpoint, signed } from "./stripe-signer.ts";

jest.setTimeout(180_000);

let platform: Platform;
let url = "";
/** A sale that has the platform to itself. The outbox's part comes twenty seconds later and writes nothing; `npm run bench` counts it. */
let lone: Cost;
let sold: Placed & { readonly phone: string };
beforeAll(async () => {
  platform = await openPlatform();
  url = platform.shop.url;
  await sale();
  lone = await costOf(platform, async () => {
    await open(platform.shop.scan);
    sold = await sale();
    await open(sold.order_url);
    await statusOf(url, sold.token);
  });
}, 180_000);
afterAll(() => platform?.stop(), 60_000);

async function sale(): Promise<Placed & { readonly phone: string }> {
  const placed = await buy(url);
  await platform.world.pay(sessionOf(placed.checkout_url));
  await platform.quiet();
  expect(await platform.world.texts(placed.phone)).toMatchObject([{ status: "delivered" }]);
  return placed;
}

const reservation = ["BatchGetItem", "Query", "TransactWriteItems"];

it("an order is three table calls, 2 RCU and 11 WCU at most, the index included (S1)", () => {
  const spent = lone.of("orders", reservation);
  expect(spent.calls).toBe(3);
  expect(spent.readUnits).toBeLessThanOrEqual(2);
  expect(spent.writeUnits).toBeLessThanOrEqual(11);
});

it("its checkout writes 2 WCU: the payment, then the session", () => {
  expect(lone.of("orders", ["PutItem", "UpdateItem", "DeleteItem"])).toMatchObject({ calls: 2, writeUnits: 2 });
});

it("the webhook writes 1 WCU: the event as received", () => {
  expect(lone.of("payments-webhook", ["PutItem", "UpdateItem", "TransactWriteItems"])).toMatchObject({ calls: 1, writeUnits: 1 });
});

it("delivery is one transaction of 11 WCU at most (S7, G-50)", () => {
  expect(lone.of("fulfil-confirm").writeUnits).toBe(0);
  const spent = lone.of("fulfil-deliver", ["TransactWriteItems", "PutItem", "UpdateItem"]);
  expect(spent.calls).toBe(1);
  expect(spent.writeUnits).toBeLessThanOrEqual(11);
});

it("the whole life of an order is 28 WCU at most (S15)", () => {
  expect(lone.all.writeUnits).toBeLessThanOrEqual(28);
});

it("a sale is seven calls of the HTTP API at most, one run of the workflow that never waits, one session and one text (S16, S17, S28)", async () => {
  expect(sum(lone.invocations, httpFunctions)).toBeLessThanOrEqual(7);
  const runs = platform.shop.workflows.executions.filter(({ states }) => states.includes("Deliver"));
  expect(runs.at(-1)?.states).toEqual(["Confirm", "Settled?", "Deliver", "Delivered?", "Send"]);
  const types = JSON.stringify(platform.shop.inventory.stateMachines.map(({ type, definition }) => [type, definition]));
  expect(types).toContain("EXPRESS");
  expect(types).not.toContain('"Type":"Wait"');
  const { sessions } = await platform.world.truth();
  expect(sessions.filter(({ metadata }) => metadata.order_id === orderIdOf(sold.token))).toHaveLength(1);
  expect(await platform.world.texts(sold.phone)).toHaveLength(1);
});

it("a sale is ten invocations before its record is read: seven for HTTP, three for the workflow (S17)", () => {
  // Readers of the stream and their queue, for many sales at once; and what runs by the clock.
  const behind = ["outbox", "fulfil-events", "reports-journal", "fulfil-sweep", "reports-reconcile"];
  const path = Object.keys(lone.invocations).filter((name) => !behind.includes(name));
  expect(sum(lone.invocations, path)).toBeLessThanOrEqual(10);
});

it("a replayed order costs 0 WCU, no session and no text, once and ten times at once (S8, X-3)", async () => {
  const [body, headers] = [orderOf(), { "idempotency-key": newKey() }];
  const first = await place(url, body, headers);
  const before = (await platform.world.truth()).sessions.length;
  const cost = await costOf(platform, async () => {
    for (const copies of [1, 10]) {
      const answers = await Promise.all(Array.from({ length: copies }, () => place(url, body, headers)));
      expect(answers.map(({ body: again }) => again)).toEqual(Array(copies).fill(first.body));
    }
  });
  expect(cost.all.writeUnits).toBe(0);
  expect((await platform.world.truth()).sessions).toHaveLength(before);
});

it("a replayed webhook costs 0 WCU, 1 RCU where it is received, and no text, once and ten times at once (S8, X-4)", async () => {
  const { events } = await platform.world.truth();
  const event = events.find(({ type, data }) => type === "checkout.session.completed" && data.object.metadata?.order_id === orderIdOf(sold.token));
  const payload = JSON.stringify(event);
  const { secret, path } = registeredEndpoint(platform.dataDir);
  const copies = 11;
  const cost = await costOf(platform, async () => {
    const send = () =>
      fetch(url + path, {
        method: "POST",
        body: payload,
        headers: { "content-type": "application/json", "stripe-signature": signed(payload, secret) },
      });
    for (const { status } of [await send(), ...(await Promise.all(Array.from({ length: copies - 1 }, send)))]) expect(status).toBe(200);
  });
  expect(cost.all.writeUnits).toBe(0);
  expect(cost.of("payments-webhook").readUnits).toBeLessThanOrEqual(copies);
  expect(await platform.world.texts(sold.phone)).toHaveLength(1);
});

it("a sold-out refusal costs 0 WCU and two queries at most (S4)", async () => {
  const left = (await platform.table.all()).filter(({ pk }) => pk === "POOL#lees#CW-240#lees-main").length;
  for (let rest = left; rest > 0; rest -= 5) await buy(url, { lines: [{ item: "CW-240", quantity: Math.min(5, rest) }] });
  const cost = await costOf(platform, async () => {
    expect((await place(url, orderOf({ lines: [{ item: "CW-240", quantity: 1 }] }))).status).toBe(409);
  });
  expect(cost.all.writeUnits).toBe(0);
  expect(cost.of("orders", ["Query"]).calls).toBeLessThanOrEqual(2);
});

it("a scan is one listing and one count per item: one read and three eventual queries (S25)", async () => {
  const cost = await costOf(platform, async () => void (await open(platform.shop.scan)));
  expect(cost.of("storefront", ["GetItem", "BatchGetItem"]).calls).toBe(1);
  expect(cost.of("storefront", ["Query"])).toMatchObject({ calls: 3, readUnits: 1.5 });
  expect(cost.all.writeUnits).toBe(0);
});

it("the scan page paints from one request of 14 KB at most; scripts until Pay are 15 KB at most, and none blocks (S24)", async () => {
  const { html } = await open(platform.shop.scan);
  expect(html).not.toMatch(/<link[^>]+rel="?stylesheet|@import|url\(/);
  const scripts = [...html.matchAll(/<script\b([^>]*)>/g)].map(([, attributes = ""]) => attributes);
  for (const attributes of scripts) expect(attributes).toMatch(/ src="\/assets\/[^"]+" defer/);
  for (const coding of ["br", "gzip"]) expect(await bytesServed(platform.shop.scan, coding)).toBeLessThanOrEqual(14 * 1024);
  const sources = scripts.map((attributes) => /src="([^"]+)"/.exec(attributes)?.[1] ?? "");
  const bytes = await Promise.all(sources.map(async (source) => gzipSync(Buffer.from(await (await fetch(url + source)).arrayBuffer())).length));
  expect(bytes.reduce((all, one) => all + one, 0)).toBeLessThanOrEqual(15 * 1024);
});

/** Bytes of the body as they come over the wire. */
const bytesServed = (address: string, coding: string): Promise<number> =>
  new Promise((resolve, reject) => {
    const asked = request(address, { headers: { "accept-encoding": coding } }, (answer) => {
      expect(answer.headers["content-encoding"]).toBe(coding);
      let bytes = 0;
      answer.on("data", (chunk: Buffer) => (bytes += chunk.length));
      answer.once("end", () => resolve(bytes));
    });
    asked.once("error", reject);
    asked.end();
  });
