// `npm test`: what every change must pass. Checks first (cheap, they name the file and line), then the tests:
// those that need no platform on two workers, those that start the whole platform one after another.
import { runChecks } from "./check.ts";
import { runJest } from "./support/run-jest.ts";
import { platformSuites, wideSuites } from "./support/suites.ts";
import { type Count, finish } from "./support/tally.ts";

const counts: Count[] = [
  await runChecks(),
  await runJest({
    name: "tests",
    args: ["--maxWorkers=2", `--testPathIgnorePatterns=${wideSuites}`, `--testPathIgnorePatterns=${platformSuites}`],
    minutesMax: 16,
  }),
  await runJest({
    name: "tests of the running platform",
    args: ["--runInBand", `--testPathPatterns=${platformSuites}`, `--testPathIgnorePatterns=${wideSuites}`],
    minutesMax: 16,
  }),
];
finish("test", counts);
