import { expect, it } from "@jest/globals";
import { openToken } from "../../functions/notifications/channel-table.ts";
import { saveSmsChannel } from "../../functions/notifications/save-sms-channel.ts";
import { openShop, operator } from "../support/shop.ts";

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
