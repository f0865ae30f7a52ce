// The shop as a process of its own: how long until it is ready, and what it holds while nobody buys.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { freePorts, startGroup } from "../test/flows/shop-group.ts";
import { heading, round, table } from "./print.ts";

const restMs = 3_000;

export async function idle(): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), "bench-"));
  try {
    const port = await freePorts();
    const first = await ready(port, dataDir);
    await first.group.kill();
    const again = await ready(port, dataDir);
    await pause(restMs);
    const processes = again.group.pids().map(residentMb);
    await again.group.kill();
    heading("The shop at rest, on this machine", "build warm; all processes together");
    table(
      ["", ""],
      [
        ["ready with fresh data, s", round(first.seconds, 1)],
        ["ready with data that is there, s", round(again.seconds, 1)],
        [
          "resident, MB",
          round(
            processes.reduce((all, one) => all + one, 0),
            0,
          ),
        ],
        ["processes", processes.length],
      ],
    );
  } finally {
    rmSync(dataDir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}

async function ready(port: number, dataDir: string) {
  const startedAt = performance.now();
  const group = await startGroup(port, dataDir);
  return { group, seconds: (performance.now() - startedAt) / 1000 };
}

function residentMb(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) / 1024;
}
