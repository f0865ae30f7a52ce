// The shop as its users start it: a process of its own, its ready line, its end.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createConnection } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { root } from "../../../local/start.ts";

export interface ReadyLine {
  readonly ready: true;
  readonly url: string;
  readonly scan: string;
  readonly console: string;
  readonly phone: string;
  readonly control: string;
  readonly openapi: string;
}
export interface ShopProcess {
  readonly pid: number;
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Rejects with what it said when it ends instead. */
  readonly ready: Promise<ReadyLine>;
  /** Exit code, or the signal's name. */
  readonly ended: Promise<number | string>;
  kill(signal: NodeJS.Signals): void;
}

const started = new Set<ChildProcess>();
const folders: string[] = [];

/** A data folder that `cleanUp` removes. */
export function dataFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "shop-data-"));
  folders.push(folder);
  return folder;
}

export function startShop(...args: readonly string[]): ShopProcess {
  return startScript([join(root, "local", "main.ts"), "--json", ...args]);
}

/** @param args of Node: a script and its arguments */
export function startScript(args: readonly string[]): ShopProcess {
  const { NODE_OPTIONS: _jestOnly, ...env } = process.env;
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", ...args], { cwd: root, env, stdio: ["ignore", "pipe", "pipe"] });
  started.add(child);
  let stdout = "";
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const ended = new Promise<number | string>((resolve) =>
    child.once("close", (code, signal) => {
      started.delete(child);
      resolve(code ?? signal ?? "gone");
    }),
  );
  const ready = new Promise<ReadyLine>((resolve, reject) => {
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
      const line = stdout.split("\n").find((one) => one.startsWith('{"ready":true'));
      if (line !== undefined && stdout.endsWith("\n")) resolve(JSON.parse(line) as ReadyLine);
    });
    void ended.then((code) => reject(new Error(`ended with ${code} before it was ready: ${stderr}${stdout}`)));
  });
  ready.catch(() => {});
  return { pid: child.pid ?? 0, stdout: () => stdout, stderr: () => stderr, ready, ended, kill: (signal) => void child.kill(signal) };
}

/** Does anything listen there? */
export const listens = (url: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = createConnection({ host: "127.0.0.1", port: Number(new URL(url).port) });
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });

export async function eventually(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await pause(50);
}

/** Ends what a test left running, then removes its folders. */
export async function cleanUp(): Promise<void> {
  for (const child of started) child.kill("SIGKILL");
  await eventually(() => started.size === 0);
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
}
