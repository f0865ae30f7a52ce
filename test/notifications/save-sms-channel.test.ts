import { describe, expect, it } from "@jest/globals";
import { getExpectedTwilioSignature } from "twilio/lib/webhooks/webhooks.js";
import { send } from "../../functions/fulfilment/send.ts";
import { openToken } from "../../functions/notifications/channel-table.ts";
import { recordDelivery } from "../../functions/notifications/record-delivery.ts";
import { saveSmsChannel } from "../../functions/notifications/save-sms-channel.ts";
import { openShop, operator, origin } from "../support/shop.ts";

const body = { channel_id: "sms", account_sid: "ACother12345678", auth_token: "wrong-token-1", from: "+16045550101", endpoint: "official" } as const;

it("does not call a corrected token under the same key a repeat (I11)", async () => {
  const shop = await openShop("channel");
  const save = (auth_token: string, key = "channel-key-1") => saveSmsChannel({ body: { ...body, auth_token }, key, principal: operator }, shop.ports);
  expect(await save("wrong-token-1")).toEqual({ kind: "ok", result: { channel_id: "sms" } });
  expect(await save("wrong-token-1")).toEqual({ kind: "ok", result: { channel_id: "sms" }, repeated: true });
  expect(await save("right-token-1")).toEqual({ kind: "refused", refusal: "key_reused" });
  expect(await save("right-token-1", "channel-key-2")).toEqual({ kind: "ok", result: { channel_id: "sms" } });
  const [channel] = shop.of<Parameters<typeof openToken>[1]>("CHANNEL");
  expect(channel && (await openToken(shop.ports.sealer, channel))).toBe("right-token-1");
  expect(shop.digest()).not.toContain("token-1");
});

describe("a channel that changes its account", () => {
  const changed = async (seed: string, unheard: boolean) => {
    const shop = await openShop(seed);
    const { ref } = await shop.buy(1);
    shop.provider.pay(ref.order_id);
    if (unheard) shop.texting.next = { kind: "unknown" };
    await (unheard ? expect(shop.fulfil(ref)).rejects.toThrow(/did not answer/) : shop.fulfil(ref));
    const save = (key: string, over: Partial<typeof body> | { from: string } = {}) =>
      saveSmsChannel({ body: { ...body, ...over }, key, principal: operator }, shop.ports);
    expect(await save("channel-key-1")).toMatchObject({ kind: "ok" });
    shop.pass(60);
    return { shop, ref, save };
  };

  it("looks a text up where it may have gone out, and sends the next one from the new account (I26)", async () => {
    const { shop, ref, save } = await changed("looked up", true);
    // A slip of the pen is mended under the same account: the one before is not forgotten for that.
    expect(await save("channel-key-2", { from: "+16045550102" })).toMatchObject({ kind: "ok" });
    const asked: string[] = [];
    const textingOf: typeof shop.ports.textingOf = ({ account_sid }, token) => {
      const real = shop.texting.of({ account_sid, from: "", endpoint: "official" }, token);
      return {
        send: (text) => {
          asked.push(`sends ${account_sid} ${token}`);
          return real.send(text);
        },
        find: (sought, since) => {
          asked.push(`finds ${account_sid} ${token}`);
          return real.find(sought, since);
        },
      };
    };
    await send(ref, { ...shop.ports, textingOf });
    expect(asked).toEqual(["finds ACtest12345678 token-of-the-test", "sends ACother12345678 wrong-token-1"]);
    expect(shop.of("MESSAGE")).toMatchObject([{ status: "sent", attempt: 2, account_sid: "ACother12345678" }]);
  });

  it("still hears what the old one reports, signed with its own token and no other (I13)", async () => {
    const { shop, ref } = await changed("reported", false);
    const message = `${ref.merchant_id}.${ref.order_id}.order_paid`;
    const report = (token: string) => {
      const fields = { AccountSid: "ACtest12345678", MessageSid: "SM0", MessageStatus: "delivered" };
      const signature = getExpectedTwilioSignature(token, `${origin}/api/notifications/sms/sms?message=${message}`, fields);
      return recordDelivery({ channel_id: "sms", message, raw: Buffer.from(new URLSearchParams(fields).toString()), signature }, shop.ports);
    };
    expect(await report("wrong-token-1")).toEqual({ kind: "refused", refusal: "callback_invalid" });
    expect(await report("token-of-the-test")).toEqual({ kind: "recorded" });
    expect(shop.of("MESSAGE")).toMatchObject([{ status: "delivered" }]);
  });

  it("is not written over another hand's account, which would be forgotten", async () => {
    const { shop, save } = await changed("two hands", false);
    const saves = await Promise.allSettled([save("channel-key-3"), save("channel-key-4", { from: "+16045550103" })]);
    expect(saves.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(shop.of("CHANNEL")).toMatchObject([{ previous: { account_sid: "ACtest12345678" } }]);
  });
});
