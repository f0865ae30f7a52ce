// Where chance is not needed: every single fault at every step of a story, and every order in which a few buyers can take their steps.
import type { Violation } from "./checker/checker.ts";
import type { Fault, Injected, Occasion } from "./faults.ts";
import type { Flow } from "./flows/flow.ts";
import { askForOrder } from "./flows/sale.ts";
import { type Profile, profileOf } from "./profiles.ts";
import { Reach } from "./reach.ts";
import { runStory } from "./story.ts";

export interface Sweep {
  readonly steps: number;
  readonly runs: number;
  readonly reach: Reach;
  readonly failures: readonly { readonly plan: readonly Injected[]; readonly violations: readonly Violation[] }[];
}

/** What is tried at each step; a step that cannot fail so is passed over. */
const tried: readonly Fault[] = [
  "crash_before",
  "crash_after",
  "lose_request",
  "lose_response",
  "refuse",
  "conflict",
  "break",
  "abandon",
  "drop",
  "duplicate",
  "stale",
  "send_twice",
  "late",
  "new_id",
];

/** One story again and again, each time with one fault at one step. @param every only each so-many-th combination, from `from` */
export const everySingleFault = async (seed: string, profile: Profile, every = 1, from = 0): Promise<Sweep> => {
  const possible: Injected[] = [];
  const watch = ({ place, faults }: Occasion): void => {
    for (const fault of tried) if (faults.includes(fault)) possible.push({ place, fault });
  };
  const first = await runStory({ seed, profile, plan: [], watch });
  const reach = new Reach();
  const failures: Sweep["failures"][number][] = first.violations.length > 0 ? [{ plan: [], violations: first.violations }] : [];
  let runs = 1;
  for (let at = from; at < possible.length; at += every) {
    const plan = [possible[at] as Injected];
    const story = await runStory({ seed, profile, plan });
    runs += 1;
    reach.add(story.reach);
    if (story.violations.length > 0) failures.push({ plan, violations: story.violations });
  }
  return { steps: first.turns.length, runs, reach, failures };
};

export interface Enumeration {
  readonly orders: number;
  readonly reach: Reach;
  readonly failures: readonly { readonly choices: readonly number[]; readonly violations: readonly Violation[] }[];
}

/** Buyers who do nothing but ask for an order at the same moment; equal keys are two taps of one buyer. */
const rush = (units: number, wants: readonly { readonly key: string; readonly quantity: number }[]): Flow => ({
  name: "rush",
  about: "several requests at once",
  percent: 100,
  stock: () => [{ item: "CW-60", price: 6000, units }],
  begin(world, history) {
    let inside = wants.length;
    for (const [at, { key, quantity }] of wants.entries()) {
      world.scheduler.spawn(`buyer ${at + 1}`, async () => {
        await askForOrder(world, history, {
          principal: key,
          key: `key-of-${key}`,
          body: String(quantity),
          item: "CW-60",
          quantity,
          phone: `+1604555${1000 + at}`,
        });
        inside -= 1;
      });
    }
    return () => inside === 0;
  },
});

/** The steps whose order matters between buyers: reading the pool, and the hold. */
export const stockSteps = /POOL|order_placed/;
/** For two taps under one key also the reading of its operation. */
export const keySteps = /POOL|OP\b|order_placed/;

/**
 * Every interleaving of the steps that match; all others take no turn.
 * @param ordersMax a bound against surprises: more orders than that is an error
 */
export const everyInterleaving = async (units: number, wants: Parameters<typeof rush>[1], steps: RegExp, ordersMax: number): Promise<Enumeration> => {
  const flow = rush(units, wants);
  const profile: Profile = { ...profileOf("calm"), webhooks: false, sweep: false, outbox: false, settlesMoney: false, triesText: false };
  const reach = new Reach();
  const failures: Enumeration["failures"][number][] = [];
  let orders = 0;
  let path: { readonly choice: number; readonly count: number }[] = [];
  for (;;) {
    const taken: { choice: number; count: number }[] = [];
    const choose = (count: number): number => {
      const choice = path[taken.length]?.choice ?? 0;
      taken.push({ choice, count });
      return choice;
    };
    const takesTurn = (label: string): boolean => steps.test(label);
    const story = await runStory({ seed: "every order", profile, plan: [], flows: [flow], choose, takesTurn });
    orders += 1;
    reach.add(story.reach);
    if (story.violations.length > 0) failures.push({ choices: taken.map(({ choice }) => choice), violations: story.violations });
    if (orders > ordersMax) throw new Error(`more than ${ordersMax} orders of steps`);
    // The next order: the last choice that had another, and the first of everything after it.
    const next = taken.findLastIndex(({ choice, count }) => choice + 1 < count);
    if (next < 0) return { orders, reach, failures };
    path = [...taken.slice(0, next), { choice: (taken[next]?.choice ?? 0) + 1, count: taken[next]?.count ?? 0 }];
  }
};
