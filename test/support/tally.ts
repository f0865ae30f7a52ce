// Counts of a run and its closing line: the one place that knows what "passed" looks like to a machine.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface Count {
  readonly passed: number;
  readonly failed: number;
}

export const sum = (counts: readonly Count[]): Count => ({
  passed: counts.reduce((total, count) => total + count.passed, 0),
  failed: counts.reduce((total, count) => total + count.failed, 0),
});

/** A run in which nothing passed and nothing failed has proved nothing: it counts as one failure. */
export const settled = (count: Count): Count => (count.passed + count.failed === 0 ? { passed: 0, failed: 1 } : count);

export const closingLine = (count: Count): string => `${count.passed} passed, ${count.failed} failed`;

/** 0 only when something passed and nothing failed. */
export const exitCode = (count: Count): 0 | 1 => (count.failed === 0 && count.passed > 0 ? 0 : 1);

/** Writes `<folder>/<name>.json` on one line, which `.ci/run` reads without a JSON parser. */
export const writeCount = (folder: string, name: string, count: Count): void => {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify({ passed: count.passed, failed: count.failed })}\n`);
};

/** Records the counts, prints the closing line as the last line of stdout and sets the exit code. */
export const finish = (name: string, counts: readonly Count[], folder = "test-results"): void => {
  const total = settled(sum(counts));
  writeCount(folder, name, total);
  process.stdout.write(`${closingLine(total)}\n`);
  process.exitCode = exitCode(total);
};
