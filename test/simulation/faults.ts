// What can go wrong at a step, and who decides that it does: nobody, the dice, or a plan (one place, one fault).
import type { Dice } from "./dice.ts";

/** Every fault in the words a trace tells it with. */
export const faultWords = {
  crash_before: "the function dies before this",
  crash_after: "the function dies right after this",
  abandon: "the caller stops waiting; the function goes on, late",
  slow: "this takes long",
  lose_request: "the request is lost on its way",
  lose_response: "it is done, but the answer is lost",
  refuse: "refused for now",
  break: "the connection breaks",
  fail_inside: "the other side fails before its work, and repeats that to the same key",
  fail_done: "the other side does it, says that it failed, and repeats that to the same key",
  conflict: "another transaction holds one of the items",
  send_twice: "the client library sends it twice",
  stale: "an older state is read",
  drop: "accepted, and never carried out",
  duplicate: "carried out twice",
  new_id: "told again under another event id",
  late: "arrives late",
} as const;
export type Fault = keyof typeof faultWords;

/** What the policy is told of a step. */
export interface Occasion {
  /** The step's place in the run, from 0. */
  readonly place: number;
  readonly label: string;
  readonly faults: readonly Fault[];
}
export interface Injected {
  readonly place: number;
  readonly fault: Fault;
}
export type Policy = (occasion: Occasion) => Fault | undefined;

export const noFaults: Policy = () => undefined;

/** Faults at given places; a fault that the step at that place cannot have is left out. */
export const plannedFaults = (plan: readonly Injected[]): Policy => {
  const byPlace = new Map(plan.map(({ place, fault }) => [place, fault]));
  return ({ place, faults }) => {
    const fault = byPlace.get(place);
    return fault && faults.includes(fault) ? fault : undefined;
  };
};

/** Kinds that some runs do without, so that no kind hides behind another. */
const kinds = Object.keys(faultWords) as Fault[];

/** A fault that comes again and again at one place: how a bug is looked for that hides there. */
export interface Nemesis {
  readonly at: RegExp;
  readonly fault: Fault;
  readonly chance: number;
}

/** Steps that a run may be unlucky with: most of what is rare needs several faults at one place. */
const sorePlaces: readonly RegExp[] = [
  /Twilio/,
  /MESSAGE/,
  /order_placed|POOL/,
  /order_paid/,
  /PAYMENT/,
  /Stripe/,
  /INBOX|webhook|brings/,
  /get ORDER|due|ORDER or moved/,
  /queue|consumer/,
  /fulfil-order|begins/,
  /hold_expired|session ended|end a session/,
  /refund/,
  /dispute/,
];
const soreFactor = 6;

/**
 * Each run has a rate, kinds and sore places of its own (a swarm), and a bound, so that stories come to an end.
 * @param rateMax greatest share of steps that go wrong
 * @param nemesis what strikes besides
 */
export const randomFaults = (dice: Dice, rateMax: number, nemesis: readonly Nemesis[] = []): Policy => {
  const rate = rateMax * (0.1 + 0.9 * dice.next() ** 2);
  const absent = new Set(kinds.filter(() => dice.chance(0.3)));
  const sore = sorePlaces.filter(() => dice.chance(0.15));
  let left = dice.between(1, 60);
  return ({ label, faults }) => {
    for (const { at, fault, chance } of nemesis) if (at.test(label) && faults.includes(fault) && dice.chance(chance)) return fault;
    // Two throws a step whatever comes of them: a run stays comparable with its neighbours.
    const strikes = dice.chance(sore.some((pattern) => pattern.test(label)) ? Math.min(0.6, rate * soreFactor) : rate);
    const possible = faults.filter((fault) => !absent.has(fault));
    const chosen = dice.next();
    if (!strikes || left === 0 || possible.length === 0) return undefined;
    left -= 1;
    return possible[Math.floor(chosen * possible.length)];
  };
};
