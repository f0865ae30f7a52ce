// `npm run prove`: the wide run. Every `*.prove.test.ts`, and the suites that take a width, at their full width.
import { runJest } from "./support/run-jest.ts";
import { wideEnvironment, widenedSuites, wideSuites } from "./support/suites.ts";
import { type Count, finish } from "./support/tally.ts";

const counts: Count[] = [
  await runJest({
    name: "wide suites",
    args: ["--runInBand", `--testPathPatterns=${wideSuites}`],
    env: wideEnvironment,
    minutesMax: 40,
  }),
  await runJest({
    name: "suites at full width",
    args: ["--maxWorkers=2", `--testPathPatterns=${widenedSuites}`, `--testPathIgnorePatterns=${wideSuites}`],
    env: wideEnvironment,
    minutesMax: 16,
  }),
];
finish("prove", counts);
