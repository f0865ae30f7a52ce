import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { type Distribution, originRequest, startDistribution } from "../../../local/cdn/distribution.ts";
import { type EdgeRequest, type EdgeResponse, headerOf } from "../../../local/http/message.ts";
import type { BehaviourResource } from "../../../local/template/inventory.ts";

const request = (path: string, change: Partial<EdgeRequest> = {}): EdgeRequest => ({
  method: "GET",
  path,
  query: "",
  headers: [["host", "shop.example"]],
  body: Buffer.alloc(0),
  viewer: { ip: "198.51.100.7", port: 50_123 },
  httpVersion: "1.1",
  ...change,
});
const behaviour = (change: Partial<BehaviourResource>): BehaviourResource => ({
  pathPattern: "*",
  origin: { kind: "site", bucketId: "Site" },
  responseHeaders: {},
  allowedMethods: ["GET", "HEAD"],
  ...change,
});
const toIndex = `function handler(event) {
  var request = event.request;
  if (request.uri === "/moved") return { statusCode: 301, statusDescription: "Moved", headers: { location: { value: "/new?from=" + request.querystring.from.value } } };
  if (request.uri.endsWith("/")) request.uri += "index.html";
  return request;
}`;
const page = `<!doctype html>${"<p>words</p>".repeat(200)}`;

let dir: string;
let edge: Distribution;
let reachedApi: EdgeRequest[] = [];
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "site-"));
  writeFileSync(join(dir, "index.html"), page);
  writeFileSync(join(dir, "logo.png"), Buffer.alloc(5_000));
  writeFileSync(join(dir, "tiny.css"), "a{}");
  edge = await startDistribution({
    distribution: {
      id: "Cdn",
      behaviours: [
        behaviour({ viewerRequestFunction: toIndex, responseHeaders: { "X-Frame-Options": "DENY", server: "ours" } }),
        behaviour({ pathPattern: "/api/*", origin: { kind: "api", headers: { "X-Origin-Secret": "s3cret" } }, allowedMethods: ["GET", "POST"] }),
      ],
    },
    buckets: [{ id: "Site", name: "site", contentDirs: [dir] }],
    api: {
      async handle(one): Promise<EdgeResponse> {
        reachedApi.push(one);
        return { status: 200, headers: [["content-type", "text/html"]], body: Buffer.from(page) };
      },
    },
  });
});
afterAll(() => rmSync(dir, { recursive: true }));

describe("behaviours", () => {
  it("sends a path to the first behaviour that fits and everything else to the site", async () => {
    reachedApi = [];
    await edge.handle(request("/api/orders"));
    expect(reachedApi.map(({ path }) => path)).toEqual(["/api/orders"]);
    const site = await edge.handle(request("/index.html"));
    expect(site.body.toString()).toBe(page);
    expect(reachedApi).toHaveLength(1);
  });
  it("refuses a method that the behaviour does not list", async () => {
    expect((await edge.handle(request("/api/orders", { method: "DELETE" }))).status).toBe(403);
    expect((await edge.handle(request("/", { method: "POST" }))).status).toBe(403);
  });
});

describe("the API origin", () => {
  const sent = request("/api/x", {
    headers: [
      ["host", "shop.example"],
      ["x-origin-secret", "guess"],
      ["cloudfront-viewer-address", "10.0.0.1:1"],
      ["x-forwarded-for", "192.0.2.1"],
      ["connection", "keep-alive"],
      ["cookie", "a=1"],
      ["accept-language", "fr"],
    ],
  });
  const reached = originRequest(sent, { "X-Origin-Secret": "s3cret" });
  it("gets the secret of the template, never the viewer's own", () => {
    expect(reached.headers.filter(([name]) => name === "x-origin-secret")).toEqual([["x-origin-secret", "s3cret"]]);
  });
  it("learns the viewer's true address, whatever the viewer claims", () => {
    expect(reached.headers.filter(([name]) => name === "cloudfront-viewer-address")).toEqual([["cloudfront-viewer-address", "198.51.100.7:50123"]]);
    expect(headerOf(reached.headers, "x-forwarded-for")).toBe("192.0.2.1, 198.51.100.7");
    expect(reached.viewer.ip).not.toBe("198.51.100.7");
  });
  it("gets every other header of the viewer except Host", () => {
    expect(headerOf(reached.headers, "host")).toBeUndefined();
    expect(headerOf(reached.headers, "connection")).toBeUndefined();
    expect(headerOf(reached.headers, "cookie")).toBe("a=1");
    expect(headerOf(reached.headers, "accept-language")).toBe("fr");
  });
  it("writes an IPv6 viewer in brackets", () => {
    expect(headerOf(originRequest({ ...sent, viewer: { ip: "2001:db8::1", port: 9 } }, {}).headers, "cloudfront-viewer-address")).toBe(
      "[2001:db8::1]:9",
    );
  });
});

describe("the site origin", () => {
  it("says what a file is and answers 304 to its ETag", async () => {
    const first = await edge.handle(request("/index.html"));
    expect(headerOf(first.headers, "content-type")).toBe("text/html; charset=utf-8");
    const etag = headerOf(first.headers, "etag") ?? "";
    expect((await edge.handle(request("/index.html", { headers: [["if-none-match", etag]] }))).status).toBe(304);
    expect((await edge.handle(request("/index.html", { headers: [["if-none-match", `W/${etag}`]] }))).status).toBe(304);
    expect((await edge.handle(request("/index.html", { headers: [["if-none-match", '"other"']] }))).status).toBe(200);
  });
  it.each(["/nothing.html", "/../package.json", "/%2e%2e/package.json"])("answers %s as S3 does what it does not have", async (path) => {
    expect((await edge.handle(request(path))).status).toBe(403);
  });
});

describe("viewer-request functions", () => {
  it("may change the address", async () => {
    expect((await edge.handle(request("/"))).body.toString()).toBe(page);
  });
  it("may answer themselves", async () => {
    const answer = await edge.handle(request("/moved", { query: "from=a%20b" }));
    expect(answer.status).toBe(301);
    expect(headerOf(answer.headers, "location")).toBe("/new?from=a%20b");
  });
});

describe("compression", () => {
  const asked = (encoding: string, path = "/index.html") => edge.handle(request(path, { headers: [["accept-encoding", encoding]] }));
  it("prefers Brotli, takes gzip, and obeys q=0", async () => {
    const br = await asked("gzip, deflate, br");
    expect(headerOf(br.headers, "content-encoding")).toBe("br");
    expect(brotliDecompressSync(br.body).toString()).toBe(page);
    const gz = await asked("gzip, br;q=0");
    expect(headerOf(gz.headers, "content-encoding")).toBe("gzip");
    expect(gunzipSync(gz.body).toString()).toBe(page);
  });
  it("weakens the ETag of what it compressed and varies by what was accepted", async () => {
    const { headers } = await asked("br");
    expect(headerOf(headers, "etag")).toMatch(/^W\/"/);
    expect(headerOf(headers, "vary")).toBe("Accept-Encoding");
  });
  it("leaves small files and pictures alone, and whoever did not ask", async () => {
    for (const answer of [await asked("br", "/tiny.css"), await asked("br", "/logo.png"), await asked("identity")]) {
      expect(headerOf(answer.headers, "content-encoding")).toBeUndefined();
    }
  });
  it("also serves answers of the API", async () => {
    expect(headerOf((await asked("br", "/api/page")).headers, "content-encoding")).toBe("br");
  });
});

it("puts the headers of the response policy over the origin's", async () => {
  const { headers } = await edge.handle(request("/index.html"));
  expect(headers).toEqual(
    expect.arrayContaining([
      ["x-frame-options", "DENY"],
      ["server", "ours"],
    ]),
  );
});

it("does not start without a default behaviour, or with a bucket that is not there", async () => {
  const api = { handle: async () => Promise.reject(new Error("unused")) };
  await expect(
    startDistribution({
      distribution: { id: "Cdn", behaviours: [behaviour({ pathPattern: "/a/*" })] },
      buckets: [{ id: "Site", name: "s", contentDirs: [] }],
      api,
    }),
  ).rejects.toThrow("default behaviour");
  await expect(startDistribution({ distribution: { id: "Cdn", behaviours: [behaviour({})] }, buckets: [], api })).rejects.toThrow("Site");
});
