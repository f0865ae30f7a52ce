// Holds that end: buyers who never pay, who pay in the last second, while the hold ends, or when it is over; and others who want the units.
// A provider may take money for a page that it has called dead: its own truth decides, and late money is then really there.

import { sessionKind } from "../../../local/simulators/stripe/records.ts";
import { saveSession } from "../../../local/simulators/stripe/sessions.ts";
import type { Dice } from "../dice.ts";
import type { History } from "../history.ts";
import type { Stock } from "../shop.ts";
import { sawPayment } from "../sightings.ts";
import type { World } from "../world-model.ts";
import type { Flow } from "./flow.ts";
import { askForOrder, openCheckout } from "./sale.ts";

export interface Holder {
  readonly name: string;
  readonly phone: string;
  readonly quantity: number;
  /** `revived`: on a page that the provider called dead before. */
  readonly pays: "never" | "last_second" | "while_it_ends" | "afterwards" | "revived";
  /** Milliseconds from the moment that `pays` names. */
  readonly offMs: number;
  /** Goes to the order's page again shortly before the end, or after it. */
  readonly reopens: boolean;
  readonly reopensMs: number;
}
interface Waiter {
  readonly name: string;
  readonly phone: string;
  readonly comesMs: number;
  readonly pays: boolean;
}
interface Cast {
  readonly units: number;
  readonly holders: readonly Holder[];
  readonly waiters: readonly Waiter[];
}

export const lapseItem = "CX-90";
const minuteMs = 60_000;
/** As the shop's words say: so long are units held. */
const holdMs = 33 * minuteMs;

const castOf = (dice: Dice): Cast => {
  const count = dice.pick([1, 1, 2]);
  const holders = Array.from({ length: count }, (_, at): Holder => {
    const pays = dice.pick<Holder["pays"]>(["never", "last_second", "while_it_ends", "while_it_ends", "afterwards", "revived", "revived", "revived"]);
    const offs: Readonly<Record<Holder["pays"], number>> = {
      never: 0,
      last_second: -dice.below(1_500),
      while_it_ends: dice.below(160),
      afterwards: dice.below(4 * minuteMs),
      revived: dice.pick([dice.below(60), dice.below(3 * minuteMs)]),
    };
    return {
      name: `holder ${at + 1}`,
      phone: `+1778555${1000 + at}`,
      quantity: dice.pick([1, 1, 2]),
      pays,
      offMs: offs[pays],
      reopens: dice.chance(0.4),
      reopensMs: dice.pick([-dice.below(minuteMs), dice.between(-200, 200)]),
    };
  });
  const waiters = Array.from({ length: dice.pick([0, 1, 2]) }, (_, at): Waiter => {
    return { name: `waiter ${at + 1}`, phone: `+1236555${1000 + at}`, comesMs: dice.below(3 * minuteMs), pays: dice.chance(0.6) };
  });
  const wanted = holders.reduce((sum, { quantity }) => sum + quantity, 0);
  return { units: wanted + dice.pick([0, 0, 0, 1]), holders, waiters };
};
const ofRun = (dice: Dice): Cast => castOf(dice.fork("lapse").fork("cast"));

const ask = (world: World, history: History, who: { readonly name: string; readonly phone: string }, quantity: number) =>
  askForOrder(world, history, { principal: who.name, key: `key-of-${who.name}`, body: "first", item: lapseItem, quantity, phone: who.phone });

const payOn = async (world: World, order_id: string, url: string): Promise<void> => {
  await world.scheduler.turn("presses Pay");
  const { kind } = world.stripe.pay(url.split("/").at(-1) ?? "", { card: "4242424242424242" });
  world.scheduler.note(`pays: ${kind}`);
  sawPayment(world, order_id, kind);
  world.courier.look();
};

const statusOf = (world: World, order_id: string): unknown =>
  [...world.twin.snapshot.records("ORDER")].find(({ item }) => item.id === order_id)?.item.status;

/** The provider takes back that a page was dead, and money on it: what it said and what is true were not the same. */
export const revive = (world: World, url: string): boolean => {
  const { store, stripe, scheduler } = world;
  const record = store.get(sessionKind, url.split("/").at(-1) ?? "");
  if (record?.object.status !== "expired") return false;
  const expires_at = Math.floor(scheduler.now / 1000) + 3_600;
  const object = { ...record.object, status: "open" as const, url, payment_intent: null, expires_at };
  saveSession({ store } as Parameters<typeof saveSession>[0], { ...record, object });
  world.reach.saw("provider took money on a page that it had called dead");
  return stripe.session(object.id) !== undefined;
};

/** Waits until the order has ended, and then pays on its dead page. */
const payRevived = async (world: World, { offMs }: Holder, order_id: string, url: string): Promise<void> => {
  for (let look = 0; look < 12; look += 1) {
    const status = statusOf(world, order_id);
    if (status === "expired") {
      await world.scheduler.sleep(offMs, "looks at the old page");
      if (revive(world, url)) await payOn(world, order_id, url);
      return;
    }
    if (status !== "awaiting_payment") return;
    await world.scheduler.sleep(20_000, "leaves the page open");
  }
};

const hold = async (world: World, history: History, holder: Holder): Promise<void> => {
  const { scheduler } = world;
  await scheduler.sleep(world.dice.fork(holder.name).below(2_000), "comes to the shop");
  let placed: { readonly token: string; readonly order_id: string; url: string | undefined } | undefined;
  for (let attempt = 0; attempt < 4 && !placed?.url; attempt += 1) {
    const ended = await ask(world, history, holder, holder.quantity);
    if (ended.kind === "answered" && ended.value.kind === "placed") {
      const { token, checkout_url } = ended.value.placed;
      placed = { token, order_id: token.split(".")[1] ?? "", url: checkout_url ?? undefined };
    } else if (ended.kind === "answered" && ended.value.kind === "refused" && ended.value.refusal !== "in_progress") return;
    if (!placed?.url) await scheduler.sleep(3_000, "tries again");
  }
  if (!placed) return;
  const { order_id } = placed;
  if (!placed.url && world.profile.faultRate === 0)
    history.broken.push(`the buyer of order ${order_id} asked for a page again and again, and got none`);
  const order = [...world.twin.snapshot.records("ORDER")].find(({ item }) => item.id === order_id)?.item;
  const endsAt = Date.parse(String(order?.hold_until));
  const until = (at: number, label: string) => scheduler.sleep(Math.max(0, at - scheduler.now), label);

  if (holder.reopens) {
    await until(endsAt + holder.reopensMs, "comes back near the end");
    const url = await openCheckout(world, history, placed.token);
    world.reach.saw(url ? "checkout reopened near the end" : "checkout closed near the end");
    placed.url ??= url;
  }
  if (!placed.url || holder.pays === "never") return;
  await until(endsAt + Math.min(0, holder.offMs), "waits for the end");
  // What ends the hold is the schedule's next look.
  const from = holder.pays === "while_it_ends" ? Math.max(world.looksAt(), endsAt) : endsAt;
  if (holder.pays !== "revived") await until(from + holder.offMs, "types the card number slowly");
  if (holder.pays === "revived") await payRevived(world, holder, order_id, placed.url);
  else await payOn(world, order_id, placed.url);
};

const wait = async (world: World, history: History, waiter: Waiter): Promise<void> => {
  await world.scheduler.sleep(holdMs + waiter.comesMs, "waits for units to come back");
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const ended = await ask(world, history, waiter, 1);
    if (ended.kind === "answered" && ended.value.kind === "placed" && ended.value.placed.checkout_url) {
      const { token, checkout_url } = ended.value.placed;
      if (waiter.pays) await payOn(world, token.split(".")[1] ?? "", checkout_url);
      return;
    }
    await world.scheduler.sleep(25_000, "tries again");
  }
};

export const lapse: Flow = {
  name: "lapse",
  about: "holds that end unpaid, paid at the last moment, or paid when they are over; and others who wait for the units",
  percent: 40,
  stock: (dice): readonly Stock[] => [{ item: lapseItem, price: 9000, units: ofRun(dice).units }],

  begin(world, history) {
    // The same throws as for the shelf.
    const { holders, waiters } = ofRun(world.dice.fork("flow").fork("lapse"));
    let inside = holders.length + waiters.length;
    const enter = (name: string, work: () => Promise<void>): void =>
      world.scheduler.spawn(name, async () => {
        await work();
        inside -= 1;
      });
    for (const holder of holders) enter(holder.name, () => hold(world, history, holder));
    for (const waiter of waiters) enter(waiter.name, () => wait(world, history, waiter));
    return () => inside === 0;
  },
};
