import { afterAll, beforeAll, expect, it, jest } from "@jest/globals";
import { buy, newKey, open, orderIdOf, statusOf } from "./buyer.ts";
import { merchant_id, type Operate, operatorsOf, refundOrder } from "./operators.ts";
import { cards, sessionOf } from "./outside-world.ts";
import { eventually, openPlatform, type Platform } from "./platform.ts";

jest.setTimeout(120_000);

let platform: Platform;
let operate: Operate;
beforeAll(async () => {
  platform = await openPlatform();
  operate = operatorsOf(platform.shop.invoke);
}, 120_000);
afterAll(() => platform?.stop(), 60_000);

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

it("a refund that came to nothing lies on the desk with its ends; the one that gives other units is taken, once, and the buyer has a number again (I6, I11)", async () => {
  const placed = await buy(platform.shop.url, { lines: [{ item: "CW-60", quantity: 1 }] });
  await platform.world.pay(sessionOf(placed.checkout_url), { card: cards.refundBounces });
  await eventually("the order is paid", async () => (await statusOf(platform.shop.url, placed.token)).state === "assigned");
  const order_id = orderIdOf(placed.token);
  expect(await list()).toEqual([]);

  await refundOrder(operate, order_id);
  const made = async () => (await platform.world.truth()).refunds.find(({ metadata }) => metadata.order_id === order_id);
  const stored = async () => (await platform.table.of<{ id: string; status: string }>("ORDER")).find(({ id }) => id === order_id);
  await eventually("the money is back", async () => (await stored())?.status === "refunded");
  await platform.world.endRefund((await made())?.id ?? "none", "fails");
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
  expect((await open(`${platform.shop.url}/o/${placed.token}`)).html).toContain(answers[0]?.result?.units[0]?.serial_number ?? "none");
  await eventually("the desk is empty", async () => (await list()).length === 0);
  expect(await operate(desk, "settleException", { merchant_id, order_id, reason: "written_off" })).toMatchObject({ ok: false, code: "not_on_desk" });
  const units = await platform.table.of<{ status: string; order_id?: string }>("UNIT");
  const fresh = answers[0]?.result?.units[0]?.serial_number ?? "none";
  await eventually("the new number is told", async () => (await platform.world.texts()).some(({ body }) => body.includes(fresh)));
  expect(units.flatMap((unit) => (unit.order_id === order_id ? [unit.status] : [])).sort()).toEqual(["archived", "sold"]);
});
