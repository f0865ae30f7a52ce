import { describe, expect, it } from "@jest/globals";
import { getExpectedTwilioSignature } from "twilio/lib/webhooks/webhooks.js";
import { recordDelivery } from "../../functions/notifications/record-delivery.ts";
import { openShop, origin } from "../support/shop.ts";

const token = "token-of-the-test";
const sent = async (seed: string) => {
  const shop = await openShop(seed);
  const order = await shop.buy(1);
  shop.provider.pay(order.ref.order_id);
  await shop.fulfil(order.ref);
  const message = `${order.ref.merchant_id}.${order.ref.order_id}.order_paid`;
  const report = (status: string, over: { message?: string; token?: string; channel_id?: string; tamper?: boolean } = {}) => {
    const about = over.message ?? message;
    const fields = { MessageSid: "SM0", MessageStatus: status };
    const url = `${origin}/api/notifications/sms/sms?message=${message}`;
    const signature = getExpectedTwilioSignature(over.token ?? token, url, fields);
    const raw = Buffer.from(new URLSearchParams({ ...fields, ...(over.tamper && { MessageStatus: "delivered" }) }).toString());
    return recordDelivery({ channel_id: over.channel_id ?? "sms", message: about, raw, signature }, shop.ports);
  };
  const status = () => shop.of<{ status: string }>("MESSAGE")[0]?.status;
  return { shop, report, status };
};

describe("a delivery report", () => {
  it("signed by the channel's own token is recorded", async () => {
    const { report, status } = await sent("delivered");
    expect(await report("delivered")).toEqual({ kind: "recorded" });
    expect(status()).toBe("delivered");
  });

  it("out of order never moves a message back (I10)", async () => {
    const { report, status } = await sent("late");
    await report("delivered");
    await report("sent");
    await report("undelivered");
    expect(status()).toBe("delivered");
  });

  it("that is forged, for another message, or changed on the way records nothing (TH1, I13)", async () => {
    const { shop, report } = await sent("forged");
    const before = shop.digest();
    const refused = { kind: "refused", refusal: "callback_invalid" };
    expect(await report("delivered", { token: "another token" })).toEqual(refused);
    expect(await report("delivered", { message: "lees.0000000000000000.order_paid" })).toEqual(refused);
    expect(await report("undelivered", { tamper: true })).toEqual(refused);
    expect(await report("delivered", { channel_id: "other" })).toEqual({ kind: "refused", refusal: "channel_unknown" });
    expect(shop.digest()).toBe(before);
  });
});
