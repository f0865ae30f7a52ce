// `npm run prove`: the wide run. Every `*.prove.test.ts`, and the suites that take a width, at their full width.
import { runJest } from "./support/run-jest.ts";
import { wideEnvironment, wideParts } from "./support/suites.ts";
import { type Count, finish } from "./support/tally.ts";

const minutesMax = 40;

const counts: readonly Count[] = await Promise.all(
  wideParts.map(({ name, paths, ignored }) =>
    runJest({
      name,
      args: ["--runInBand", `--testPathPatterns=${paths}`, `--testPathIgnorePatterns=${ignored}`],
      env: wideEnvironment,
      minutesMax,
    }),
  ),
);
finish("prove", counts);
