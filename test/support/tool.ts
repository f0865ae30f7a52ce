// Runs a tool of the toolchain under this very Node and gives back what it said.
import { spawn } from "node:child_process";
import { join } from "node:path";

export interface Said {
  readonly code: number;
  /** stdout and stderr as they came. */
  readonly text: string;
}

/**
 * @param tool the tool's JavaScript file, from the root of the repository
 * @param cwd the tree to work on
 */
export const runTool = (tool: string, args: readonly string[], cwd = process.cwd()): Promise<Said> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", join(process.cwd(), tool), ...args], {
      cwd,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const chunks: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.once("error", reject);
    child.once("close", (code) => resolve({ code: code ?? 1, text: Buffer.concat(chunks).toString() }));
  });
