// After a kill: how long until everything that had happened has its answer, and whether the books are right then.
import { setTimeout as pause } from "node:timers/promises";
import { outsideWorld, type StripeTruth } from "./outside-world.ts";
import type { Item } from "./raw-table.ts";
import { type Counted, deadOrders, recount } from "./recount.ts";

/** What is asked of a shop that settles. */
export interface SettlingShop {
  items(): Promise<readonly Item[]>;
  makeDue(orderId: string): Promise<void>;
  makeNewsDue(): Promise<void>;
}
export interface Settled {
  readonly counted: Counted;
  readonly items: readonly Item[];
  readonly truth: StripeTruth;
  /** From the shop's death, or else from the first look, until nothing was open any more. */
  readonly seconds: number;
}
export interface Settling {
  /** Units that were ever brought in. */
  readonly imported: number;
  /** When the shop died, by `performance.now()`: to come back counts as well. */
  readonly since?: number | undefined;
  /** Nobody helps: the product's own schedule looks at what is owed when its time has come. */
  readonly alone?: boolean;
}

/** Longest time in which everything must have its answer, in seconds: where what is owed is made due at once, and where nobody helps (I6). */
export const settleSecondsMax = 60;
export const aloneSecondsMax = 15 * 60;

/**
 * Waits until nothing is open and the books are right, at most `settleSecondsMax`; then they are as they are. The sweep's first look at an order is
 * two minutes after it was placed, and news is heard again as late: what is owed or unheard is made due at once instead, and the sweep is run,
 * unless the shop is to settle alone. What the provider could not deliver to a dead shop is sent again at once: its gaps grow with every death,
 * and are no part of what the shop can settle.
 * @param simulators origin of the simulated providers
 */
export async function settle(
  shop: SettlingShop,
  simulators: string,
  { imported, since = performance.now(), alone = false }: Settling,
): Promise<Settled> {
  const seconds = (): number => (performance.now() - since) / 1000;
  const secondsMax = alone ? aloneSecondsMax : settleSecondsMax;
  const world = outsideWorld(simulators);
  await world.redeliver();
  for (;;) {
    await quiet(world, () => seconds() < secondsMax);
    const [items, truth] = [await shop.items(), await world.truth()];
    const counted = recount(items, truth, { imported, settled: true });
    const open = stillOpen(items, truth);
    const done = counted.violations.length + open.length === 0;
    if (done || seconds() >= secondsMax) {
      const violations = [...counted.violations, ...open.map((id) => `I6: order ${id} is not settled after ${secondsMax} s`)];
      return { counted: { ...counted, violations }, items, truth, seconds: seconds() };
    }
    if (alone) {
      await pause(1_000);
      continue;
    }
    for (const id of open) await shop.makeDue(id);
    // News of a refund or a dispute whose run failed is heard again two minutes later.
    await shop.makeNewsDue();
    await sweep(world);
    await pause(100);
  }
}

async function quiet({ state }: ReturnType<typeof outsideWorld>, patient: () => boolean): Promise<void> {
  const isQuiet = async (): Promise<boolean> => {
    const { stripe, host } = await state();
    const running = (host.executions as readonly { readonly status: string }[]).some(({ status }) => status === "RUNNING");
    const inTheAir = stripe.deliveries.some((delivery) => delivery.state === "waiting");
    return !running && !inTheAir && host.functions.every(({ busy, waiting }) => busy + waiting === 0);
  };
  // After many deaths the answer is long: asked often, the host would settle later.
  while (!(await isQuiet()) && patient()) await pause(200);
}

async function sweep({ state, runSchedule }: ReturnType<typeof outsideWorld>): Promise<void> {
  const id = (await state()).host.schedules.find((one) => /sweep/i.test(one));
  if (id !== undefined) await runSchedule(id);
}

interface Owing {
  readonly id: string;
  readonly status: string;
  readonly refunds_open?: number;
  readonly dispute?: { readonly status: string };
}

/** Orders whose money came and was not answered, that nobody can pay any more, or whose refund has not ended. One that its bank disputes waits for the bank. */
export function stillOpen(
  items: readonly Item[],
  { sessions, payment_intents, refunds }: Pick<StripeTruth, "sessions" | "payment_intents" | "refunds">,
): readonly string[] {
  const dead = deadOrders(sessions);
  const taken = new Set(payment_intents.filter(({ status }) => status === "succeeded").map(({ metadata }) => metadata.order_id));
  const underWay = new Set(refunds.filter(({ status }) => status === "pending").map(({ metadata }) => metadata.order_id));
  const orders = items.filter(({ pk }) => pk.startsWith("ORDER#")) as unknown as readonly Owing[];
  return orders
    .filter(({ id, status, refunds_open = 0, dispute }) => {
      const unanswered = taken.has(id) && ["awaiting_payment", "expired"].includes(status);
      const over = dead.has(id) && status === "awaiting_payment";
      return unanswered || over || underWay.has(id) || (refunds_open > 0 && dispute?.status !== "open");
    })
    .map(({ id }) => id);
}
