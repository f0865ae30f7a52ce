import { readFileSync } from "node:fs";
import { expect, it } from "@jest/globals";
import { runChecks } from "../check.ts";
import { runTool } from "../support/tool.ts";
import { inTree } from "./planted.ts";
import { tools } from "./tool-checks.ts";

const configuration = (path: string): string => readFileSync(path, "utf8");

it("lints: a promise that nobody waits for is an error", async () => {
  const files = {
    "biome.json": configuration("biome.json"),
    "functions/orders/place-order.ts": "const save = async (): Promise<void> => {};\nexport const placeOrder = (): void => {\n  save();\n};\n",
  };
  const said = await inTree(files, (root) => runTool(tools.biome, ["ci"], root));
  expect(said.text).toContain("noFloatingPromises");
  expect(said.code).not.toBe(0);
});

it("formats: what the formatter would write otherwise is an error", async () => {
  const files = { "biome.json": configuration("biome.json"), "kernel/money.ts": "export const cents = 'a' ;\n" };
  const said = await inTree(files, (root) => runTool(tools.biome, ["ci"], root));
  expect(said.text).toContain("format");
  expect(said.code).not.toBe(0);
});

it("finds dead code: a file that nothing reaches, an export that nobody imports, a package that nobody uses", async () => {
  const files = {
    "package.json": '{"name":"planted","type":"module","dependencies":{"unused-package":"1.0.0"}}',
    "knip.json": configuration("knip.json"),
    "local/main.ts": 'import { used } from "../kernel/money.ts";\nused();\n',
    "kernel/money.ts": "export const used = (): void => {};\nexport const unusedExport = 1;\n",
    "kernel/unreached.ts": "export const unreached = 1;\n",
  };
  const said = await inTree(files, (root) => runTool(tools.knip, ["--no-progress"], root));
  for (const dead of ["kernel/unreached.ts", "unusedExport", "unused-package"]) expect(said.text).toContain(dead);
  expect(said.code).not.toBe(0);
});

it("checks types: exact optional properties and unchecked indexes are errors", async () => {
  const { compilerOptions } = JSON.parse(configuration("tsconfig.json")) as { compilerOptions: object };
  const files = {
    "tsconfig.json": JSON.stringify({ compilerOptions: { ...compilerOptions, types: [] }, include: ["kernel"] }),
    "kernel/money.ts": "export const first = (texts: readonly string[]): string => texts[0];\n",
  };
  const said = await inTree(files, (root) => runTool(tools.tsc, ["-p", "."], root));
  expect(said.text).toContain("TS2322");
  expect(said.code).not.toBe(0);
});

it("counts each check once, and a check that breaks as failed", async () => {
  const silent = { name: "planted", ok: true, text: "" };
  const checks = [
    { name: "good", run: () => Promise.resolve(silent) },
    { name: "bad", run: () => Promise.resolve({ ...silent, ok: false }) },
    { name: "broken", run: () => Promise.reject(new Error("planted")) },
  ];
  expect(await runChecks(checks, { print: () => {} })).toEqual({ passed: 1, failed: 2 });
});
