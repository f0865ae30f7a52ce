// Earlier builds: the last few are kept, so that changing back and forth stays quick; one that a running shop uses is never removed.
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

const buildsKept = 3;

/** Functions load from this folder as long as this process lives. */
export function markInUse(dir: string): void {
  writeFileSync(join(dir, `used-by.${process.pid}`), "");
}

const isAlive = (pid: number): boolean => existsSync(`/proc/${pid}`);
const pidOf = (name: string): number => Number(name.split(".").at(-1));

async function isInUse(dir: string): Promise<boolean> {
  return (await readdir(dir).catch(() => [])).some((name) => name.startsWith("used-by.") && isAlive(pidOf(name)));
}

/** Removes what nobody needs: builds beyond the last few, and attempts of processes that are gone. */
export async function forgetBuilds(builds: string, current: string): Promise<void> {
  const order = join(builds, "order.json");
  const known = JSON.parse(await readFile(order, "utf8").catch(() => "[]")) as string[];
  const kept = [current, ...known.filter((hash) => hash !== current)].slice(0, buildsKept);
  writeFileSync(order, JSON.stringify(kept));
  for (const entry of await readdir(builds, { withFileTypes: true })) {
    const dir = join(builds, entry.name);
    if (!entry.isDirectory() || kept.includes(entry.name)) continue;
    const isAttempt = entry.name.includes(".");
    if ((isAttempt && isAlive(pidOf(entry.name))) || (await isInUse(dir))) continue;
    rmSync(dir, { recursive: true, force: true });
  }
}
