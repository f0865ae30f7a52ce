import { describe, expect, it } from "@jest/globals";
import { emptyNames, findings, linesMax, rules, tooLong } from "./source-rules.ts";
import { parse, readSource, type Source, sourceFiles } from "./source-tree.ts";

const root = process.cwd();
const files = sourceFiles(root);
const product = files.filter((path) => /^(platform|kernel|functions)\//.test(path));
const withLoopbackRule = files.filter((path) => path.startsWith("lib/"));
const loopbackRule = rules.filter((rule) => rule.message.includes("loopback"));

const planted = (text: string, path = "functions/orders/place-order.ts"): Source => ({ path, text, tree: parse(text) });

describe("the product", () => {
  it("takes time, randomness, configuration and the outside through ports only", () => {
    expect(product.length).toBeGreaterThan(40);
    expect(product.flatMap((path) => findings(readSource(root, path)))).toEqual([]);
  });

  it("names no loopback address, and neither does the infrastructure", () => {
    expect(withLoopbackRule.length).toBeGreaterThan(5);
    expect(withLoopbackRule.flatMap((path) => findings(readSource(root, path), loopbackRule))).toEqual([]);
  });
});

describe("every file", () => {
  it(`is at most ${linesMax} lines long`, () => {
    expect(files.length).toBeGreaterThan(100);
    expect(files.flatMap((path) => tooLong(readSource(root, path)))).toEqual([]);
  });

  it("lives in a folder named for a thing, not for a kind of code", () => {
    expect(files.filter((path) => emptyNames.test(path))).toEqual([]);
    expect(emptyNames.test("functions/orders/helpers/sum.ts")).toBe(true);
  });
});

describe("a planted fault is caught", () => {
  it.each([
    "const at = Date.now();",
    "const at = performance.now();",
    "const at = new Date();",
    "const at = new Date(order.placed_at);",
    "const die = Math.random();",
    "const id = crypto.randomUUID();",
    'import { randomBytes } from "node:crypto"; const id = randomBytes(16);',
    "setTimeout(go, 5);",
    "globalThis.setTimeout(go, 5);",
    'import { setTimeout as wait } from "node:timers/promises"; await wait(5);',
    "setInterval(go, 5);",
    "const answer = await fetch(url);",
    "const answer = await globalThis.fetch(url);",
    "const stage = process.env.STAGE;",
    'const stage = process["env"].STAGE;',
    'import { env } from "node:process"; const stage = env.STAGE;',
    'console.log("paid");',
    'process.stdout.write("paid");',
    "const good = signature === expected;",
    "const good = event.headers.signature !== computed;",
    "const good = given == hmacOf(body);",
    'const url = "http://localhost:4100/api";',
    'const url = "http://127.0.0.1:" + port;',
    "const url = `http://127.0.0.1:$" + "{port}/v1`;",
  ])("%s", (text) => {
    expect(findings(planted(text))).toHaveLength(1);
  });

  it("with the line it stands on", () => {
    expect(findings(planted("// a comment with é\nconst one = 1;\nconst at = Date.now();\n"))).toEqual([
      { path: "functions/orders/place-order.ts", line: 3, message: expect.stringContaining("time") },
    ]);
  });

  it("when a file grows too long", () => {
    expect(tooLong({ path: "kernel/money.ts", text: "\n".repeat(linesMax) })).toEqual([]);
    expect(tooLong({ path: "kernel/money.ts", text: "\n".repeat(linesMax + 1) })).toHaveLength(1);
  });
});

it.each([
  ["// Date.now() is asked elsewhere", "functions/orders/order.ts"],
  ['const text = "call fetch(url) or console.log";', "functions/orders/order.ts"],
  ["const at = clock.now();", "functions/orders/order.ts"],
  ['if (signature === undefined || signature === "") refuse();', "functions/payments/webhook.ts"],
  ["const at = Date.now();", "platform/clock/clock.ts"],
  ["setTimeout(go, 5);", "platform/runtime.ts"],
  ["const answer = await fetch(url);", "functions/notifications/twilio.ts"],
  ["const answer = await fetch(url);", "functions/payments/providers/stripe/calls.ts"],
  ["const stage = process.env.STAGE;", "platform/config/config.ts"],
])("lets pass what is at home: %s in %s", (text, path) => {
  expect(findings(planted(text, path))).toEqual([]);
});
