import { describe, expect, it } from "@jest/globals";
import { TableBusy } from "../../platform/table/model.ts";
import { openShop } from "../support/shop.ts";

const paid = async (seed: string) => {
  const shop = await openShop(seed);
  const { ref } = await shop.buy(1);
  shop.provider.pay(ref.order_id);
  await shop.fulfil(ref);
  shop.started.length = 0;
  const intent_id = `pi_${[...shop.provider.sessions.keys()][0]}`;
  return { shop, ref, event: { event_id: "evt_d", type: "charge.dispute.created", news: "dispute", intent_id } };
};

describe("news of money that had come in", () => {
  it("finds the order by its payment and says where to look, nothing more", async () => {
    const { shop, ref, event } = await paid("news");
    expect(await shop.webhook(event)).toEqual({ kind: "received" });
    expect(shop.started).toEqual([{ ...ref, news: "dispute" }]);
    expect(shop.of<{ event_id: string; order_id?: string }>("INBOX").find(({ event_id }) => event_id === "evt_d")?.order_id).toBe(ref.order_id);
  });

  it("of a payment that is not ours starts nothing", async () => {
    const { shop, event } = await paid("not ours");
    expect(await shop.webhook({ ...event, intent_id: "pi_other" })).toEqual({ kind: "received" });
    expect(shop.started).toEqual([]);
  });

  it("is another merchant's when its payment says so (TH3)", async () => {
    const { shop, event } = await paid("other merchant");
    shop.provider.lookUpOwner = async () => ({ kind: "known", merchant_id: "other", order_id: "o1" });
    await shop.webhook(event);
    expect(shop.started).toEqual([]);
  });

  it("whose order cannot be named yet is kept and not acknowledged: the provider brings it again (X-4)", async () => {
    const { shop, ref, event } = await paid("unknown");
    const lookUp = shop.provider.lookUpOwner.bind(shop.provider);
    shop.provider.lookUpOwner = async () => ({ kind: "unknown" });
    expect(await shop.webhook(event)).toEqual({ kind: "refused", refusal: "provider_down" });
    expect(shop.of("INBOX")).toContainEqual(expect.objectContaining({ event_id: "evt_d", intent_id: event.intent_id, merchant_id: "lees" }));
    expect(shop.started).toEqual([]);
    // Brought again while nobody knows yet: kept once, and still not acknowledged.
    const before = shop.digest();
    expect(await shop.webhook(event)).toEqual({ kind: "refused", refusal: "provider_down" });
    expect(shop.digest()).toBe(before);
    shop.provider.lookUpOwner = lookUp;
    expect(await shop.webhook(event)).toEqual({ kind: "received" });
    expect(shop.started).toEqual([{ ...ref, news: "dispute" }]);
  });

  it("that cannot even be stored is no receipt: the fault is the provider's reason to come back (X-4)", async () => {
    const { shop, event } = await paid("not stored");
    shop.ports.table.write = async () => Promise.reject(new TableBusy("throttled"));
    shop.provider.lookUpOwner = async () => ({ kind: "unknown" });
    await expect(shop.webhook(event)).rejects.toThrow("throttled");
    expect(shop.started).toEqual([]);
  });

  it("that starts no workflow is brought again, since no sweep waits for it", async () => {
    const { shop, ref, event } = await paid("no start");
    const start = shop.ports.fulfilOrder.start;
    shop.ports.fulfilOrder.start = async () => {
      throw new Error("throttled");
    };
    expect(await shop.webhook(event)).toEqual({ kind: "refused", refusal: "provider_down" });
    shop.ports.fulfilOrder.start = start;
    expect(await shop.webhook(event)).toEqual({ kind: "received" });
    expect(shop.started).toEqual([{ ...ref, news: "dispute" }]);
  });
});
