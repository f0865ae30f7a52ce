import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { type BuildOptions, buildAssembly } from "../../../local/build.ts";

let root: string;
let builds: number;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "sources-"));
  builds = 0;
  mkdirSync(join(root, "functions"));
  source("first");
});
afterEach(() => rmSync(root, { recursive: true }));

const source = (text: string): void => writeFileSync(join(root, "functions", "http.ts"), text);
const build = (run: BuildOptions["build"] = async () => ({ code: 0, output: "" })): Promise<string> =>
  buildAssembly(root, {
    progress: () => {},
    build: async (from, dir) => {
      builds += 1;
      mkdirSync(join(dir, "cdk.out"));
      return run(from, dir);
    },
  });
const folders = (): string[] => readdirSync(join(root, ".build", "local")).filter((name) => !name.endsWith(".json"));

describe("the build", () => {
  it("runs again only when a source changed, and finds an earlier state again", async () => {
    const first = await build();
    expect(await build()).toBe(first);
    source("second");
    const second = await build();
    expect(second).not.toBe(first);
    source("first");
    expect(await build()).toBe(first);
    expect(builds).toBe(2);
  });

  it("takes no notice of prose", async () => {
    await build();
    writeFileSync(join(root, "functions", "README.md"), "words");
    await build();
    expect(builds).toBe(1);
  });

  it("that fails is told in its own words and leaves nothing that looks like a build", async () => {
    await expect(build(async () => ({ code: 1, output: "place-order.ts:3: no such export" }))).rejects.toThrow("place-order.ts:3: no such export");
    expect(folders()).toEqual([]);
    await build();
    expect(builds).toBe(2);
  });

  it("of sources that changed meanwhile is used once but never taken for either state", async () => {
    await build(async () => {
      source("changed meanwhile");
      return { code: 0, output: "" };
    });
    await build();
    source("first");
    await build();
    expect(builds).toBe(3);
  });

  it("keeps the last few, and every one that a running shop still loads functions from", async () => {
    for (const text of ["a", "b", "c", "d", "e"]) {
      source(text);
      const dir = join(await build(), "..");
      if (text !== "a") rmSync(join(dir, `used-by.${process.pid}`));
      if (text === "b") writeFileSync(join(dir, "used-by.999999999"), "");
    }
    expect(folders()).toHaveLength(4);
    source("a");
    await build();
    expect(builds).toBe(5);
  });
});
