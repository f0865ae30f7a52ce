import { describe, expect, it } from "@jest/globals";
import { getExpectedTwilioSignature } from "twilio/lib/webhooks/webhooks.js";
import { replaceUnit } from "../../functions/fulfilment/replace-unit.ts";
import { sendReplacement } from "../../functions/fulfilment/send.ts";
import { recordDelivery } from "../../functions/notifications/record-delivery.ts";
import { openShop, origin } from "../support/shop.ts";

const token = "token-of-the-test";
/** Sold; how the first attempt at its text ended is as told, and nothing is recorded of it where nobody heard. */
const texted = async (seed: string, unheard: boolean) => {
  const shop = await openShop(seed);
  const order = await shop.buy(1);
  shop.provider.pay(order.ref.order_id);
  if (unheard) shop.texting.next = { kind: "unknown" };
  await (unheard ? expect(shop.fulfil(order.ref)).rejects.toThrow(/did not answer/) : shop.fulfil(order.ref));
  /** A second attempt that nobody hears of either. */
  const again = async () => {
    shop.pass(60);
    shop.texting.next = { kind: "unknown" };
    await shop.send(order.ref);
  };
  const message = `${order.ref.merchant_id}.${order.ref.order_id}.order_paid`;
  const report = (
    status: string,
    over: { message?: string; at?: string; token?: string; channel_id?: string; tamper?: boolean; sid?: string } = {},
  ) => {
    const about = over.message ?? message;
    const fields = { MessageSid: over.sid ?? "SM0", MessageStatus: status };
    const url = `${origin}/api/notifications/sms/sms?message=${over.at ?? message}`;
    const signature = getExpectedTwilioSignature(over.token ?? token, url, fields);
    const raw = Buffer.from(new URLSearchParams({ ...fields, ...(over.tamper && { MessageStatus: "delivered" }) }).toString());
    return recordDelivery({ channel_id: over.channel_id ?? "sms", message: about, raw, signature }, shop.ports);
  };
  const status = () => shop.of<{ status: string }>("MESSAGE")[0]?.status;
  return { shop, report, status, again };
};
const sent = (seed: string) => texted(seed, false);

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

  it("about another text of the same message than the one that is recorded says nothing of that one", async () => {
    const { report, status } = await sent("the other text");
    expect(await report("undelivered", { sid: "SM9" })).toEqual({ kind: "recorded" });
    expect(status()).toBe("sent");
    await report("delivered");
    expect(status()).toBe("delivered");
  });

  it("that an earlier text did not arrive is no end while a second one is on its way", async () => {
    const { report, status, again } = await texted("second on its way", true);
    await expect(again()).rejects.toThrow(/did not answer/);
    await report("undelivered", { sid: "SM8" });
    expect(status()).toBe("sending");
    await report("delivered", { sid: "SM9" });
    expect(status()).toBe("delivered");
  });

  it("about one of several texts of a kind is recorded with that one", async () => {
    const { shop, report } = await sent("several");
    const [unit] = shop.of<{ serial_number: string; order_id?: string }>("UNIT").filter(({ order_id }) => order_id !== undefined);
    const ref = { merchant_id: "lees", order_id: unit?.order_id ?? "" };
    const body = { ...ref, serial_number: unit?.serial_number ?? "", reason: "does not open" };
    await replaceUnit({ body, key: "replace-key-1", principal: { type: "operator", id: "test" } }, shop.ports);
    const id = shop.of<{ id: string; kind: string }>("OP").find(({ kind }) => kind === "unit_replaced")?.id ?? "";
    await sendReplacement({ ...ref, id }, shop.ports);
    const message = `lees.${ref.order_id}.unit_replaced.${id}`;
    expect(shop.texting.texts[1]?.callback_url).toMatch(new RegExp(`message=${message}$`));
    expect(await report("delivered", { message, at: message, sid: "SM1" })).toEqual({ kind: "recorded" });
    const stored = shop.of<{ kind: string; status: string }>("MESSAGE").map(({ kind, status }) => [kind, status]);
    expect(Object.fromEntries(stored)).toEqual({ order_paid: "sent", unit_replaced: "delivered" });
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
