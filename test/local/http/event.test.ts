import { describe, expect, it } from "@jest/globals";
import { httpEvent } from "../../../local/http/event.ts";
import type { EdgeRequest } from "../../../local/http/message.ts";

const request = (change: Partial<EdgeRequest> = {}): EdgeRequest => ({
  method: "POST",
  path: "/api/orders",
  query: "",
  headers: [],
  body: Buffer.alloc(0),
  viewer: { ip: "203.0.113.9", port: 40_000 },
  httpVersion: "1.1",
  ...change,
});
const match = { route: { routeKey: "POST /api/orders", functionId: "orders" }, pathParameters: {} };
const at = { apiId: "api", requestId: "request-1", receivedAt: Date.parse("2026-11-21T12:42:28Z") };

describe("the event of an HTTP API (payload format 2.0)", () => {
  it("carries method, path, caller, time and request id where Lambda functions look for them", () => {
    const event = httpEvent(request({ headers: [["user-agent", "phone"]] }), match, at);
    expect(event).toMatchObject({
      version: "2.0",
      routeKey: "POST /api/orders",
      rawPath: "/api/orders",
      rawQueryString: "",
      isBase64Encoded: false,
      requestContext: {
        http: { method: "POST", path: "/api/orders", protocol: "HTTP/1.1", sourceIp: "203.0.113.9", userAgent: "phone" },
        requestId: "request-1",
        routeKey: "POST /api/orders",
        stage: "$default",
        time: "21/Nov/2026:12:42:28 +0000",
        timeEpoch: at.receivedAt,
      },
    });
    for (const absent of ["cookies", "body", "queryStringParameters", "pathParameters"]) expect(event).not.toHaveProperty(absent);
  });

  it("joins what comes twice with commas, and keeps the query as it was sent besides", () => {
    const event = httpEvent(
      request({
        query: "item=CW-60&item=CW-120&q=a%20b",
        headers: [
          ["x-one", "1"],
          ["x-one", "2"],
        ],
      }),
      match,
      at,
    );
    expect(event.queryStringParameters).toEqual({ item: "CW-60,CW-120", q: "a b" });
    expect(event.rawQueryString).toBe("item=CW-60&item=CW-120&q=a%20b");
    expect(event.headers["x-one"]).toBe("1,2");
  });

  it("lists cookies apart from the headers", () => {
    const event = httpEvent(
      request({
        headers: [
          ["cookie", "a=1; b=2"],
          ["cookie", "c=3"],
        ],
      }),
      match,
      at,
    );
    expect(event.cookies).toEqual(["a=1", "b=2", "c=3"]);
    expect(event.headers).not.toHaveProperty("cookie");
  });

  it("appends its caller to x-forwarded-for and names its own host", () => {
    const event = httpEvent(
      request({
        headers: [
          ["host", "shop.example"],
          ["x-forwarded-for", "198.51.100.7"],
        ],
      }),
      match,
      at,
    );
    expect(event.headers["x-forwarded-for"]).toBe("198.51.100.7, 203.0.113.9");
    expect(event.headers.host).toBe(event.requestContext.domainName);
  });

  it.each([
    ["application/json", false],
    ["application/json; charset=utf-8", false],
    ["text/plain", false],
    ["application/xml", false],
    ["application/x-www-form-urlencoded", true],
    ["application/problem+json", true],
    ["application/octet-stream", true],
    ["multipart/form-data; boundary=x", true],
    [undefined, true],
  ])("hands a body of type %s over in base64: %s", (type, encoded) => {
    const body = Buffer.from("a=1&b=é");
    const event = httpEvent(request({ body, headers: type === undefined ? [] : [["content-type", type]] }), match, at);
    expect(event.isBase64Encoded).toBe(encoded);
    expect(Buffer.from(event.body ?? "", encoded ? "base64" : "utf8")).toEqual(body);
  });

  it("keeps bytes that are no text whole, so that a signature over them still fits", () => {
    const body = Buffer.from([0, 255, 254, 10, 13, 128]);
    const event = httpEvent(request({ body }), match, at);
    expect(Buffer.from(event.body ?? "", "base64")).toEqual(body);
  });

  it("decodes the path, and survives one that cannot be decoded", () => {
    expect(httpEvent(request({ path: "/o/a%20b" }), match, at).rawPath).toBe("/o/a b");
    expect(httpEvent(request({ path: "/o/%zz" }), match, at).rawPath).toBe("/o/%zz");
  });
});
