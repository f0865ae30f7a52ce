import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";
import { buy, newKey, open, statusOf, submit } from "./buyer.ts";
import { eventually, openPlatform, type Platform } from "./platform.ts";

jest.setTimeout(120_000);

let platform: Platform;
beforeAll(async () => {
  platform = await openPlatform();
}, 120_000);
afterAll(() => platform?.stop(), 60_000);

/** A command as an operator invokes it, through the function with its own rights. */
const operate = async (to: string, command: string, body: unknown, key = newKey()): Promise<Record<string, unknown>> => {
  const { payload } = (await platform.shop.invoke(to, { command, key, by: "flow-test", body })) as unknown as { payload: unknown };
  return (typeof payload === "string" ? JSON.parse(payload) : payload) as Record<string, unknown>;
};
const serialIn = (text: string): string => /LW60-\d{4}/.exec(text)?.[0] ?? "none";

describe("stock after the sale, on the running platform", () => {
  it("gives a buyer another unit and tells them once, then recalls the batch it came from (G-16, G-20)", async () => {
    const { shop, world, table } = platform;
    const order = await buy(shop.url);
    await submit(order.checkout_url, { card: "4242424242424242" });
    await eventually("the text reached the buyer", async () => (await statusOf(shop.url, order.token)).sms === "delivered");
    const page = await open(`${shop.url}/o/${order.token}`);
    const old = serialIn(page.html);
    const [merchant_id, order_id] = order.token.split(".");
    const body = { merchant_id, order_id, serial_number: old, reason: "gate does not read it" };
    const key = newKey();

    const answer = await operate("fulfil-stock-operator", "replaceUnit", body, key);
    expect(answer).toMatchObject({ ok: true, repeated: false });
    expect(await operate("fulfil-stock-operator", "replaceUnit", body, key)).toEqual({ ...answer, repeated: true });
    expect(await operate("fulfil-stock-operator", "replaceUnit", body)).toMatchObject({ ok: false, code: "already_replaced" });
    const { serial_number } = answer.result as { serial_number: string };
    expect(serialIn((await open(`${shop.url}/o/${order.token}`)).html)).toBe(serial_number);
    await eventually("the second text reached the buyer", async () => (await world.texts(order.phone)).length === 2);
    await platform.quiet();
    const texts = (await world.texts(order.phone)).map(({ body: text }) => serialIn(text));
    expect(texts.sort()).toEqual([old, serial_number].sort());

    const units = await table.of<{ serial_number: string; batch_id: string }>("UNIT");
    const batch_id = units.find((unit) => unit.serial_number === serial_number)?.batch_id;
    const recalled = await operate("inventory-operator", "recallBatch", { merchant_id, batch_id, to: "defective", reason: "supplier recall" });
    expect(recalled).toMatchObject({ ok: true, result: { sold: [{ serial_number, order_id }] } });
    const retired = { merchant_id, listing_item_id: "CW-60", location_id: "lees-main", serial_number: old, to: "archived", reason: "scrapped" };
    expect(await operate("inventory-operator", "retireUnit", retired)).toMatchObject({ ok: true, result: { from: "defective" } });

    const after = await table.of<{ id: string; status: string; batch_id: string }>("UNIT");
    const free = after.filter(({ status }) => status === "available").map(({ id }) => id);
    const tokens = (await table.of<{ unit_id: string }>("POOL")).map(({ unit_id }) => unit_id);
    expect([after.length, [...tokens].sort()]).toEqual([units.length, [...free].sort()]);
    expect(after.filter((unit) => unit.batch_id === batch_id && unit.status === "available")).toEqual([]);
  });
});
