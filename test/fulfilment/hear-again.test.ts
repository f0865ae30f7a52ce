// News that a provider tells once, of an order on which nothing is owed: it is heard again, in case the first run came to nothing.
import { describe, expect, it } from "@jest/globals";
import { sweep } from "../../functions/fulfilment/sweep.ts";
import { holdMinutes } from "../../functions/orders/order.ts";
import { openShop } from "../support/shop.ts";

const disputed = async (seed: string) => {
  const shop = await openShop(seed);
  const { ref } = await shop.buy(1);
  shop.provider.pay(ref.order_id);
  await shop.fulfil(ref);
  shop.started.length = 0;
  const intent_id = `pi_${[...shop.provider.sessions.keys()][0]}`;
  const event = { event_id: "evt_d", type: "charge.dispute.created", news: "dispute", intent_id } as const;
  const due = () => shop.of<{ event_id: string; due_at?: string }>("INBOX").find(({ event_id }) => event_id === "evt_d")?.due_at;
  return { shop, ref, event, due };
};

describe("news of a dispute or a refund", () => {
  it("starts the workflow again after two and after ten minutes, and then no more (I14)", async () => {
    const { shop, ref, event, due } = await disputed("heard out");
    await shop.webhook(event);
    expect(await sweep(shop.ports)).toEqual({ looked: 0 });
    shop.pass(121);
    expect(await sweep(shop.ports)).toEqual({ looked: 1 });
    expect(await sweep(shop.ports)).toEqual({ looked: 0 });
    shop.pass(480);
    expect(await sweep(shop.ports)).toEqual({ looked: 1 });
    expect(shop.started).toEqual([1, 2, 3].map(() => ({ ...ref, news: "dispute" })));
    expect(due()).toBeUndefined();
    shop.pass(86_400);
    expect(await sweep(shop.ports)).toEqual({ looked: 0 });
  });

  it("stays due while the workflow cannot be started", async () => {
    const { shop, event, due } = await disputed("no start");
    await shop.webhook(event);
    const refusing = { ...shop.ports, fulfilOrder: { start: () => Promise.reject(new Error("the start was refused")) } };
    shop.pass(121);
    await expect(sweep(refusing)).rejects.toThrow("1 looks or starts failed");
    shop.pass(481);
    await expect(sweep(refusing)).rejects.toThrow("1 looks or starts failed");
    expect(due()).toEqual(expect.any(String));
    for (const more of [true, false]) {
      shop.pass(481);
      await sweep(shop.ports);
      expect(due() !== undefined).toBe(more);
    }
    expect(shop.started).toHaveLength(3);
  });

  it("is heard twice however late the first time comes: what counts is how often", async () => {
    const { shop, event, due } = await disputed("sweep away");
    await shop.webhook(event);
    for (const more of [true, false]) {
      shop.pass(3_600);
      expect(await sweep(shop.ports)).toEqual({ looked: 1 });
      expect(due() !== undefined).toBe(more);
    }
  });

  it("is heard again once, also when the provider tells it twice", async () => {
    const { shop, event, due } = await disputed("told twice");
    await shop.webhook(event);
    const first = due();
    shop.pass(60);
    await shop.webhook(event);
    expect(due()).toBe(first);
    expect(shop.of("INBOX").filter((item) => item.due_at !== undefined)).toHaveLength(1);
  });

  it("waits from the moment on at which its order is known", async () => {
    const { shop, event, due } = await disputed("named later");
    const lookUp = shop.provider.lookUpOwner.bind(shop.provider);
    shop.provider.lookUpOwner = async () => ({ kind: "unknown" });
    await shop.webhook(event);
    expect(due()).toBeUndefined();
    shop.provider.lookUpOwner = lookUp;
    shop.pass(3_600);
    await shop.webhook(event);
    for (const more of [true, false]) {
      shop.pass(481);
      expect(await sweep(shop.ports)).toEqual({ looked: 1 });
      expect(due() !== undefined).toBe(more);
    }
  });

  it("waits also when two deliveries at once were stored by the one that did not know the order", async () => {
    const { shop, event, due } = await disputed("two at once");
    const lookUp = shop.provider.lookUpOwner.bind(shop.provider);
    shop.provider.lookUpOwner = async (intent) => {
      shop.provider.lookUpOwner = async () => ({ kind: "unknown" });
      return lookUp(intent);
    };
    const write = shop.table.write.bind(shop.table);
    let other = true;
    shop.ports.table.write = (async (write_) => {
      if (other && write_.op === "create") {
        other = false;
        // The other delivery is faster by this write, and knows less.
        expect(await shop.webhook(event)).toMatchObject({ kind: "refused", refusal: "provider_down" });
      }
      return write(write_);
    }) as typeof shop.table.write;
    expect(await shop.webhook(event)).toEqual({ kind: "received" });
    shop.ports.table.write = write;
    expect(due()).toEqual(expect.any(String));
  });

  it("of a payment coming in is not kept: its order is due by itself", async () => {
    const shop = await openShop("plain");
    const { ref } = await shop.buy(1);
    const paid_hold_until = shop.of<{ hold_until: string }>("ORDER")[0]?.hold_until;
    await shop.webhook({ event_id: "evt_p", type: "checkout.session.completed", ...ref, paid_hold_until });
    expect(shop.of("INBOX").filter((item) => item.due_at !== undefined)).toEqual([]);
  });

  it("of money that comes after its hold is heard again too, since nobody looks at an order that has ended (G-50)", async () => {
    const shop = await openShop("late", 1);
    const { ref } = await shop.buy(1);
    const paid_hold_until = shop.of<{ hold_until: string }>("ORDER")[0]?.hold_until;
    shop.pass(holdMinutes * 60 + 1);
    await shop.fulfil(ref);
    shop.provider.pay(ref.order_id);
    const { start } = shop.ports.fulfilOrder;
    shop.ports.fulfilOrder.start = async () => Promise.reject(new Error("throttled"));
    expect(await shop.webhook({ event_id: "evt_l", type: "checkout.session.completed", ...ref, paid_hold_until })).toEqual({ kind: "received" });
    shop.ports.fulfilOrder.start = start;
    for (let hearing = 0; hearing < 2; hearing++) {
      shop.pass(481);
      expect(await sweep(shop.ports)).toEqual({ looked: 1 });
    }
    expect(shop.started).toEqual([ref, ref]);
    expect(await shop.fulfil(ref)).toEqual({ delivered: true });
  });
});
