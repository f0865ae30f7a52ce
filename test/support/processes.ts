// Other processes of this machine: those of a shop, and their end.
import { readdirSync, readFileSync } from "node:fs";

/** SIGKILL, to one that may be gone already. */
export function end(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It was.
  }
}

/** Processes whose command line names the data folder: the host, the table engine and its supervisor. */
export function processesOn(folder: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return pid !== process.pid && readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(folder);
      } catch {
        return false;
      }
    });
}
