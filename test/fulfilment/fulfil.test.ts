import { describe, expect, it } from "@jest/globals";
import type { Order } from "../../functions/orders/order.ts";
import { LostResponse } from "../../platform/table/memory.ts";
import { openShop } from "../support/shop.ts";

describe("fulfilment", () => {
  it("turns captured money into the number and the SMS (G-14, G-31, G-42)", async () => {
    const shop = await openShop("happy");
    const order = await shop.buy(1);
    expect(await shop.fulfil(order.ref)).toBe("pending");
    shop.provider.pay(order.ref.order_id);
    expect(await shop.fulfil(order.ref)).toEqual({ delivered: true });
    const [stored] = shop.of<Order>("ORDER");
    expect(stored).toMatchObject({ status: "paid", payment_status: "paid", payment_intent_id: "pi_cs_0" });
    expect(stored).not.toHaveProperty("due_at");
    const [text] = shop.texting.texts;
    const sold = shop.of<{ status: string; serial_number: string }>("UNIT").find(({ status }) => status === "sold");
    expect(text?.to).toBe("+16045551001");
    expect(text?.body).toContain(sold?.serial_number);
    expect(text?.body).toContain(order.order_url);
  });

  it("confirms, takes the stock and records the event in one transaction (G-50)", async () => {
    const commits: string[][] = [];
    const shop = await openShop("one", 3, { commits: (commit) => commits.push(commit.changes.map(({ key }) => key.pk.split("#")[0] ?? "").sort()) });
    const order = await shop.buy(1);
    shop.provider.pay(order.ref.order_id);
    commits.length = 0;
    await shop.fulfil(order.ref);
    expect(commits[0]).toEqual(["OP", "ORDER", "PAYMENT", "UNIT"]);
  });

  it("delivers in at most 11 write units, with no provider call in the transaction (S7)", async () => {
    const shop = await openShop("budget");
    const order = await shop.buy(1);
    shop.provider.pay(order.ref.order_id);
    const confirmation = await shop.confirm(order.ref);
    if (confirmation.settlement !== "settled") throw new Error("not settled");
    const before = { writes: shop.table.consumed.writes, calls: shop.provider.calls };
    await shop.deliver(order.ref, confirmation.facts);
    expect(shop.table.consumed.writes - before.writes).toBeLessThanOrEqual(11);
    expect(shop.provider.calls).toBe(before.calls);
  });

  it("keeps the whole life of an order within 28 write units (S15)", async () => {
    const shop = await openShop("life");
    const before = shop.table.consumed.writes;
    const order = await shop.buy(1);
    shop.provider.pay(order.ref.order_id);
    await shop.webhook({ event_id: "evt_1", type: "checkout.session.completed", ...order.ref });
    await shop.fulfil(order.ref);
    expect(shop.table.consumed.writes - before).toBeLessThanOrEqual(28);
  });

  it.each([
    ["another amount", { amount: 5999 }],
    ["another currency", { currency: "USD" }],
  ])("never delivers for %s: the money is recorded as it is and a person decides (I5, I9)", async (_what, other) => {
    const shop = await openShop("mismatch");
    const order = await shop.buy(1);
    shop.provider.pay(order.ref.order_id, other);
    expect(await shop.fulfil(order.ref)).toEqual({ delivered: false, reason: "payment_mismatch" });
    expect(shop.of<Order>("ORDER")[0]).toMatchObject({ status: "attention", reason: "payment_mismatch" });
    expect(shop.of<{ status: string }>("UNIT").some(({ status }) => status === "sold")).toBe(false);
    expect(shop.texting.texts).toHaveLength(0);
    // Late news of the same money moves nothing back.
    const before = shop.digest();
    expect(await shop.fulfil(order.ref)).toBe("done");
    expect(shop.digest()).toBe(before);
  });

  it("delivers once when two workflows run at once (I1, I11)", async () => {
    const shop = await openShop("twice");
    const order = await shop.buy(1);
    shop.provider.pay(order.ref.order_id);
    const confirmation = await shop.confirm(order.ref);
    if (confirmation.settlement !== "settled") throw new Error("not settled");
    const both = await Promise.all([shop.deliver(order.ref, confirmation.facts), shop.deliver(order.ref, confirmation.facts)]);
    expect(both).toEqual([{ delivered: true }, { delivered: true }]);
    expect(shop.of<{ kind: string }>("OP").filter(({ kind }) => kind === "order_paid")).toHaveLength(1);
  });

  it("knows its own delivery when the answer was lost", async () => {
    let losses = 0;
    const shop = await openShop("lost", 3, {
      around: async (call, proceed) => {
        const answer = await proceed();
        if (call.operation === "transact" && call.keys.some(({ pk }) => pk.startsWith("PAYMENT#")) && losses++ === 0) throw new LostResponse();
        return answer;
      },
    });
    const order = await shop.buy(1);
    shop.provider.pay(order.ref.order_id);
    expect(await shop.fulfil(order.ref)).toEqual({ delivered: true });
    expect(losses).toBe(1);
  });

  it("costs a repeated webhook nothing: no write, no provider call, no SMS (S8)", async () => {
    const shop = await openShop("replay");
    const order = await shop.buy(1);
    shop.provider.pay(order.ref.order_id);
    const event = { event_id: "evt_1", type: "checkout.session.completed", ...order.ref };
    await shop.webhook(event);
    await shop.fulfil(order.ref);
    const before = { digest: shop.digest(), writes: shop.table.consumed.writes, calls: shop.provider.calls, texts: shop.texting.texts.length };
    for (let i = 0; i < 10; i++) {
      await shop.webhook(event);
      expect(await shop.fulfil(order.ref)).toBe("done");
    }
    expect({ digest: shop.digest(), writes: shop.table.consumed.writes, calls: shop.provider.calls, texts: shop.texting.texts.length }).toEqual(
      before,
    );
  });
});

describe("the text (I26)", () => {
  const paid = async (seed: string) => {
    const shop = await openShop(seed);
    const order = await shop.buy(1);
    shop.provider.pay(order.ref.order_id);
    const confirmation = await shop.confirm(order.ref);
    if (confirmation.settlement !== "settled") throw new Error("not settled");
    await shop.deliver(order.ref, confirmation.facts);
    return { shop, ref: order.ref };
  };
  const statusOf = (shop: Awaited<ReturnType<typeof paid>>["shop"]) =>
    shop.of<{ status: string; attempt: number; error_code?: string }>("MESSAGE")[0];

  it("goes out once, whoever asks how often", async () => {
    const { shop, ref } = await paid("once");
    await Promise.allSettled([shop.send(ref), shop.send(ref), shop.send(ref)]);
    await shop.send(ref);
    expect(shop.texting.texts).toHaveLength(1);
    expect(statusOf(shop)).toMatchObject({ status: "sent", attempt: 1 });
  });

  it("after a lost answer asks the provider, finds the message and sends no second one", async () => {
    const { shop, ref } = await paid("found");
    shop.texting.lost = true;
    await expect(shop.send(ref)).rejects.toThrow(/did not answer/);
    await expect(shop.send(ref)).rejects.toThrow(/another sender/);
    shop.pass(60);
    await shop.send(ref);
    expect(shop.texting.texts).toHaveLength(1);
    expect(statusOf(shop)).toMatchObject({ status: "sent" });
  });

  it("sends a second time only when the provider says that it has none, and never a third", async () => {
    const { shop, ref } = await paid("none");
    shop.texting.next = { kind: "unknown" };
    await expect(shop.send(ref)).rejects.toThrow();
    shop.pass(60);
    shop.texting.next = { kind: "unknown" };
    await expect(shop.send(ref)).rejects.toThrow();
    expect(statusOf(shop)).toMatchObject({ status: "sending", attempt: 2 });
    shop.pass(60);
    await shop.send(ref);
    expect(shop.texting.texts).toHaveLength(0);
    expect(statusOf(shop)).toMatchObject({ status: "failed", error_code: "gave_up" });
  });

  it("does not guess while the provider does not answer the look-up", async () => {
    const { shop, ref } = await paid("silent");
    shop.texting.lost = true;
    await expect(shop.send(ref)).rejects.toThrow();
    shop.pass(60);
    shop.texting.lookUp = { kind: "unknown" };
    await expect(shop.send(ref)).rejects.toThrow(/did not say/);
    expect(shop.texting.texts).toHaveLength(1);
  });

  it("that the provider takes nothing of counts as no attempt, stays owed, and goes out once the channel is mended (I26)", async () => {
    const { shop, ref } = await paid("not taken");
    for (let asked = 0; asked < 5; asked += 1) {
      shop.texting.next = { kind: "not_sent", code: "21606" };
      await expect(shop.send(ref)).rejects.toThrow(/took nothing: 21606/);
      expect(statusOf(shop)).toMatchObject({ status: "not_sent", attempt: 1, error_code: "21606" });
    }
    await shop.send(ref);
    expect(shop.texting.texts).toHaveLength(1);
    expect(statusOf(shop)).toMatchObject({ status: "sent", attempt: 1 });
    expect(statusOf(shop)?.error_code).toBeUndefined();
  });

  it("records a number that cannot be texted, and the page still has the number", async () => {
    const { shop, ref } = await paid("landline");
    shop.texting.next = { kind: "rejected", code: "21211" };
    await shop.send(ref);
    expect(statusOf(shop)).toMatchObject({ status: "failed", error_code: "21211" });
  });
});
