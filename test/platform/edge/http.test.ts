import { describe, expect, it } from "@jest/globals";
import * as z from "zod";
import { instant, plusMinutes } from "../../../platform/clock/clock.ts";
import { problems } from "../../../platform/contract/problem.ts";
import { route } from "../../../platform/contract/route.ts";
import { issueFormKey } from "../../../platform/edge/form-key.ts";
import { bind, httpEntry } from "../../../platform/edge/http.ts";
import { bodyBytesMax } from "../../../platform/edge/request.ts";
import type { LogFields } from "../../../platform/log/log.ts";
import { TableBusy } from "../../../platform/table/model.ts";
import { httpEvent } from "../../support/http-event.ts";

const now = instant(Date.UTC(2026, 10, 21, 18));
const gone = problems({ gone: { status: 409, sentence: { en: "It is gone.", fr: "C’est parti.", zh: "没有了。" } } });
const make = route({
  id: "make",
  method: "POST",
  path: "/api/things",
  auth: "public",
  idempotency: "required",
  summary: "Make a thing",
  body: z.strictObject({ name: z.string().min(1).max(10), price: z.int().optional() }),
  form: true,
  ok: { status: 201, body: z.object({ id: z.string() }) },
  errors: gone,
});

const world = (handle: Parameters<typeof bind<typeof make>>[1] = async () => ({ kind: "ok", body: { id: "1" }, location: "/done" })) => {
  const logs: { event: string; fields: LogFields | undefined }[] = [];
  const seen: unknown[] = [];
  const entry = httpEntry(
    [
      bind(
        make,
        async (request) => {
          seen.push(request.body);
          return handle(request);
        },
        { refusedForm: (_fields, code) => `/back?problem=${code}` },
      ),
    ],
    {
      clock: { now: () => now },
      log: (_level, event, fields) => logs.push({ event, fields }),
      publicOrigin: "https://shop.test",
      originSecret: async () => "front door",
      linkSecret: async () => "link",
    },
  );
  const call = async (over: Parameters<typeof httpEvent>[1]) => {
    const result = (await entry(httpEvent("POST /api/things", over) as never, {} as never)) as {
      statusCode: number;
      headers: Record<string, string>;
      body: string;
    };
    return { status: result.statusCode, headers: result.headers, body: result.body && (JSON.parse(result.body) as Record<string, unknown>) };
  };
  return { call, logs, seen };
};
const key = { "idempotency-key": "0123456789abcdef" };

describe("the edge", () => {
  it("answers a good request, never to be cached", async () => {
    const { call } = world();
    const answer = await call({ json: { name: "a" }, headers: key });
    expect(answer).toMatchObject({
      status: 201,
      body: { id: "1" },
      headers: { "cache-control": "no-store", "x-request-id": "req-1", "x-content-type-options": "nosniff" },
    });
  });

  it.each([
    ["no key", { json: { name: "a" } }, 400, "key_missing"],
    ["a key too short to be unguessable", { json: { name: "a" }, headers: { "idempotency-key": "short" } }, 400, "key_missing"],
    ["a field too many, as in mass assignment (TH4)", { json: { name: "a", status: "paid" }, headers: key }, 400, "invalid_request"],
    [
      "a prototype",
      { body: '{"name":"a","__proto__":{"admin":true}}', headers: { ...key, "content-type": "application/json" } },
      400,
      "invalid_request",
    ],
    ["a wrong type", { json: { name: 7 }, headers: key }, 400, "invalid_request"],
    ["broken JSON", { body: "{", headers: { ...key, "content-type": "application/json" } }, 400, "invalid_request"],
    ["JSON that is not said to be JSON", { body: '{"name":"a"}', headers: { ...key, "content-type": "text/plain" } }, 400, "invalid_request"],
    ["nothing", { headers: key }, 400, "invalid_request"],
    ["a body past the limit (TH19)", { body: "x".repeat(bodyBytesMax.normal + 1), headers: key }, 413, "too_large"],
    ["another site's page (TH20)", { json: { name: "a" }, headers: { ...key, origin: "https://evil.test" } }, 403, "origin_refused"],
    ["a page without an origin of its own", { json: { name: "a" }, headers: { ...key, origin: "null" } }, 403, "origin_refused"],
    ["a way round the front door", { json: { name: "a" }, headers: { ...key, "x-origin-secret": "guess" } }, 403, "origin_refused"],
  ])("refuses %s with a problem and does nothing", async (_what, over, status, code) => {
    const { call, seen } = world();
    const answer = await call(over);
    expect(answer).toMatchObject({ status, body: { code, status }, headers: { "content-type": "application/problem+json" } });
    expect(seen).toEqual([]);
  });

  it("says a refusal in the reader's language, with its stable code", async () => {
    const { call } = world(async () => ({ kind: "refused", refusal: "gone" }));
    expect(await call({ json: { name: "a" }, headers: { ...key, "accept-language": "fr-CA,fr;q=0.9" } })).toMatchObject({
      status: 409,
      body: { code: "gone", detail: "C’est parti." },
    });
    expect(await call({ json: { name: "a" }, headers: { ...key, "accept-language": "zh-CN" } })).toMatchObject({ body: { detail: "没有了。" } });
  });

  it("tells a caller of a fault nothing but the request id, and logs it once", async () => {
    const { call, logs } = world(async () => {
      throw new Error("the secret inner thing");
    });
    const answer = await call({ json: { name: "a" }, headers: key });
    expect(answer).toMatchObject({ status: 500, body: { code: "internal", request_id: "req-1" } });
    expect(JSON.stringify(answer.body)).not.toContain("secret inner");
    expect(logs.map(({ event }) => event)).toEqual(["internal"]);
  });

  it("asks a caller to come back when the table is busy", async () => {
    const { call } = world(async () => {
      throw new TableBusy();
    });
    expect(await call({ json: { name: "a" }, headers: key })).toMatchObject({ status: 503, headers: { "retry-after": "2" }, body: { code: "busy" } });
  });

  it("marks a replayed answer", async () => {
    const { call } = world(async () => ({ kind: "ok", body: { id: "1" }, repeated: true }));
    expect((await call({ json: { name: "a" }, headers: key })).headers["idempotency-replayed"]).toBe("true");
  });
});

describe("a plain form", () => {
  const form = (formKey: string, over: Record<string, string> = {}) => ({ form: { name: "a", ...over, form_key: formKey } });

  it("is taken with a fresh key of ours, and answered by sending the browser on", async () => {
    const { call, seen } = worldWithForm();
    const answer = await call(form(issueFormKey("link", "nonce-0123456789", plusMinutes(now, -5))));
    expect(answer).toMatchObject({ status: 303, headers: { location: "/done" } });
    expect(seen).toEqual([{ name: "a" }]);
  });

  it.each([
    ["forged", issueFormKey("other secret", "nonce-0123456789", now)],
    ["half a day old", issueFormKey("link", "nonce-0123456789", plusMinutes(now, -12 * 60 - 1))],
    ["from the future", issueFormKey("link", "nonce-0123456789", plusMinutes(now, 5))],
    ["missing", ""],
    ["garbage", "a.b.c.d"],
  ])("with a key that is %s goes back to its page with the problem's code and does nothing (TH20)", async (_what, formKey) => {
    const { call, seen } = worldWithForm();
    expect(await call(form(formKey))).toMatchObject({ status: 303, headers: { location: "/back?problem=form_expired" } });
    expect(seen).toEqual([]);
  });

  it("that meets a fault comes back as a page that sends the very same form again, same key and all", async () => {
    const { call } = worldWithForm(async () => {
      throw new TableBusy();
    });
    const formKey = issueFormKey("link", "nonce-0123456789", now);
    const answer = await call({ form: { name: '"><b>', form_key: formKey } });
    expect(answer.status).toBe(503);
    expect(answer.body).toContain(`name="form_key" value="${formKey}"`);
    expect(answer.body).toContain('value="&#34;&#62;&#60;b&#62;"');
    expect(answer.body).not.toContain("<b>");
  });

  it("with a field given twice is refused rather than guessed at", async () => {
    const { call, seen } = worldWithForm();
    const fresh = issueFormKey("link", "nonce-0123456789", now);
    expect(await call({ body: `name=a&name=b&form_key=${fresh}`, headers: { "content-type": "application/x-www-form-urlencoded" } })).toMatchObject({
      headers: { location: "/back?problem=invalid_request" },
    });
    expect(seen).toEqual([]);
  });
});

/** The form's own key is no part of the body. */
const worldWithForm = (handle?: Parameters<typeof bind<typeof make>>[1]) => {
  const seen: unknown[] = [];
  const entry = httpEntry(
    [
      bind(
        make,
        async (request) => {
          seen.push(request.body);
          return handle ? handle(request) : { kind: "ok", body: { id: "1" }, location: "/done" };
        },
        { fromForm: ({ form_key: _, ...body }) => body, refusedForm: (_fields, code) => `/back?problem=${code}` },
      ),
    ],
    {
      clock: { now: () => now },
      log: () => {},
      publicOrigin: "https://shop.test",
      originSecret: async () => "front door",
      linkSecret: async () => "link",
    },
  );
  const call = async (over: Parameters<typeof httpEvent>[1]) => {
    const result = (await entry(httpEvent("POST /api/things", over) as never, {} as never)) as {
      statusCode: number;
      headers: Record<string, string>;
      body: string;
    };
    return { status: result.statusCode, headers: result.headers, body: result.body };
  };
  return { call, seen };
};
