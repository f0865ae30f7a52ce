// Runs jest as a child process and answers with its counts. Whatever goes wrong (no test found, a crash, a hang, a result
// that does not add up) is a failure in the count, never silence.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Count } from "./tally.ts";

export interface JestRun {
  /** Shown above the output. */
  readonly name: string;
  /** Jest command line after `--config`. */
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** After this many minutes the run and all its children are ended and it counts as failed. */
  readonly minutesMax: number;
  readonly config?: string;
  /** True to show nothing: for runs that are planted to fail. */
  readonly quiet?: boolean;
}

export async function runJest({ name, args, env, minutesMax, config = "test/jest.config.mjs", quiet = false }: JestRun): Promise<Count> {
  if (!quiet) process.stdout.write(`\n== ${name}\n`);
  const folder = mkdtempSync(join(tmpdir(), "gigbridge-jest-"));
  const countFile = join(folder, "count.json");
  try {
    const code = await runToEnd(
      [
        "node_modules/jest/bin/jest.js",
        "--config",
        config,
        "--ci",
        "--reporters=default",
        `--reporters=${join(import.meta.dirname, "count-reporter.mjs")}`,
        ...args,
      ],
      { ...process.env, ...env, JEST_COUNT_FILE: countFile, NODE_OPTIONS: "--experimental-vm-modules --disable-warning=ExperimentalWarning" },
      { timeoutMs: minutesMax * 60_000, quiet },
    );
    return judge(code, readCount(countFile));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Jest's own exit code has a vote: non-zero without a counted failure is one failure. So is a run without tests. */
export function judge(code: number | "timed out", count: Count | undefined): Count {
  if (count === undefined) return { passed: 0, failed: 1 };
  if (count.passed + count.failed === 0) return { passed: 0, failed: 1 };
  return code !== 0 && count.failed === 0 ? { ...count, failed: 1 } : count;
}

function readCount(file: string): Count | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Count;
  } catch {
    return undefined; // jest ended before it could report
  }
}

/** Runs Node in a process group of its own, so that a hang takes its workers and hosts with it. */
function runToEnd(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  { timeoutMs, quiet }: { timeoutMs: number; quiet: boolean },
): Promise<number | "timed out"> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { stdio: quiet ? "ignore" : "inherit", env, detached: true });
    const endGroup = (): void => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
      } catch {
        // the group is gone already
      }
    };
    // Several runs may be on: each ends its own group, whatever ends this process.
    process.once("exit", endGroup);
    const interrupted = (): void => process.exit(130);
    process.once("SIGINT", interrupted);
    process.once("SIGTERM", interrupted);
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      if (!quiet) process.stderr.write(`ended after ${timeoutMs / 60_000} minutes\n`);
      endGroup();
    }, timeoutMs);
    child.once("error", reject);
    child.once("exit", (code) => {
      clearTimeout(timer);
      process.removeListener("SIGINT", interrupted);
      process.removeListener("SIGTERM", interrupted);
      process.removeListener("exit", endGroup);
      endGroup(); // nothing a test started outlives it
      resolve(timedOut ? "timed out" : (code ?? 1));
    });
  });
}
