// The other end of `killable-shop.ts`: starts it, asks it, kills it or a part of it.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { DeniedCall } from "../../local/host.ts";
import { end, processesOn } from "../support/processes.ts";
import type { Invoke } from "./operators.ts";
import type { Item } from "./raw-table.ts";

export type Question =
  | { readonly ask: "items" | "denied" }
  | { readonly ask: "makeDue"; readonly orderId: string }
  | { readonly ask: "makeNewsDue" }
  | { readonly ask: "invoke"; readonly to: string; readonly event: unknown };
export interface Asked {
  readonly id: number;
  readonly question: Question;
}
export type Said =
  | { readonly ready: string; readonly simulators: string }
  | { readonly id: number; readonly value?: unknown; readonly error?: string };

/** Everything at once as a power cut would, the host alone, or the table engine alone while the host lives on. */
export type Victim = "everything" | "host" | "tables";

export interface KillableShop {
  /** Rejects when it ends before it is ready. */
  readonly ready: Promise<{ readonly url: string; readonly simulators: string }>;
  /** The table as stored. */
  items(): Promise<readonly Item[]>;
  makeDue(orderId: string): Promise<void>;
  makeNewsDue(): Promise<void>;
  denied(): Promise<readonly DeniedCall[]>;
  /** Rejects when the shop dies before it has answered. */
  readonly invoke: Invoke;
  /** SIGKILL, engines first so that none has time to put things in order. Resolves when those are gone that should be. */
  kill(victim?: Victim): Promise<void>;
}

export function spawnShop(port: number, dataDir: string): KillableShop {
  const { NODE_OPTIONS: _jestOnly, ...env } = process.env;
  const args = ["--disable-warning=ExperimentalWarning", join(import.meta.dirname, "killable-shop.ts"), String(port), dataDir];
  const child = spawn(process.execPath, args, { env, detached: true, stdio: ["ignore", "ignore", "pipe", "ipc"], serialization: "advanced" });
  const engines = (): readonly number[] => processesOn(dataDir).filter((pid) => pid !== child.pid);
  const everything = (): readonly number[] => [...engines(), ...(child.pid === undefined ? [] : [child.pid])];
  const endWithUs = (): void => everything().forEach(end);
  process.once("exit", endWithUs);
  const gone = once(child, "exit").finally(() => process.off("exit", endWithUs));
  const { ask, ready } = conversation(child);
  return {
    ready,
    items: () => ask<readonly Item[]>({ ask: "items" }),
    makeDue: (orderId) => ask<void>({ ask: "makeDue", orderId }),
    makeNewsDue: () => ask<void>({ ask: "makeNewsDue" }),
    denied: () => ask<readonly DeniedCall[]>({ ask: "denied" }),
    invoke: (to, event) => ask({ ask: "invoke", to, event }),
    async kill(victim = "everything") {
      if (victim !== "host") engines().forEach(end);
      if (victim === "tables") return;
      if (child.pid !== undefined) end(child.pid);
      await gone;
    },
  };
}

function conversation(child: ChildProcess) {
  let [asked, complaint] = [0, ""];
  const waiting = new Map<number, { resolve: (value: never) => void; reject: (error: Error) => void }>();
  const ready = Promise.withResolvers<{ url: string; simulators: string }>();
  // Nobody may be waiting for a shop that is killed while it starts.
  ready.promise.catch(() => {});
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (complaint = (complaint + text).slice(-4_000)));
  child.on("message", (said: Said) => {
    if ("ready" in said) return ready.resolve({ url: said.ready, simulators: said.simulators });
    const { resolve, reject } = waiting.get(said.id) ?? {};
    waiting.delete(said.id);
    if (said.error === undefined) resolve?.(said.value as never);
    else reject?.(new Error(said.error));
  });
  child.once("exit", (code, signal) => {
    const error = new Error(`the shop ended with ${code ?? signal}: ${complaint}`);
    ready.reject(error);
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  });
  const ask = <T>(question: Question): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      if (!child.connected) return reject(new Error("the shop is dead"));
      const id = asked++;
      waiting.set(id, { resolve, reject });
      child.send({ id, question } satisfies Asked, (error) => error && reject(error));
    });
  return { ask, ready: ready.promise };
}
