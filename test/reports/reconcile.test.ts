import { describe, expect, it } from "@jest/globals";
import type { Providers } from "../../functions/payments/provider.ts";
import { type DifferenceKind, differenceKinds } from "../../functions/reports/difference.ts";
import type { Finding, Reconciliation } from "../../functions/reports/finding-table.ts";
import { enter } from "../../functions/reports/journal.ts";
import { enterOperation, listFindings, reconcileNow } from "../../functions/reports/operate.ts";
import * as product from "../../functions/reports/reconcile.ts";
import { businessDate, instant, plusSeconds } from "../../platform/clock/clock.ts";
import { dayStart } from "../../platform/clock/day.ts";
import { closedBooks } from "../support/books.ts";
import { operator } from "../support/shop.ts";
import { isOlder, nameOf, namesOf, plant, plantedDay, run } from "./planted-day.ts";
import { day, openWorld, type World, window, zone } from "./world.ts";

/** Orders of the day that differences are planted in: 10,000 when wide. */
const orders = Number(process.env.ORDERS_COMPARED ?? 2_000);
/** Of each fifty of them one is of each special kind. */
const fiftieth = orders / 50;

describe("reconciliation (R30, I14)", () => {
  it(`finds 200 planted differences of every kind among ${orders} orders, and nothing else, again and again`, async () => {
    const world = await openWorld("thousands");
    const planted = await plantedDay(world, orders, 200);
    expect(planted.length).toBe(200);

    const result = await run(world);
    expect(namesOf(world)).toEqual(planted.map(nameOf).sort());
    const count = (kind: DifferenceKind) => planted.filter((each) => each.kind === kind).length;
    expect(result.found).toEqual(Object.fromEntries(differenceKinds.map((kind) => [kind, count(kind)])));
    expect(Math.min(...differenceKinds.map(count))).toBeGreaterThanOrEqual(15);
    // Other business, and what came through the other connection: three payments and a refund each time.
    expect(result.foreign).toBe(fiftieth * (1 + 4));

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
    // A cent less in every second refund that differs, but for those of another day.
    const centsShort = [...Array(count("refund_differs")).keys()].filter((variant) => variant % 2 === 1 && !isOlder(variant)).length;
    const theirsAlone = count("paid_not_delivered") + count("paid_unknown") + count("captured_twice");
    expect((cad?.theirs.captured ?? 0) - (cad?.ours.captured ?? 0)).toBe(
      (theirsAlone - count("capture_missing") - odd("amount_differs")) * 6000 + count("amount_differs") - odd("amount_differs"),
    );
    expect(usd?.theirs.captured).toBe(odd("amount_differs") * 6000);
    expect((cad?.theirs.refunded ?? 0) - (cad?.ours.refunded ?? 0)).toBe((count("refund_unknown") - count("refund_missing")) * 6000 - centsShort);
    expect(result.disputes).toBeGreaterThan(fiftieth);

    // The same time again: the same findings, and not a single write.
    const before = world.shop.digest();
    const writes = world.shop.table.consumed.writes;
    const again = await run(world);
    expect(again).toEqual(result);
    expect(world.shop.table.consumed.writes).toBe(writes);
    expect(world.shop.digest()).toBe(before);

    // The other connection to the same account: what both see is the same finding, and nothing else is one.
    const [another = ""] = world.shop.of<{ id: string }>("CONNECTION").flatMap(({ id }) => (id === world.connection_id ? [] : [id]));
    const elsewhere = await run(world, product.reconcile, window, another);
    expect(namesOf(world)).toEqual(planted.map(nameOf).sort());
    expect(elsewhere.sums.map(({ theirs, ours }) => [theirs.refunded, ours.refunded])).toEqual([[fiftieth * 6000, fiftieth * 6000]]);
  }, 90_000);

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

  it("leaves what came through another connection to the same account to that one, and only to one of the same account", async () => {
    const world = await openWorld("neighbours");
    const at = plusSeconds(window.from, 60);
    const another = await world.connectAgain();
    await world.sale("theirs", at, { connection_id: another });
    // A second payment of it, a refund made by hand, a dispute that nobody heard of.
    world.books.add(world.settled("theirs", at, { session_id: "cs_again", intent_id: "pi_again" }));
    const { refund_id: _ours, ...byHand } = world.backThere("theirs", at);
    world.books.addRefund(byHand);
    world.books.addDispute(world.quarrel("theirs", at));
    // No such connection: nobody else would look.
    await world.sale("nobody", at, { connection_id: "none" });
    await run(world);
    expect(namesOf(world)).toEqual(["captured_twice cs_nobody"]);
    await run(world, product.reconcile, window, another);
    expect(namesOf(world)).toEqual(["captured_twice cs_again", "captured_twice cs_nobody", "dispute_missing dp_theirs", "refund_unknown re_theirs"]);
    expect(world.shop.of("FINDING").length).toBe(4);
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

describe("what is kept of a comparison", () => {
  const lost = (world: World, id: string) => world.settled(id, plusSeconds(window.from, 60));

  it("a result that comes back after another is kept, and recorded, as often as it comes back (I32)", async () => {
    const world = await openWorld("to and fro");
    for (const found of [0, 1, 0, 1, 0]) {
      if (found === 1) world.books.add(lost(world, "nobody"));
      else world.books.sessions.clear();
      world.shop.pass(3600);
      const result = await run(world);
      const [kept] = world.shop.of<Reconciliation>("RECONCILIATION");
      expect([result.found.paid_unknown ?? 0, kept]).toEqual([found, result]);
    }
    expect(world.shop.of<{ kind: string }>("OP").filter(({ kind }) => kind === "window_reconciled").length).toBe(5);
  });

  it("a finding says what either side says now, and keeps when it was found", async () => {
    const world = await openWorld("new words");
    const at = plusSeconds(window.from, 60);
    const ours = { id: "dp_a", status: "won" as const, amount: 6000 };
    await world.disputed("a", at, ours, { status: "open" });
    await run(world);
    const [before] = world.shop.of<Finding>("FINDING");
    world.books.addDispute(world.quarrel("a", at, { status: "lost" }));
    world.shop.pass(3600);
    await run(world);
    const [after] = world.shop.of<Finding>("FINDING");
    expect([before?.theirs.status, after?.theirs.status, after?.state]).toEqual(["open", "lost", "open"]);
    expect([after?.id, after?.found_at, after?.seen_at]).toEqual([before?.id, before?.found_at, instant(world.shop.now())]);
  });

  it("a comparison closes nothing that another has seen since it began", async () => {
    const world = await openWorld("race");
    const { shop, books } = world;
    let inside = false;
    const { listDisputes } = books;
    // While the first one reads its last pages money comes to light, and another comparison notes it.
    books.listDisputes = async (...asked) => {
      if (!inside) {
        inside = true;
        shop.pass(60);
        books.add(lost(world, "nobody"));
        await run(world);
      }
      return listDisputes(...asked);
    };
    await run(world);
    expect(namesOf(world)).toEqual(["paid_unknown cs_nobody"]);
  });

  it("findings of a day are shown a hundred at a time, each once", async () => {
    const world = await openWorld("many");
    for (let n = 0; n < 230; n++) world.books.add(lost(world, `n${n}`));
    await run(world);
    const shown: string[] = [];
    for (let after: string | undefined, pages = 1; ; pages++) {
      const body = { merchant_id: "lees", date: day, ...(after && { after }) };
      const answer = await listFindings({ body, principal: operator, key: "k" }, world.shop.ports);
      if (answer.kind !== "ok") throw new Error("refused");
      shown.push(...answer.result.findings.map(({ object_id }) => object_id));
      after = answer.result.next;
      if (after !== undefined) continue;
      expect(pages).toBe(3);
      break;
    }
    expect(shown.sort()).toEqual([...world.books.sessions.keys()].sort());
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

  it("compares through every connection, also when the first stays closed", async () => {
    const world = await openWorld("one is closed");
    const another = await world.connectAgain();
    const connected = world.shop.of<{ id: string; kind: string }>("OP").filter(({ kind }) => kind === "provider_connected");
    for (const { id } of connected) await enter(id, world.shop.ports);
    const [first] = [world.connection_id, another].sort();
    const providers: Providers = (connection, secrets) => {
      const isFirst = secrets.api_key === (first === another ? "rk_test_87654321" : "rk_test_12345678");
      return isFirst ? Object.assign(Object.create(world.shop.provider), closedBooks) : world.shop.ports.providers(connection, secrets);
    };
    const body = { merchant_id: "lees", from: day, to: day };
    const answer = await reconcileNow({ body, principal: operator, key: "k" }, { ...world.shop.ports, providers });
    expect(answer).toEqual({ kind: "refused", refusal: "books_closed" });
    expect(world.shop.of<{ connection_id: string }>("RECONCILIATION").map(({ connection_id }) => connection_id)).toEqual([
      first === another ? world.connection_id : another,
    ]);
  });

  it("says when the provider shows no books, and when nothing is connected", async () => {
    const world = await openWorld("closed now");
    world.books.silentFrom = 0;
    expect(await ask(world, day, day)).toEqual({ kind: "refused", refusal: "books_closed" });
    const stranger = await reconcileNow({ body: { merchant_id: "nobody", from: day, to: day }, principal: operator, key: "k" }, world.shop.ports);
    expect(stranger).toEqual({ kind: "refused", refusal: "nothing_connected" });
  });
});

describe("enterOperation", () => {
  it("enters what the journal lacks, once, and refuses what never happened (I35)", async () => {
    const { shop } = await openWorld("entered");
    const { ref } = await shop.buy(1);
    shop.provider.pay(ref.order_id);
    await shop.fulfil(ref);
    const ask = (operation_id: string) => enterOperation({ body: { operation_id }, principal: operator, key: "k" }, shop.ports);
    const paid = shop.of<{ id: string; kind: string }>("OP").find(({ kind }) => kind === "order_paid")?.id ?? "";
    expect(shop.of("JOURNAL")).toEqual([]);
    for (const _time of [1, 2]) expect(await ask(paid)).toEqual({ kind: "ok", result: { operation_id: paid } });
    expect(shop.of<{ id: string }>("JOURNAL").map(({ id }) => id)).toEqual([paid]);
    expect(await ask("nothing")).toEqual({ kind: "refused", refusal: "operation_unknown" });
  });
});
