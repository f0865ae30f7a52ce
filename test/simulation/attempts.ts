// How often the shop asks when much of what it asks fails: a verb that is repeated inside a verb that is repeated asks many times as often.
import { tellCourse } from "./compact.ts";
import { diceOf } from "./dice.ts";
import type { Fault, Policy } from "./faults.ts";
import type { Planting } from "./world-model.ts";

/** Answers that are errors, and answers that do not come. */
const errors: readonly Fault[] = ["refuse", "break", "lose_request", "lose_response", "fail_inside", "fail_done"];
/** The schedule looks every minute, whatever fails. */
const bySchedule = /due shard|sweep/;

export interface Attempts {
  /** Calls of table, providers, keys, queue and workflow while errors last. */
  readonly calls: number;
  readonly failed: number;
}

/**
 * What the shop asks for a buyer who has a page to pay on: one who cannot even order goes home, and asks nothing.
 * @param share of all calls after the page that fail, each by its own throw of the dice
 * @throws when the story breaks an invariant
 */
export const attemptsOf = async (compact: string, schedule: number, share: number, planting: Planting = {}): Promise<Attempts> => {
  const dice = diceOf(`errors ${compact} ${schedule}`);
  let [calls, failed] = [0, 0];
  let paying = false;
  const decides: Policy = ({ label, faults }) => {
    const possible = faults.filter((fault) => errors.includes(fault));
    if (possible.length === 0 || bySchedule.test(label)) return undefined;
    calls += 1;
    paying ||= label === "hears from Stripe";
    if (!paying || !dice.chance(share)) return undefined;
    failed += 1;
    return possible[dice.below(possible.length)];
  };
  const { violations } = await tellCourse({ compact, schedule, plan: [] }, { decides, planting });
  if (violations.length > 0) throw new Error(`${compact}, schedule ${schedule}: ${JSON.stringify(violations[0])}`);
  return { calls, failed };
};
