// What is inside each function: nothing heavy on a hot path, one copy of everything, and exactly the settings that it reads.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "@jest/globals";
import type { Metafile } from "esbuild";
import { functionList, type FunctionSpec } from "../../lib/function-list.ts";
import { pascalCase } from "../../lib/logical-id.ts";
import { type Assembly, assembly } from "./assembly.ts";

/** Minified bytes (S19). The goal for hot handlers is 360 KB, for those that carry Stripe 620 KB. */
const hotBytesMax = 360_000;
const stripeBytesMax = 620_000;
const withStripe = ["orders", "payments-webhook", "fulfil-confirm", "payments-operator"];
const settings = [
  "STAGE",
  "TABLE_NAME",
  "KEY_ID",
  "ORIGIN_SECRET_ID",
  "LINK_SECRET_ID",
  "PUBLIC_ORIGIN",
  "CHECKOUT_ORIGIN",
  "SIMULATED_PROVIDERS",
  "FULFIL_ORDER_ARN",
  "ORDER_EVENTS_URL",
  "OUTBOX_DEAD_LETTERS_URL",
  "LOG_LEVEL",
];

const specs: readonly FunctionSpec[] = functionList;
let built: Assembly;
beforeAll(() => {
  built = assembly();
}, 60_000);

const outputOf = (id: string): Metafile["outputs"][string] => {
  const output = built.metafile.outputs[`functions/${id}/index.js`];
  if (!output) throw new Error(`${id} was not bundled`);
  return output;
};
const codeOf = (id: string): string => readFileSync(join(built.directory, "build/functions", id, "index.js"), "utf8");
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
    const max = withStripe.includes(id) ? stripeBytesMax : hotBytesMax;
    expect({ id, over: Math.max(0, outputOf(id).bytes - max) }).toEqual({ id, over: 0 });
  });

  it("carries no vendor's whole SDK, and Stripe's only where payments are made, confirmed or connected (S19)", () => {
    const packages = packagesOf(id);
    expect(packages.filter((path) => /^@adyen\/|^aws-xray-sdk/.test(path))).toEqual([]);
    expect(packages.filter((path) => path.startsWith("twilio/") && !path.startsWith("twilio/lib/webhooks/"))).toEqual([]);
    if (!withStripe.includes(id)) expect(packages.filter((path) => path.startsWith("stripe/"))).toEqual([]);
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
    expect(packagesOf(id).filter((path) => /credential-provider-(?!env)|token-providers/.test(path))).toEqual([]);
  });

  it("contains nothing of the tests, the local platform or the infrastructure", () => {
    const own = Object.keys(outputOf(id).inputs).filter((path) => !path.includes("node_modules/"));
    expect(own.filter((path) => /^(test|local|bin|bench)\/|^lib\/(?!env-credentials\.ts$)/.test(path))).toEqual([]);
  });

  it("is given exactly the settings that it reads", () => {
    const code = codeOf(id);
    const read = settings.filter((name) => code.includes(`"${name}"`));
    for (const stage of ["dev", "prod"] as const) {
      const given = Object.keys(built[stage].Resources[`${pascalCase(id)}Function`]?.Properties.Environment.Variables);
      const absent = stage === "prod" ? ["SIMULATED_PROVIDERS"] : [];
      expect({ missing: read.filter((name) => !given.includes(name) && !absent.includes(name)), idle: given.filter((name) => name !== "STAGE" && !read.includes(name)) }).toEqual({
        missing: [],
        idle: [],
      });
    }
  });
});
