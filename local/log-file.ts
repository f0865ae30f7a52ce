// What the functions and the host say, one line each with time and speaker, in a file of the data folder.
import { createWriteStream, existsSync, mkdirSync, renameSync, statSync } from "node:fs";
import { dirname } from "node:path";

/** A longer file is put aside at the next start, in bytes. */
const bytesMax = 20 * 1024 * 1024;

export interface LogFile {
  readonly path: string;
  write(speaker: string, line: string): void;
  close(): Promise<void>;
}

/** @param echo shows the same line on screen */
export function openLog(path: string, echo?: (line: string) => void): LogFile {
  mkdirSync(dirname(path), { recursive: true });
  if (existsSync(path) && statSync(path).size > bytesMax) renameSync(path, `${path}.1`);
  const stream = createWriteStream(path, { flags: "a" });
  // A full disk must not take the shop down with it.
  stream.on("error", () => {});
  return {
    path,
    write(speaker, line) {
      stream.write(`${new Date().toISOString()} ${speaker} ${line}\n`);
      echo?.(`${speaker} ${line}`);
    },
    close: () => new Promise((resolve) => stream.end(() => resolve())),
  };
}
