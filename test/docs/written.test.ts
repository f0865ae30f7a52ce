import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "@jest/globals";

const pages = ["README.md", ...globSync("{docs,functions,statemachines}/**/*.md")].sort();

describe("what is written by hand", () => {
  it.each(pages)("%s points only at what is there", (page) => {
    const links = [...readFileSync(page, "utf8").matchAll(/\]\(([^)#]+)(#[^)]*)?\)/g)].map(([, target]) => target ?? "");
    const missing = links.filter((target) => !/^[a-z]+:/.test(target) && !existsSync(join(dirname(page), target)));
    expect(missing).toEqual([]);
  });

  it("has no page that is still to be done", () => {
    expect(pages.length).toBeGreaterThan(20);
    expect(pages.filter((page) => /\b(TODO|TBD|FIXME)\b/.test(readFileSync(page, "utf8")))).toEqual([]);
  });
});

describe("decisions", () => {
  const files = globSync("docs/adr/0*.md").sort();

  it("are numbered without gaps, listed, and end with what would change our mind", () => {
    const list = readFileSync("docs/adr/README.md", "utf8");
    files.forEach((file, index) => {
      const text = readFileSync(file, "utf8");
      const number = String(index).padStart(4, "0");
      expect(file).toContain(`/${number}-`);
      expect(text).toMatch(new RegExp(`^# ${number} `));
      expect(list).toContain(file.replace("docs/adr/", ""));
      for (const part of ["## Question", "## Alternatives", "## Decision", "## What would change our mind"]) expect(text).toContain(part);
    });
    expect(files.length).toBeGreaterThan(10);
  });

  it("name every package that is installed, at its version", () => {
    const { dependencies, devDependencies } = JSON.parse(readFileSync("package.json", "utf8")) as Record<string, Record<string, string>>;
    const rows = readFileSync("docs/adr/0005-toolchain.md", "utf8")
      .split("\n")
      .filter((line) => line.startsWith("| "));
    const packages = Object.entries({ ...dependencies, ...devDependencies });
    expect(packages.length).toBeGreaterThan(20);
    const unnamed = packages.filter(([name, version]) => !rows.some((row) => row.includes(name.replace("@aws-sdk/", "")) && row.includes(version)));
    expect(unnamed).toEqual([]);
  });
});
