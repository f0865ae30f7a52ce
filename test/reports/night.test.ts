import { describe, expect, it } from "@jest/globals";
import { locations } from "../../functions/merchants/index.ts";
import { enter } from "../../functions/reports/journal.ts";
import type { Night } from "../../functions/reports/journal-table.ts";
import { type NightPorts, reconcileNights } from "../../functions/reports/night.ts";
import { reconcileNow } from "../../functions/reports/operate.ts";
import { instant, plusSeconds } from "../../platform/clock/clock.ts";
import { dayStart } from "../../platform/clock/day.ts";
import type { Log } from "../../platform/log/log.ts";
import { change } from "../../platform/table/model.ts";
import { operator } from "../support/shop.ts";
import { namesOf } from "./planted-day.ts";
import { openWorld, zone } from "./world.ts";

const hour = 3600;

describe("the night", () => {
  /** A connection whose first night is to come: at half past nine, UTC. */
  const begun = async (seed: string) => {
    const world = await openWorld(seed);
    const { shop } = world;
    const connected = shop.of<{ id: string; kind: string }>("OP").find(({ kind }) => kind === "provider_connected");
    await enter(connected?.id ?? "", shop.ports);
    const wake = (over: Partial<NightPorts> = {}) => reconcileNights({ ...shop.ports, secondsLeft: () => 900, ...over });
    const night = () => shop.of<Night>("NIGHT")[0] as Night;
    return { world, shop, books: world.books, wake, night, connected: connected?.id ?? "" };
  };
  /** Paid, and the event of it lost; the night comes sixteen hours later. */
  const paidUnheard = async (at: Awaited<ReturnType<typeof begun>>) => {
    const { shop, books, world } = at;
    const { ref } = await shop.buy(1);
    shop.provider.pay(ref.order_id);
    const [session] = [...shop.provider.sessions.values()];
    if (!session) throw new Error("no session");
    const own = { session_id: session.id, amount: session.request.amount, intent_id: `pi_${session.id}`, order_id: ref.order_id };
    books.add(world.settled(ref.order_id, instant(shop.now()), { ...own, payment_id: ref.order_id }));
    shop.pass(16 * hour);
    return `paid_not_delivered ${session.id}`;
  };

  it("compares each day once it is over, in order, however many were missed, and none twice", async () => {
    const { shop, wake, connected } = await begun("nights");
    await enter(connected, shop.ports);
    expect(await wake()).toEqual({ days: 0 });
    shop.pass(3 * 86_400);
    expect(await wake()).toEqual({ days: 3 });
    expect(await wake()).toEqual({ days: 0 });
    const days = shop.of<{ date: string; from: string; to: string }>("RECONCILIATION");
    expect(days.map(({ date }) => date).sort()).toEqual(["2026-11-21", "2026-11-22", "2026-11-23"]);
    expect(days.map(({ from }) => from).sort()).toEqual(days.map(({ date }) => dayStart(date, zone)).sort());
  });

  it.each([
    ["west", "America/Toronto", "America/Vancouver"],
    ["east", "America/Vancouver", "America/Toronto"],
    ["east across the date line", "Pacific/Pago_Pago", "Pacific/Kiritimati"],
  ])("leaves out no hour, and compares none twice, when a merchant moves %s", async (_way, before, after) => {
    const { shop, wake } = await begun(`moves to ${after}`);
    const at = { merchant_id: "lees", location_id: "lees-main" };
    const moveTo = (zone: string) => shop.table.write(change(locations, at, { set: { zone } }));
    await moveTo(before);
    shop.pass(2 * 86_400);
    await wake();
    await moveTo(after);
    shop.pass(3 * 86_400);
    await wake();
    const times = shop.of<{ from: string; to: string }>("RECONCILIATION").sort((a, b) => (a.from < b.from ? -1 : 1));
    expect(times.length).toBeGreaterThan(2);
    expect(times.slice(1).map(({ from }) => from)).toEqual(times.slice(0, -1).map(({ to }) => to));
  });

  it("leaves a day due while the provider shows no books, and says so", async () => {
    const { shop, books, wake } = await begun("closed");
    shop.pass(86_400);
    books.silentFrom = 0;
    await expect(wake()).rejects.toThrow("1 connections were not reconciled");
    books.silentFrom = Number.POSITIVE_INFINITY;
    shop.pass(hour);
    expect(await wake()).toEqual({ days: 1 });
  });

  it("is done with a day only when it has seen that what it set the workflow on has ended (I6, I14)", async () => {
    const at = await begun("healed");
    const finding = await paidUnheard(at);
    expect(await at.wake()).toEqual({ days: 0 });
    expect([namesOf(at.world), at.night().next_date]).toEqual([[finding], "2026-11-21"]);
    for (const asked of at.shop.started) await at.shop.fulfil(asked);
    expect(await at.wake()).toEqual({ days: 0 });
    at.shop.pass(hour);
    expect(await at.wake()).toEqual({ days: 1 });
    expect([namesOf(at.world), namesOf(at.world, "gone"), at.night().looks]).toEqual([[], [finding], undefined]);
  });

  it("sets the workflow on it again where the start failed, or the run (I6)", async () => {
    const at = await begun("start failed");
    await paidUnheard(at);
    const refused = { start: () => Promise.reject(new Error("the start was refused")) };
    await at.wake({ fulfilOrder: refused });
    expect(at.shop.started).toEqual([]);
    for (const times of [1, 2]) {
      at.shop.pass(hour);
      await at.wake();
      expect(at.shop.started.length).toBe(times);
    }
  });

  it("looks a bounded number of times: then the difference is a person's, and the next day has its turn", async () => {
    const at = await begun("never heals");
    const finding = await paidUnheard(at);
    const days: number[] = [];
    for (let time = 1; time <= 4; time++) {
      days.push((await at.wake()).days);
      at.shop.pass(hour);
    }
    expect(days).toEqual([0, 0, 0, 1]);
    expect([namesOf(at.world), at.night().next_date, at.night().looks]).toEqual([[finding], "2026-11-22", undefined]);
  });

  it("comes back for what was too young to be judged (I14)", async () => {
    const at = await begun("young");
    const placed = instant(at.shop.now());
    at.shop.pass(16 * hour);
    // Begun on the day that is over, paid seconds ago.
    const paid_at = plusSeconds(instant(at.shop.now()), -5);
    await at.world.waiting("late", placed, "expired", at.world.settled("late", placed, { paid_at }));
    expect(await at.wake()).toEqual({ days: 0 });
    expect(namesOf(at.world)).toEqual([]);
    at.shop.pass(hour);
    await at.wake();
    expect(namesOf(at.world)).toEqual(["paid_not_delivered cs_late"]);
  });

  it("tells a person once of what nothing here can end, and of a healing that came to nothing; of what heals, nobody (I14)", async () => {
    const at = await begun("told");
    const said: unknown[] = [];
    const log: Log = (level, event, fields) => void (event === "books_differ" && said.push([level, fields]));
    const told = (count: number) => [["error", { merchant_id: "lees", connection_id: at.world.connection_id, date: "2026-11-21", count }]];
    const begin = instant(at.shop.now());
    at.books.add(at.world.settled("nobody", begin));
    at.books.add(at.world.settled("stranger", begin));
    const finding = await paidUnheard(at);
    await at.wake({ log });
    expect([said.splice(0), namesOf(at.world).length]).toEqual([told(2), 3]);
    at.shop.pass(hour);
    await at.wake({ log });
    expect(said).toEqual([]);
    at.shop.pass(hour);
    await at.wake({ log });
    expect(said.splice(0)).toEqual(told(1));
    at.shop.pass(hour);
    await at.wake({ log });
    expect([said, namesOf(at.world)]).toEqual([[], expect.arrayContaining([finding])]);
  });

  it("tells a person of what it sees first when it looks at a day for the last time (I6)", async () => {
    const at = await begun("seen last");
    const said: string[] = [];
    const log: Log = (_level, event) => void (event === "books_differ" && said.push(event));
    const placed = instant(at.shop.now());
    at.shop.pass(16 * hour);
    const paid = (paid_at = plusSeconds(instant(at.shop.now()), -5)) => at.world.settled("late", placed, { paid_at });
    await at.world.waiting("late", placed, "expired", paid());
    for (let look = 1; look <= 3; look++) {
      await at.wake({ log });
      at.shop.pass(hour);
      // Touched again each time, so that it is too young to be judged.
      if (look < 3) at.books.add(paid());
    }
    expect([said, namesOf(at.world)]).toEqual([[], []]);
    expect(await at.wake({ log })).toEqual({ days: 1 });
    expect([said, namesOf(at.world)]).toEqual([["books_differ"], ["paid_not_delivered cs_late"]]);
  });

  it("sets the workflow on what comes back before a person is told, as on what is new (I14)", async () => {
    const at = await begun("healed twice");
    const said: string[] = [];
    const log: Log = (_level, event) => void (event === "books_differ" && said.push(event));
    const body = { merchant_id: "lees", from: "2026-11-21", to: "2026-11-21" };
    await paidUnheard(at);
    const compare = () => reconcileNow({ body, principal: operator, key: "k" }, { ...at.shop.ports, log });
    await compare();
    const kept = new Map(at.books.sessions);
    at.books.sessions.clear();
    at.shop.pass(2 * hour);
    await compare();
    for (const [id, session] of kept) at.books.sessions.set(id, session);
    at.shop.pass(2 * hour);
    await compare();
    expect([said, namesOf(at.world).length]).toEqual([[], 1]);
  });

  it("tells of a difference again when it comes back after it was gone", async () => {
    const at = await begun("back");
    const said: string[] = [];
    const log: Log = (_level, event) => void said.push(event);
    const body = { merchant_id: "lees", from: "2026-11-21", to: "2026-11-21" };
    const compare = async () => {
      at.shop.pass(hour);
      await reconcileNow({ body, principal: operator, key: "k" }, { ...at.shop.ports, log });
      return said.splice(0);
    };
    const lost = at.world.settled("nobody", instant(at.shop.now()));
    at.books.add(lost);
    expect([await compare(), await compare()]).toEqual([["books_differ"], []]);
    at.books.sessions.clear();
    expect([await compare(), namesOf(at.world, "gone").length]).toEqual([[], 1]);
    at.books.add(lost);
    expect(await compare()).toEqual(["books_differ"]);
  });

  it("takes turns: what one run has no time for comes first in the next, also before a connection whose books stayed closed", async () => {
    const { world, shop, books, wake } = await begun("turns");
    const another = await world.connectAgain();
    for (const { id, kind } of shop.of<{ id: string; kind: string }>("OP")) if (kind === "provider_connected") await enter(id, shop.ports);
    shop.pass(16 * hour);
    const compared = () => shop.of<{ connection_id: string }>("RECONCILIATION").map(({ connection_id }) => connection_id);
    /** Time for one connection. */
    const one = () => {
      let asked = 0;
      return { secondsLeft: () => (asked++ < 2 ? 900 : 60) };
    };
    books.silentFrom = 0;
    await expect(wake(one())).rejects.toThrow("1 connections were not reconciled");
    const tried = shop.of<Night>("NIGHT").filter(({ due_at }) => due_at > instant(shop.now()));
    expect(tried.length).toBe(1);
    books.silentFrom = Number.POSITIVE_INFINITY;
    shop.pass(hour);
    expect(await wake(one())).toEqual({ days: 1 });
    const first = tried[0]?.connection_id ?? "";
    const second = first === another ? world.connection_id : another;
    expect(compared()).toEqual([second]);
    expect(await wake(one())).toEqual({ days: 1 });
    expect(compared().sort()).toEqual([first, second].sort());
  });

  it("moves a day on once, when two runs come at once", async () => {
    const at = await begun("two runs");
    at.shop.pass(16 * hour);
    const runs = await Promise.all([at.wake(), at.wake()]);
    expect([runs.map(({ days }) => days).sort(), at.night().next_date]).toEqual([[0, 1], "2026-11-22"]);
  });
});
