import { describe, expect, it, jest } from "@jest/globals";
import { refundOrder } from "../../functions/fulfilment/refund-order.ts";
import type { Order } from "../../functions/orders/order.ts";
import { payments } from "../../functions/payments/payment-table.ts";
import type { Refund } from "../../functions/payments/refund-table.ts";
import * as compare from "../../functions/reports/compare.ts";
import { type DifferenceKind, differenceKinds } from "../../functions/reports/difference.ts";
import type { Finding } from "../../functions/reports/finding-table.ts";
import { reconcileNights } from "../../functions/reports/night.ts";
import { listFindings, reconcileNow } from "../../functions/reports/operate.ts";
import * as product from "../../functions/reports/reconcile.ts";
import { businessDate, type Instant, instant, plusSeconds } from "../../platform/clock/clock.ts";
import { dayStart } from "../../platform/clock/day.ts";
import { change } from "../../platform/table/model.ts";
import { operator } from "../support/shop.ts";
import { day, openWorld, type Planted, plant, soundDispute, type World, window, zone } from "./world.ts";

const night = { type: "system", id: "reports" } as const;

const run = async (world: World, reconcile = product.reconcile, over = window) => {
  const outcome = await reconcile({ merchant_id: "lees", connection_id: world.connection_id, zone }, over, night, world.shop.ports);
  if (outcome.kind === "refused") throw new Error(outcome.refusal);
  return outcome.result;
};
const nameOf = ({ kind, object_id }: Planted): string => `${kind} ${object_id}`;
const namesOf = (world: World, state: Finding["state"] = "open"): readonly string[] =>
  world.shop
    .of<Finding>("FINDING")
    .filter((finding) => finding.state === state)
    .map(nameOf)
    .sort();

/** A day of sound business with differences strewn among it. */
const plantedDay = async (world: World, size: number, bad: number): Promise<readonly Planted[]> => {
  const stepSeconds = Math.floor((22 * 3600) / size);
  const planted: Planted[] = [];
  const every = Math.floor(size / bad);
  for (let i = 0; i < size; i++) {
    const at = plusSeconds(window.from, i * stepSeconds);
    const id = `o${i}`;
    if (i % every === 0 && planted.length < bad) {
      const kind = differenceKinds[planted.length % differenceKinds.length] as DifferenceKind;
      planted.push(await plant(world, kind, id, at, Math.floor(planted.length / differenceKinds.length)));
    } else if (i % 20 === 7) await world.lapsed(id, at);
    else if (i % 50 === 9) await world.returned(id, at, {}, {});
    else if (i % 50 === 11) await soundDispute(world, id, at, Math.floor(i / 50));
    else await world.sale(id, at);
    // The merchant's other business on the same account.
    if (i % 50 === 3) {
      const { merchant_id: _m, order_id: _o, payment_id: _p, ...foreign } = world.settled(`x${i}`, at);
      world.books.add(foreign);
    }
  }
  return planted;
};

describe("reconciliation (R30, I14)", () => {
  it("finds 200 planted differences of every kind among 10,000 orders, and nothing else, again and again", async () => {
    const world = await openWorld("ten thousand");
    const planted = await plantedDay(world, 10_000, 200);
    expect(planted.length).toBe(200);

    const result = await run(world);
    expect(namesOf(world)).toEqual(planted.map(nameOf).sort());
    const count = (kind: DifferenceKind) => planted.filter((each) => each.kind === kind).length;
    expect(result.found).toEqual(Object.fromEntries(differenceKinds.map((kind) => [kind, count(kind)])));
    expect(Math.min(...differenceKinds.map(count))).toBeGreaterThanOrEqual(15);
    expect(result.foreign).toBe(200);

    // The workflow is set on what it can end, and on nothing else.
    const healing = world.shop.of<Finding>("FINDING").filter(({ heals }) => heals);
    expect(world.shop.started.map(({ order_id }) => order_id).sort()).toEqual(healing.map(({ order_id }) => order_id).sort());
    expect([...new Set(healing.map(({ kind }) => kind))].sort()).toEqual([
      "dispute_missing",
      "paid_not_delivered",
      "refund_differs",
      "session_dead",
      "session_outlives_order",
    ]);

    // Money on both sides, to the cent.
    const cad = result.sums.find(({ currency }) => currency === "CAD");
    const usd = result.sums.find(({ currency }) => currency === "USD");
    // Theirs alone: not delivered, unknown, twice; ours alone: missing. One cent more in every second, another currency in the others.
    const odd = (kind: DifferenceKind) => Math.floor(count(kind) / 2);
    const theirsAlone = count("paid_not_delivered") + count("paid_unknown") + count("captured_twice");
    expect((cad?.theirs.captured ?? 0) - (cad?.ours.captured ?? 0)).toBe(
      (theirsAlone - count("capture_missing") - odd("amount_differs")) * 6000 + count("amount_differs") - odd("amount_differs"),
    );
    expect(usd?.theirs.captured).toBe(odd("amount_differs") * 6000);
    expect((cad?.theirs.refunded ?? 0) - (cad?.ours.refunded ?? 0)).toBe(
      (count("refund_unknown") - count("refund_missing")) * 6000 - odd("refund_differs"),
    );
    expect(result.disputes).toBeGreaterThan(200);

    // The same time again: the same findings, and not a single write.
    const before = world.shop.digest();
    const writes = world.shop.table.consumed.writes;
    const again = await run(world);
    expect(again).toEqual(result);
    expect(world.shop.table.consumed.writes).toBe(writes);
    expect(world.shop.digest()).toBe(before);
  }, 60_000);

  it("writes findings, its result and its operation, never money or stock", async () => {
    const world = await openWorld("hands off");
    await plantedDay(world, 300, 2 * differenceKinds.length);
    const others = () =>
      JSON.stringify(["ORDER", "PAYMENT", "REFUND", "UNIT", "POOL", "CONNECTION", "JOURNAL"].map((prefix) => world.shop.of(prefix)));
    const before = others();
    await run(world);
    expect(others()).toBe(before);
    expect(world.shop.of<{ kind: string }>("OP").filter(({ kind }) => kind === "window_reconciled").length).toBe(1);
  });

  it("gives the same findings after a crash in the middle (F1)", async () => {
    const world = await openWorld("crash");
    const planted = await plantedDay(world, 600, 4 * differenceKinds.length);
    world.books.silentFrom = 3;
    await expect(run(world)).rejects.toThrow("provider_down");
    expect(world.shop.of("RECONCILIATION")).toEqual([]);
    expect(namesOf(world).length).toBeLessThan(planted.length);
    world.books.silentFrom = Number.POSITIVE_INFINITY;
    await run(world);
    expect(namesOf(world)).toEqual(planted.map(nameOf).sort());
    expect(namesOf(world, "gone")).toEqual([]);
  });

  it("takes no delay for a difference: what moved in the last quarter of an hour waits", async () => {
    const world = await openWorld("lag");
    const now = instant(world.shop.now());
    const recent = plusSeconds(now, -20 * 60);
    // Begun before, paid seconds ago: we do not know yet.
    await world.waiting("late", recent, "awaiting_payment", world.settled("late", recent, { paid_at: plusSeconds(now, -5) }));
    // Known to us a moment ago, not yet over there.
    await world.keep(world.orderOf("early", recent), world.paymentOf("early", recent, { updated_at: plusSeconds(now, -5) }));
    await world.captured("early", recent);
    world.books.add(world.unpaid("early", recent, "open"));
    // Begun seconds ago: not even asked for.
    await world.waiting("new", plusSeconds(now, -9), "awaiting_payment", world.settled("new", plusSeconds(now, -9)));
    const over = { from: plusSeconds(now, -3600), to: now };
    const result = await run(world, product.reconcile, over);
    expect(namesOf(world)).toEqual([]);
    expect(result.moving).toBeGreaterThan(0);

    world.shop.pass(20 * 60);
    await run(world, product.reconcile, over);
    expect(namesOf(world)).toContain("paid_not_delivered cs_late");
  });

  it("blames no sale for a gap in the provider's pages: what a list leaves out is looked up", async () => {
    const world = await openWorld("gaps");
    const planted = await plantedDay(world, 400, differenceKinds.length);
    world.books.pageSize = 7;
    for (const [at, id] of [...world.books.sessions.keys()].entries()) {
      if (at % 7 === 0 && !planted.some(({ object_id }) => object_id === id)) world.books.left.add(id);
    }
    await run(world);
    expect(namesOf(world)).toEqual(planted.map(nameOf).sort());
  });

  it("ends the day at the merchant's midnight: a sale across it belongs to one day and differs in none", async () => {
    const world = await openWorld("midnight");
    const dates = [window.from, window.to].flatMap((at) => [businessDate(plusSeconds(at, -1), zone), businessDate(at, zone)]);
    expect(dates).toEqual(["2026-11-19", "2026-11-20", "2026-11-20", "2026-11-21"]);
    // A day of 23 hours and one of 25.
    const starts = ["2026-03-08", "2026-03-09", "2026-11-01", "2026-11-02"].map((date) => dayStart(date, "America/Toronto").slice(0, 16));
    expect(starts).toEqual(["2026-03-08T05:00", "2026-03-09T04:00", "2026-11-01T04:00", "2026-11-02T05:00"]);
    await world.sale("before", plusSeconds(window.from, -30));
    await world.sale("after", plusSeconds(window.to, -30));
    await plant(world, "amount_differs", "edge", plusSeconds(window.to, -2), 0);
    await plant(world, "amount_differs", "next", plusSeconds(window.to, 0), 0);
    const result = await run(world);
    expect(namesOf(world)).toEqual(["amount_differs cs_edge"]);
    // "after" began in this day, "before" in the one before; each is summed once.
    expect(result.sums).toEqual([
      { currency: "CAD", theirs: { captured: 12001, refunded: 0, net: 12001 }, ours: { captured: 12000, refunded: 0, net: 12000 } },
    ]);
    const shown = await listFindings({ body: { merchant_id: "lees", date: day }, principal: operator, key: "k" }, world.shop.ports);
    expect(shown.kind === "ok" && shown.result.findings.map(({ object_id, ends }) => [object_id, ends])).toEqual([
      ["cs_edge", ["ask_provider", "refund_difference"]],
    ]);
  });

  it("judges nothing that claims another merchant, or is of the other mode", async () => {
    const world = await openWorld("strangers");
    const at = plusSeconds(window.from, 60);
    world.books.add(world.settled("theirs", at, { merchant_id: "other" }));
    world.books.add(world.settled("live", at, { mode: "live" }));
    const result = await run(world);
    expect([namesOf(world), result.foreign]).toEqual([[], 1]);
  });

  it("heals through the verbs of every sale, and says that the difference is gone (I6)", async () => {
    const world = await openWorld("heal");
    const { shop, books } = world;
    const begun = instant(shop.now());
    const claim = (order_id: string) => ({ merchant_id: "lees", order_id, payment_id: order_id });
    const paid = await shop.buy(1);
    const dead = await shop.buy(2);
    shop.provider.pay(paid.ref.order_id);
    const [first, second] = [...shop.provider.sessions.values()];
    if (!first || !second) throw new Error("no sessions");
    second.settlement = { kind: "failed" };
    books.add(
      world.settled(paid.ref.order_id, begun, {
        session_id: first.id,
        ...claim(paid.ref.order_id),
        amount: first.request.amount,
        intent_id: `pi_${first.id}`,
      }),
    );
    books.add({ ...world.unpaid(dead.ref.order_id, begun, "dead"), session_id: second.id });
    shop.pass(2 * 3600);
    const over = { from: begun, to: instant(shop.now()) };
    await run(world, product.reconcile, over);
    expect(namesOf(world)).toEqual([`paid_not_delivered ${first.id}`, `session_dead ${second.id}`]);

    expect(shop.started.length).toBe(2);
    expect(shop.started.some(({ news }) => news)).toBe(false);
    for (const ref of shop.started) await shop.fulfil(ref);
    const states = shop.of<{ id: string; status: string }>("ORDER").map(({ id, status }) => [id, status]);
    expect(Object.fromEntries(states)).toEqual({ [paid.ref.order_id]: "paid", [dead.ref.order_id]: "expired" });
    shop.pass(3600);
    await run(world, product.reconcile, over);
    expect(namesOf(world)).toEqual([]);
    expect(namesOf(world, "gone")).toEqual([`paid_not_delivered ${first.id}`, `session_dead ${second.id}`]);
  });
});

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

  it("a dispute that began before this time and ended in it is looked up by our journal, and belongs to the day on which it ended here", async () => {
    const world = await openWorld("earlier");
    const at = plusSeconds(window.from, 3600);
    const earlier = { created_at: plusSeconds(window.from, -86_400 * 9) };
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

describe("the night", () => {
  it("compares each day once it is over, in order, however many were missed, and none twice", async () => {
    const world = await openWorld("nights");
    const { shop } = world;
    const { enter } = await import("../../functions/reports/journal.ts");
    const connected = shop.of<{ id: string; kind: string }>("OP").find(({ kind }) => kind === "provider_connected");
    await enter(connected?.id ?? "", shop.ports);
    await enter(connected?.id ?? "", shop.ports);
    expect(await reconcileNights(shop.ports)).toEqual({ days: 0 });
    shop.pass(3 * 86_400);
    expect(await reconcileNights(shop.ports).catch((error: Error) => error.message)).toEqual({ days: 3 });
    expect(await reconcileNights(shop.ports)).toEqual({ days: 0 });
    const days = shop.of<{ date: string; from: string; to: string }>("RECONCILIATION");
    expect(days.map(({ date }) => date).sort()).toEqual(["2026-11-21", "2026-11-22", "2026-11-23"]);
    expect(days.map(({ from }) => from).sort()).toEqual(days.map(({ date }) => dayStart(date, zone)).sort());
  });

  it("leaves a day due while the provider shows no books, and says so", async () => {
    const world = await openWorld("closed");
    const { shop, books } = world;
    const { enter } = await import("../../functions/reports/journal.ts");
    await enter(shop.of<{ id: string; kind: string }>("OP").find(({ kind }) => kind === "provider_connected")?.id ?? "", shop.ports);
    shop.pass(86_400);
    books.silentFrom = 0;
    await expect(reconcileNights(shop.ports)).rejects.toThrow("1 connections were not reconciled");
    books.silentFrom = Number.POSITIVE_INFINITY;
    expect(await reconcileNights(shop.ports)).toEqual({ days: 1 });
  });
});

describe("reconcileNow", () => {
  const ask = (world: World, from: string, to: string) =>
    reconcileNow({ body: { merchant_id: "lees", from, to }, principal: operator, key: "operator-key" }, world.shop.ports);

  it("compares the days asked for, both included, and answers with the sums", async () => {
    const world = await openWorld("now");
    await world.sale("a", plusSeconds(window.from, 60));
    const answer = await ask(world, day, "2026-11-21");
    expect(answer.kind === "ok" && answer.result.reconciliations.map(({ from, sessions }) => [from, sessions])).toEqual([[window.from, 1]]);
  });

  it.each([
    ["days in the wrong order", "2026-11-20", "2026-11-19", "window_invalid"],
    ["more than a week", "2026-11-01", "2026-11-20", "window_invalid"],
    ["a day to come", "2026-11-23", "2026-11-23", "window_invalid"],
  ])("refuses %s", async (_what, from, to, refusal) => {
    expect(await ask(await openWorld("refused"), from, to)).toEqual({ kind: "refused", refusal });
  });

  it("says when the provider shows no books, and when nothing is connected", async () => {
    const world = await openWorld("closed now");
    world.books.silentFrom = 0;
    expect(await ask(world, day, day)).toEqual({ kind: "refused", refusal: "books_closed" });
    const stranger = await reconcileNow({ body: { merchant_id: "nobody", from: day, to: day }, principal: operator, key: "k" }, world.shop.ports);
    expect(stranger).toEqual({ kind: "refused", refusal: "nothing_connected" });
  });
});

describe("the oracle (R6)", () => {
  const same = { kind: "same" } as const;
  const dropping = (kind: DifferenceKind) => ({
    compareSession: (...args: Parameters<typeof compare.compareSession>) => {
      const verdict = compare.compareSession(...args);
      return verdict.kind !== "same" && verdict.difference.kind === kind ? same : verdict;
    },
  });
  const mutants: readonly (readonly [string, Partial<typeof compare>])[] = [
    ["that never misses an order's money", dropping("paid_not_delivered")],
    ["that takes a second payment for the first", dropping("captured_twice")],
    ["that compares amounts without currencies", dropping("amount_differs")],
    [
      "that waits for ever",
      { compareSession: (session, ours, at) => compare.compareSession(session, ours, { ...at, quiet: window.from as Instant }) },
    ],
    ["that ignores refunds made by hand", { compareRefund: (listed, refund, at) => (refund ? compare.compareRefund(listed, refund, at) : same) }],
    ["that believes our refunds", { refundMissing: () => same }],
    ["that believes our captures", { captureMissing: () => same }],
    ["that believes our disputes", { disputeAbsent: () => same }],
    ["that hears of no dispute", { compareDispute: () => same }],
    [
      "that takes another end for the same",
      { compareDispute: (listed, ours, at) => compare.compareDispute({ ...listed, status: ours.order?.dispute?.status ?? listed.status }, ours, at) },
    ],
    [
      "that takes every dispute for the only one",
      { compareDispute: (listed, ours, at) => compare.compareDispute({ ...listed, dispute_id: ours.order?.dispute?.id ?? "-" }, ours, at) },
    ],
    [
      "that reads our own order for the provider's",
      { compareSession: (session, ours, at) => compare.compareSession({ ...session, state: "pending" } as never, ours, at) },
    ],
  ];

  const judged = async (mutation: Partial<typeof compare>): Promise<{ readonly right: boolean }> => {
    const world = await openWorld("mutants");
    const planted = await plantedDay(world, 200, 2 * differenceKinds.length);
    await jest.isolateModulesAsync(async () => {
      jest.unstable_mockModule("../../functions/reports/compare.ts", () => ({ ...compare, ...mutation }));
      const { reconcile } = await import("../../functions/reports/reconcile.ts");
      await run(world, reconcile);
    });
    return { right: JSON.stringify(namesOf(world)) === JSON.stringify(planted.map(nameOf).sort()) };
  };

  it("finds the comparer itself right", async () => {
    expect(await judged({})).toEqual({ right: true });
  });

  it.each(mutants)("sees through a comparer %s", async (_name, mutation) => {
    expect(await judged(mutation)).toEqual({ right: false });
  });
});
