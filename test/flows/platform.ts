// One running shop for a test file: the real bundles, engines and gateway, reached by HTTP; the raw table to check its books with.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { type LocalShop, startLocal } from "../../local/start.ts";
import { type OutsideWorld, outsideWorld } from "./outside-world.ts";
import { type RawTable, rawTable } from "./raw-table.ts";

export interface Platform {
  readonly shop: LocalShop;
  readonly dataDir: string;
  /** The table as stored, read with the host's own keys. */
  readonly table: RawTable;
  readonly world: OutsideWorld;
  /** Resolves when nothing runs, nothing waits for a function, and every text has arrived. */
  quiet(): Promise<void>;
  stop(): Promise<void>;
}

export async function openPlatform(dataDir = mkdtempSync(join(tmpdir(), "flows-"))): Promise<Platform> {
  const shop = await startLocal({ port: 0, dataDir });
  const table = rawTable(shop);
  const world = outsideWorld(shop.simulators);
  return {
    shop,
    dataDir,
    table,
    world,
    async quiet() {
      await eventually("the shop is quiet", async () => {
        await shop.workflows.idle();
        const { stripe, twilio, host } = await world.state();
        const inTheAir = [...stripe.deliveries, ...twilio.deliveries].some(({ state }) => state === "waiting");
        const travelling = twilio.messages.some(({ status }) => status === "queued" || status === "accepted" || status === "sent");
        return !inTheAir && !travelling && host.functions.every(({ busy, waiting }) => busy + waiting === 0);
      });
    },
    async stop() {
      table.close();
      await shop.stop();
      rmSync(dataDir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
    },
  };
}

/** Asks again and again until it holds. Rejects after `secondsMax` with what was awaited: a bound against hanging, not a measure. */
export async function eventually(what: string, holds: () => boolean | Promise<boolean>, secondsMax = 60): Promise<void> {
  const deadline = Date.now() + secondsMax * 1000;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`after ${secondsMax} s still not so: ${what}`);
    await pause(50);
  }
}
