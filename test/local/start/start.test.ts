import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";
import { processesOn } from "../../support/processes.ts";
import { cleanUp, dataFolder, eventually, listens, type ReadyLine, type ShopProcess, startShop } from "./shop-process.ts";

jest.setTimeout(120_000);

const data = dataFolder();
let shop: ShopProcess;
let ready: ReadyLine;
beforeAll(async () => {
  shop = startShop("--port", "0", "--data", data);
  ready = await shop.ready;
}, 120_000);
afterAll(cleanUp, 60_000);

describe("npm start", () => {
  it("ends its standard output with one line of JSON that says where everything is", () => {
    expect(Object.keys(ready)).toEqual(["ready", "url", "scan", "console", "phone", "control", "openapi"]);
    expect(shop.stdout().trimEnd().split("\n").at(-1)).toBe(JSON.stringify(ready));
    expect(ready.scan).toBe(`${ready.url}/scan/lees-car-wash?node=NODE_LEES`);
    expect(shop.stderr()).toContain("GigBridge is ready");
  });

  it("serves the scan page of the demo with live stock, the site, the phone and the control page", async () => {
    const scan = await fetch(ready.scan);
    expect(scan.status).toBe(200);
    const page = await scan.text();
    expect(page).toContain("Lees Car Wash");
    expect(page).toContain("20+");
    for (const address of [ready.console, ready.phone, ready.control]) expect([address, (await fetch(address)).status]).toEqual([address, 200]);
  });

  it("sends a page opened by another name of the machine to its public origin", async () => {
    const other = ready.scan.replace("localhost", "127.0.0.1");
    const answer = await fetch(other, { redirect: "manual" });
    expect([answer.status, answer.headers.get("location")]).toEqual([307, ready.scan]);
  });

  it("needed no permission that the template's policies do not grant", async () => {
    const log = readFileSync(`${data}/log/shop.log`, "utf8");
    expect(log.split("\n").filter((line) => line.includes(" denied ") || line.includes("FAULT"))).toEqual([]);
  });

  it("refuses a second shop on the same data with a sentence that says how to go on, and leaves the first alone", async () => {
    const second = startShop("--port", "0", "--data", data);
    expect(await second.ended).toBe(1);
    expect(second.stderr()).toMatch(/already running on the data in .*Use that one, stop it, or start a second one/s);
    expect(second.stderr()).toContain(ready.url);
    expect((await fetch(ready.scan)).status).toBe(200);
  });

  it("refuses a port that is taken with a sentence that says how to go on, and leaves nothing behind", async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
    const { port } = (taken as Server).address() as AddressInfo;
    const folder = dataFolder();
    const second = startShop("--port", String(port), "--data", folder);
    expect(await second.ended).toBe(1);
    expect(second.stderr()).toMatch(new RegExp(`Port ${port}, for the shop, is taken by another program\\. .*--port \\d+`));
    expect(processesOn(folder)).toEqual([]);
    taken.close();
  });
});

describe("a shop that is stopped", () => {
  it("by SIGTERM ends everything it started and keeps its data", async () => {
    const engines = processesOn(data);
    expect(engines.length).toBeGreaterThan(1);
    shop.kill("SIGTERM");
    expect(await shop.ended).toBe(0);
    for (const address of [ready.url, ready.phone]) expect(await listens(address)).toBe(false);
    expect(processesOn(data)).toEqual([]);

    const again = startShop("--port", "0", "--data", data);
    const line = await again.ready;
    expect(await (await fetch(line.scan)).text()).toContain("20+");
    expect(again.stderr()).not.toContain("Setting up the demo shop");
    again.kill("SIGINT");
    expect(await again.ended).toBe(0);
  });

  it("before it is ready stops all the same", async () => {
    const folder = dataFolder();
    const early = startShop("--port", "0", "--data", folder);
    await eventually(() => early.stderr().includes("Starting tables"));
    early.kill("SIGTERM");
    expect(await early.ended).toBe(0);
    await eventually(() => processesOn(folder).length === 0);
  });
});
