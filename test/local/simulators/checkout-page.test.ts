import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { openStage, press, type Stage, washCard } from "./stage.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

const open = async (change: Parameters<typeof washCard>[0] = {}): Promise<{ id: string; url: string }> => {
  const { id, url } = await stage.stripe.checkout.sessions.create(washCard(change));
  return { id, url: url ?? "" };
};
const html = async (url: string, language = "en"): Promise<{ status: number; text: string }> => {
  const answer = await fetch(url, { headers: { "accept-language": language }, redirect: "manual" });
  return { status: answer.status, text: await answer.text() };
};
const successOf = (id: string): string => `https://shop.example/o/token?session=${id}`;
const intentOf = async (id: string) =>
  (await stage.stripe.checkout.sessions.retrieve(id, { expand: ["payment_intent.latest_charge"] })).payment_intent;

describe("the hosted page (G-42)", () => {
  it("says that it is simulated, what is bought, from whom and for how much", async () => {
    const { url } = await open();
    const { status, text } = await html(url);
    expect(status).toBe(200);
    for (const said of [
      "Simulated Stripe — no real money",
      "Lees Car Wash",
      "Wash card $60",
      "Pay $60.00",
      "CAD",
      "https://shop.example/scan/lees-car-wash",
    ])
      expect(text).toContain(said);
    expect(text).not.toContain("<script");
  });

  it.each([
    ["fr-CA", "en", "Payer 60,00", '<html lang="fr-CA">'],
    ["zh", "en", "支付 $60.00", '<html lang="zh-CN">'],
    ["auto", "fr;q=0.9,en;q=0.8", "Stripe simulé", '<html lang="fr-CA">'],
    ["auto", "de", "Simulated Stripe", '<html lang="en-CA">'],
  ] as const)("speaks by the locale %s of the session and the browser's %s", async (locale, browser, said, lang) => {
    const { url } = await open({ locale });
    const { text } = await html(url, browser);
    expect(text.replaceAll("\u00a0", " ")).toContain(said);
    expect(text).toContain(lang);
  });

  it("pays: 303 to the success address with the session's id, intent succeeded for the whole amount", async () => {
    const { id, url } = await open();
    const answer = await press(url, { card: "4242424242424242", email: "buyer@example.com" });
    expect([answer.status, answer.headers.get("location")]).toEqual([303, successOf(id)]);
    expect(await stage.stripe.checkout.sessions.retrieve(id)).toMatchObject({
      status: "complete",
      payment_status: "paid",
      url: null,
      customer_details: { email: "buyer@example.com" },
    });
    expect(await intentOf(id)).toMatchObject({
      status: "succeeded",
      amount: 6000,
      amount_received: 6000,
      currency: "cad",
      metadata: { order_id: "order_1" },
      latest_charge: { paid: true },
    });
  });

  it.each([
    ["4000000000000002", "generic_decline", "The bank declined the card. Nothing was charged."],
    ["4000000000009995", "insufficient_funds", "There is not enough money on the card. Nothing was charged."],
  ])("declines %s (%s), says so, and lets another card pay", async (card, decline_code, said) => {
    const { id, url } = await open();
    expect((await press(url, { card })).headers.get("location")).toBe(`/pay/${id}`);
    expect((await html(url)).text).toContain(said);
    expect(await intentOf(id)).toMatchObject({
      status: "requires_payment_method",
      amount_received: 0,
      last_payment_error: { code: "card_declined", decline_code },
    });
    expect((await stage.stripe.checkout.sessions.retrieve(id)).status).toBe("open");
    expect((await press(url, { card: "4242 4242 4242 4242" })).headers.get("location")).toBe(successOf(id));
    expect(await intentOf(id)).toMatchObject({ status: "succeeded", last_payment_error: null });
  });

  it("asks the bank's question on a second page; confirming pays", async () => {
    const { id, url } = await open();
    expect((await press(url, { card: "4000002500003155" })).headers.get("location")).toBe(`/pay/${id}/challenge`);
    expect((await html(`${url}/challenge`)).text).toContain("Is it you?");
    expect(await intentOf(id)).toMatchObject({ status: "requires_action", amount_received: 0 });
    expect((await press(`${url}/challenge`, { answer: "complete" })).headers.get("location")).toBe(successOf(id));
    expect(await intentOf(id)).toMatchObject({ status: "succeeded" });
  });

  it("failing the bank's question charges nothing and goes back to the cards", async () => {
    const { id, url } = await open();
    await press(url, { card: "4000002500003155" });
    expect((await press(`${url}/challenge`, { answer: "fail" })).headers.get("location")).toBe(`/pay/${id}`);
    expect((await html(url)).text).toContain("could not confirm that it was you. Nothing was charged.");
    expect(await intentOf(id)).toMatchObject({
      status: "requires_payment_method",
      last_payment_error: { code: "payment_intent_authentication_failure" },
    });
    await press(`${url}/challenge`, { answer: "complete" });
    expect(await intentOf(id)).toMatchObject({ status: "requires_payment_method" });
  });

  it("takes no text for a card number", async () => {
    const { id, url } = await open();
    const { headers } = await press(url, { card: "4242424242424242", typed: "1234 5678 9012 3456" });
    expect(headers.get("location")).toBe(`/pay/${id}?number`);
    expect((await html(`${url}?number`)).text).toContain("That is not a card number");
    expect(await intentOf(id)).toBeNull();
  });

  it("cannot be paid twice: of many presses at once one charges, all lead to the order (I7)", async () => {
    const { id, url } = await open();
    const answers = await Promise.all(Array.from({ length: 5 }, () => press(url, { card: "4242424242424242" })));
    expect(new Set(answers.map(({ headers }) => headers.get("location")))).toEqual(new Set([successOf(id)]));
    const { charges, payment_intents } = stage.simulators.control.stripe.truth();
    const intent = (await stage.stripe.checkout.sessions.retrieve(id)).payment_intent;
    expect(charges.filter(({ payment_intent }) => payment_intent === intent)).toHaveLength(1);
    expect(payment_intents.filter((one) => one.id === intent)).toHaveLength(1);
    expect((await html(url)).text).toContain("It cannot be paid again.");
  });

  it("takes no money for an expired session, and cancels what had begun", async () => {
    const { id, url } = await open();
    await press(url, { card: "4000000000000002" });
    await stage.stripe.checkout.sessions.expire(id);
    expect((await press(url, { card: "4242424242424242" })).headers.get("location")).toBe(`/pay/${id}`);
    expect(await html(url)).toMatchObject({ status: 410, text: expect.stringContaining("Nothing was charged.") });
    expect(await intentOf(id)).toMatchObject({ status: "canceled", cancellation_reason: "expired", amount_received: 0 });
  });

  it("says honestly that it does not know a session", async () => {
    expect((await html(`${stage.simulators.url}/pay/cs_test_nobody`)).status).toBe(404);
  });

  it("shows a merchant's text as text", async () => {
    const { url } = await open({
      line_items: [{ quantity: 3, price_data: { currency: "cad", unit_amount: 100, product_data: { name: "<img src=x onerror=alert(1)>" } } }],
    });
    const { text } = await html(url);
    expect(text).not.toContain("<img");
    expect(text).toContain("3 × $1.00");
  });
});
