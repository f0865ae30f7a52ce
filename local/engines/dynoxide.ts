// DynamoDB: Dynoxide as a child process that never outlives this one and comes back when it dies.
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { dynamodb } from "./dynamodb-call.ts";

export interface TableEngine {
  readonly url: string;
  /** The SQLite file, for the mending that the engine itself lacks. */
  readonly file: string;
  /** Process id of the engine's supervisor, while it runs. */
  readonly pid: number | undefined;
  close(): Promise<void>;
}

const binary = fileURLToPath(new URL("../../node_modules/@dynoxide/linux-x64/dynoxide", import.meta.url));
const backOffMsMin = 50;
const backOffMsMax = 5_000;
const readyMsMax = 10_000;
/** A run this long ends the series of failures, ms. */
const steadyMs = 10_000;
/** The supervisor's name for itself, followed by the process id of its host. */
const ownerMark = "gigbridge-tables-of-";

/**
 * Its standard input is a pipe from us: however we end, the pipe closes and the engine is stopped. The engine is killed outright
 * when it does not leave on request; its file survives that.
 */
const supervisor = `
exec 3<&0
"$@" 3<&- </dev/null &
engine=$!
( read -r _ <&3; kill -TERM $engine; sleep 2; kill -KILL $engine ) 2>/dev/null &
watch=$!
wait $engine
status=$?
kill $watch 2>/dev/null
exit $status`;

/** Starts the engine on a free loopback port and waits until it answers. Throws when another living host uses the same data folder. */
export async function startDynoxide(dataDir: string): Promise<TableEngine> {
  if (!existsSync(binary)) throw new Error("The local table engine runs on Linux x64 only: @dynoxide/linux-x64 is not installed");
  mkdirSync(dataDir, { recursive: true });
  const file = join(dataDir, "tables.sqlite");
  await clearStale(file);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  let child: ChildProcess | undefined;
  let closing = false;
  let failures = 0;
  let complaint = "";

  const launch = (): void => {
    const args = ["-c", supervisor, `${ownerMark}${process.pid}`, binary, "serve", "--port", String(port), "--db-path", file];
    // A group of its own: an interrupt at the terminal reaches us alone, and we close in order.
    const started = spawn("/bin/sh", args, { stdio: ["pipe", "ignore", "pipe"], detached: true });
    const startedAt = Date.now();
    child = started;
    started.stdin?.on("error", () => {});
    started.stderr?.setEncoding("utf8").on("data", (text: string) => {
      complaint = (complaint + text).slice(-2_000);
    });
    started.once("exit", () => {
      child = undefined;
      if (closing) return;
      if (Date.now() - startedAt > steadyMs) failures = 0;
      const waitMs = Math.min(backOffMsMax, backOffMsMin * 2 ** failures++);
      setTimeout(() => {
        if (!closing) launch();
      }, waitMs).unref();
    });
  };

  launch();
  const deadline = Date.now() + readyMsMax;
  while (!(await answers(url))) {
    if (Date.now() > deadline) {
      closing = true;
      child?.stdin?.end();
      throw new Error(`The table engine did not start: ${complaint.trim() || "no answer"}`);
    }
    await pause(5);
  }

  return {
    url,
    file,
    get pid() {
      return child?.pid;
    },
    async close() {
      closing = true;
      const running = child;
      if (!running) return;
      const gone = new Promise<void>((resolve) => running.once("exit", () => resolve()));
      running.stdin?.end();
      await gone;
    },
  };
}

const answers = async (url: string): Promise<boolean> => {
  try {
    await dynamodb(url, "ListTables", {});
    return true;
  } catch {
    return false;
  }
};

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve, reject) => probe.once("error", reject).listen(0, "127.0.0.1", resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no free port");
  return address.port;
}

/** Ends engines that a dead host left on this file; a living host keeps its engine and this start fails. */
async function clearStale(file: string): Promise<void> {
  for (let attempt = 0; attempt < 60; attempt++) {
    const { engines, owners } = usersOf(file);
    if (engines.length === 0) return;
    const living = owners.find((pid) => pid !== process.pid && existsSync(`/proc/${pid}`));
    if (living !== undefined) throw new Error(`Another host (process ${living}) uses the data folder of ${file}`);
    // The supervisor of a host that just died is about to end it; after a second, do so ourselves.
    if (attempt >= 20) for (const pid of engines) kill(pid);
    await pause(50);
  }
  throw new Error(`An engine that cannot be ended still uses ${file}`);
}

/** Engines on this file, and the hosts that their supervisors belong to. */
function usersOf(file: string): { readonly engines: readonly number[]; readonly owners: readonly number[] } {
  const engines: number[] = [];
  const owners: number[] = [];
  for (const name of readdirSync("/proc").filter((entry) => /^\d+$/.test(entry))) {
    const words = commandLine(name);
    if (!words.includes(binary) || words[words.indexOf("--db-path") + 1] !== file) continue;
    if (words[0] === binary) engines.push(Number(name));
    const mark = words.find((word) => word.startsWith(ownerMark));
    if (mark !== undefined) owners.push(Number(mark.slice(ownerMark.length)));
  }
  return { engines, owners };
}

function commandLine(pid: string): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
  } catch {
    return []; // it ended while we looked
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // Gone already.
  }
}
