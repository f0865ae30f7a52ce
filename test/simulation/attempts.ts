// How often the shop asks when much of what it asks fails: what is repeated inside something that is repeated asks many times as often.
import { compactOf, tellCourse } from "./compact.ts";
import { diceOf } from "./dice.ts";
import type { Fault, Policy } from "./faults.ts";
import type { Planting } from "./world-model.ts";

/** Answers that are errors, and answers that do not come. */
const errors: readonly Fault[] = ["refuse", "break", "lose_request", "lose_response", "fail_inside", "fail_done"];
/** Neither fails nor counts: the schedule's own looks come every minute, and Stripe tells us by a schedule of its own. */
const notAsked = /^due shard|^brings /;

export interface Attempts {
  /** Calls of table, provider, keys, queue and workflow that could fail, to the quiet at the end: what was put off is in it. */
  readonly calls: number;
  /** Of those while errors lasted. */
  readonly failed: number;
  /** Whether the story came to its point. */
  readonly reached: boolean;
}

/**
 * What the shop asks from the moment on when a buyer has a page to pay on; before that nothing fails.
 * @param share of all calls that fail, each by its own throw of the dice, until ten minutes after everybody has gone home
 * @throws when the story breaks an invariant
 */
export const attemptsOf = async (compact: string, schedule: number, share: number, planting: Planting = {}): Promise<Attempts> => {
  const dice = diceOf(`errors ${compact} ${schedule}`);
  const asked = new Set<string>();
  let pageAt: number | undefined;
  const decides: Policy = ({ place, label, faults }) => {
    const possible = faults.filter((fault) => errors.includes(fault));
    if (possible.length === 0 || notAsked.test(label)) return undefined;
    asked.add(label);
    if (pageAt === undefined) {
      if (label.includes("session_exists")) pageAt = place;
      return undefined;
    }
    return dice.chance(share) ? possible[dice.below(possible.length)] : undefined;
  };
  const { violations, turns, injected } = await tellCourse({ compact, schedule, plan: [] }, { decides, planting });
  if (violations.length > 0) throw new Error(`${compact}, schedule ${schedule}: ${JSON.stringify(violations[0])}`);
  const from = pageAt ?? Number.POSITIVE_INFINITY;
  return {
    calls: turns.filter(({ place, label }) => place > from && asked.has(label)).length,
    failed: injected.length,
    reached: turns.some(({ label }) => compactOf(compact).goal.test(label)),
  };
};
