// Jest reporter: writes the counts of a run to the file named by JEST_COUNT_FILE.
// A suite that could not run counts as a failure, and so does a skipped test: it proves nothing and would go unseen.
import { writeFileSync } from "node:fs";

export default class CountReporter {
  onRunComplete(_contexts, results) {
    const file = process.env.JEST_COUNT_FILE;
    if (file === undefined) return;
    const skipped = results.numPendingTests + results.numTodoTests;
    if (skipped > 0) process.stderr.write(`${skipped} skipped or todo tests count as failed\n`);
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites + skipped;
    writeFileSync(file, JSON.stringify({ passed: results.numPassedTests, failed }));
  }
}
