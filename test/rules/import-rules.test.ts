import { describe, expect, it } from "@jest/globals";
import { cruiseTree } from "./boundaries.ts";
import { inTree } from "./planted.ts";
import { whyNot } from "./rows.ts";
import { type Import, importsOf, readSource, sourceFiles } from "./source-tree.ts";

const importsIn = (root: string): readonly Import[] => sourceFiles(root).flatMap((path) => importsOf(readSource(root, path)));
const refused = (imports: readonly Import[]): readonly string[] =>
  imports.flatMap(({ from, line, to, isPackage }) => {
    const why = whyNot(from, to, isPackage);
    return why === undefined ? [] : [`${from}:${line} → ${to}: ${why}`];
  });

describe("the whole tree", () => {
  const imports = importsIn(process.cwd());

  it("imports only what its layer may, types included", () => {
    expect(refused(imports)).toEqual([]);
  });

  it("was really seen: product, infrastructure, local platform and tests, values and types", () => {
    for (const folder of ["platform/", "kernel/", "functions/", "lib/", "local/", "test/"]) {
      expect(imports.filter(({ from }) => from.startsWith(folder)).length).toBeGreaterThan(2);
    }
    expect(imports.filter(({ typeOnly }) => typeOnly).length).toBeGreaterThan(20);
    expect(imports).toContainEqual(expect.objectContaining({ from: "functions/routes.ts", to: "functions/orders/contract.ts" }));
  });
});

describe("the verdict", () => {
  it.each([
    ["platform/table/table.ts", "platform/clock/clock.ts"],
    ["kernel/money.ts", "platform/contract/problem.ts"],
    ["functions/orders/contract.ts", "kernel/money.ts"],
    ["functions/orders/contract.ts", "functions/catalogue/contract.ts"],
    ["functions/orders/place-order.ts", "functions/inventory/index.ts"],
    ["functions/fulfilment/deliver.ts", "functions/orders/index.ts"],
    ["functions/catalogue/save-listing.ts", "functions/merchants/index.ts"],
    ["functions/fulfilment/steps-deliver.ts", "platform/runtime.ts"],
    ["functions/routes.ts", "functions/orders/contract.ts"],
    ["functions/entities.ts", "functions/orders/order-table.ts"],
    ["lib/api.ts", "functions/routes.ts"],
    ["lib/bundle.ts", "web/build.ts"],
    ["local/main.ts", "lib/stages.ts"],
    ["test/flows/sale.test.ts", "functions/orders/place-order.ts"],
    ["test/simulation/checker/money.ts", "platform/table/memory.ts"],
  ])("lets %s import %s", (from, to) => {
    expect(whyNot(from, to, false)).toBeUndefined();
  });

  it.each([
    ["platform/table/table.ts", "functions/orders/order.ts", "a layer below importing one above"],
    ["platform/table/table.ts", "kernel/money.ts", "platform knowing domain words"],
    ["kernel/allocation.ts", "functions/inventory/unit.ts", "the kernel knowing a context"],
    ["functions/orders/contract.ts", "functions/orders/order.ts", "a contract dragging in domain code"],
    ["functions/orders/contract.ts", "platform/table/model.ts", "a contract dragging in the table"],
    ["functions/inventory/stock.ts", "functions/payments/index.ts", "a sideways import"],
    ["functions/catalogue/listing.ts", "functions/orders/index.ts", "an upward import"],
    ["functions/catalogue/contract.ts", "functions/orders/contract.ts", "an upward contract"],
    ["functions/orders/place-order.ts", "functions/inventory/unit-table.ts", "an import past the door"],
    ["functions/orders/place-order.ts", "functions/routes.ts", "a context reading the whole"],
    ["functions/orders/place-order.ts", "functions/reports/index.ts", "a context without a row"],
    ["functions/routes.ts", "functions/orders/order.ts", "routes gathering more than contracts"],
    ["functions/entities.ts", "functions/orders/place-order.ts", "entities gathering more than tables"],
    ["functions/shared.ts", "platform/clock/clock.ts", "a file beside the contexts"],
    ["functions/orders/http.ts", "local/main.ts", "the product knowing where it runs"],
    ["kernel/money.ts", "test/support/tally.ts", "the product knowing its tests"],
    ["functions/orders/place-order.ts", "platform/runtime.ts", "a verb binding real ports"],
    ["lib/api.ts", "functions/orders/order.ts", "infrastructure reading domain code"],
    ["lib/api.ts", "web/build.ts", "pages built outside the bundler"],
    ["lib/api.ts", "local/main.ts", "infrastructure knowing the local platform"],
    ["web/buyer/pay.ts", "functions/orders/order.ts", "a page reading domain code"],
    ["local/main.ts", "test/support/tally.ts", "the local platform reading tests"],
    ["test/simulation/checker/money.ts", "functions/payments/payment.ts", "the judge asking whom it judges"],
    ["test/simulation/checker/refunds.ts", "kernel/refund.ts", "the judge reckoning as whom it judges"],
  ])("refuses %s importing %s: %s", (from, to) => {
    expect(whyNot(from, to, false)).toBeDefined();
  });

  it.each([
    ["functions/orders/place-order.ts", "@aws-sdk/lib-dynamodb"],
    ["functions/orders/place-order.ts", "stripe"],
    ["functions/notifications/send.ts", "twilio/lib/webhooks/webhooks.js"],
    ["functions/orders/contract.ts", "node:crypto"],
    ["kernel/money.ts", "node:crypto"],
    ["functions/routes.ts", "stripe"],
    ["platform/edge/http.ts", "aws-cdk-lib"],
  ])("refuses %s importing the package %s", (from, to) => {
    expect(whyNot(from, to, true)).toBeDefined();
  });

  it.each([
    ["platform/table/table.ts", "@aws-sdk/lib-dynamodb"],
    ["functions/payments/providers/stripe/calls.ts", "stripe"],
    ["functions/notifications/twilio.ts", "twilio/lib/webhooks/webhooks.js"],
    ["functions/orders/contract.ts", "zod"],
    ["local/gateway/gateway.ts", "@aws-sdk/client-lambda"],
  ])("lets %s import the package %s", (from, to) => {
    expect(whyNot(from, to, true)).toBeUndefined();
  });
});

it("sees every way to import: values, types, re-exports, dynamic imports and import types", async () => {
  const source = [
    'import { a } from "../orders/order.ts";',
    'import type { B } from "../orders/order-table.ts";',
    'export { c } from "../orders/place-order.ts";',
    'export type * from "../orders/cancel-order.ts";',
    'export const d = () => import("../orders/http.ts");',
    'export type E = import("../orders/view.ts").View;',
  ];
  const found = await inTree({ "functions/catalogue/listing.ts": source.join("\n") }, importsIn);
  expect(found.map(({ line, typeOnly }) => [line, typeOnly])).toEqual([
    [1, false],
    [2, true],
    [3, false],
    [4, true],
    [5, false],
    [6, true],
  ]);
  expect(refused(found)).toHaveLength(source.length);
});

it("has dependency-cruiser catch planted faults: upward, past the door, a cycle, a vendor SDK, a dead end", async () => {
  const report = await inTree(
    {
      "package.json": '{"type":"module","dependencies":{"stripe":"1"}}',
      "node_modules/stripe/package.json": '{"name":"stripe","version":"1.0.0","type":"module","exports":"./index.js"}',
      "node_modules/stripe/index.js": "export default 1;",
      "functions/catalogue/listing.ts": 'import { place } from "../orders/index.ts"; export const listing = place;',
      "functions/orders/index.ts": 'export { place } from "./place.ts";',
      "functions/orders/place.ts":
        'import stripe from "stripe"; import { unit } from "../inventory/unit.ts"; import { gone } from "./gone.ts"; export const place = [stripe, unit, gone];',
      "functions/inventory/unit.ts": 'import { pool } from "./pool.ts"; export const unit = pool;',
      "functions/inventory/pool.ts": 'import { unit } from "./unit.ts"; export const pool = () => unit;',
      "platform/table/table.ts": 'import { listing } from "../../functions/catalogue/listing.ts"; export const table = listing;',
    },
    (root) => cruiseTree(root, ["functions", "platform"]),
  );
  expect(report.modules).toContain("functions/orders/place.ts");
  const rules = report.violations.map((violation) => violation.split(":")[0]);
  for (const rule of ["context-catalogue", "context-orders", "no-cycles", "sdks-in-adapters", "resolvable", "platform-on-npm"])
    expect(rules).toContain(rule);
});
