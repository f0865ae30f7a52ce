// One host per data folder. The lock is one that the kernel drops with the process, so a killed host never leaves it behind.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { StartRefused } from "./refusal.ts";

export interface DataLock {
  /** Leaves word for who finds the folder busy. */
  describe(url: string): void;
  release(): void;
}

const holderFile = (dataDir: string): string => join(dataDir, "host.json");

function holder(dataDir: string): string {
  try {
    const { pid, url } = JSON.parse(readFileSync(holderFile(dataDir), "utf8")) as { pid?: number; url?: string };
    return `${url === undefined ? "" : `, at ${url}`}${pid === undefined ? "" : ` (process ${pid})`}`;
  } catch {
    return "";
  }
}

function openDatabase(dataDir: string): DatabaseSync {
  try {
    return new DatabaseSync(join(dataDir, "host.lock"));
  } catch (error) {
    throw new StartRefused(`The data folder ${dataDir} cannot be written (${(error as Error).message}). Name another one with --data DIR.`);
  }
}

/** Makes the folder where it is missing. Throws StartRefused while another host, here or elsewhere on the machine, works in it. */
export function lockData(dataDir: string): DataLock {
  try {
    mkdirSync(dataDir, { recursive: true });
  } catch (error) {
    throw new StartRefused(`The data folder ${dataDir} cannot be made: ${(error as Error).message}. Name another one with --data DIR.`);
  }
  const database = openDatabase(dataDir);
  try {
    // An exclusive transaction that is never finished: SQLite holds a lock of the operating system on the file meanwhile.
    database.exec("PRAGMA busy_timeout = 0; PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
  } catch (error) {
    database.close();
    if (!/locked|busy/i.test((error as Error).message)) throw error;
    throw new StartRefused(
      `A shop is already running on the data in ${dataDir}${holder(dataDir)}. Use that one, stop it, or start a second one with other data: npm start -- --data .data-2 --port 4200`,
    );
  }
  const write = (url?: string): void => writeFileSync(holderFile(dataDir), JSON.stringify({ pid: process.pid, ...(url !== undefined && { url }) }));
  write();
  return {
    describe: write,
    release() {
      rmSync(holderFile(dataDir), { force: true });
      database.close();
    },
  };
}

/** Files that the lock itself lives in: a reset spares them. */
export const lockFiles: readonly string[] = ["host.lock", "host.json"];
