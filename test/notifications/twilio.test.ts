// The adapter against Twilio's answers, as its documentation has them.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "@jest/globals";
import type { Texting } from "../../functions/notifications/texting.ts";
import { twilioOf } from "../../functions/notifications/twilio.ts";
import type { Instant } from "../../platform/clock/clock.ts";

const text = { to: "+16045550123", body: "Your number is LW60-0001", callback_url: "https://shop.test/api/notifications/sms/sms?message=a.b.c" };
const channel = { account_sid: "ACtest12345678", from: "+16045550100", endpoint: "simulated" } as const;
let close: (() => void) | undefined;
afterEach(() => close?.());

const answering = async (answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<Texting> => {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  close = () => {
    server.closeAllConnections();
    server.close();
  };
  return twilioOf(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)(channel, "token-of-the-test");
};
const telling = (status: number, body: unknown): Promise<Texting> =>
  answering((_request, response) => void response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body)));

describe("a text that Twilio does not take", () => {
  it.each([21211, 21610, 21612, 21614, 21635])("is rejected for good where its recipient is the reason: %i (I26)", async (code) => {
    expect(await (await telling(400, { code, status: 400 })).send(text)).toEqual({ kind: "rejected", code: String(code) });
  });

  it.each([
    [400, 21606],
    [400, 21609],
    [400, 21408],
    [400, 21608],
    [401, 20003],
    [403, 20403],
    [404, 20404],
    [429, 20429],
  ])("is known not to be sent, and may be later, where the reason is ours: %i, %i (I26)", async (status, code) => {
    expect(await (await telling(status, { code, status })).send(text)).toEqual({ kind: "not_sent", code: String(code) });
  });

  it.each([
    [500, { code: 20500, status: 500 }],
    [503, { code: 20503, status: 503 }],
    [429, { error: "a gateway in between" }],
    [201, { status: "queued" }],
  ])("is of unknown fate where the answer says neither yes nor no: %i %j (I26)", async (status, body) => {
    expect(await (await telling(status, body)).send(text)).toEqual({ kind: "unknown" });
  });
});

describe("a text that may have been sent", () => {
  const since = "2026-11-21T18:00:00.000000Z" as Instant;
  const listed = (over: object = {}, messages: readonly object[] = []) => ({ messages, next_page_uri: null, ...over });
  const own = { sid: "SM1", body: text.body, date_created: "Sat, 21 Nov 2026 18:00:00 +0000", date_sent: null };
  const sought = { to: text.to, isIt: (body: string) => body === text.body };

  it("is found while it is queued, which has no date of sending (I26)", async () => {
    let asked: string | undefined;
    const texting = await answering((request, response) => {
      asked = request.url;
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(listed({}, [own])));
    });
    expect(await texting.find(sought, since)).toEqual({ kind: "found", sid: "SM1" });
    expect(asked).not.toContain("DateSent");
  });

  it.each([
    ["other words", { ...own, body: "Your number is LW60-0002" }],
    ["an older one in the same words", { ...own, date_created: "Sat, 21 Nov 2026 17:59:50 +0000" }],
  ])("is not taken for %s (I26)", async (_what, other) => {
    expect(await (await telling(200, listed({}, [other]))).find(sought, since)).toEqual({ kind: "none" });
  });

  it("is not called unsent while the list goes on (I26)", async () => {
    const more = listed({ next_page_uri: "/2010-04-01/Accounts/AC/Messages.json?Page=1" });
    expect(await (await telling(200, more)).find(sought, since)).toEqual({ kind: "unknown" });
  });
});
