import { describe, expect, it } from "@jest/globals";
import type { Invocation } from "../../../local/host.ts";
import { httpApi, httpApiLimits } from "../../../local/http/api.ts";
import type { EdgeRequest, EdgeResponse } from "../../../local/http/message.ts";

const request = (change: Partial<EdgeRequest> = {}): EdgeRequest => ({
  method: "GET",
  path: "/o/abc",
  query: "",
  headers: [],
  body: Buffer.alloc(0),
  viewer: { ip: "127.0.0.1", port: 1 },
  httpVersion: "1.1",
  ...change,
});
const api = { id: "Api", routes: [{ routeKey: "GET /o/{token}", functionId: "storefront" }] };
const answering = (invocation: Invocation) => httpApi({ api, invoker: { invoke: async () => invocation } });
const ok = (payload: unknown): Invocation => ({ ok: true, payload });
const seen = ({ status, body, headers }: EdgeResponse) => ({
  status,
  body: body.toString(),
  type: headers.find(([name]) => name === "content-type")?.[1],
});

describe("what a function returns", () => {
  it("becomes status, headers, cookies and body", async () => {
    const answer = await answering(
      ok({ statusCode: 201, headers: { "Content-Type": "text/html", "X-A": 1 }, cookies: ["a=1; Secure", "b=2"], body: "<p>" }),
    ).handle(request());
    expect(seen(answer)).toEqual({ status: 201, body: "<p>", type: "text/html" });
    expect(answer.headers).toEqual(
      expect.arrayContaining([
        ["x-a", "1"],
        ["set-cookie", "a=1; Secure"],
        ["set-cookie", "b=2"],
      ]),
    );
    expect(answer.headers.some(([name]) => name === "apigw-requestid")).toBe(true);
  });

  it("is decoded where it says it is base64", async () => {
    const bytes = Buffer.from([1, 2, 255]);
    const answer = await answering(ok({ statusCode: 200, body: bytes.toString("base64"), isBase64Encoded: true })).handle(request());
    expect(answer.body).toEqual(bytes);
  });

  it("is the JSON body of a 200 where it has no status", async () => {
    expect(seen(await answering(ok({ a: 1 })).handle(request()))).toEqual({ status: 200, body: '{"a":1}', type: "application/json" });
  });

  it.each([
    ["a failure", { ok: false, errorType: "Error", errorMessage: "secret detail" }],
    ["a status that is no number", ok({ statusCode: "many" })],
    ["a body that is no text", ok({ statusCode: 200, body: { a: 1 } })],
  ] as const)("is a 500 without detail for %s", async (_what, invocation) => {
    expect(seen(await answering(invocation).handle(request()))).toEqual({
      status: 500,
      body: '{"message":"Internal Server Error"}',
      type: "application/json",
    });
  });
});

describe("the limits of an HTTP API", () => {
  const never = { invoke: () => Promise.reject(new Error("must not be called")) };

  it("answers 404 where no route fits, without calling a function", async () => {
    expect((await httpApi({ api, invoker: never }).handle(request({ path: "/nowhere" }))).status).toBe(404);
  });
  it("answers 413 beyond 10 MB", async () => {
    expect((await httpApi({ api, invoker: never }).handle(request({ body: Buffer.alloc(httpApiLimits.bodyBytesMax + 1) }))).status).toBe(413);
  });
  it("answers 431 beyond 10,240 bytes of request line and headers", async () => {
    expect((await httpApi({ api, invoker: never }).handle(request({ headers: [["x", "a".repeat(10_240)]] }))).status).toBe(431);
  });
  it("answers 503 when the function takes longer than the integration may", async () => {
    const slow = httpApi({ api, invoker: { invoke: () => new Promise(() => {}) }, integrationMs: 5 });
    expect((await slow.handle(request())).status).toBe(503);
  });
  it("answers 429 once the burst is used up", async () => {
    const throttled = httpApi({
      api: { ...api, throttle: { ratePerSecond: 0.001, burst: 2 } },
      invoker: { invoke: async () => ok({ statusCode: 200 }) },
    });
    const statuses = [];
    for (let i = 0; i < 3; i += 1) statuses.push((await throttled.handle(request())).status);
    expect(statuses).toEqual([200, 200, 429]);
  });
});
