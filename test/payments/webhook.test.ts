import { describe, expect, it } from "@jest/globals";
import { openShop } from "../support/shop.ts";

const event = (ref: { merchant_id: string; order_id: string }) => ({ event_id: "evt_1", type: "checkout.session.completed", ...ref });

describe("a provider's event (X-4)", () => {
  it("is stored before it is answered, and starts the workflow", async () => {
    const shop = await openShop("event");
    const order = await shop.buy(1);
    expect(await shop.webhook(event(order.ref))).toEqual({ kind: "received" });
    expect(shop.of("INBOX")).toHaveLength(1);
    expect(shop.started).toEqual([order.ref]);
  });

  it("that is forged changes nothing and starts nothing (I13)", async () => {
    const shop = await openShop("forged");
    const order = await shop.buy(1);
    const before = shop.digest();
    expect(await shop.webhook(event(order.ref), "forged")).toEqual({ kind: "refused", refusal: "signature_invalid" });
    expect(await shop.webhook(event(order.ref), "genuine", "no-such-connection")).toEqual({ kind: "refused", refusal: "connection_unknown" });
    expect(shop.digest()).toBe(before);
    expect(shop.started).toEqual([]);
  });

  it("that names another merchant starts nothing: the tenant is the connection's (I31)", async () => {
    const shop = await openShop("foreign");
    await shop.webhook(event({ merchant_id: "somebody-else", order_id: "o1" }));
    expect(shop.started).toEqual([]);
    expect(shop.of<{ merchant_id: string }>("INBOX")[0]?.merchant_id).toBe("lees");
  });

  it("is received even when the workflow does not start: the sweep asks again (X-4)", async () => {
    const shop = await openShop("no start");
    const order = await shop.buy(1);
    shop.ports.fulfilOrder.start = async () => Promise.reject(new Error("throttled"));
    expect(await shop.webhook(event(order.ref))).toEqual({ kind: "received" });
    expect(shop.of("INBOX")).toHaveLength(1);
  });

  it("repeated a thousand times, in any order, ends in the same table (I12)", async () => {
    const ends = await Promise.all(
      ["a", "b"].map(async (name) => {
        const shop = await openShop("same seed");
        const orders = [await shop.buy(1), await shop.buy(2)];
        for (const { ref } of orders) shop.provider.pay(ref.order_id);
        const events = orders.flatMap(({ ref }, i) => [{ ...event(ref), event_id: `evt_${i}` }]);
        const order = name === "a" ? events : [...events].reverse();
        for (let i = 0; i < (name === "a" ? 1 : 500); i++) for (const each of order) await shop.webhook(each);
        for (const { ref } of name === "a" ? orders : [...orders].reverse()) await shop.fulfil(ref);
        return shop
          .of<{ status: string; id: string }>("ORDER")
          .map(({ id, status }) => `${id} ${status}`)
          .sort();
      }),
    );
    expect(ends[0]).toEqual(ends[1]);
    expect(ends[0]?.every((order) => order.endsWith("paid"))).toBe(true);
  });
});
