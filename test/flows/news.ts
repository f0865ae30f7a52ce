// A day of a shop, told to it in different ways: five people, what each of them and their banks do, and what the records say of them in the end.
import { expect } from "@jest/globals";
import { buy, orderIdOf } from "./buyer.ts";
import { eventsAbout, tellAgain } from "./events.ts";
import { type Operate, operatorsOf, refundOrder } from "./operators.ts";
import { cards, type Delivery, sessionOf } from "./outside-world.ts";
import { eventually, openPlatform, type Platform } from "./platform.ts";
import { type Item, sorted } from "./raw-table.ts";
import { recount } from "./recount.ts";

/** Who comes, and how their order ends. */
const ends = {
  "anna buys": { status: "paid" },
  "ben has his money back, which takes a while": { status: "refunded" },
  "cleo lets the checkout expire": { status: "expired" },
  "dora's bank asks for the money and gives it back": { status: "paid", dispute: "won" },
  "emil's bank asks for the money and keeps it": { status: "paid", dispute: "lost" },
} as const;
export type Person = keyof typeof ends;
export const everybody = Object.keys(ends) as readonly Person[];

interface Telling {
  /** Of the provider's deliveries, while the day lasts. */
  readonly faults: object;
  /** What happens instead of news that did not come. Called after the sales, and when the day is over. */
  readonly catchUp?: (orderIds: ReadonlySet<string>) => Promise<void>;
}

/** Resolves when everybody's order has ended as it must. Rejects when it does not. */
async function aDay(platform: Platform, operate: Operate, { faults, catchUp }: Telling): Promise<ReadonlyMap<Person, string>> {
  const { world, shop } = platform;
  await world.faults("stripe", { clear: true, ...faults });
  const bought = await Promise.all(everybody.map(async (person) => ({ person, placed: await buy(shop.url) })));
  const orders = new Map(bought.map(({ person, placed }) => [person, orderIdOf(placed.token)]));
  const ids = new Set(orders.values());
  for (const { person, placed } of bought) {
    const session = sessionOf(placed.checkout_url);
    if (ends[person].status === "expired") await world.expire(session);
    else await world.pay(session, { card: ends[person].status === "refunded" ? cards.refundPends : cards.plain });
  }
  const settle = async (): Promise<void> => {
    await platform.quiet();
    await catchUp?.(ids);
  };
  await settle();
  await eventually("the sales are done", async () => (await statesOf(platform, orders)).every(({ status }) => status !== "awaiting_payment"));

  await afterSale(platform, operate, orders);
  await settle();
  await eventually("the day is over", async () =>
    (await statesOf(platform, orders)).every(({ person, status, dispute }) => {
      const end: { readonly status: string; readonly dispute?: string } = ends[person];
      return status === end.status && dispute === end.dispute;
    }),
  );
  await world.faults("stripe", { clear: true });
  await platform.quiet();
  return orders;
}

/** A shop that has told one day as it came: every event once, in order and at once. */
export interface News {
  readonly platform: Platform;
  /** Everybody's records after that day. */
  readonly once: Records;
  /**
   * Everybody's records after another day.
   * @param told what must be true of the day's deliveries
   */
  recordsAfter(telling: Telling, told?: (deliveries: readonly Delivery[]) => void): Promise<Records>;
}
export type Records = ReadonlyMap<Person, readonly string[]>;

/** More than a day tells. */
export const all = 10_000;

export async function openNews(): Promise<News> {
  const platform = await openPlatform();
  const operate = operatorsOf(platform.shop.invoke);
  const recordsAfter: News["recordsAfter"] = async (telling, told = () => {}) => {
    const before = new Set((await platform.world.state()).stripe.deliveries.map(({ id }) => id));
    const orders = await aDay(platform, operate, telling);
    const { stripe } = await platform.world.state();
    told(stripe.deliveries.filter(({ id }) => !before.has(id)));
    const items = await platform.table.all();
    return new Map([...orders].map(([person, id]) => [person, recordsOf(items, id)]));
  };
  try {
    return { platform, once: await recordsAfter({ faults: {} }), recordsAfter };
  } catch (error) {
    await platform.stop();
    throw error;
  }
}

/** True of a day's deliveries when the shop was told nothing. */
export function nothingCame(deliveries: readonly Delivery[]): void {
  expect(deliveries.length).toBeGreaterThan(everybody.length);
  expect(new Set(deliveries.map(({ state }) => state))).toEqual(new Set(["forgotten"]));
}

/** Tells every event of all days so far again, in disorder and twice: not one attribute may change but the inbox. */
export async function tellAllAgain(platform: Platform): Promise<void> {
  const [kept, unread] = [["INBOX", "JOURNAL"], ["due_at"]];
  const orders = await platform.table.of<{ id: string }>("ORDER");
  const events = await eventsAbout(platform, new Set(orders.map(({ id }) => id)));
  expect(new Set(events.map(({ type }) => type))).toEqual(
    new Set([
      "checkout.session.completed",
      "checkout.session.expired",
      "refund.updated",
      "charge.refund.updated",
      "charge.dispute.created",
      "charge.dispute.funds_withdrawn",
      "charge.dispute.closed",
      "charge.dispute.funds_reinstated",
    ]),
  );
  const digest = await platform.table.digest(kept, unread);
  await tellAgain(platform, events, "all of it once more");
  await platform.quiet();
  expect(await platform.table.digest(kept, unread)).toBe(digest);
}

/** Of two disputes a day one is won and one lost, and one order of five is paid back. */
export async function booksAreRight({ table, world, shop }: Platform): Promise<void> {
  const counted = recount(await table.all(), await world.truth(), { imported: 300, settled: true });
  expect(counted.violations).toEqual([]);
  expect(counted.paid + counted.refunded).toBe(counted.disputed * 2);
  expect(counted.refunded).toBe(counted.disputed / 2);
  expect(everybody).toHaveLength(5);
  expect(shop.gateway.denied).toEqual([]);
}

/** What comes days later: a refund under way, and two banks that make up their minds before anybody has read what they said first. */
async function afterSale({ world }: Platform, operate: Operate, orders: ReadonlyMap<Person, string>): Promise<void> {
  const { payment_intents } = await world.truth();
  for (const [person, order_id] of orders) {
    const end: { readonly status: string; readonly dispute?: "won" | "lost" } = ends[person];
    if (end.dispute !== undefined) {
      const intent = payment_intents.find(({ metadata }) => metadata.order_id === order_id);
      await world.decide((await world.dispute(intent?.id ?? "none")).id, end.dispute);
    }
    if (end.status === "refunded") {
      const asked = await refundOrder(operate, order_id);
      if (!asked.ok) throw new Error(`no refund of ${order_id}: ${asked.code ?? asked.errorType}`);
      const made = async () => (await world.truth()).refunds.find(({ metadata }) => metadata.order_id === order_id);
      await eventually("the provider has the refund", async () => (await made()) !== undefined);
      await world.endRefund((await made())?.id ?? "none", "succeeds");
    }
  }
}

interface State {
  readonly id: string;
  readonly status: string;
  readonly dispute?: { readonly status: string };
}
const statesOf = async ({ table }: Platform, orders: ReadonlyMap<Person, string>) => {
  const stored = new Map((await table.of<State>("ORDER")).map((order) => [order.id, order]));
  return [...orders].map(([person, id]) => ({ person, status: stored.get(id)?.status, dispute: stored.get(id)?.dispute?.status }));
};

/**
 * Everything that is stored of an order but what differs between two orders of the same kind: names, numbers and times. Left out besides:
 * the inbox and the next look, the journal (it follows its operations), and whether a dispute was heard of before it had ended.
 */
function recordsOf(items: readonly Item[], orderId: string): readonly string[] {
  const its = items.filter((item) => (item.id === orderId || item.order_id === orderId || item.subject === orderId) && spokenOf.test(item.pk));
  return its.flatMap((item) => (item.kind === "dispute_opened" ? [] : [nameless(item)])).sort();
}

const spokenOf = /^(ORDER|PAYMENT|REFUND|UNIT|MESSAGE|OP)#/;
const unread = ["pk", "sk", "due_at", "due_shard", "after_sale", "metadata", "phone_ending", "claim"];

const nameless = (item: Item): string =>
  `${item.pk.split("#")[0]} ${JSON.stringify(Object.fromEntries(Object.entries(item).filter(([name]) => !unread.includes(name))), sorted)}`
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "<time>")
    .replace(/\b(cs_test|pi|re|du)_\w+/g, "<$1>")
    .replace(/\bSM[0-9a-f]{32}\b/g, "<sid>")
    .replace(/\b[0-9a-z]{16,}\b/g, "<id>")
    .replace(/LW\d+-\d{4}/g, "<serial>");
