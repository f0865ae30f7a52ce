// Runs a tool of the toolchain under this very Node and gives back what it said.
import { spawn } from "node:child_process";

export interface Said {
  readonly code: number;
  /** stdout and stderr as they came. */
  readonly text: string;
}

/** @param args the tool's JavaScript file and its arguments, from the root of the repository */
export const runTool = (...args: readonly string[]): Promise<Said> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
    const chunks: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.once("error", reject);
    child.once("close", (code) => resolve({ code: code ?? 1, text: Buffer.concat(chunks).toString() }));
  });
