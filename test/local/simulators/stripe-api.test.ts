import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import type StripeSdk from "stripe";
import { demoStripeReadOnlyKey, otherStripeSecretKey } from "../../../local/simulators/demo-keys.ts";
import { openStage, postJson, type Stage, sdk, washCard } from "./stage.ts";

let stage: Stage;
let stripe: StripeSdk;
beforeAll(async () => {
  stage = await openStage();
  stripe = stage.stripe;
});
afterAll(() => stage.close());

const seconds = (): number => Math.floor(Date.now() / 1000);
const faultOf = async (call: Promise<unknown>): Promise<StripeSdk.errors.StripeError> => {
  const outcome = await call.then(
    () => "it succeeded",
    (fault: unknown) => fault,
  );
  if (typeof outcome === "string") throw new Error(outcome);
  return outcome as StripeSdk.errors.StripeError;
};

describe("checkout sessions, through the official SDK", () => {
  it("creates an open session with the sum of its lines and a hosted page, and reads it back", async () => {
    const created = await stripe.checkout.sessions.create(
      washCard({
        line_items: [
          { quantity: 2, price_data: { currency: "CAD", unit_amount: 6000, product_data: { name: "Wash card $60" } } },
          { quantity: 1, price_data: { currency: "cad", unit_amount: 500, product_data: { name: "Towel" } } },
        ],
      }),
    );
    expect(created).toMatchObject({
      object: "checkout.session",
      status: "open",
      payment_status: "unpaid",
      amount_total: 12500,
      currency: "cad",
      livemode: false,
    });
    expect(created).toMatchObject({ payment_intent: null, client_reference_id: "order_1", metadata: { order_id: "order_1" } });
    expect(created.id).toMatch(/^cs_test_/);
    expect(created.url).toBe(`${stage.simulators.url}/pay/${created.id}`);
    expect(created.lastResponse.requestId).toMatch(/^req_/);
    const read = await stripe.checkout.sessions.retrieve(created.id, { expand: ["payment_intent", "line_items"] });
    expect(read.line_items?.data.map(({ description, amount_total }) => [description, amount_total])).toEqual([
      ["Wash card $60", 12000],
      ["Towel", 500],
    ]);
    expect(read.payment_intent).toBeNull();
  });

  it("ends an open session once; a second end is refused as Stripe words it", async () => {
    const { id } = await stripe.checkout.sessions.create(washCard());
    const ended = await stripe.checkout.sessions.expire(id);
    expect(ended).toMatchObject({ status: "expired", url: null });
    const again = await faultOf(stripe.checkout.sessions.expire(id));
    expect(again).toMatchObject({ statusCode: 400, rawType: "invalid_request_error" });
    expect(again.message).toBe('Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status of `expired`.');
  });

  it.each([
    ["29 minutes", 29 * 60, "at least 30 minutes"],
    ["25 hours", 25 * 3600, "less than 24 hours"],
  ])("refuses a life of %s", async (_, life, words) => {
    const fault = await faultOf(stripe.checkout.sessions.create(washCard({ expires_at: seconds() + life })));
    expect(fault).toMatchObject({ statusCode: 400, param: "expires_at" });
    expect(fault.message).toContain(words);
  });

  it("accepts 31 minutes, and 24 hours when nothing is said", async () => {
    const expires_at = seconds() + 31 * 60;
    expect((await stripe.checkout.sessions.create(washCard({ expires_at }))).expires_at).toBe(expires_at);
    const { expires_at: _, ...silent } = washCard();
    const session = await stripe.checkout.sessions.create(silent);
    expect(session.expires_at - session.created).toBe(24 * 3600);
  });

  const priced = (price_data: object, quantity: number | undefined = 1): StripeSdk.Checkout.SessionCreateParams =>
    washCard({
      line_items: [
        {
          ...(quantity === undefined ? {} : { quantity }),
          price_data: { currency: "cad", unit_amount: 6000, product_data: { name: "Wash" }, ...price_data },
        },
      ] as never,
    });
  it.each([
    ["an amount with a fraction", priced({ unit_amount: 12.5 }), "parameter_invalid_integer", "line_items[0][price_data][unit_amount]"],
    ["a negative amount", priced({ unit_amount: -100 }), "parameter_invalid_integer", "line_items[0][price_data][unit_amount]"],
    ["a total under 50 cents", priced({ unit_amount: 49 }), "amount_too_small", "line_items"],
    ["a total above a million", priced({ unit_amount: 99_999_999 }, 2), "amount_too_large", "line_items"],
    ["a currency that is none", priced({ currency: "zzz" }), undefined, "line_items[0][price_data][currency]"],
    [
      "no quantity",
      washCard({ line_items: [{ price_data: { currency: "cad", unit_amount: 6000, product_data: { name: "Wash" } } }] }),
      "parameter_missing",
      "line_items[0][quantity]",
    ],
    ["no lines", washCard({ line_items: undefined as never }), "parameter_missing", "line_items"],
    ["an address that is none", washCard({ success_url: "not an address" }), "url_invalid", "success_url"],
    ["an unknown parameter", { ...washCard(), colour: "green" }, "parameter_unknown", "colour"],
    [
      "payment methods in the form of before 2026-09-30",
      { ...washCard(), payment_method_types: ["card"] } as never,
      "payment_method_types_no_longer_supported",
      "payment_method_types",
    ],
    ["payment methods the account does not offer", washCard({ allowed_payment_method_types: ["alipay"] }), undefined, "allowed_payment_method_types"],
    ["a discount, which it would not take off", washCard({ discounts: [{ coupon: "HALF" }] }), undefined, "discounts"],
  ] as [string, StripeSdk.Checkout.SessionCreateParams, string | undefined, string][])("refuses %s", async (_, params, code, param) => {
    const fault = await faultOf(stripe.checkout.sessions.create(params));
    expect(fault).toMatchObject({ statusCode: 400, rawType: "invalid_request_error", param });
    expect(fault.code).toBe(code);
  });
});

describe("keys", () => {
  it.each([
    ["unknown", "rk_test_nobody_knows_this_one"],
    ["malformed", "hello"],
    ["live", "rk_live_gigbridge_demo_lees_car_wash_0001"],
    ["publishable", "pk_test_gigbridge_demo"],
  ])("refuses a key that is %s with 401, and never repeats it", async (_, key) => {
    const fault = await faultOf(sdk(stage.simulators.url, key).accounts.retrieveCurrent());
    expect(fault).toMatchObject({ type: "StripeAuthenticationError", statusCode: 401 });
    expect(fault.message).not.toContain(key);
  });

  it("lets a restricted key do only what it names, and says what is missing", async () => {
    const reader = sdk(stage.simulators.url, demoStripeReadOnlyKey);
    const { id } = await stripe.checkout.sessions.create(washCard());
    expect((await reader.checkout.sessions.retrieve(id)).id).toBe(id);
    const fault = await faultOf(reader.checkout.sessions.create(washCard()));
    expect(fault).toMatchObject({ type: "StripePermissionError", statusCode: 403 });
    expect(fault.message).toContain("rak_checkout_session_write");
  });

  it("shows one merchant nothing of another (I31)", async () => {
    const { id } = await stripe.checkout.sessions.create(washCard());
    const other = sdk(stage.simulators.url, otherStripeSecretKey);
    expect(await faultOf(other.checkout.sessions.retrieve(id))).toMatchObject({ statusCode: 404, code: "resource_missing" });
    expect((await other.checkout.sessions.list()).data).toEqual([]);
    expect(await faultOf(other.checkout.sessions.expire(id))).toMatchObject({ statusCode: 404 });
  });

  it("names the account and its currency", async () => {
    expect(await stripe.accounts.retrieveCurrent()).toMatchObject({
      object: "account",
      country: "CA",
      default_currency: "cad",
      charges_enabled: true,
    });
  });
});

describe("idempotency (X-3)", () => {
  it("replays status and body of the first request, and says so in a header", async () => {
    const options = { idempotencyKey: "sess-order_2-1" };
    const params = washCard();
    const first = await stripe.checkout.sessions.create(params, options);
    const again = await stripe.checkout.sessions.create(params, options);
    expect(again).toEqual(first);
    expect(first.lastResponse.headers["idempotent-replayed"]).toBeUndefined();
    expect(again.lastResponse.headers).toMatchObject({ "idempotent-replayed": "true", "original-request": first.lastResponse.requestId });
    expect(again.lastResponse.requestId).not.toBe(first.lastResponse.requestId);
  });

  it("replays the session as it was, not as it is", async () => {
    const options = { idempotencyKey: "sess-order_3-1" };
    const params = washCard();
    const { id } = await stripe.checkout.sessions.create(params, options);
    await stripe.checkout.sessions.expire(id);
    expect((await stripe.checkout.sessions.create(params, options)).status).toBe("open");
    expect((await stripe.checkout.sessions.retrieve(id)).status).toBe("expired");
  });

  it("refuses the key for other parameters and for another address", async () => {
    const options = { idempotencyKey: "sess-order_4-1" };
    const { id } = await stripe.checkout.sessions.create(washCard(), options);
    const other = await faultOf(stripe.checkout.sessions.create(washCard({ client_reference_id: "order_5" }), options));
    expect(other).toMatchObject({ type: "StripeIdempotencyError", statusCode: 400 });
    const elsewhere = await faultOf(stripe.checkout.sessions.expire(id, undefined, options));
    expect(elsewhere).toMatchObject({ type: "StripeIdempotencyError", statusCode: 400 });
  });

  it("saves nothing when validation failed, so the mended request may use the key", async () => {
    const options = { idempotencyKey: "sess-order_6-1" };
    await faultOf(stripe.checkout.sessions.create(washCard({ expires_at: seconds() + 60 }), options));
    expect((await stripe.checkout.sessions.create(washCard(), options)).status).toBe("open");
  });

  it("saves a refusal that came after work began", async () => {
    const { id } = await stripe.checkout.sessions.create(washCard());
    await stripe.checkout.sessions.expire(id);
    const options = { idempotencyKey: "expire-order_7-1" };
    const first = await faultOf(stripe.checkout.sessions.expire(id, undefined, options));
    const again = await faultOf(stripe.checkout.sessions.expire(id, undefined, options));
    expect(again.message).toBe(first.message);
    expect(again.headers?.["idempotent-replayed"]).toBe("true");
  });

  it("answers 409 while the first request with the key is still at work, and makes one session", async () => {
    await postJson(`${stage.simulators.url}/control/stripe/faults`, { api_delay_ms: 150 });
    const params = washCard({ client_reference_id: "order_8" });
    const calls = await Promise.allSettled([1, 2, 3].map(() => stripe.checkout.sessions.create(params, { idempotencyKey: "sess-order_8-1" })));
    await postJson(`${stage.simulators.url}/control/stripe/faults`, { clear: true });
    expect(calls.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    const refusals = calls.flatMap((call) => (call.status === "rejected" ? [call.reason as StripeSdk.errors.StripeError] : []));
    expect(refusals.map(({ statusCode, code }) => [statusCode, code])).toEqual([
      [409, "idempotency_key_in_use"],
      [409, "idempotency_key_in_use"],
    ]);
    const made = stage.simulators.control.stripe.truth().sessions.filter((session) => session.client_reference_id === "order_8");
    expect(made).toHaveLength(1);
  });
});

describe("faults of the API", () => {
  const faults = (change: object) => postJson(`${stage.simulators.url}/control/stripe/faults`, change);

  it("refuses the next calls before anything happens, then works again", async () => {
    await faults({ api_fail_next: 1, api_fail_status: 503 });
    expect(await faultOf(stripe.accounts.retrieveCurrent())).toMatchObject({ type: "StripeAPIError", statusCode: 503 });
    expect((await stripe.accounts.retrieveCurrent()).object).toBe("account");
  });

  it("loses an answer after the work was done: the same key finds the session again (F3)", async () => {
    await faults({ api_lose_next: 1 });
    const params = washCard({ client_reference_id: "order_9" });
    const options = { idempotencyKey: "sess-order_9-1" };
    // The SDK asks once more by itself when a connection closes; the key makes that harmless.
    const session = await stripe.checkout.sessions.create(params, options);
    expect(session.lastResponse.headers["idempotent-replayed"]).toBe("true");
    expect(stage.simulators.control.stripe.truth().sessions.filter(({ client_reference_id }) => client_reference_id === "order_9")).toHaveLength(1);
  });

  it.each([
    ["before", false, 0],
    ["after", true, 1],
  ])("breaks inside %s the work: the key repeats the failure, another key works (F3)", async (when, api_break_done, made) => {
    await faults({ api_break_next: 1, api_break_done });
    const params = washCard({ client_reference_id: `order_broke_${when}` });
    const create = (key: string) => stripe.checkout.sessions.create(params, { idempotencyKey: key, maxNetworkRetries: 0 });
    expect(await faultOf(create(`sess-broke-${when}`))).toMatchObject({ type: "StripeAPIError", statusCode: 500 });
    const again = await faultOf(create(`sess-broke-${when}`));
    expect([again.statusCode, again.headers?.["idempotent-replayed"]]).toEqual([500, "true"]);
    const ours = () => stage.simulators.control.stripe.truth().sessions.filter((one) => one.client_reference_id === `order_broke_${when}`);
    expect(ours()).toHaveLength(made);
    expect((await create(`sess-broke-${when}-1`)).status).toBe("open");
    await faults({ clear: true });
  });

  it("revokes every key on request", async () => {
    await faults({ api_key_revoked: true });
    expect(await faultOf(stripe.accounts.retrieveCurrent())).toMatchObject({ statusCode: 401, code: "api_key_expired" });
    await faults({ clear: true });
  });

  it("refuses a fault it does not know", async () => {
    expect((await faults({ explode: 1 })).status).toBe(400);
  });
});

describe("refunds (I8)", () => {
  it("refunds in parts, never more than was captured", async () => {
    const { id } = await stripe.checkout.sessions.create(washCard());
    stage.simulators.control.stripe.pay(id, { card: "4242424242424242" });
    const { payment_intent } = await stripe.checkout.sessions.retrieve(id);
    const intent = String(payment_intent);
    const first = await stripe.refunds.create({ payment_intent: intent, amount: 2500, reason: "requested_by_customer" });
    expect(first).toMatchObject({ object: "refund", amount: 2500, status: "succeeded", payment_intent: intent });
    const tooMuch = await faultOf(stripe.refunds.create({ payment_intent: intent, amount: 3501 }));
    expect(tooMuch.message).toBe("Refund amount ($35.01) is greater than unrefunded amount on charge ($35.00)");
    expect(await stripe.refunds.create({ payment_intent: intent })).toMatchObject({ amount: 3500 });
    expect(await faultOf(stripe.refunds.create({ payment_intent: intent }))).toMatchObject({ code: "charge_already_refunded" });
    expect((await stripe.refunds.list({ payment_intent: intent })).data.map(({ amount }) => amount)).toEqual([3500, 2500]);
    const read = await stripe.paymentIntents.retrieve(intent, { expand: ["latest_charge"] });
    expect(read.latest_charge).toMatchObject({ amount_refunded: 6000, refunded: true });
  });

  it("refunds nothing that was not paid", async () => {
    const { id } = await stripe.checkout.sessions.create(washCard());
    stage.simulators.control.stripe.pay(id, { card: "4000000000000002" });
    const { payment_intent } = await stripe.checkout.sessions.retrieve(id);
    expect(await faultOf(stripe.refunds.create({ payment_intent: String(payment_intent) }))).toMatchObject({ statusCode: 400 });
  });
});

it("pages lists by their newest first", async () => {
  const ids: string[] = [];
  for (const reference of ["a", "b", "c"]) ids.unshift((await stripe.checkout.sessions.create(washCard({ client_reference_id: reference }))).id);
  const [newest] = (await stripe.checkout.sessions.list({ limit: 1 })).data;
  expect(newest?.id).toBe(ids[0]);
  const rest = await stripe.checkout.sessions.list({ limit: 2, starting_after: ids[0] ?? "" });
  expect(rest.data.map(({ id }) => id)).toEqual(ids.slice(1));
  expect(rest.has_more).toBe(true);
});

it("answers an address it does not have as Stripe does", async () => {
  expect(await faultOf(stripe.customers.list())).toMatchObject({ statusCode: 404, rawType: "invalid_request_error" });
});
