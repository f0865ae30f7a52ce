// The loader, the evaluator and the triggers' checks on the template that the product's own stack synthesises.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "@jest/globals";
import { createAuthority } from "../../../local/iam/authorise.ts";
import { checkGrants } from "../../../local/iam/check-grants.ts";
import type { Inventory } from "../../../local/template/inventory.ts";
import { loadTemplate } from "../../../local/template/load.ts";
import { support } from "../../../local/template/support.ts";
import { type Assembly, assembly, synthMsMax } from "../../infra/assembly.ts";

const here = { PublicOrigin: "http://127.0.0.1:4100", SimulatedProviders: "http://127.0.0.1:4101", CheckoutOrigin: "http://127.0.0.1:4101" };
let made: Assembly;
let dev: Inventory;
const load = (stackName: string, parameters: Record<string, string>) =>
  loadTemplate({ assemblyDir: join(made.directory, "cdk.out"), stackName, parameters, secretValue: (id) => `secret of ${id}` });

beforeAll(() => {
  made = assembly();
  dev = load("GigBridge-dev", here);
}, synthMsMax);

describe("the product's own template", () => {
  it("holds no type that the support matrix does not name", () => {
    const types = Object.values(made.dev.Resources).map((resource) => resource.Type);
    expect(types.filter((type) => support[type] === undefined)).toEqual([]);
  });

  it("gives each function a bundle to run", () => {
    for (const fn of dev.functions) expect(existsSync(join(fn.codeDir, "index.js"))).toBe(true);
    expect(dev.functions.map((fn) => fn.name)).toEqual(
      expect.arrayContaining(["gigbridge-dev-storefront", "gigbridge-dev-orders", "gigbridge-dev-outbox"]),
    );
  });

  it("gives its triggers what they need", () => {
    expect(() => checkGrants(dev, createAuthority(dev))).not.toThrow();
  });

  it("lets no function scan the table or touch a key prefix that nobody granted (least privilege)", () => {
    const authority = createAuthority(dev);
    const resource = dev.tables[0]?.arn ?? "";
    for (const { roleId } of dev.functions)
      for (const action of ["GetItem", "Query", "PutItem", "UpdateItem", "DeleteItem", "BatchGetItem", "ConditionCheckItem", "Scan"]) {
        const ask = (context: Record<string, readonly string[]>) => authority.refusal(roleId, { action: `dynamodb:${action}`, resource, context });
        expect(ask({})).toBeDefined();
        expect(ask({ "dynamodb:leadingkeys": ["NOBODY#1"] })).toBeDefined();
      }
  });

  it("puts the origin's secret only on what goes to the API", () => {
    const secret = dev.secrets.find((one) => one.name.startsWith("OriginSecret"));
    for (const { origin } of dev.distribution.behaviours)
      if (origin.kind === "api") expect(origin.headers).toEqual({ "x-origin-secret": `secret of ${secret?.id}` });
    expect(dev.distribution.behaviours.at(-1)?.origin.kind).toBe("site");
  });

  it("loads for production too, and names no simulator there", () => {
    const prod = load("GigBridge-prod", { PublicOrigin: "https://shop.example" });
    expect(JSON.stringify(prod.functions.map((fn) => fn.environment))).not.toMatch(/SIMULATED|127\.0\.0\.1/);
  });
});
