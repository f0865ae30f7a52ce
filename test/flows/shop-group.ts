// The shop as a process group of its own that can be killed outright, as a power cut would end it.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { join } from "node:path";
import { root } from "../../local/start.ts";
import { end, processesOn } from "../support/processes.ts";

export interface ShopGroup {
  /** Origin of the shop. */
  readonly url: string;
  /** Processes of the shop: its host and its engines. */
  pids(): readonly number[];
  /** SIGKILL to every process of the shop, engines first so that none has time to put things in order; resolves when its host is gone. */
  kill(): Promise<void>;
}

/** A port whose next one is free too: the simulators take it. The same two serve every start, so that links stay good. */
export async function freePorts(): Promise<number> {
  for (;;) {
    const first = await listening(0);
    const { port } = first.address() as AddressInfo;
    const second = await listening(port + 1).catch(() => undefined);
    await Promise.all([first, second].map((server) => server && new Promise((resolve) => server.close(resolve))));
    if (second !== undefined) return port;
  }
}

const listening = async (port: number) => {
  const server = createServer();
  server.listen(port, "127.0.0.1");
  await Promise.race([once(server, "listening"), once(server, "error").then(([error]) => Promise.reject(error))]);
  return server;
};

/** Starts the shop on this data; resolves when it is ready. Rejects with what it said when it ends before. */
export async function startGroup(port: number, dataDir: string): Promise<ShopGroup> {
  const { NODE_OPTIONS: _jestOnly, ...env } = process.env;
  const args = ["--disable-warning=ExperimentalWarning", join(root, "local", "main.ts"), "--json", "--port", String(port), "--data", dataDir];
  const child = spawn(process.execPath, args, { cwd: root, env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  const pids = () => [...processesOn(dataDir).filter((pid) => pid !== child.pid), ...(child.pid === undefined ? [] : [child.pid])];
  const endWithUs = (): void => pids().forEach(end);
  process.once("exit", endWithUs);
  const gone = once(child, "close").finally(() => process.off("exit", endWithUs));
  const url = await readyUrl(child);
  return {
    url,
    pids,
    async kill() {
      pids().forEach(end);
      await gone;
    },
  };
}

const readyUrl = (child: ChildProcess): Promise<string> =>
  new Promise((resolve, reject) => {
    let [said, complaint] = ["", ""];
    child.stderr?.setEncoding("utf8").on("data", (text: string) => (complaint = (complaint + text).slice(-4_000)));
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      said += text;
      const line = said.split("\n").find((one) => one.startsWith('{"ready":true'));
      if (line !== undefined && said.endsWith("\n")) resolve((JSON.parse(line) as { url: string }).url);
    });
    child.once("close", (code, signal) => reject(new Error(`the shop ended with ${code ?? signal} before it was ready: ${complaint}`)));
  });
