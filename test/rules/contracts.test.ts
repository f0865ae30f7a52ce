import { existsSync, globSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import { contractsOf } from "../../docs/generators/contracts.ts";
import { problemsOf } from "../../docs/generators/openapi.ts";
import { keyShape } from "../../docs/generators/table.ts";
import { entities } from "../../functions/entities.ts";
import { routesOf } from "../../functions/routes.ts";
import { functionList } from "../../lib/function-list.ts";
import { commonProblems, languages, type Problem } from "../../platform/contract/problem.ts";
import { type RouteSpec, routeKey } from "../../platform/contract/route.ts";
import { contexts, entries } from "./rows.ts";

const routes: readonly RouteSpec[] = Object.values(routesOf).flat();
const contracts = await contractsOf(process.cwd());
const commands = contracts.flatMap((contract) => contract.commands);

const repeated = (names: readonly string[]): readonly string[] => names.filter((name, index) => names.indexOf(name) !== index);

describe("every context", () => {
  const folders = readdirSync("functions", { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);

  it("has a row, and every row has its context", () => {
    expect([...folders].sort()).toEqual([...contexts].sort());
  });

  it.each(folders)("%s says on one page what it owns", (folder) => {
    const lines = readFileSync(`functions/${folder}/README.md`, "utf8").split("\n");
    expect(lines[0]).toMatch(/^# \S/);
    expect(lines.length).toBeLessThan(80);
  });

  it("keeps its contract where infrastructure and documents look for it", () => {
    expect(contracts.map(({ context }) => context).sort()).toEqual([...folders].sort());
  });
});

describe("every route and command", () => {
  it("has a name of its own, and every route an address of its own", () => {
    expect(routes.length).toBeGreaterThan(5);
    expect(commands.length).toBeGreaterThan(3);
    expect(repeated([...routes, ...commands].map(({ id }) => id))).toEqual([]);
    expect(repeated(routes.map(routeKey))).toEqual([]);
    expect(repeated(routes.map(({ method, path }) => `${method} ${path.replaceAll(/\{[^}]+\}/g, "{}")}`))).toEqual([]);
  });

  it("says its problems in every language, with nothing left over or empty", () => {
    const all: readonly (readonly [string, Problem])[] = [
      ...Object.entries(commonProblems),
      ...routes.flatMap((route) => Object.entries(problemsOf(route))),
      ...commands.flatMap((command) => Object.entries(command.errors)),
    ];
    expect(all.length).toBeGreaterThan(20);
    for (const [code, { sentence }] of all) {
      expect(code).toMatch(/^[a-z]+(_[a-z]+)*$/);
      expect(Object.keys(sentence).sort()).toEqual([...languages].sort());
      // French wants a space before a colon, one that never breaks the line.
      expect(sentence.fr).not.toMatch(/[^\u00a0]:/);
      for (const language of languages) expect(sentence[language]).toMatch(language === "zh" ? /[\u4e00-\u9fff].*[。？！]$/ : /^\p{Lu}.*[.?!]$/u);
    }
  });

  it.each(routes.map((route) => [route.id, route] as const))("%s describes exactly the parameters of its path", (_id, route) => {
    const inPath = [...route.path.matchAll(/\{([^}]+)\}/g)].map(([, name]) => name);
    expect(Object.keys(route.params?.shape ?? {})).toEqual(inPath);
  });

  it.each(routes.filter(({ auth }) => auth === "webhook").map((route) => [route.id, route] as const))(
    "%s reads the raw bytes before it believes anything",
    (_id, route) => {
      expect(route.raw).toBe(true);
    },
  );
});

describe("every function", () => {
  it("enters at a file that exists, and every entry file is some function's", () => {
    const listed = functionList.map(({ entry }) => entry as string);
    expect(listed.filter((entry) => !existsSync(entry))).toEqual([]);
    const found = globSync("{functions,platform}/**/*.ts").filter((path) => entries.test(path) && !path.endsWith("-ports.ts"));
    expect([...found].sort()).toEqual([...new Set(listed)].sort());
  });

  it("that answers HTTP serves routes, and no other does", () => {
    const http = functionList.filter(({ trigger }) => trigger === "http").map(({ id }) => id as string);
    expect(Object.keys(routesOf).sort()).toEqual([...http].sort());
    for (const id of http) expect(routesOf[id]?.length).toBeGreaterThan(0);
  });
});

describe("every kind of record", () => {
  it("has a name and a prefix of its own, and keys that begin with the prefix", () => {
    expect(entities.length).toBeGreaterThan(10);
    expect(repeated(entities.map(({ name }) => name))).toEqual([]);
    expect(repeated(entities.map(({ prefix }) => prefix))).toEqual([]);
    for (const entity of entities) expect(keyShape(entity).pk).toMatch(new RegExp(`^${entity.prefix}#`));
  });

  it("is read by somebody and written by somebody, and nobody has rights to a kind that is not there", () => {
    const rights = functionList.flatMap((spec) => Object.entries("table" in spec ? spec.table : {}));
    const granted = (...kinds: readonly string[]): ReadonlySet<string> =>
      new Set(rights.flatMap(([kind, prefixes]) => (kinds.includes(kind) && Array.isArray(prefixes) ? (prefixes as string[]) : [])));
    const prefixes = entities.map(({ prefix }) => prefix).sort();
    expect([...granted("gets", "queries")].sort()).toEqual(prefixes);
    expect([...granted("puts", "updates", "deletes")].sort()).toEqual(prefixes);
  });
});
