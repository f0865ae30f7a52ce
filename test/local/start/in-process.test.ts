import { afterAll, beforeAll, expect, it, jest } from "@jest/globals";
import { type LocalShop, startLocal } from "../../../local/start.ts";
import { cleanUp, dataFolder } from "./shop-process.ts";

jest.setTimeout(120_000);

let shop: LocalShop;
beforeAll(async () => {
  shop = await startLocal({ port: 0, dataDir: dataFolder() });
}, 120_000);
afterAll(async () => {
  await shop?.stop();
  await cleanUp();
}, 60_000);

it("runs inside a test, and its functions answer by id, full name and short name", async () => {
  const sweep = shop.inventory.functions.find(({ name }) => name.endsWith("fulfil-sweep"));
  for (const name of [sweep?.id ?? "", sweep?.name ?? "", "fulfil-sweep"]) expect(await shop.invoke(name, {})).toMatchObject({ ok: true });
  expect(await shop.invoke("no-such-function", {})).toMatchObject({ ok: false, errorType: "ResourceNotFoundException" });
});

it("keeps whoever finds the API's own address from going round the distribution", async () => {
  const path = new URL(shop.scan).pathname + new URL(shop.scan).search;
  expect((await fetch(shop.apiUrl + path)).status).toBe(403);
  expect((await fetch(shop.apiUrl + path, { headers: { "x-origin-secret": "guess" } })).status).toBe(403);
  expect((await fetch(shop.url + path, { headers: { "x-origin-secret": "guess" } })).status).toBe(200);
});

it("runs a schedule on request, through the schedule's own role", async () => {
  const [schedule] = shop.inventory.schedules;
  expect(await shop.runSchedule(schedule?.id ?? "")).toMatchObject({ ok: true });
  await expect(shop.runSchedule("no-such-schedule")).rejects.toThrow("no-such-schedule");
});

it("shows on the control page what runs and what was refused", async () => {
  const state = (await (await fetch(`${shop.simulators}/control/state`, { headers: { accept: "application/json" } })).json()) as {
    host: Record<string, unknown[]>;
  };
  expect(state.host.functions).toHaveLength(shop.inventory.functions.length);
  expect(state.host.queues).toHaveLength(shop.inventory.queues.length);
  expect(state.host.denied).toEqual([]);
  expect(state.host.schedules).toEqual(shop.inventory.schedules.map(({ id }) => id));
});

it("answers a request beyond the limits as the gateway in the cloud would, and lives on", async () => {
  const orders = `${shop.url}/api/orders`;
  expect((await fetch(orders, { method: "POST", body: Buffer.alloc(11 * 1024 * 1024) })).status).toBe(413);
  expect((await fetch(shop.scan, { headers: { "x-long": "a".repeat(11_000) } })).status).toBe(431);
  expect((await fetch(shop.scan)).status).toBe(200);
});

it("stops twice without harm", async () => {
  await Promise.all([shop.stop(), shop.stop()]);
  await expect(fetch(shop.url)).rejects.toThrow();
});
