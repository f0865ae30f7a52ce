import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";
import { buy, newKey, open, orderIdOf, type Placed, statusOf } from "./buyer.ts";
import { letDaysPass } from "./days.ts";
import { merchant_id, type Operate, operatorsOf, refundOrder } from "./operators.ts";
import { cards, type StripeRefund, sessionOf } from "./outside-world.ts";
import { eventually, openPlatform, type Platform } from "./platform.ts";
import { recount } from "./recount.ts";

jest.setTimeout(120_000);

let platform: Platform;
let operate: Operate;
beforeAll(async () => {
  platform = await openPlatform();
  operate = operatorsOf(platform.shop.invoke);
}, 120_000);
afterAll(() => platform?.stop(), 60_000);

type Sale = Placed & { readonly phone: string; readonly order_id: string };
interface StoredOrder {
  readonly refunds_open?: number;
  readonly id: string;
  readonly status: string;
  readonly refunded?: number;
  readonly dispute?: { readonly status: string };
  readonly attention_note?: { readonly reason: string };
  readonly failed_refunds?: readonly { readonly amount: number }[];
  readonly lines: readonly { readonly units: readonly string[] }[];
}

async function sale(card: string = cards.plain, quantity = 1): Promise<Sale> {
  const placed = await buy(platform.shop.url, { lines: [{ item: "CW-60", quantity }] });
  await platform.world.pay(sessionOf(placed.checkout_url), { card });
  await eventually("the order is paid", async () => (await statusOf(platform.shop.url, placed.token)).state === "assigned");
  return { ...placed, order_id: orderIdOf(placed.token) };
}
const stored = async ({ order_id }: Sale): Promise<StoredOrder> => {
  const found = (await platform.table.of<StoredOrder>("ORDER")).find(({ id }) => id === order_id);
  if (found === undefined) throw new Error(`order ${order_id} is not there`);
  return found;
};
const becomes = (sold: Sale, what: string, holds: (order: StoredOrder) => boolean) => eventually(what, async () => holds(await stored(sold)));
const unitsOf = async ({ order_id }: Sale) =>
  (await platform.table.of<{ status: string; order_id?: string; frozen_by?: string }>("UNIT"))
    .filter((unit) => unit.order_id === order_id)
    .map(({ status, frozen_by }) => (frozen_by === undefined ? status : `${status}, frozen`))
    .sort();
const intentOf = async ({ order_id }: Sale): Promise<string> =>
  (await platform.world.truth()).payment_intents.find(({ metadata }) => metadata.order_id === order_id)?.id ?? "none";
const givenBack = async (sold: Sale): Promise<readonly StripeRefund[]> =>
  (await platform.world.truth()).refunds.filter(({ metadata }) => metadata.order_id === sold.order_id);
const serialIn = (text: string): string => /LW60-\d{4}/.exec(text)?.[0] ?? "none";
const pageOf = async ({ token }: Sale): Promise<string> => (await open(`${platform.shop.url}/o/${token}`)).html;

/** The texts about these take the outbox's twenty seconds: they are looked for at the end. */
let replaced: { readonly sold: Sale; readonly old: string; readonly serial_number: string };
let given: { readonly sold: Sale; readonly fresh: string };

it("a buyer whose number does not work gets another, once, whoever asks again (G-16, G-20)", async () => {
  const sold = await sale();
  const old = serialIn(await pageOf(sold));
  // The sale's own text comes first: one that is sent only after the replacement tells the new number, as it should.
  await eventually("the text of the sale is there", async () => (await platform.world.texts(sold.phone)).length === 1);
  const body = { merchant_id, order_id: sold.order_id, serial_number: old, reason: "gate does not read it" };
  const key = newKey();
  const answer = await operate<{ serial_number: string }>("fulfil-stock-operator", "replaceUnit", body, key);
  expect(answer).toMatchObject({ ok: true, repeated: false });
  expect(await operate("fulfil-stock-operator", "replaceUnit", body, key)).toEqual({ ...answer, repeated: true });
  expect(await operate("fulfil-stock-operator", "replaceUnit", body)).toMatchObject({ ok: false, code: "already_replaced" });
  const serial_number = answer.result?.serial_number ?? "none";
  expect(serialIn(await pageOf(sold))).toBe(serial_number);
  replaced = { sold, old, serial_number };
});

describe("the exceptions desk (I6, I11)", () => {
  interface Listed {
    readonly exceptions: readonly {
      readonly order_id: string;
      readonly reason: string;
      readonly evidence: { readonly units_missing: number };
      readonly ends: readonly { readonly command: string; readonly body: object }[];
    }[];
  }
  const desk = "fulfil-desk-operator";
  const list = async () => (await operate<Listed>(desk, "listExceptions", { merchant_id })).result?.exceptions ?? [];

  it("has a refund that came to nothing, with its ends; the one that gives other units is taken, once, and the buyer has a number again", async () => {
    expect(await list()).toEqual([]);
    const sold = await sale(cards.refundBounces);
    const { order_id } = sold;
    await refundOrder(operate, order_id);
    await becomes(sold, "the money is back", ({ status }) => status === "refunded");
    const [made] = await givenBack(sold);
    await platform.world.endRefund(made?.id ?? "none", "fails");
    await eventually("the order is on the desk", async () => (await list()).length === 1);

    const [shown] = await list();
    expect(shown).toMatchObject({ order_id, reason: "units_missing", evidence: { units_missing: 1 } });
    const give = shown?.ends.find(({ command }) => command === "giveUnits");
    const key = newKey();
    const answers = await Promise.all(
      [1, 2].map(() => operate<{ units: readonly { serial_number: string }[] }>(desk, "giveUnits", give?.body ?? {}, key)),
    );
    expect(answers.map(({ ok }) => ok)).toEqual([true, true]);
    expect(new Set(answers.map(({ result }) => result?.units[0]?.serial_number)).size).toBe(1);
    const fresh = answers[0]?.result?.units[0]?.serial_number ?? "none";
    expect(await pageOf(sold)).toContain(fresh);
    await eventually("the desk is empty", async () => (await list()).length === 0);
    expect(await operate(desk, "settleException", { merchant_id, order_id, reason: "written_off" })).toMatchObject({
      ok: false,
      code: "not_on_desk",
    });
    expect(await unitsOf(sold)).toEqual(["archived", "sold"]);
    given = { sold, fresh };
  });
});

describe("money that goes back (I6, I7, I8)", () => {
  it("in part first, then the rest: each piece gives up its number, and the order ends when nothing is left", async () => {
    const sold = await sale(cards.plain, 2);
    const preview = await operate("fulfil-operator", "previewRefund", {
      merchant_id,
      order_id: sold.order_id,
      reason: "not_working",
      lines: [{ line: 0, quantity: 1 }],
    });
    expect(preview).toMatchObject({ ok: true, result: { amount: 6000, full: false } });
    const part = await refundOrder(operate, sold.order_id, { lines: [{ line: 0, quantity: 1 }] });
    expect(part).toMatchObject({ ok: true, result: { amount: 6000, full: false } });
    await becomes(sold, "the part is back", (order) => order.refunded === 6000);
    await eventually("the provider has paid it back", async () => (await givenBack(sold)).length === 1);
    expect([(await stored(sold)).status, await unitsOf(sold)]).toEqual(["paid", ["archived", "sold"]]);

    expect(await refundOrder(operate, sold.order_id, { amount: 6001 })).toMatchObject({ ok: false, code: "refund_too_large" });
    expect(await refundOrder(operate, sold.order_id)).toMatchObject({ ok: true, result: { amount: 6000, full: true } });
    await becomes(sold, "all of it is back", ({ status }) => status === "refunded");
    expect(await unitsOf(sold)).toEqual(["archived", "archived"]);
    expect((await givenBack(sold)).map(({ amount, status }) => [amount, status])).toEqual([
      [6000, "succeeded"],
      [6000, "succeeded"],
    ]);
    expect(await refundOrder(operate, sold.order_id)).toMatchObject({ ok: false });
  });

  it("is asked for by two at once and goes back once; the same key twice is one refund", async () => {
    const sold = await sale();
    const key = newKey();
    const answers = await Promise.all([
      refundOrder(operate, sold.order_id),
      refundOrder(operate, sold.order_id, {}, key),
      refundOrder(operate, sold.order_id, {}, key),
    ]);
    const claimed = new Set(answers.flatMap(({ ok, result }) => (ok ? [result?.refund_id] : [])));
    const refusals = answers.flatMap(({ ok, code }) => (ok ? [] : [code]));
    expect([claimed.size, refusals.every((code) => code === "nothing_to_refund")]).toEqual([1, true]);
    await becomes(sold, "the money is back", ({ status }) => status === "refunded");
    expect((await givenBack(sold)).map(({ amount }) => amount)).toEqual([6000]);
  });

  it("in two parts at once never exceeds what came in", async () => {
    const sold = await sale();
    const answers = await Promise.all([refundOrder(operate, sold.order_id, { amount: 4000 }), refundOrder(operate, sold.order_id, { amount: 4000 })]);
    expect(answers.map(({ ok, code }) => (ok ? "ok" : code)).sort()).toEqual(["ok", "refund_too_large"]);
    await eventually("the provider has paid the one back", async () => (await givenBack(sold)).length === 1);
  });

  it.each([
    ["was on its way and fails", cards.refundPends, "pending"],
    ["had come back and returns days later", cards.refundBounces, "succeeded"],
  ])("%s: its claim is put back, and a person is told what can be done", async (_what, card, first) => {
    const sold = await sale(card);
    expect(await refundOrder(operate, sold.order_id)).toMatchObject({ ok: true, result: { full: true } });
    const isStored = async (status: string) =>
      (await platform.table.of<{ order_id: string; status: string }>("REFUND")).some(
        (refund) => refund.order_id === sold.order_id && refund.status === status,
      );
    await eventually(`the refund is ${first}`, () => isStored(first));
    const [refund] = await givenBack(sold);
    await platform.world.endRefund(refund?.id ?? "none", "fails");
    await becomes(sold, "the order is paid again", ({ status }) => status === "paid");
    expect(await stored(sold)).toMatchObject({
      refunded: 0,
      failed_refunds: [{ amount: expect.any(Number) }],
    });
    expect(await unitsOf(sold)).toEqual(["archived"]);
    // And it can be tried again, the way the desk says.
    expect(await refundOrder(operate, sold.order_id)).toMatchObject({ ok: true, result: { full: true } });
    await eventually("the provider has it", async () => (await givenBack(sold)).length === 2);
    // It ends now: an end in the middle of the night's comparison would be a difference for a moment.
    const again = (await givenBack(sold)).find(({ id }) => id !== refund?.id);
    const bounces = first === "succeeded";
    await platform.world.endRefund(again?.id ?? "none", bounces ? "fails" : "succeeds");
    await becomes(sold, "the second refund has ended", ({ status, refunds_open }) => status === (bounces ? "paid" : "refunded") && !refunds_open);
  });
});

describe("a payer's quarrel at the bank (I8, I10)", () => {
  it("that is won: nothing is refunded beside it, then the buyer has the number again", async () => {
    const sold = await sale();
    const { id } = await platform.world.dispute(await intentOf(sold));
    await becomes(sold, "the dispute is known", ({ dispute }) => dispute?.status === "open");
    expect(await unitsOf(sold)).toEqual(["sold, frozen"]);
    expect(await refundOrder(operate, sold.order_id)).toMatchObject({ ok: false, code: "disputed" });
    await platform.world.decide(id, "won");
    await becomes(sold, "the dispute is won", ({ dispute }) => dispute?.status === "won");
    expect(await unitsOf(sold)).toEqual(["sold"]);
    expect(await stored(sold)).not.toHaveProperty("attention_note");
  });

  it("that is lost: the number goes with the money, and no refund follows", async () => {
    const sold = await sale();
    const { id } = await platform.world.dispute(await intentOf(sold));
    await becomes(sold, "the dispute is known", ({ dispute }) => dispute?.status === "open");
    await platform.world.decide(id, "lost");
    await becomes(sold, "the dispute is lost", ({ dispute }) => dispute?.status === "lost");
    expect(await unitsOf(sold)).toEqual(["archived"]);
    expect(await stored(sold)).toMatchObject({ attention_note: { reason: "dispute_lost" } });
    expect(await refundOrder(operate, sold.order_id)).toMatchObject({ ok: false });
    expect(await givenBack(sold)).toEqual([]);
  });
});

it("a batch is called back: what is free leaves the shelf, and the orders that have the rest are named (G-16)", async () => {
  const { table } = platform;
  const before = await table.of<{ serial_number: string; batch_id: string }>("UNIT");
  const batch_id = before.find((unit) => unit.serial_number === replaced.serial_number)?.batch_id;
  const recalled = await operate<{ sold: readonly object[] }>("inventory-operator", "recallBatch", {
    merchant_id,
    batch_id,
    to: "defective",
    reason: "supplier recall",
  });
  expect(recalled.result?.sold).toContainEqual({ serial_number: replaced.serial_number, order_id: replaced.sold.order_id });
  const retired = {
    merchant_id,
    listing_item_id: "CW-60",
    location_id: "lees-main",
    serial_number: replaced.old,
    to: "archived",
    reason: "scrapped",
  };
  expect(await operate("inventory-operator", "retireUnit", retired)).toMatchObject({ ok: true, result: { from: "defective" } });

  const after = await table.of<{ status: string; batch_id: string }>("UNIT");
  expect(after).toHaveLength(before.length);
  expect(after.filter((unit) => unit.batch_id === batch_id && unit.status === "available")).toEqual([]);
});

it("after all of this the books are right, and every movement of money is in the journal once (I1-I10, I32, I35)", async () => {
  await eventually("no refund is on its way", async () =>
    (await platform.table.of<{ status: string }>("REFUND")).every(({ status }) => /succeeded|failed/.test(status)),
  );
  await platform.quiet();
  const items = await platform.table.all();
  expect(recount(items, await platform.world.truth(), { imported: 300, settled: true })).toMatchObject({ violations: [], disputed: 2 });
  expect(platform.shop.gateway.denied).toEqual([]);
  const { moved, written } = await journal();
  expect(written.filter((id) => !moved.includes(id))).toEqual([]);
  await eventually("the journal is written", async () => {
    const now = await journal();
    return now.written.length === now.moved.length;
  });
});

/** Ids of the operations that moved money, and of the journal's lines. */
async function journal(): Promise<{ readonly moved: readonly string[]; readonly written: readonly string[] }> {
  const items = await platform.table.all();
  const operations = items.filter(({ pk }) => pk.startsWith("OP#")) as unknown as { id: string; details: Record<string, unknown> }[];
  return {
    moved: operations.filter(({ details }) => details.captured !== undefined || details.refund_id !== undefined).map(({ id }) => id),
    written: items.filter(({ pk }) => pk.startsWith("JOURNAL#")).map(({ id }) => String(id)),
  };
}

describe("the night (I14)", () => {
  interface Night {
    readonly found: Readonly<Record<string, number>>;
    readonly sessions: number;
    readonly refunds: number;
    readonly sums: readonly { readonly theirs: object; readonly ours: object }[];
  }
  const nights = () => platform.table.of<Night>("RECONCILIATION");
  const findings = () => platform.table.of<{ kind: string; state: string; order_id?: string }>("FINDING");
  const runNight = async (): Promise<void> => {
    const id = platform.shop.inventory.schedules.map((schedule) => schedule.id).find((one) => /reconcile/i.test(one)) ?? "none";
    expect(await platform.shop.runSchedule(id)).toMatchObject({ ok: true });
    await platform.quiet();
  };

  it("compares clean books, with their refunds and disputes, and finds nothing", async () => {
    const truth = await platform.world.truth();
    await letDaysPass(platform, 2);
    await runNight();
    const compared = await nights();
    expect(compared.map(({ found }) => found).every((found) => Object.keys(found).length === 0)).toBe(true);
    expect(compared.reduce((sum, { sessions }) => sum + sessions, 0)).toBe(truth.sessions.length);
    expect(compared.reduce((sum, { refunds }) => sum + refunds, 0)).toBe(truth.refunds.length);
    for (const { theirs, ours } of compared.flatMap(({ sums }) => sums)) expect(ours).toEqual(theirs);
    expect(await findings()).toEqual([]);
  });

  it("finds money that nobody told of and nobody looked for, and has it delivered; the next comparison finds it gone", async () => {
    await platform.world.faults("stripe", { forget_next: 1, topic: "checkout.session.completed" });
    const placed = await buy(platform.shop.url, { lines: [{ item: "CW-120", quantity: 1 }] });
    const sold = { ...placed, order_id: orderIdOf(placed.token) };
    await platform.world.pay(sessionOf(placed.checkout_url));
    // Off the index as well: the sweep does not know of it any more.
    const [order] = (await platform.table.of("ORDER")).filter(({ id }) => id === sold.order_id);
    const { due_at: _, due_shard: __, ...forgotten } = order as NonNullable<typeof order>;
    await platform.table.put([forgotten as NonNullable<typeof order>]);
    await letDaysPass(platform, 2);

    await runNight();
    expect(await findings()).toMatchObject([{ kind: "paid_not_delivered", state: "open", order_id: sold.order_id }]);
    await becomes(sold, "the order is paid", ({ status }) => status === "paid");
    const [found] = (await findings()) as unknown as { date: string }[];
    const again = { merchant_id, from: found?.date ?? "", to: found?.date ?? "" };
    expect(await operate("reports-operator", "reconcileNow", again)).toMatchObject({ ok: true });
    expect(await findings()).toMatchObject([{ state: "gone" }]);
    expect(recount(await platform.table.all(), await platform.world.truth(), { imported: 300, settled: true }).violations).toEqual([]);
  });
});

it("the text about the other number has reached its buyer, once", async () => {
  const textsTo = async () => (await platform.world.texts(replaced.sold.phone)).map(({ body }) => serialIn(body)).sort();
  await eventually("the second text is there", async () => (await textsTo()).length === 2);
  expect(await textsTo()).toEqual([replaced.old, replaced.serial_number].sort());
});

it("the number that was given for a refund that failed is told to its buyer", async () => {
  await eventually("the new number is told", async () =>
    (await platform.world.texts(given.sold.phone)).some(({ body }) => body.includes(given.fresh)),
  );
});
