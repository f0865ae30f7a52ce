// `npm run prove`: the wide run. Every `*.prove.test.ts`, and the suites that take a width, at their full width.
import { runJest } from "./support/run-jest.ts";
import { longSuite, wideEnvironment, widenedSuites, wideSuites } from "./support/suites.ts";
import { type Count, finish } from "./support/tally.ts";

const minutesMax = 40;
const env = wideEnvironment;

// It computes, and the others mostly wait for a shop or a browser: they run beside it.
const counts: readonly Count[] = await Promise.all([
  runJest({ name: "the longest wide suite", args: ["--runInBand", `--testPathPatterns=${longSuite}`], env, minutesMax }),
  runJest({
    name: "wide suites, and suites at full width",
    args: ["--runInBand", `--testPathPatterns=${wideSuites}|${widenedSuites}`, `--testPathIgnorePatterns=${longSuite}`],
    env,
    minutesMax,
  }),
]);
finish("prove", counts);
