import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { judge, runJest } from "../support/run-jest.ts";
import { wideEnvironment, widenedSuites, wideParts, wideSuites } from "../support/suites.ts";
import { closingLine, exitCode, settled, sum } from "../support/tally.ts";
import { inTree } from "./planted.ts";
import { sourceFiles } from "./source-tree.ts";

const jestConfig = 'export default { testEnvironment: "node", testMatch: ["<rootDir>/*.test.js"], transform: {} };';
const passing = 'test("holds", () => { if (1 + 1 !== 2) throw new Error("no"); });';

const countOf = (files: Readonly<Record<string, string>>, minutesMax = 1) =>
  inTree({ "jest.config.mjs": jestConfig, ...files }, (root) =>
    runJest({ name: "planted", args: ["--runInBand"], minutesMax, config: join(root, "jest.config.mjs"), quiet: true }),
  );

describe("a test run", () => {
  it("counts what passes", async () => {
    expect(await countOf({ "one.test.js": passing, "two.test.js": passing })).toEqual({ passed: 2, failed: 0 });
  });

  it("fails when a test fails", async () => {
    expect(await countOf({ "one.test.js": `${passing} test("breaks", () => { throw new Error("planted"); });` })).toEqual({ passed: 1, failed: 1 });
  });

  it("fails when a suite cannot be read", async () => {
    expect(await countOf({ "one.test.js": passing, "two.test.js": "this is no program" })).toEqual({ passed: 1, failed: 1 });
  });

  it("fails when no test ran", async () => {
    expect(await countOf({})).toEqual({ passed: 0, failed: 1 });
  });

  it("fails when a test is skipped", async () => {
    expect(await countOf({ "one.test.js": `${passing} test.skip("later", () => {}); test.todo("one day");` })).toEqual({ passed: 1, failed: 2 });
  });

  it("fails when the runner dies before it can report", async () => {
    expect(await countOf({ "one.test.js": "process.kill(process.pid, 'SIGKILL');" })).toEqual({ passed: 0, failed: 1 });
  });

  it("fails when it hangs", async () => {
    expect(await countOf({ "one.test.js": 'test("waits", () => new Promise(() => setInterval(() => {}, 1000)), 1e9);' }, 0.05)).toEqual({
      passed: 0,
      failed: 1,
    });
  });

  it("does not trust a clean report of a runner that failed", () => {
    expect(judge(1, { passed: 3, failed: 0 })).toEqual({ passed: 3, failed: 1 });
    expect(judge(0, { passed: 3, failed: 0 })).toEqual({ passed: 3, failed: 0 });
  });
});

describe("the closing line", () => {
  it("adds all counts up and ends well only when something passed and nothing failed", () => {
    const total = sum([
      { passed: 5, failed: 0 },
      { passed: 7, failed: 1 },
    ]);
    expect(closingLine(total)).toBe("12 passed, 1 failed");
    expect([total, { passed: 12, failed: 0 }, settled({ passed: 0, failed: 0 })].map(exitCode)).toEqual([1, 0, 1]);
  });
});

describe(".ci/run", () => {
  /** Runs it with an `npm` that does what the test says: `npm test` and `npm run prove` are shell functions of their own. */
  const run = (test: string, prove: string) =>
    inTree(
      { "bin/npm": `#!/usr/bin/env bash\nmkdir -p test-results\nif [ "$1" = test ]; then\n${test}\nelse\n${prove}\nfi\n`, ".ci/keep": "" },
      (root) => {
        cpSync(".ci/run", join(root, ".ci/run"));
        execFileSync("chmod", ["+x", join(root, "bin/npm")]);
        const { status, stdout } = spawnSync("bash", [join(root, ".ci/run")], {
          env: { PATH: `${join(root, "bin")}:${process.env.PATH}` },
          encoding: "utf8",
        });
        return { status, lastLine: stdout.trimEnd().split("\n").at(-1) };
      },
    );
  const result = (name: string, passed: number, failed: number): string =>
    `echo '{"passed":${passed},"failed":${failed}}' > test-results/${name}.json; exit ${failed === 0 ? 0 : 1}`;

  it("adds both runs up in one closing line", async () => {
    expect(await run(result("test", 40, 0), result("prove", 2, 0))).toEqual({ status: 0, lastLine: "42 passed, 0 failed" });
  });

  it.each([
    ["the first run fails", result("test", 40, 1), result("prove", 2, 0), "42 passed, 1 failed"],
    ["the second run fails", result("test", 40, 0), result("prove", 2, 3), "42 passed, 3 failed"],
    ["a run leaves no counts", "exit 0", result("prove", 2, 0), "2 passed, 1 failed"],
    ["a run ends badly with clean counts", `${result("test", 40, 0).replace("exit 0", "exit 7")}`, result("prove", 2, 0), "42 passed, 1 failed"],
    ["both leave nothing", "exit 1", "exit 1", "0 passed, 2 failed"],
  ])("fails when %s, and still runs both", async (_case, test, prove, lastLine) => {
    expect(await run(test, prove)).toEqual({ status: 1, lastLine });
  });
});

it("runs every wide suite in one part of the wide run", () => {
  const suites = sourceFiles(process.cwd(), ["test"]).map((path) => join(process.cwd(), path));
  const isWide = (path: string): boolean => new RegExp(wideSuites).test(path) || new RegExp(widenedSuites).test(path);
  const inParts = suites
    .filter((path) => path.endsWith(".test.ts"))
    .map((path) => wideParts.filter(({ paths, ignored }) => new RegExp(paths).test(path) && !new RegExp(ignored).test(path)).length);
  expect(inParts).toEqual(suites.filter((path) => path.endsWith(".test.ts")).map((path) => (isWide(path) ? 1 : 0)));
  expect(inParts).toContain(1);
});

it("widens every suite that takes a width, and names no width that none takes", () => {
  const texts = new Map(
    sourceFiles(process.cwd(), ["test"]).flatMap((path) => (path.endsWith(".test.ts") ? [[path, readFileSync(path, "utf8")] as const] : [])),
  );
  for (const name of Object.keys(wideEnvironment)) {
    const readers = [...texts].filter(([, text]) => text.includes(`process.env.${name}`)).map(([path]) => path);
    expect([name, readers.length]).not.toEqual([name, 0]);
    expect(readers.filter((path) => !new RegExp(widenedSuites).test(join(process.cwd(), path)) && !new RegExp(wideSuites).test(path))).toEqual([]);
  }
});
