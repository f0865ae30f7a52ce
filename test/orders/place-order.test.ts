import { describe, expect, it } from "@jest/globals";
import { saveListing } from "../../functions/catalogue/save-listing.ts";
import { sweep } from "../../functions/fulfilment/sweep.ts";
import { stockUnits } from "../../functions/inventory/stock-units.ts";
import { saveLocation, saveNode } from "../../functions/merchants/save.ts";
import { openCheckoutOf } from "../../functions/orders/open-checkout.ts";
import { holdMinutes, type Order } from "../../functions/orders/order.ts";
import { placeOrder } from "../../functions/orders/place-order.ts";
import { readOrder } from "../../functions/orders/read-order.ts";
import type { CheckoutOpened, CheckoutRequest } from "../../functions/payments/provider.ts";
import { InjectedConflict, LostResponse } from "../../platform/table/memory.ts";
import { demoListing, demoLocation } from "../support/demo.ts";
import { openShop, operator } from "../support/shop.ts";

describe("placing an order", () => {
  it("holds the unit, makes the order, the guest and the operation in one transaction (G-10, G-40, X-9)", async () => {
    const commits: string[][] = [];
    const shop = await openShop("one commit", 3, { commits: (commit) => commits.push(commit.changes.map(({ key }) => key.pk.split("#")[0] ?? "")) });
    commits.length = 0;
    const order = await shop.buy(1);
    expect(commits[0]?.sort()).toEqual(["OP", "ORDER", "PERSON", "POOL", "UNIT"]);
    const [stored] = shop.of<Order>("ORDER");
    expect(stored).toMatchObject({
      status: "awaiting_payment",
      order_type: "SERIALIZED",
      payment_status: "pending",
      total: 6000,
      lines: [
        {
          listing_item_id: "CW-60",
          quantity: 1,
          unit_price: 6000,
          amount: 6000,
          tax: [
            { name: "GST", amount: 268 },
            { name: "PST", amount: 375 },
          ],
        },
      ],
      snapshot: { title: "Wash cards", item: "Wash card $60" },
    });
    expect(order.checkout_url).toMatch(/^https:\/\/pay\.test\//);
    expect(
      shop
        .of<{ status: string }>("UNIT")
        .map(({ status }) => status)
        .sort(),
    ).toEqual(["available", "available", "reserved"]);
  });

  it("gives a retry the first order and holds nothing twice, for 0 write units (X-3)", async () => {
    const shop = await openShop("retry");
    const first = await shop.place(shop.request(1));
    const before = { digest: shop.digest(), writes: shop.table.consumed.writes, calls: shop.provider.calls };
    const second = await shop.place(shop.request(1));
    expect(second).toMatchObject({ kind: "placed", repeated: true });
    expect(second.kind === "placed" && first.kind === "placed" && second.placed).toEqual(first.kind === "placed" && first.placed);
    expect({ digest: shop.digest(), writes: shop.table.consumed.writes, calls: shop.provider.calls }).toEqual(before);
  });

  it("refuses the same key with another body and changes nothing (X-3)", async () => {
    const shop = await openShop("other body");
    await shop.place(shop.request(1));
    const before = shop.digest();
    expect(await shop.place(shop.request(1, { lines: [{ item: "CW-60", quantity: 2 }] }))).toEqual({ kind: "refused", refusal: "key_reused" });
    expect(await shop.place(shop.request(1, { phone: "+16045559999" }))).toEqual({ kind: "refused", refusal: "key_reused" });
    expect(shop.digest()).toBe(before);
  });

  it("finds its own order when the answer of the transaction was lost (X-3)", async () => {
    let losses = 0;
    const shop = await openShop("lost", 3, {
      around: async (call, proceed) => {
        const answer = await proceed();
        if (call.operation === "transact" && call.keys.some(({ pk }) => pk.startsWith("ORDER#")) && losses++ === 0) throw new LostResponse();
        return answer;
      },
    });
    const outcome = await shop.place(shop.request(1));
    expect(outcome.kind).toBe("placed");
    expect(losses).toBe(1);
    expect(shop.of("ORDER")).toHaveLength(1);
    expect(shop.of<{ status: string }>("UNIT").filter(({ status }) => status === "reserved")).toHaveLength(1);
  });

  it("never gives one unit to two buyers, and tells the rest that it is sold out (G-18, G-30)", async () => {
    const shop = await openShop("race", 20);
    const outcomes = await Promise.all(
      Array.from({ length: 60 }, (_, n) => shop.place(shop.request(n)).catch((error: Error) => ({ kind: error.name }))),
    );
    const placed = outcomes.filter(({ kind }) => kind === "placed");
    const rest = outcomes.filter(({ kind }) => kind !== "placed");
    expect(placed).toHaveLength(20);
    expect(rest.every((outcome) => outcome.kind === "refused" && "refusal" in outcome && outcome.refusal === "out_of_stock")).toBe(true);
    const held = shop.of<Order>("ORDER").flatMap((order) => order.lines.flatMap((line) => line.units));
    expect(new Set(held).size).toBe(20);
    expect(shop.of("POOL")).toHaveLength(0);
  });

  it("takes another unit when a conflict shows that somebody else is taking this one", async () => {
    let conflicts = 0;
    const shop = await openShop("conflict", 3, {
      around: async (call, proceed) => {
        const place = call.writes.findIndex((write) => write.op === "erase");
        if (place >= 0 && conflicts++ === 0) throw new InjectedConflict(place);
        return proceed();
      },
    });
    expect((await shop.place(shop.request(1))).kind).toBe("placed");
    expect(conflicts).toBe(2);
  });

  it.each([
    ["an unknown item", { lines: [{ item: "CW-99", quantity: 1 }] }, "item_unknown"],
    ["an unknown listing", { listing_id: "nowhere" }, "item_unknown"],
    ["a sticker that is not the shop's (TH11)", { node: "NODE_FAKE" }, "node_unknown"],
    ["more than there is", { lines: [{ item: "CW-60", quantity: 5 }] }, "out_of_stock"],
    ["an item without stock (sold out says so)", { lines: [{ item: "CW-120", quantity: 1 }] }, "out_of_stock"],
  ] as const)("refuses %s and changes nothing", async (_what, over, refusal) => {
    const shop = await openShop("bad");
    const before = shop.digest();
    expect(await shop.place(shop.request(1, over as never))).toEqual({ kind: "refused", refusal });
    expect(shop.digest()).toBe(before);
  });

  it("holds nothing that nobody could pay for: a merchant without a payment route sells nothing, and the log says so", async () => {
    const shop = await openShop("no route");
    const get = (async (entity, ...rest) => (entity.prefix === "ROUTE" ? undefined : shop.table.get(entity, ...rest))) as typeof shop.table.get;
    const logged: unknown[] = [];
    const ports = { ...shop.ports, table: { ...shop.table, get }, log: (...line: unknown[]) => void logged.push(line) };
    const before = shop.digest();
    expect(await placeOrder(shop.request(1), ports)).toEqual({ kind: "refused", refusal: "listing_closed" });
    expect([shop.digest(), logged]).toEqual([before, [["error", "merchant_takes_no_payments", { merchant_id: "lees" }]]]);
  });

  it("keeps within the budget: 3 table calls, 2 read units, 11 write units, and 2 more for the checkout", async () => {
    let calls = 0;
    const shop = await openShop("budget", 100, {
      around: (_call, proceed) => {
        calls++;
        return proceed();
      },
    });
    const before = { ...shop.table.consumed };
    calls = 0;
    shop.provider.next = undefined;
    const until: { calls: number; reads: number; writes: number }[] = [];
    const open = shop.provider.openCheckout.bind(shop.provider);
    shop.provider.openCheckout = async (request) => {
      until.push({ calls, reads: shop.table.consumed.reads - before.reads, writes: shop.table.consumed.writes - before.writes });
      return open(request);
    };
    await shop.buy(1);
    const atProvider = until[0];
    // Before the provider: listing and replay check, pool, transaction; then route, payment, connection.
    expect(atProvider?.calls).toBeLessThanOrEqual(3 + 3);
    expect(shop.table.consumed.writes - before.writes).toBeLessThanOrEqual(11 + 2);
    expect(shop.table.consumed.reads - before.reads).toBeLessThanOrEqual(2 + 1);
  });
});

describe("the checkout", () => {
  it("keeps one live session per order, whatever the repeats (S28)", async () => {
    const shop = await openShop("one session");
    const order = await shop.buy(1);
    const stored = await readOrder(order.token, shop.ports);
    if (!stored) throw new Error("no order");
    const again = await Promise.all([1, 2, 3].map(() => openCheckoutOf(stored, shop.ports, { fresh: false })));
    expect(new Set(again.map((checkout) => checkout.kind === "open" && checkout.url))).toEqual(new Set([order.checkout_url]));
    expect(shop.provider.sessions.size).toBe(1);
  });

  it("opens the same session after a crash between the provider's answer and its record", async () => {
    let dies = true;
    const shop = await openShop("crash", 3, {
      around: async (call, proceed) => {
        if (dies && call.writes.some(({ op, key }) => op === "change" && key.pk.startsWith("PAYMENT#"))) throw new Error("died");
        return proceed();
      },
    });
    await expect(shop.buy(1)).rejects.toThrow("died");
    dies = false;
    expect((await shop.buy(1)).checkout_url).toBe("https://pay.test/cs_0");
    expect([shop.provider.sessions.size, shop.of("PAYMENT").length]).toEqual([1, 1]);
  });

  /** As Stripe does: what a key was answered first, it is answered for a day. */
  const failingOnce = (shop: Awaited<ReturnType<typeof openShop>>, answer: CheckoutOpened) => {
    const kept = new Map<string, CheckoutOpened>();
    const open = shop.provider.openCheckout.bind(shop.provider);
    shop.provider.openCheckout = async (request) => {
      if (kept.size === 0) kept.set(request.provider_key, answer);
      return kept.get(request.provider_key) ?? open(request);
    };
  };

  it.each([
    ["failed inside, and repeats that to the same key for a day", { kind: "unknown", reason: "api_error" }],
    ["refused", { kind: "declined", reason: "account_invalid" }],
  ] as const)("is opened at the next press when the provider %s, and says why it was not in the log", async (_what, answer) => {
    const shop = await openShop("saved failure");
    const logged: unknown[] = [];
    const ports = { ...shop.ports, log: (...line: unknown[]) => void logged.push(line) };
    failingOnce(shop, answer);
    const placed = await placeOrder(shop.request(1), ports);
    const [merchant_id, order_id] = placed.kind === "placed" ? placed.placed.token.split(".") : [];
    expect(placed).toMatchObject({ kind: "placed", placed: { checkout_url: null } });
    const { connection_id } = shop;
    expect(logged).toEqual([["error", "checkout_not_opened", { merchant_id, order_id, connection_id, code: answer.reason }]]);
    expect((await shop.buy(1)).checkout_url).toBe("https://pay.test/cs_0");
  });

  it("sends everybody to the session that was recorded first, also when the provider made two (I7)", async () => {
    const shop = await openShop("two sessions");
    const open = shop.provider.openCheckout.bind(shop.provider);
    // It makes a session and says that it failed.
    shop.provider.openCheckout = async (request) => {
      shop.provider.openCheckout = open;
      await open(request);
      return { kind: "unknown" };
    };
    const { token } = await shop.buy(1);
    const order = await readOrder(token, shop.ports);
    if (!order) throw new Error("no order");
    const slow = async (request: CheckoutRequest) => {
      shop.provider.openCheckout = open;
      const mine = await open({ ...request, provider_key: `${request.provider_key}-of-another-try` });
      await openCheckoutOf(order, shop.ports, { fresh: false });
      return mine;
    };
    shop.provider.openCheckout = slow;
    const late = await openCheckoutOf(order, shop.ports, { fresh: false });
    const [payment] = shop.of<{ session_id: string; checkout_url: string }>("PAYMENT");
    expect([shop.provider.sessions.size, late]).toEqual([3, { kind: "open", url: payment?.checkout_url }]);
    expect(payment?.checkout_url).toBe(`https://pay.test/${payment?.session_id}`);
  });

  it("does not open a session once the hold is over", async () => {
    const shop = await openShop("late");
    const order = await shop.buy(1);
    shop.pass(holdMinutes * 60);
    const stored = await readOrder(order.token, shop.ports);
    if (!stored) throw new Error("no order");
    expect(await openCheckoutOf(stored, shop.ports, { fresh: false })).toEqual({ kind: "refused", refusal: "checkout_closed" });
  });

  it("says in progress, not no, while the provider still works on the same call", async () => {
    const shop = await openShop("409");
    shop.provider.next = { kind: "in_progress" };
    expect(await shop.place(shop.request(1))).toEqual({ kind: "refused", refusal: "in_progress" });
    expect((await shop.place(shop.request(1))).kind).toBe("placed");
  });
});

describe("the page's token (TH6)", () => {
  it("opens nothing when a single character differs, and reads nothing to find out", async () => {
    const shop = await openShop("token");
    const { token } = await shop.buy(1);
    expect(await readOrder(token, shop.ports)).toBeDefined();
    const reads = shop.table.consumed.reads;
    for (const at of [0, 6, token.length - 1]) {
      const other = token[at] === "a" ? "b" : "a";
      expect(await readOrder(token.slice(0, at) + other + token.slice(at + 1), shop.ports)).toBeUndefined();
    }
    expect(await readOrder("", shop.ports)).toBeUndefined();
    expect(await readOrder(`${token}.x`, shop.ports)).toBeUndefined();
    expect(shop.table.consumed.reads).toBe(reads);
  });
});

describe("the sweep", () => {
  it("starts the workflow for an order whose webhook was lost, and for none that is settled", async () => {
    const shop = await openShop("sweep");
    const lost = await shop.buy(1);
    const settled = await shop.buy(2);
    shop.provider.pay(settled.ref.order_id);
    await shop.fulfil(settled.ref);
    expect(await sweep(shop.ports)).toEqual({ looked: 0 });
    shop.pass(121);
    expect(await sweep(shop.ports)).toEqual({ looked: 1 });
    expect(shop.started).toEqual([lost.ref]);
    // The next look waits as long again as the order is old.
    expect(await sweep(shop.ports)).toEqual({ looked: 0 });
    shop.pass(185);
    expect(await sweep(shop.ports)).toEqual({ looked: 1 });
  });
});

describe("a listing at several places", () => {
  it("sells each sticker's own stock, under its own province's taxes (G-19)", async () => {
    const shop = await openShop("places");
    const by = (key: string) => ({ key: `places-${key}`, principal: operator });
    await saveLocation(
      { body: { ...demoLocation, id: "calgary", business_name: "Lees, Calgary", province: "AB", zone: "America/Edmonton" }, ...by("location") },
      shop.ports,
    );
    await saveNode({ body: { id: "NODE_YYC", merchant_id: "lees", location_id: "calgary", kind: "sticker" }, ...by("node") }, shop.ports);
    await saveListing({ body: { ...demoListing, nodes: ["NODE_LEES", "NODE_YYC"] }, ...by("listing") }, shop.ports);
    expect(await shop.place(shop.request(1, { node: "NODE_YYC" }))).toEqual({ kind: "refused", refusal: "out_of_stock" });
    const units = [{ serial_number: "C-1" }];
    await stockUnits({ body: { listing_id: "lees-car-wash", listing_item_id: "CW-60", location_id: "calgary", units }, ...by("stock") }, shop.ports);
    await shop.buy(2, { node: "NODE_YYC" });
    expect(shop.of<Order>("ORDER")[0]).toMatchObject({ location_id: "calgary", total: 6000, lines: [{ tax: [{ name: "GST", amount: 286 }] }] });
  });

  it.each(["constructor", "toString", "__proto__"])("takes %s for no sticker of the shop (TH11)", async (node) => {
    const shop = await openShop("own words");
    expect(await shop.place(shop.request(1, { node }))).toEqual({ kind: "refused", refusal: "node_unknown" });
  });
});
