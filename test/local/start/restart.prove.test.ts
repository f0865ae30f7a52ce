import { afterAll, describe, expect, it, jest } from "@jest/globals";
import { processesOn } from "../../support/processes.ts";
import { cleanUp, dataFolder, eventually, startShop } from "./shop-process.ts";

jest.setTimeout(120_000);
afterAll(cleanUp, 60_000);

describe("a shop that is killed", () => {
  it("leaves nothing that blocks the next start", async () => {
    const folder = dataFolder();
    const first = startShop("--port", "0", "--data", folder);
    await first.ready;
    first.kill("SIGKILL");
    expect(await first.ended).toBe("SIGKILL");
    const second = startShop("--port", "0", "--data", folder);
    expect((await fetch((await second.ready).scan)).status).toBe(200);
    second.kill("SIGTERM");
    expect(await second.ended).toBe(0);
    await eventually(() => processesOn(folder).length === 0);
  });

  it("in the middle of the demo's set-up finishes it at the next start", async () => {
    const folder = dataFolder();
    const first = startShop("--port", "0", "--data", folder);
    await eventually(() => first.stderr().includes("Setting up the demo shop"));
    first.kill("SIGKILL");
    await first.ended;
    const second = startShop("--port", "0", "--data", folder);
    const page = await (await fetch((await second.ready).scan)).text();
    expect(page.match(/20\+/g)).toHaveLength(3);
    second.kill("SIGTERM");
    await second.ended;
  });
});
