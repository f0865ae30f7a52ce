// The adapter against Twilio's answers, as its documentation has them.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "@jest/globals";
import type { Texting } from "../../functions/notifications/texting.ts";
import { twilioOf } from "../../functions/notifications/twilio.ts";

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
const refusing = (status: number, body: unknown): Promise<Texting> =>
  answering((_request, response) => void response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body)));

describe("a text that Twilio does not take", () => {
  it.each([21211, 21610, 21612, 21614, 21635])("is rejected for good where its recipient is the reason: %i (I26)", async (code) => {
    expect(await (await refusing(400, { code, status: 400 })).send(text)).toEqual({ kind: "rejected", code: String(code) });
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
    expect(await (await refusing(status, { code, status })).send(text)).toEqual({ kind: "not_sent", code: String(code) });
  });

  it.each([
    [500, { code: 20500, status: 500 }],
    [503, { code: 20503, status: 503 }],
    [429, { error: "a gateway in between" }],
    [201, { status: "queued" }],
  ])("is of unknown fate where the answer says neither yes nor no: %i %j (I26)", async (status, body) => {
    expect(await (await refusing(status, body)).send(text)).toEqual({ kind: "unknown" });
  });
});
