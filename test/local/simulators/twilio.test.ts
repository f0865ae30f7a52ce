import { randomBytes } from "node:crypto";
import { createRequire } from "node:module";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { demoTwilio } from "../../../local/simulators/demo-keys.ts";
import { memoryStore } from "../../../local/simulators/store/memory.ts";
import { createTwilio } from "../../../local/simulators/twilio/core.ts";
import { openStage, postJson, type Received, type Stage } from "./stage.ts";

const { validateRequest } = createRequire(import.meta.url)("twilio/lib/webhooks/webhooks.js") as {
  validateRequest(token: string, signature: string, url: string, params: Record<string, string>): boolean;
};

let stage: Stage;
beforeEach(async () => {
  stage = await openStage();
});
afterEach(() => stage.close());

const buyer = "+16045550123";
const callback = "https://shop.example/api/notifications/sms/channel_1?order=1";
const basic = (token: string = demoTwilio.authToken): string => `Basic ${Buffer.from(`${demoTwilio.accountSid}:${token}`).toString("base64")}`;
const base = (): string => `${stage.simulators.url}/2010-04-01/Accounts/${demoTwilio.accountSid}`;
const send = async (fields: Record<string, string>, authorization = basic()): Promise<{ status: number; body: Record<string, unknown> }> => {
  const body = new URLSearchParams({ To: buyer, From: demoTwilio.from, Body: "Your card LW60-0001: https://shop.example/o/abc", ...fields });
  const answer = await fetch(`${base()}/Messages.json`, { method: "POST", headers: { authorization }, body });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
};
const read = async (path: string): Promise<Record<string, unknown>> =>
  (await (await fetch(base() + path, { headers: { authorization: basic() } })).json()) as Record<string, unknown>;
const paramsOf = ({ body }: Received): Record<string, string> => Object.fromEntries(new URLSearchParams(body));

describe("messages (G-31)", () => {
  it("takes a text: 201, queued, with the fields of Twilio's resource", async () => {
    const { status, body } = await send({});
    expect(status).toBe(201);
    expect(body).toMatchObject({
      status: "queued",
      to: buyer,
      from: demoTwilio.from,
      direction: "outbound-api",
      error_code: null,
      num_segments: "1",
      api_version: "2010-04-01",
    });
    expect(body.sid).toMatch(/^SM[0-9a-f]{32}$/);
    expect(await read(`/Messages/${String(body.sid)}.json`)).toMatchObject({ sid: body.sid, to: buyer });
  });

  it("tells sent and delivered to the callback's path, signed over the address as it was given", async () => {
    const { body } = await send({ StatusCallback: callback });
    const received = await stage.shop.waitFor(2);
    expect(received.map((one) => paramsOf(one).MessageStatus)).toEqual(["sent", "delivered"]);
    for (const one of received) {
      expect(one.path).toBe("/api/notifications/sms/channel_1?order=1");
      expect(paramsOf(one)).toMatchObject({ MessageSid: body.sid, AccountSid: demoTwilio.accountSid, To: buyer });
      expect(validateRequest(demoTwilio.authToken, one.headers["x-twilio-signature"] ?? "", callback, paramsOf(one))).toBe(true);
      expect(validateRequest("another token", one.headers["x-twilio-signature"] ?? "", callback, paramsOf(one))).toBe(false);
    }
    expect(await read(`/Messages/${String(body.sid)}.json`)).toMatchObject({ status: "delivered", date_sent: expect.stringMatching(/\+0000$/) });
  });

  it("goes accepted, queued, sent, delivered through a messaging service", async () => {
    const { body } = await send({ From: "", MessagingServiceSid: demoTwilio.messagingServiceSid, StatusCallback: callback });
    expect(body).toMatchObject({ status: "accepted", from: null, messaging_service_sid: demoTwilio.messagingServiceSid });
    const received = await stage.shop.waitFor(3);
    expect(received.map((one) => paramsOf(one).MessageStatus)).toEqual(["queued", "sent", "delivered"]);
    expect(paramsOf(received[2] as Received).From).toBe(demoTwilio.from);
  });

  it("cannot reach +15005550009: undelivered, with the carrier's code", async () => {
    await send({ To: "+15005550009", StatusCallback: callback });
    const received = await stage.shop.waitFor(2);
    expect(received.map((one) => [paramsOf(one).MessageStatus, paramsOf(one).ErrorCode])).toEqual([
      ["sent", undefined],
      ["undelivered", "30003"],
    ]);
  });

  it.each([
    [{ To: "+15005550001" }, 400, 21211],
    [{ To: "604 555 0123" }, 400, 21211],
    [{ To: "" }, 400, 21604],
    [{ From: "" }, 400, 21603],
    [{ From: "+16045559999" }, 400, 21606],
    [{ Body: "" }, 400, 21602],
    [{ Body: "x".repeat(1601) }, 400, 21617],
    [{ StatusCallback: "somewhere" }, 400, 21609],
  ])("refuses %j as Twilio does", async (fields, status, code) => {
    const refused = await send(fields as unknown as Record<string, string>);
    expect(refused.status).toBe(status);
    expect(refused.body).toMatchObject({ code, status, more_info: `https://www.twilio.com/docs/errors/${code}` });
  });

  it("refuses a wrong token with 401 and sends nothing", async () => {
    expect(await send({}, basic("wrong"))).toMatchObject({ status: 401, body: { code: 20003 } });
    expect(stage.simulators.control.twilio.messages(10)).toEqual([]);
  });

  it("lists by number, so that an unknown outcome can be looked up before a second text; by day only what was sent, not what is queued", () => {
    let now = Date.UTC(2026, 10, 21, 18);
    const twilio = createTwilio({ store: memoryStore(), ports: { now: () => now, random: (length) => randomBytes(length) } });
    const path = `/2010-04-01/Accounts/${demoTwilio.accountSid}/Messages.json`;
    const call = (method: string, query: Record<string, string>, form: Record<string, string> = {}) => {
      const request = { method, path, query: new URLSearchParams(query).toString(), headers: { authorization: basic() } };
      return JSON.parse(twilio.call({ ...request, body: new URLSearchParams(form).toString() }).body) as { sid: string; messages: { sid: string }[] };
    };
    const text = (to: string) => call("POST", {}, { To: to, From: demoTwilio.from, Body: "Your card LW60-0001" }).sid;
    const listed = (query: Record<string, string>) => call("GET", { To: buyer, ...query }).messages.map(({ sid }) => sid);
    const today = { "DateSent>": "2026-11-21" };
    const first = text(buyer);
    text("+16045550199");
    expect([listed({}), listed(today)]).toEqual([[first], []]);
    now += 10_000;
    twilio.advance();
    expect([listed(today), listed({ "DateSent<": "2020-01-01" })]).toEqual([[first], []]);
    const queued = text(buyer);
    expect(listed({})).toEqual([first, queued]);
  });

  it("counts segments by the alphabet of the text", async () => {
    expect((await send({ Body: "a".repeat(161) })).body.num_segments).toBe("2");
    expect((await send({ Body: "卡".repeat(71) })).body.num_segments).toBe("2");
  });
});

describe("faults", () => {
  it("loses an answer after the text was taken: the caller knows nothing, the phone has it (F3)", async () => {
    await postJson(`${stage.simulators.url}/control/twilio/faults`, { api_lose_next: 1 });
    await expect(send({})).rejects.toThrow();
    expect(stage.simulators.control.twilio.messages(10)).toHaveLength(1);
  });

  it("forges no signature: a tampered callback is refused by Twilio's own check", async () => {
    await postJson(`${stage.simulators.url}/control/twilio/faults`, { tamper_next: 1 });
    await send({ StatusCallback: callback });
    const [first] = (await stage.shop.waitFor(1)) as [Received];
    expect(validateRequest(demoTwilio.authToken, first.headers["x-twilio-signature"] ?? "", callback, paramsOf(first))).toBe(false);
  });
});

describe("the phone", () => {
  it("shows texts newest first, with links that can be tapped, and reloads by itself until told to stop", async () => {
    await send({ Body: "First <b>text</b>" });
    await send({ Body: "Second: https://shop.example/o/abc?x=1&y=2." });
    const answer = await fetch(`${stage.simulators.url}/phone`);
    const page = await answer.text();
    expect(page.indexOf("Second")).toBeLessThan(page.indexOf("First"));
    expect(page).toContain('<a href="https://shop.example/o/abc?x=1&amp;y=2" target="_blank" rel="noopener">');
    expect(page).toContain("First &lt;b&gt;text");
    expect(answer.headers.get("refresh")).toBe("3");
    expect((await fetch(`${stage.simulators.url}/phone?still=1`)).headers.get("refresh")).toBeNull();
    expect(page).not.toContain("<script");
  });

  it("answers the texts of one number as JSON", async () => {
    const { body } = await send({});
    await send({ To: "+16045550199" });
    const answer = (await (await fetch(`${stage.simulators.url}/phone/messages?to=${encodeURIComponent(buyer)}`)).json()) as {
      messages: { sid: string; body: string }[];
    };
    expect(answer.messages.map(({ sid }) => sid)).toEqual([body.sid]);
  });
});
