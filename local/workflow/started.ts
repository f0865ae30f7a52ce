// Runs that were started and have not ended, a small file each. A start that was answered outlives the host, as an asynchronous Express
// run does in the cloud: at least once. Written beside its place and renamed, so that a kill leaves a whole file or none.
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Json } from "./definition.ts";

export interface StartedRun {
  readonly stateMachineArn: string;
  readonly name: string;
  readonly input: Json;
}
export interface StartedRuns {
  /** What an earlier host left unfinished; each is kept until its `forget` is called. */
  readonly left: readonly (StartedRun & { forget(): void })[];
  /** Keeps a run before its start is answered. Returns what forgets it. */
  keep(run: StartedRun): () => void;
}

/** Where there is no data folder: nothing outlives the host. */
export const inMemory: StartedRuns = { left: [], keep: () => () => {} };

const whole = ".json";

/** @param dataDir of the shop; the runs are in a folder of their own */
export function startedRuns(dataDir: string): StartedRuns {
  const folder = join(dataDir, "executions");
  mkdirSync(folder, { recursive: true });
  const forgetting = (path: string) => () => rmSync(path, { force: true });
  const left = readdirSync(folder)
    .filter((name) => name.endsWith(whole))
    .sort()
    .map((name) => ({ ...(JSON.parse(readFileSync(join(folder, name), "utf8")) as StartedRun), forget: forgetting(join(folder, name)) }));
  const begun = Date.now();
  let count = 0;
  return {
    left,
    keep(run) {
      const path = join(folder, `${begun}-${count++}${whole}`);
      writeFileSync(`${path}.new`, JSON.stringify(run));
      renameSync(`${path}.new`, path);
      return forgetting(path);
    },
  };
}
