// What is inside each function: nothing heavy on a hot path, one copy of everything, and exactly the settings that it reads.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "@jest/globals";
import type { Metafile } from "esbuild";
import { type FunctionSpec, functionList } from "../../lib/function-list.ts";
import { pascalCase } from "../../lib/logical-id.ts";
import { type Assembly, assembly, synthMsMax } from "./assembly.ts";

/**
 * Minified bytes (S19). The goals are 360 KB for hot handlers and 620 KB with Stripe; the AWS SDK (227 KB with the table and secrets) and zod
 * (96 KB) leave the buyers' pages and the checkout above them. These bounds keep what was reached.
 */
const bytesMax = { buyerPages: 440_000, withStripe: 670_000, comparing: 675_000, deciding: 400_000, others: 395_000 };
const withStripe = ["orders", "payments-webhook", "fulfil-confirm", "fulfil-release", "fulfil-pay-back", "fulfil-dispute", "payments-operator"];
/** They read every kind of record of a provider, and nobody waits for their start. */
const comparing = ["reports-reconcile", "reports-operator"];
/** What a person decides after the sale: many words for what may not be, and nobody waits for their start. */
const deciding = ["fulfil-operator", "fulfil-desk-operator"];
const boundOf = (id: string): number => {
  if (comparing.includes(id)) return bytesMax.comparing;
  if (deciding.includes(id)) return bytesMax.deciding;
  if (withStripe.includes(id)) return bytesMax.withStripe;
  return id === "storefront" ? bytesMax.buyerPages : bytesMax.others;
};

/** Given to all alike, whether they say something yet or not. */
const everybodys = ["STAGE", "LOG_LEVEL"];

const specs: readonly FunctionSpec[] = functionList;
interface Start {
  readonly read?: readonly string[];
  readonly handler?: string;
  readonly failed?: string;
}
let built: Assembly;
let starts: Readonly<Record<string, Record<string, Start>>>;
beforeAll(() => {
  built = assembly();
  starts = { dev: startAll("dev"), prod: startAll("prod") };
}, synthMsMax);

const outputOf = (id: string): Metafile["outputs"][string] => {
  const output = built.metafile.outputs[`functions/${id}/index.js`];
  if (!output) throw new Error(`${id} was not bundled`);
  return output;
};
const fileOf = (id: string): string => join(built.directory, "build/functions", id, "index.js");
const variablesOf = (stage: "dev" | "prod", id: string): Readonly<Record<string, unknown>> =>
  built[stage].Resources[`${pascalCase(id)}Function`]?.Properties.Environment.Variables;

/** Starts every function of a stage. What only a deployment knows is written as a word that no code can mistake for a value. */
function startAll(stage: "dev" | "prod"): Record<string, Start> {
  const wanted = specs.map(({ id }) => {
    const variables = Object.entries(variablesOf(stage, id)).map(([name, value]) => [
      name,
      typeof value === "string" ? value : `https://${name.toLowerCase()}.invalid`,
    ]);
    return [id, { file: fileOf(id), variables: Object.fromEntries(variables) }];
  });
  const { NODE_OPTIONS: _, ...env } = process.env;
  const { stdout, stderr } = spawnSync(process.execPath, [join(import.meta.dirname, "starts.mjs")], {
    input: JSON.stringify(Object.fromEntries(wanted)),
    env,
    encoding: "utf8",
  });
  if (!stdout) throw new Error(stderr);
  return JSON.parse(stdout);
}

/** Files of npm packages that left bytes in the bundle, as `package/path`. */
const packagesOf = (id: string): readonly string[] =>
  Object.entries(outputOf(id).inputs)
    .filter(([path, { bytesInOutput }]) => bytesInOutput > 0 && path.includes("node_modules/"))
    .map(([path]) => path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length));

it("bundles every function and nothing else", () => {
  const bundled = Object.keys(built.metafile.outputs).filter((path) => path.endsWith(".js"));
  expect(bundled.sort()).toEqual(specs.map(({ id }) => `functions/${id}/index.js`).sort());
});

describe.each(specs.map(({ id }) => [id] as const))("%s", (id) => {
  it("stays within its size (S19)", () => {
    expect({ id, over: Math.max(0, outputOf(id).bytes - boundOf(id)) }).toEqual({ id, over: 0 });
  });

  it("carries no vendor's whole SDK, and Stripe's only where payments are made, confirmed or connected (S19)", () => {
    const packages = packagesOf(id);
    expect(packages.filter((path) => /^@adyen\/|^aws-xray-sdk/.test(path))).toEqual([]);
    expect(packages.filter((path) => path.startsWith("twilio/") && !path.startsWith("twilio/lib/webhooks/"))).toEqual([]);
    if (![...withStripe, ...comparing].includes(id)) expect(packages.filter((path) => path.startsWith("stripe/"))).toEqual([]);
  });

  it("holds each package once, not as CommonJS beside ES modules", () => {
    const built = new Map<string, Set<string>>();
    for (const path of packagesOf(id)) {
      const [, name, kind] = /^((?:@[^/]+\/)?[^/]+)\/dist-(cjs|es)\//.exec(path) ?? [];
      if (name && kind) built.set(name, (built.get(name) ?? new Set()).add(kind));
    }
    expect([...built].filter(([, kinds]) => kinds.size > 1).map(([name]) => name)).toEqual([]);
  });

  it("takes credentials from Lambda's environment alone", () => {
    expect(packagesOf(id).filter((path) => /credential-provider|token-providers/.test(path))).toEqual([]);
  });

  it("contains nothing of the tests, the local platform or the infrastructure", () => {
    const own = Object.keys(outputOf(id).inputs).filter((path) => !path.includes("node_modules/"));
    expect(own.filter((path) => /^(test|local|bin|bench)\/|^lib\/(?!env-credentials\.ts$)/.test(path))).toEqual([]);
  });

  it.each(["dev", "prod"] as const)("starts in %s with the settings it is given, and reads every one of them", (stage) => {
    const { read = [], ...start } = starts[stage]?.[id] ?? {};
    expect(start).toEqual({ handler: "function" });
    expect(Object.keys(variablesOf(stage, id)).filter((name) => !everybodys.includes(name) && !read.includes(name))).toEqual([]);
  });
});
