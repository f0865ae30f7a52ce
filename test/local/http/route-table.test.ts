import { describe, expect, it } from "@jest/globals";
import { routeTable } from "../../../local/http/route-table.ts";

const keys = [
  "GET /o/{token}",
  "GET /api/orders/{token}",
  "POST /api/orders",
  "POST /api/orders/{token}/checkout",
  "GET /api/orders/mine",
  "ANY /api/{proxy+}",
  "GET /api/{proxy+}",
  "GET /files/{folder}/{rest+}",
];
const find = routeTable(keys.map((routeKey) => ({ routeKey, functionId: routeKey })));

describe("a request goes to the most specific route", () => {
  it.each([
    ["POST", "/api/orders", "POST /api/orders", {}],
    ["GET", "/api/orders/mine", "GET /api/orders/mine", {}],
    ["GET", "/api/orders/abc", "GET /api/orders/{token}", { token: "abc" }],
    ["GET", "/api/orders/a%20b", "GET /api/orders/{token}", { token: "a b" }],
    ["POST", "/api/orders/abc/checkout", "POST /api/orders/{token}/checkout", { token: "abc" }],
    ["GET", "/api/orders/abc/checkout", "GET /api/{proxy+}", { proxy: "orders/abc/checkout" }],
    ["DELETE", "/api/orders/abc", "ANY /api/{proxy+}", { proxy: "orders/abc" }],
    ["GET", "/files/a/b/c", "GET /files/{folder}/{rest+}", { folder: "a", rest: "b/c" }],
  ] as const)("%s %s → %s", (method, path, routeKey, parameters) => {
    expect(find(method, path)).toEqual({ route: { routeKey, functionId: routeKey }, pathParameters: parameters });
  });

  it.each([
    ["GET", "/"],
    ["GET", "/o/"],
    ["GET", "/o"],
    ["POST", "/o/abc"],
    ["GET", "/O/abc"],
    ["GET", "/o/abc/"],
    ["GET", "/api/"],
  ])("%s %s has no route", (method, path) => {
    expect(find(method, path)).toBeUndefined();
  });

  it("falls back to $default, which has no parameters", () => {
    const withDefault = routeTable([
      { routeKey: "$default", functionId: "rest" },
      { routeKey: "GET /a", functionId: "a" },
    ]);
    expect(withDefault("PUT", "/anything")).toEqual({ route: { routeKey: "$default", functionId: "rest" }, pathParameters: {} });
    expect(withDefault("GET", "/a")?.route.functionId).toBe("a");
  });

  it("does not depend on the order in which the template lists the routes", () => {
    const reversed = routeTable([...keys].reverse().map((routeKey) => ({ routeKey, functionId: routeKey })));
    for (const [method, path] of [
      ["GET", "/api/orders/mine"],
      ["GET", "/api/orders/x"],
      ["GET", "/api/x"],
      ["PUT", "/api/x"],
    ] as const) {
      expect(reversed(method, path)?.route).toEqual(find(method, path)?.route);
    }
  });

  it("refuses a route key it does not understand", () => {
    expect(() => routeTable([{ routeKey: "/api", functionId: "f" }])).toThrow("/api");
  });
});
