// The engines behind the gateway: tables in Dynoxide, queues in fauxqs, both on loopback, both in the data folder.
import type { Engines, HostOptions } from "../host.ts";
import { startDynoxide } from "./dynoxide.ts";
import { startQueues } from "./queues.ts";
import { mendStreamRecords } from "./stream-records.ts";
import { ensureTable } from "./tables.ts";

const trimEveryMs = 10 * 60 * 1000;

export interface RunningEngines extends Engines {
  /** Process id of the table engine's supervisor, for tests that kill it. */
  readonly tablesPid: number | undefined;
}

/** Starts both engines and brings tables and queues to what the template says. Stops what it started when it fails. */
export async function startEngines({ inventory, dataDir }: HostOptions): Promise<RunningEngines> {
  const tables = await startDynoxide(dataDir);
  try {
    for (const table of inventory.tables) await ensureTable(tables.url, table);
    const records = mendStreamRecords(tables.file);
    records.trim(Date.now());
    const trimming = setInterval(() => records.trim(Date.now()), trimEveryMs).unref();
    const queues = await startQueues(inventory.queues, dataDir);
    return {
      dynamodbUrl: tables.url,
      sqsUrl: queues.url,
      get tablesPid() {
        return tables.pid;
      },
      async close() {
        clearInterval(trimming);
        records.close();
        await queues.close();
        await tables.close();
      },
    };
  } catch (error) {
    await tables.close();
    throw error;
  }
}
