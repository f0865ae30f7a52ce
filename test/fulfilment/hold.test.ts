import { describe, expect, it } from "@jest/globals";
import { sweep } from "../../functions/fulfilment/sweep.ts";
import { openCheckoutOf } from "../../functions/orders/open-checkout.ts";
import { holdMinutes, type Order } from "../../functions/orders/order.ts";
import { readOrder } from "../../functions/orders/read-order.ts";
import { InjectedConflict, LostResponse } from "../../platform/table/memory.ts";
import { openShop } from "../support/shop.ts";

type Shop = Awaited<ReturnType<typeof openShop>>;
const statusOf = (shop: Shop, id: string) => shop.of<Order>("ORDER").find((order) => order.id === id)?.status;
const unitsAre = (shop: Shop) =>
  shop
    .of<{ status: string }>("UNIT")
    .map(({ status }) => status)
    .sort();
const over = holdMinutes * 60 + 1;

describe("the end of a hold (X-6, trap 2)", () => {
  it("closes the session at the provider first, then gives the unit and its token back, once (I3, I4)", async () => {
    const shop = await openShop("expiry", 1);
    const { ref } = await shop.buy(1);
    expect(shop.of("POOL")).toHaveLength(0);
    shop.pass(over);
    expect(await shop.fulfil(ref)).toEqual({ released: true });
    expect([...shop.provider.sessions.values()].map(({ settlement }) => settlement.kind)).toEqual(["failed"]);
    expect([statusOf(shop, ref.order_id), unitsAre(shop), shop.of("POOL").length]).toEqual(["expired", ["available"], 1]);
    expect(shop.of<{ status: string }>("PAYMENT")[0]?.status).toBe("cancelled");
    const before = shop.digest();
    expect(await shop.release(ref)).toEqual({ released: false, reason: "not_over" });
    expect(await shop.fulfil(ref)).toBe("done");
    expect(shop.digest()).toBe(before);
    // The unit can be bought again.
    expect((await shop.buy(2)).checkout_url).toBeTruthy();
  });

  it("does not come before its time", async () => {
    const shop = await openShop("early", 1);
    const { ref } = await shop.buy(1);
    shop.pass(holdMinutes * 60 - 1);
    const before = shop.digest();
    expect(await shop.release(ref)).toEqual({ released: false, reason: "not_over" });
    expect(shop.digest()).toBe(before);
  });

  it("comes at once when the provider says that the session is dead", async () => {
    const shop = await openShop("dead", 1);
    const { ref } = await shop.buy(1);
    for (const session of shop.provider.sessions.values()) session.settlement = { kind: "failed" };
    expect(await shop.fulfil(ref)).toEqual({ released: true });
  });

  it("is asked for no longer than a step may run: a provider that is slow at each question is asked the rest by a later run (R20)", async () => {
    const shop = await openShop("slow", 1);
    const { ref } = await shop.buy(1);
    shop.pass(over);
    const lookUp = shop.provider.lookUp.bind(shop.provider);
    const before = shop.provider.calls;
    shop.provider.lookUp = async (id) => {
      shop.pass(5.5);
      return lookUp(id);
    };
    await expect(shop.release(ref)).rejects.toMatchObject({ name: "ProviderUnknown" });
    expect([shop.provider.calls - before, statusOf(shop, ref.order_id), unitsAre(shop)]).toEqual([1, "awaiting_payment", ["reserved"]]);
    shop.provider.lookUp = lookUp;
    expect(await shop.release(ref)).toEqual({ released: true });
  });

  it("yields to a payment that was made in the last second (trap 3)", async () => {
    const shop = await openShop("cross", 1);
    const { ref } = await shop.buy(1);
    shop.pass(over);
    shop.provider.pay(ref.order_id);
    expect(await shop.release(ref)).toEqual({ released: false, reason: "paid" });
    expect(await shop.fulfil(ref)).toEqual({ delivered: true });
    expect(unitsAre(shop)).toEqual(["sold"]);
  });

  it("keeps the units while the provider does not say, and fails its run so that somebody is told (I4)", async () => {
    const shop = await openShop("silent", 1);
    const { ref } = await shop.buy(1);
    shop.pass(over);
    shop.provider.closing = { kind: "unknown" };
    await expect(shop.fulfil(ref)).rejects.toMatchObject({ name: "ProviderUnknown" });
    expect(unitsAre(shop)).toEqual(["reserved"]);
    shop.provider.closing = undefined;
    expect(await shop.fulfil(ref)).toEqual({ released: true });
  });

  it("gives the units back at once where no session was recorded, whatever the provider says or keeps: nobody was shown one (I4)", async () => {
    const shop = await openShop("lost id", 1);
    const open = shop.provider.openCheckout.bind(shop.provider);
    shop.provider.openCheckout = async (request) => {
      await open(request);
      return { kind: "unknown" };
    };
    const { ref, checkout_url } = await shop.buy(1);
    expect(checkout_url).toBeNull();
    shop.pass(over);
    const before = shop.provider.calls;
    expect(await shop.fulfil(ref)).toEqual({ released: true });
    expect([shop.provider.calls - before, unitsAre(shop)]).toEqual([0, ["available"]]);
  });

  it("waits for a session that is recorded while it ends: its buyer is on the page (I4)", async () => {
    let race: (() => Promise<unknown>) | undefined;
    const shop = await openShop("recorded meanwhile", 1, {
      around: async (call, proceed) => {
        const ends = call.operation === "transact" && call.writes.some(({ key, op }) => key.pk.startsWith("POOL#") && op === "create");
        const meanwhile = ends ? race : undefined;
        race = meanwhile ? undefined : race;
        await meanwhile?.();
        return proceed();
      },
    });
    shop.provider.next = { kind: "unknown" };
    const { ref, token } = await shop.buy(1);
    const held = await readOrder(token, shop.ports);
    if (!held) throw new Error("no order");
    shop.pass(over);
    race = () => openCheckoutOf({ ...held, hold_until: "9999" }, shop.ports, { fresh: false });
    await expect(shop.release(ref)).rejects.toMatchObject({ name: "TableBusy" });
    expect([statusOf(shop, ref.order_id), unitsAre(shop)]).toEqual(["awaiting_payment", ["reserved"]]);
    expect(await shop.release(ref)).toEqual({ released: true });
    expect([...shop.provider.sessions.values()].map(({ settlement }) => settlement.kind)).toEqual(["failed"]);
  });

  it("leaves no payment that could be opened beside it, where none had been recorded", async () => {
    const shop = await openShop("no payment", 1);
    const { ref, token } = await shop.buy(1);
    const held = await readOrder(token, shop.ports);
    if (!held) throw new Error("no order");
    shop.pass(over);
    await shop.fulfil(ref);
    expect(await openCheckoutOf(held, shop.ports, { fresh: true })).toEqual({ kind: "refused", refusal: "checkout_closed" });
    expect(await openCheckoutOf({ ...held, hold_until: "9999" }, shop.ports, { fresh: true })).toEqual({
      kind: "refused",
      refusal: "checkout_closed",
    });
  });

  it("happens once when its answer is lost and it is tried again", async () => {
    let losses = 0;
    const shop = await openShop("lost answer", 1, {
      around: async (call, proceed) => {
        const answer = await proceed();
        if (call.writes.some(({ op, key }) => op === "create" && key.pk.startsWith("POOL#")) && call.writes.length > 3 && losses++ === 1)
          throw new LostResponse();
        return answer;
      },
    });
    const { ref } = await shop.buy(1);
    shop.pass(over);
    await shop.fulfil(ref);
    expect([unitsAre(shop), shop.of("POOL").length]).toEqual([["available"], 1]);
  });

  it("is found by the sweep, which never sleeps past it", async () => {
    const shop = await openShop("sweep", 2);
    const { ref } = await shop.buy(1);
    for (let minute = 0; minute <= holdMinutes + 1; minute++) {
      shop.pass(60);
      shop.started.length = 0;
      await sweep(shop.ports);
      for (const each of shop.started.splice(0)) await shop.fulfil(each);
    }
    expect(statusOf(shop, ref.order_id)).toBe("expired");
    expect(unitsAre(shop)).toEqual(["available", "available"]);
  });
});

describe("money after the hold (G-50, traps 1-3)", () => {
  /** The provider held the session to be dead and then took the money all the same: it must never happen, and it is a fact when it does. */
  const expiredThenPaid = async (seed: string, units: number) => {
    const shop = await openShop(seed, units);
    const { ref } = await shop.buy(1);
    shop.pass(over);
    await shop.fulfil(ref);
    return { shop, ref };
  };

  it("takes another unit and delivers, in one transaction", async () => {
    const { shop, ref } = await expiredThenPaid("other unit", 2);
    shop.provider.pay(ref.order_id);
    expect(await shop.fulfil(ref)).toEqual({ delivered: true });
    expect([statusOf(shop, ref.order_id), unitsAre(shop), shop.of("POOL").length]).toEqual(["paid", ["available", "sold"], 1]);
    expect(shop.texting.texts).toHaveLength(1);
    const [order] = shop.of<Order>("ORDER");
    const sold = shop.of<{ id: string; status: string; order_id?: string }>("UNIT").find(({ status }) => status === "sold");
    expect([order?.lines[0]?.units, sold?.order_id]).toEqual([[sold?.id], ref.order_id]);
  });

  it("takes yet another when somebody else takes that one", async () => {
    let conflicts = 0;
    const shop = await openShop("conflict", 3, {
      around: async (call, proceed) => {
        const late = call.writes.some(({ key }) => key.pk.startsWith("PAYMENT#")) && call.writes.some(({ op }) => op === "erase");
        if (late && conflicts++ === 0) throw new InjectedConflict(0);
        return proceed();
      },
    });
    const { ref } = await shop.buy(1);
    shop.pass(over);
    await shop.fulfil(ref);
    shop.provider.pay(ref.order_id);
    expect(await shop.fulfil(ref)).toEqual({ delivered: true });
    expect(conflicts).toBe(2);
  });

  it("goes back when nothing is left, once, and the order says so", async () => {
    const { shop, ref } = await expiredThenPaid("refund", 1);
    await shop.buy(2);
    shop.provider.pay(ref.order_id);
    expect(await shop.fulfil(ref)).toEqual({ refund: "refunded" });
    expect(statusOf(shop, ref.order_id)).toBe("refunded");
    expect([...shop.provider.refunds.values()].map(({ amount }) => amount)).toEqual([6000]);
    expect(shop.of<{ status: string }>("REFUND")[0]?.status).toBe("succeeded");
    expect(shop.texting.texts).toHaveLength(0);
    const before = shop.digest();
    expect(await shop.fulfil(ref)).toBe("done");
    expect(shop.digest()).toBe(before);
  });

  it("owes the refund until the provider has it: an unknown answer is asked again with the same key", async () => {
    const { shop, ref } = await expiredThenPaid("unknown refund", 1);
    await shop.buy(2);
    shop.provider.pay(ref.order_id);
    shop.provider.refunding = { kind: "unknown" };
    await expect(shop.fulfil(ref)).rejects.toMatchObject({ name: "ProviderUnknown" });
    expect(statusOf(shop, ref.order_id)).toBe("refund_pending");
    await sweep(shop.ports);
    expect(shop.started).toContainEqual(ref);
    expect(await shop.fulfil(ref)).toEqual({ refund: "refunded" });
    expect(shop.provider.refunds.size).toBe(1);
  });

  it("asks after a refund that is on its way instead of making another", async () => {
    const { shop, ref } = await expiredThenPaid("pending refund", 1);
    await shop.buy(2);
    shop.provider.pay(ref.order_id);
    shop.provider.refunding = { kind: "pending", provider_refund_id: "re_1" };
    expect(await shop.fulfil(ref)).toEqual({ refund: "pending" });
    shop.provider.refund = async () => {
      throw new Error("a second refund");
    };
    expect(await shop.fulfil(ref)).toEqual({ refund: "refunded" });
  });

  it("goes to a person when the provider refuses to pay it back", async () => {
    const { shop, ref } = await expiredThenPaid("failed refund", 1);
    await shop.buy(2);
    shop.provider.pay(ref.order_id);
    shop.provider.refunding = { kind: "failed", reason: "charge_not_refundable" };
    expect(await shop.fulfil(ref)).toEqual({ refund: "failed" });
    expect(shop.of<Order>("ORDER").find(({ id }) => id === ref.order_id)).toMatchObject({ status: "attention", reason: "refund_failed" });
  });

  it("that does not match is for a person, late or not (I9)", async () => {
    const { shop, ref } = await expiredThenPaid("late mismatch", 2);
    shop.provider.pay(ref.order_id, { amount: 1 });
    expect(await shop.fulfil(ref)).toEqual({ delivered: false, reason: "payment_mismatch" });
    expect(unitsAre(shop)).toEqual(["available", "available"]);
  });

  it("delivers once or refunds once, whichever of many runs comes first (I6)", async () => {
    for (const units of [1, 2]) {
      const { shop, ref } = await expiredThenPaid(`many ${units}`, units);
      if (units === 1) await shop.buy(2);
      shop.provider.pay(ref.order_id);
      await Promise.allSettled(Array.from({ length: 5 }, () => shop.fulfil(ref)));
      await shop.fulfil(ref);
      const sold = shop
        .of<{ order_id?: string; status: string }>("UNIT")
        .filter(({ order_id, status }) => order_id === ref.order_id && status === "sold");
      expect([statusOf(shop, ref.order_id), sold.length, shop.provider.refunds.size]).toEqual(units === 1 ? ["refunded", 0, 1] : ["paid", 1, 0]);
    }
  });
});
