import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, it, jest } from "@jest/globals";
import { open, pressUntilAnswered, statusOf } from "./buyer.ts";
import { sessionOf } from "./outside-world.ts";
import { eventually, openPlatform, type Platform } from "./platform.ts";
import { recount } from "./recount.ts";

jest.setTimeout(180_000);

const buyers = 500;
const units = 100;

let platform: Platform;
let url = "";
beforeAll(async () => {
  platform = await openPlatform();
  url = platform.shop.url;
}, 120_000);
afterAll(() => platform?.stop(), 60_000);

it(`${buyers} buyers at once for ${units} units: ${units} hold one, the others hear that it is sold out, nobody anything else; every number is given once (G-18, G-50)`, async () => {
  expect((await open(platform.shop.scan)).status).toBe(200);
  const ends = await Promise.all(Array.from({ length: buyers }, () => pressUntilAnswered(url, [{ item: "CW-60", quantity: 1 }])));

  const placed = ends.filter(({ status }) => status === 201).map(({ body }) => body);
  const refused = ends.filter(({ status }) => status !== 201);
  expect(placed).toHaveLength(units);
  expect(new Set(refused.map(({ status, body }) => `${status} ${body.code}`))).toEqual(new Set(["409 out_of_stock"]));
  expect(refused).toHaveLength(buyers - units);
  const held = recount(await platform.table.all(), await platform.world.truth(), { imported: 300, settled: true });
  expect(held).toMatchObject({ violations: [], reserved: units, sold: 0, awaiting: units, available: 300 - units });

  await Promise.all(placed.map(({ checkout_url }) => platform.world.pay(sessionOf(checkout_url))));
  await eventually(
    "all have their number and their text message",
    async () => {
      const states = await Promise.all(placed.map(({ token }) => statusOf(url, token)));
      return states.every(({ state, sms }) => state === "assigned" && sms === "delivered");
    },
    120,
  );
  await platform.quiet();

  const truth = await platform.world.truth();
  const counted = recount(await platform.table.all(), truth, { imported: 300, settled: true });
  expect(counted).toMatchObject({ violations: [], reserved: 0, sold: units, paid: units, available: 300 - units });
  expect(new Set(counted.serials).size).toBe(units);
  expect(truth.payment_intents.filter(({ status }) => status === "succeeded")).toHaveLength(units);
  const texts = await platform.world.texts();
  expect(texts).toHaveLength(units);
  // Each buyer was told one, all of them together what the books say, and no serial twice.
  expect(texts.map(({ body }) => (body.match(/LW60-\d{4}/g) ?? []).join()).sort()).toEqual([...counted.serials].sort());
  expect(platform.shop.gateway.denied).toEqual([]);

  const busy = ends.reduce((sum, end) => sum + end.busy, 0);
  process.stdout.write(`  ${buyers} buyers, ${units} units: asked to come back ${busy} times\n`);
});

it("fails nowhere in the rush but where a text has two senders, and stops cleanly after it", async () => {
  // A workflow that is late by more than the outbox's twenty seconds meets its reader: one of them is refused, and looks again.
  const twoSenders = /fulfil-send ERROR \S+ InProgress: another sender /;
  const log = readFileSync(platform.shop.logFile, "utf8");
  expect(log).toContain("host template ");
  expect(log.split("\n").filter((line) => / ERROR /.test(line) && !twoSenders.test(line))).toEqual([]);
  await platform.shop.stop();
  await expect(fetch(url)).rejects.toThrow();
});
