import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";
import {
  buy,
  hiddenFields,
  listing,
  newKey,
  newPhone,
  open,
  orderOf,
  type Placed,
  type Problem,
  place,
  pressPay,
  pressUntilAnswered,
  statusOf,
  submit,
} from "./buyer.ts";
import { sessionOf } from "./outside-world.ts";
import { eventually, openPlatform, type Platform } from "./platform.ts";
import { recount } from "./recount.ts";

jest.setTimeout(120_000);

let platform: Platform;
let url = "";
let scan = "";
beforeAll(async () => {
  platform = await openPlatform();
  ({ url, scan } = platform.shop);
}, 120_000);
afterAll(() => platform?.stop(), 60_000);

const delivered = (token: string) => eventually("the text message reached the buyer", async () => (await statusOf(url, token)).sms === "delivered");
const tokenOf = (address: string): string => new URL(address).pathname.split("/").at(-1) ?? "";
const serialOf = (text: string): string => /LW\d+-\d{4}/.exec(text)?.[0] ?? "none";

describe("a sale by a browser without scripts", () => {
  it("goes from the scan to the number on the page and in the text message (G-14, G-31, G-33, G-38, G-39, G-40, G-42, G-47)", async () => {
    const page = await open(scan);
    expect(page.status).toBe(200);
    expect(page.headers.get("cache-control")).toBe("no-store");
    for (const words of ["Lees Car Wash", "1290 Main St", "$60", "$120", "$240", "20+ left"]) expect(page.html).toContain(words);

    const phone = newPhone();
    const pressed = await pressPay(url, page, { item: "CW-60", phone: phone.slice(2) });
    expect(pressed.status).toBe(303);
    const checkout = pressed.headers.get("location") ?? "";
    expect(new URL(checkout).origin).toBe(platform.shop.simulators);

    const hosted = await open(checkout);
    expect(hosted.html).toContain("60.00");
    const paid = await submit(checkout, { card: "4242424242424242" });
    expect(paid.status).toBe(303);
    const back = paid.headers.get("location") ?? "";
    expect(new URL(back).origin).toBe(url);

    const token = tokenOf(back);
    await delivered(token);
    const order = await open(`${url}/o/${token}`);
    const serial = serialOf(order.html);
    expect(serial).toMatch(/^LW60-\d{4}$/);
    expect(order.html).toContain("Open the left box beside bay 1");
    const texts = await platform.world.texts(phone);
    expect(texts).toHaveLength(1);
    expect(texts[0]?.body).toContain(serial);
    expect(texts[0]?.body).toContain(`${url}/o/${token}`);
  });

  it("comes back to the scan page with a sentence when the form is wrong, and nothing is held (G-49)", async () => {
    const before = await platform.table.digest();
    const page = await open(`${scan}&item=CW-120&lang=fr`);
    const pressed = await pressPay(url, page, { item: "CW-120", phone: "12345" });
    const location = pressed.headers.get("location") ?? "";
    expect([pressed.status, new URL(location, url).searchParams.get("problem")]).toEqual([303, "invalid_request"]);
    expect(location).not.toContain("12345");
    const again = await open(new URL(location, url).href);
    expect(again.html).toMatch(/id="problem"[^>]*>.*Rien n’a été débité/s);
    expect(await platform.table.digest()).toBe(before);
  });

  it("gives a form key with every page; a made-up one is refused (X-3)", async () => {
    const first = hiddenFields((await open(scan)).html).form_key;
    const page = await open(scan);
    expect(hiddenFields(page.html).form_key).not.toBe(first);
    const pressed = await pressPay(url, page, { item: "CW-60", phone: newPhone(), form_key: newKey() });
    expect([pressed.status, new URL(pressed.headers.get("location") ?? "", url).searchParams.get("problem")]).toEqual([303, "form_expired"]);
  });

  it("sends a second tap on the same page to the first tap's checkout (X-3)", async () => {
    const page = await open(scan);
    const typed = { item: "CW-60", phone: newPhone() };
    const taps = await Promise.all([pressPay(url, page, typed), pressPay(url, page, typed)]);
    const again = await pressPay(url, page, typed);
    const led = [...taps, again].map((tap) => tap.headers.get("location") ?? "").filter((location) => location.includes("/pay/"));
    expect(new Set(led).size).toBe(1);
    expect(again.headers.get("location")).toBe(led[0]);
    const orders = await platform.table.of<{ placed_at: string; phone_ending: string; buyer_id: string }>("ORDER");
    const session = (await platform.world.truth()).sessions.find(({ id }) => id === sessionOf(led[0] ?? ""));
    const [mine] = await platform.table
      .of<{ id: string; buyer_id: string }>("ORDER")
      .then((all) => all.filter(({ id }) => id === session?.metadata.order_id));
    expect(orders.filter(({ buyer_id }) => buyer_id === mine?.buyer_id)).toHaveLength(1);
  });
});

describe("a sale by a script", () => {
  it("answers 201 with the order's address, the checkout and the exact total; paying it delivers (G-36, G-42)", async () => {
    const placed = await place(url, orderOf({ lines: [{ item: "CW-240", quantity: 2 }] }));
    expect(placed.status).toBe(201);
    expect(placed.headers.get("idempotency-replayed")).toBeNull();
    const { token, order_url, checkout_url, total } = placed.body;
    expect([order_url, total]).toEqual([`${url}/o/${token}`, { amount: 48_000, currency: "CAD" }]);
    expect(await statusOf(url, token)).toEqual({ state: "awaiting_payment", sms: "none" });
    expect(await platform.world.pay(sessionOf(checkout_url))).toMatchObject({ kind: "paid" });
    await delivered(token);
    expect(await statusOf(url, token)).toEqual({ state: "assigned", sms: "delivered" });
    const page = await open(order_url);
    expect(new Set(page.html.match(/LW240-\d{4}/g)).size).toBe(2);
    const orders = await platform.table.of<{ id: string; order_type: string }>("ORDER");
    expect(orders.find(({ id }) => token.includes(id))?.order_type).toBe("SERIALIZED");
  });

  it("gives a retry the first order, says so, and holds nothing twice (X-3)", async () => {
    const [body, headers] = [orderOf(), { "idempotency-key": newKey() }];
    const first = await place(url, body, headers);
    const digest = await platform.table.digest();
    const again = await place(url, body, headers);
    expect([again.status, again.body]).toEqual([201, first.body]);
    expect(again.headers.get("idempotency-replayed")).toBe("true");
    expect(await platform.table.digest()).toBe(digest);
  });

  it("refuses a key that was used for another body (X-3)", async () => {
    const headers = { "idempotency-key": newKey() };
    const body = orderOf();
    await place(url, body, headers);
    const other = await place<Problem>(url, { ...body, lines: [{ item: "CW-120", quantity: 1 }] }, headers);
    expect([other.status, other.body.code]).toEqual([422, "key_reused"]);
    expect(other.headers.get("content-type")).toBe("application/problem+json");
  });

  const refusals: readonly [string, () => Promise<{ status: number; body: Problem }>, number, string][] = [
    ["no key (X-3)", () => place<Problem>(url, orderOf(), { "idempotency-key": undefined }), 400, "key_missing"],
    ["a listing that is not there", () => place<Problem>(url, orderOf({ listing_id: "no-such-listing" })), 404, "item_unknown"],
    ["an item that is not there", () => place<Problem>(url, orderOf({ lines: [{ item: "CW-1", quantity: 1 }] })), 404, "item_unknown"],
    ["a node that is not the shop's", () => place<Problem>(url, orderOf({ node: "NODE_FOREIGN" })), 409, "node_unknown"],
    ["a phone that is none", () => place<Problem>(url, orderOf({ phone: "12345" })), 400, "invalid_request"],
    ["a phone of an island whose texts are dear", () => place<Problem>(url, orderOf({ phone: "+18765550123" })), 400, "invalid_request"],
    ["a price of the buyer's own", () => place<Problem>(url, orderOf({ price: 1 })), 400, "invalid_request"],
    ["a quantity below one", () => place<Problem>(url, orderOf({ lines: [{ item: "CW-60", quantity: 0 }] })), 400, "invalid_request"],
    ["a body that is not JSON", () => place<Problem>(url, orderOf(), { "content-type": "text/plain" }), 400, "invalid_request"],
    ["another site's page (TH20)", () => place<Problem>(url, orderOf(), { origin: "https://evil.example" }), 403, "origin_refused"],
    ["a call past the distribution", () => place<Problem>(platform.shop.apiUrl, orderOf()), 403, "origin_refused"],
    [
      "a guessed secret of the distribution",
      () => place<Problem>(platform.shop.apiUrl, orderOf(), { "x-origin-secret": "guess" }),
      403,
      "origin_refused",
    ],
  ];
  it.each(refusals)("refuses %s with a problem a person can act on, and changes nothing", async (_what, send, status, code) => {
    const before = await platform.table.digest();
    const answer = await send();
    expect([answer.status, answer.body.code, answer.body.status]).toEqual([status, code, status]);
    expect(answer.body.detail).toMatch(/Nothing was|No /);
    expect(answer.body.request_id).toEqual(expect.any(String));
    expect(await platform.table.digest()).toBe(before);
  });
});

describe("the payment page", () => {
  it("after a decline takes another card, and one number is delivered for one charge", async () => {
    const { checkout_url, token, phone } = await buy(url);
    const declined = await submit(checkout_url, { card: "4000000000000002" });
    expect(new URL(declined.headers.get("location") ?? "", checkout_url).pathname).toBe(new URL(checkout_url).pathname);
    expect((await open(checkout_url)).html).toMatch(/declined/i);
    expect(await statusOf(url, token)).toEqual({ state: "awaiting_payment", sms: "none" });
    expect((await submit(checkout_url, { card: "4242424242424242" })).headers.get("location")).toContain(token);
    await delivered(token);
    expect(await platform.world.texts(phone)).toHaveLength(1);
  });

  it("asks the bank where the card wants that, and delivers once the buyer confirmed", async () => {
    const { checkout_url, token } = await buy(url);
    const asked = await submit(checkout_url, { card: "4000002500003155" });
    const challenge = new URL(asked.headers.get("location") ?? "", checkout_url).href;
    expect(challenge).toMatch(/\/challenge$/);
    expect((await statusOf(url, token)).state).toBe("awaiting_payment");
    await submit(challenge, { answer: "complete" });
    await delivered(token);
  });

  it("pressed twice charges once and delivers once (X-3)", async () => {
    const { checkout_url, token, phone } = await buy(url);
    await Promise.all([submit(checkout_url, { card: "4242424242424242" }), submit(checkout_url, { card: "4242424242424242" })]);
    await delivered(token);
    const { payment_intents } = await platform.world.truth();
    expect(payment_intents.filter(({ metadata, status }) => token.includes(metadata.order_id ?? "-") && status === "succeeded")).toHaveLength(1);
    expect(await platform.world.texts(phone)).toHaveLength(1);
  });

  it("is the same one when the order page opens it again: one live session per order (S28)", async () => {
    const { token, checkout_url } = await buy(url);
    const again = await fetch(`${url}/api/orders/${token}/checkout`, { method: "POST" });
    expect([again.status, await again.json()]).toEqual([200, { checkout_url }]);
    const { sessions } = await platform.world.truth();
    expect(sessions.filter(({ metadata }) => token.includes(metadata.order_id ?? "-"))).toHaveLength(1);
  });

  it("that cannot be opened leaves the order, which opens it later", async () => {
    await platform.world.faults("stripe", { api_fail_next: 4, api_fail_status: 500 });
    const placed = await place<Omit<Placed, "checkout_url"> & { checkout_url: string | null }>(url, orderOf());
    await platform.world.faults("stripe", { clear: true });
    expect([placed.status, placed.body.checkout_url]).toEqual([201, null]);
    expect((await open(placed.body.order_url)).html).toContain("checkout");
    const later = (await (await fetch(`${url}/api/orders/${placed.body.token}/checkout`, { method: "POST" })).json()) as { checkout_url: string };
    await platform.world.pay(sessionOf(later.checkout_url));
    await delivered(placed.body.token);
  });
});

describe("what is not there", () => {
  it("a listing answers a page that says so, with 404", async () => {
    const page = await open(`${url}/scan/no-such-listing`);
    expect(page.status).toBe(404);
    expect(page.html).toContain("There is nothing for sale at this address");
  });

  it("a node that is not the shop's gets a warning and no form (TH11)", async () => {
    const page = await open(`${url}/scan/${listing}?node=NODE_FOREIGN`);
    expect(page.html).toContain("Do not pay here");
    expect(page.html).not.toContain("<form");
  });

  it("an order's address with a changed sign answers 404 on the page and to scripts, whichever sign it is", async () => {
    const { token } = await buy(url);
    const [merchant, order = "", signature = ""] = token.split(".");
    const flipped = (text: string) => `${text.slice(0, -1)}${text.endsWith("0") ? "1" : "0"}`;
    for (const other of [
      `${merchant}.${order}.${flipped(signature)}`,
      `${merchant}.${flipped(order)}.${signature}`,
      `other.${order}.${signature}`,
      "nonsense",
    ]) {
      const page = await open(`${url}/o/${other}`);
      expect([page.status, page.html.includes("There is no order at this address")]).toEqual([404, true]);
      expect([400, 404]).toContain((await fetch(`${url}/api/orders/${other}`)).status);
      expect([400, 404]).toContain((await fetch(`${url}/api/orders/${other}/checkout`, { method: "POST" })).status);
    }
    expect((await open(`${url}/o/${token}`)).status).toBe(200);
  });
});

describe("the buyer's language", () => {
  it.each([
    ["fr", "Payer", "Voici votre numéro", "votre numéro est"],
    ["zh", "支付", "洗车卡", "您的编号是"],
  ] as const)("%s stays from the scan to the order page and the text message", async (lang, button, title, text) => {
    const page = await open(`${scan}&lang=${lang}`);
    expect(page.html).toContain(button);
    const phone = newPhone();
    const pressed = await pressPay(url, page, { item: "CW-120", phone });
    const paid = await submit(pressed.headers.get("location") ?? "", { card: "4242424242424242" });
    const token = tokenOf(paid.headers.get("location") ?? "");
    await delivered(token);
    const order = await open(`${url}/o/${token}`);
    expect(order.html).toContain(title);
    const [sms] = await platform.world.texts(phone);
    expect(sms?.body).toContain(text);
    expect(sms?.body).toContain(serialOf(order.html));
    const refused = await place<Problem>(url, orderOf({ phone: "1" }), { "accept-language": lang });
    expect(refused.headers.get("content-language")).toBe(lang);
  });
});

it("a crowd takes five each while there are five; the others hear that it is sold out, on the page and in words, and hold nothing (G-18)", async () => {
  const left = (await platform.table.of("POOL")).filter(({ pk }) => pk === "POOL#lees#CW-120#lees-main").length;
  const fives = Math.floor(left / 5);
  expect(fives).toBeGreaterThan(10);
  const wanting = (quantity: number) => pressUntilAnswered(url, [{ item: "CW-120", quantity }]);
  const crowd = await Promise.all(Array.from({ length: 2 * fives }, () => wanting(5)));
  expect(crowd.map(({ status, body }) => `${status} ${body.code}`).sort()).toEqual([
    ...Array<string>(fives).fill("201 undefined"),
    ...Array<string>(fives).fill("409 out_of_stock"),
  ]);
  if (left % 5 > 0) expect((await wanting(left % 5)).status).toBe(201);
  const digest = await platform.table.digest();
  const refused = await wanting(1);
  expect([refused.status, refused.body.code]).toEqual([409, "out_of_stock"]);
  expect(await platform.table.digest()).toBe(digest);
  const page = await open(`${scan}&item=CW-120`);
  expect(page.html).toContain("Sold out");
  const pressed = await pressPay(url, page, { item: "CW-120", phone: newPhone() });
  expect(new URL(pressed.headers.get("location") ?? "", url).searchParams.get("problem")).toBe("out_of_stock");
});

it("after all of this the books are right: recounted from the raw records and the provider's truth (I1-I7, I9, I32)", async () => {
  await platform.quiet();
  const { violations } = recount(await platform.table.all(), await platform.world.truth(), { imported: 300, settled: true });
  expect(violations).toEqual([]);
  expect(platform.shop.gateway.denied).toEqual([]);
});
