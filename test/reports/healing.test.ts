import { describe, expect, it } from "@jest/globals";
import { refundOrder } from "../../functions/fulfilment/refund-order.ts";
import type { Order } from "../../functions/orders/order.ts";
import { orders } from "../../functions/orders/order-table.ts";
import { payments } from "../../functions/payments/payment-table.ts";
import { type Refund, refunds } from "../../functions/payments/refund-table.ts";
import type { Finding } from "../../functions/reports/finding-table.ts";
import * as product from "../../functions/reports/reconcile.ts";
import { instant, plusSeconds } from "../../platform/clock/clock.ts";
import type { Log } from "../../platform/log/log.ts";
import { change } from "../../platform/table/model.ts";
import { operator } from "../support/shop.ts";
import { namesOf, run } from "./planted-day.ts";
import { day, openWorld, window } from "./world.ts";

describe("what nobody told us is healed by the workflow, and by nothing else (I6)", () => {
  /** One real sale, paid, delivered and in the provider's books; then a day passes. */
  const sold = async (seed: string) => {
    const world = await openWorld(seed);
    const { shop, books } = world;
    const begun = instant(shop.now());
    const { ref } = await shop.buy(1);
    shop.provider.pay(ref.order_id);
    await shop.fulfil(ref);
    const [session] = [...shop.provider.sessions.values()];
    if (!session) throw new Error("no session");
    const intent_id = `pi_${session.id}`;
    const own = { merchant_id: "lees", order_id: ref.order_id, payment_id: ref.order_id };
    books.add(world.settled(ref.order_id, begun, { ...own, session_id: session.id, amount: session.request.amount, intent_id }));
    shop.pass(2 * 3600);
    shop.started.length = 0;
    const over = { from: begun, to: instant(shop.now()) };
    const compare = async () => {
      shop.started.length = 0;
      shop.pass(3600);
      await run(world, product.reconcile, over);
      return namesOf(world);
    };
    const heal = async () => {
      for (const asked of [...shop.started]) await shop.fulfil(asked).catch(() => {});
    };
    const order = () => shop.of<Order>("ORDER").find(({ id }) => id === ref.order_id) as Order;
    return { world, shop, books, ref, begun, intent_id, own, compare, heal, order };
  };
  const told = (at: Awaited<ReturnType<typeof sold>>, status: "open" | "won" | "lost") => {
    at.books.addDispute(at.world.quarrel(at.ref.order_id, at.begun, { ...at.own, dispute_id: "dp_1", status, intent_id: at.intent_id }));
    at.shop.provider.disputes = { kind: "known", disputes: [{ id: "dp_1", status, amount: 6000 }] };
  };

  it.each(["open", "won", "lost"] as const)("a dispute that is %s and whose every event was lost", async (status) => {
    const at = await sold(`dispute ${status}`);
    told(at, status);
    expect(await at.compare()).toEqual(["dispute_missing dp_1"]);
    expect([at.shop.started, at.order().dispute]).toEqual([[{ ...at.ref, news: "dispute" }], undefined]);
    await at.heal();
    expect(at.order().dispute).toMatchObject({ id: "dp_1", status });
    expect(await at.compare()).toEqual([]);
    expect(namesOf(at.world, "gone")).toEqual(["dispute_missing dp_1"]);
  });

  it("the end of a dispute that we know is open", async () => {
    const at = await sold("dispute ends");
    told(at, "open");
    await at.shop.fulfil({ ...at.ref, news: "dispute" });
    expect(await at.compare()).toEqual([]);
    told(at, "lost");
    expect(await at.compare()).toEqual(["dispute_missing dp_1"]);
    await at.heal();
    expect([at.order().dispute?.status, await at.compare()]).toEqual(["lost", []]);
  });

  it("nothing that has ended is moved back: it is a person's, with the words of both sides", async () => {
    const at = await sold("dispute contradicts");
    told(at, "lost");
    await at.shop.fulfil({ ...at.ref, news: "dispute" });
    told(at, "won");
    const before = JSON.stringify(at.order());
    expect(await at.compare()).toEqual(["dispute_differs dp_1"]);
    expect([at.shop.started, JSON.stringify(at.order())]).toEqual([[], before]);
    const [finding] = at.shop.of<Finding>("FINDING");
    expect(finding).toMatchObject({
      heals: false,
      ends: ["ask_provider", "call_buyer"],
      theirs: { status: "won" },
      ours: { dispute_id: "dp_1", dispute_status: "lost" },
    });
  });

  it("a dispute that began long before this time and ended in it is looked up by our journal, and belongs to the day on which it ended here", async () => {
    const world = await openWorld("earlier");
    const at = plusSeconds(window.from, 3600);
    const earlier = { created_at: plusSeconds(window.from, -86_400 * 150) };
    const ours = { status: "lost" as const, amount: 6000 };
    await world.disputed("same", at, { ...ours, id: "dp_same" }, { ...earlier, status: "lost" });
    await world.disputed("other", at, { ...ours, id: "dp_other" }, { ...earlier, status: "won" });
    await world.disputed("none", at, { ...ours, id: "dp_none" });
    // Paid through another connection: that one's books are asked.
    await world.disputed("elsewhere", at, { ...ours, id: "dp_elsewhere" });
    const { table } = world.shop;
    await table.write(change(payments, { merchant_id: "lees", payment_id: "elsewhere" }, { set: { connection_id: "another" } }));
    world.books.sessions.delete("cs_elsewhere");
    await run(world);
    expect(namesOf(world)).toEqual(["dispute_absent dp_none", "dispute_differs dp_other"]);
    expect(world.shop.of<Finding>("FINDING").map(({ date }) => date)).toEqual([day, day]);
  });

  it("a dispute of money that the order was not paid with is a person's", async () => {
    const at = await sold("other money");
    at.books.addDispute(at.world.quarrel("again", at.begun, { ...at.own, dispute_id: "dp_2", intent_id: "pi_again" }));
    at.books.addDispute(at.world.quarrel("nobody", at.begun, { dispute_id: "dp_3" }));
    expect(await at.compare()).toEqual(["dispute_missing dp_2", "dispute_missing dp_3"]);
    expect(at.shop.started).toEqual([]);
  });

  it("a refund that came back after it had succeeded", async () => {
    const at = await sold("refund bounced");
    await refundOrder({ body: { ...at.ref, reason: "customer_request" }, key: "refund-key-1", principal: operator }, at.shop.ports);
    await at.shop.fulfil(at.ref);
    const [refund] = at.shop.of<Refund>("REFUND");
    const id = refund?.provider_refund_id ?? "";
    at.shop.provider.fates.set(id, { kind: "failed", reason: "expired_or_canceled_card" });
    const theirs = { ...at.own, provider_refund_id: id, refund_id: refund?.id ?? "", intent_id: at.intent_id };
    at.books.addRefund(at.world.backThere(at.ref.order_id, at.begun, { ...theirs, status: "failed" }));
    expect(await at.compare()).toEqual([`refund_differs ${id}`]);
    expect(at.shop.started).toEqual([{ ...at.ref, news: "refund" }]);
    await at.heal();
    expect([at.order().status, at.shop.of<Refund>("REFUND")[0]?.status, await at.compare()]).toEqual(["paid", "failed", []]);
  });

  it("a refund that came back days after its own day, and whose events were lost (I14)", async () => {
    const world = await openWorld("bounced later");
    const made = plusSeconds(window.from, -86_400 * 20);
    await world.returned("late", made, {}, { status: "failed" });
    await world.returned("kept", made, {}, {});
    // Too long ago for a bank to send anything back.
    await world.returned("old", plusSeconds(window.from, -86_400 * 40), {}, { status: "failed" });
    // It is known here.
    await world.returned("known", made, { status: "failed" }, { status: "failed" });
    const result = await run(world);
    const ref = { merchant_id: "lees", order_id: "late" };
    expect([namesOf(world), world.shop.started]).toEqual([["refund_differs re_late"], [{ ...ref, news: "refund" }]]);
    // It is told with this day's, on its own day; nothing of it is counted or summed here.
    expect([result.found, result.refunds, result.sums]).toEqual([{ refund_differs: 1 }, 0, []]);
    expect(world.shop.of<Finding>("FINDING").map(({ date }) => date)).toEqual(["2026-10-31"]);
    await world.shop.table.write(change(refunds, { ...ref, refund_id: "rlate" }, { set: { status: "failed" } }));
    await run(world);
    expect([namesOf(world), namesOf(world, "gone")]).toEqual([[], ["refund_differs re_late"]]);
  });

  it("a dispute that moved months after its own day, and whose events were lost (I14)", async () => {
    const world = await openWorld("lost later");
    const begun = plusSeconds(window.from, -86_400 * 100);
    const open = { id: "dp_late", status: "open" as const, amount: 6000 };
    await world.disputed("late", begun, open, { status: "lost" });
    await world.disputed("same", begun, { ...open, id: "dp_same" }, { status: "open" });
    await run(world);
    expect([namesOf(world), world.shop.started]).toEqual([["dispute_missing dp_late"], [{ merchant_id: "lees", order_id: "late", news: "dispute" }]]);
    await world.shop.table.write(change(orders, { merchant_id: "lees", order_id: "late" }, { set: { dispute: { ...open, status: "lost" } } }));
    await run(world);
    expect([namesOf(world), namesOf(world, "gone")]).toEqual([[], ["dispute_missing dp_late"]]);
  });

  it("what is older is compared in a bounded number of pages, and it is said when some are left out", async () => {
    const world = await openWorld("trail");
    world.books.pageSize = 1;
    for (let n = 51; n >= 0; n--)
      await world.returned(`o${n}`, plusSeconds(window.from, -86_400 - n * 60), {}, { status: n < 51 ? "succeeded" : "failed" });
    const said: unknown[] = [];
    const log: Log = (level, event, fields) => void said.push([level, event, fields?.count]);
    Object.assign(world.shop.ports, { log });
    await run(world);
    expect([namesOf(world), said]).toEqual([[], [["warn", "trail_of_refunds_cut_short", 50]]]);
  });

  it("a session that outlived its order is closed; nobody can pay what is not kept for them", async () => {
    const world = await openWorld("outlives");
    const { shop, books } = world;
    const begun = instant(shop.now());
    const { ref } = await shop.buy(1);
    shop.pass(2 * 3600);
    // The provider said that it was closed, and it was not.
    shop.provider.closing = { kind: "closed" };
    await shop.fulfil(ref);
    shop.provider.closing = undefined;
    const [session] = [...shop.provider.sessions.values()];
    if (!session) throw new Error("no session");
    const own = { merchant_id: "lees", order_id: ref.order_id, payment_id: ref.order_id };
    books.add({ ...world.unpaid(ref.order_id, begun, "open"), ...own, session_id: session.id });
    const over = { from: begun, to: instant(shop.now()) };
    shop.pass(3600);
    await run(world, product.reconcile, over);
    expect([namesOf(world), shop.started]).toEqual([[`session_outlives_order ${session.id}`], [ref]]);
    const before = shop.digest();
    expect(await shop.fulfil(ref)).toEqual({ released: false, reason: "not_over" });
    expect([session.settlement.kind, shop.digest()]).toEqual(["failed", before]);
    books.add({ ...world.unpaid(ref.order_id, begun, "dead"), ...own, session_id: session.id });
    await run(world, product.reconcile, over);
    expect([namesOf(world), await shop.fulfil(ref)]).toEqual([[], "done"]);
    // Paid in the last moment, it is a late payment like any other.
    session.settlement = { kind: "pending" };
    shop.provider.pay(ref.order_id);
    expect(await shop.fulfil(ref)).toEqual({ delivered: true });
  });
});
