// `npm test`: what every change must pass. Checks first (cheap, they name the file and line), then all tests but the wide ones.
import { runChecks } from "./check.ts";
import { runJest } from "./support/run-jest.ts";
import { wideSuites } from "./support/suites.ts";
import { type Count, finish } from "./support/tally.ts";

const counts: Count[] = [
  await runChecks(),
  // Suites of the running platform wait for other processes half of the time, so three keep two cores busy.
  await runJest({ name: "tests", args: ["--maxWorkers=3", `--testPathIgnorePatterns=${wideSuites}`], minutesMax: 16 }),
];
finish("test", counts);
