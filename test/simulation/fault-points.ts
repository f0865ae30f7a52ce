// Where a story can go wrong, and how: what an exhaustive search goes through.
import type { Fault, Injected, Occasion } from "./faults.ts";

/** `all`: every fault of every step. `key`: of each kind of step its first, and of faults with the same effect there one. */
export type PointsWanted = "all" | "key";

/** A step that only takes longer is another order of steps: schedules go through those. */
const tried: ReadonlySet<Fault> = new Set([
  "crash_before",
  "crash_after",
  "lose_request",
  "lose_response",
  "refuse",
  "conflict",
  "break",
  "fail_inside",
  "fail_done",
  "abandon",
  "drop",
  "duplicate",
  "stale",
  "send_twice",
  "late",
  "new_id",
]);

/**
 * One fault for each thing that can become of a step. To die at a read, or before a write, is to die after the effect before it; what is
 * refused is asked again, as after a lost request.
 */
const keyFaults: readonly (readonly [RegExp, readonly Fault[]])[] = [
  [/^(get|getMany|query|due) /, []],
  [/^(write|transact) /, ["crash_after", "conflict"]],
  [/^asks KMS/, []],
  [/Stripe|Twilio/, ["crash_before", "lose_request", "lose_response", "break", "fail_inside", "fail_done"]],
  [/./, ["crash_before", "crash_after", "drop", "duplicate", "late", "lose_response"]],
];

/** Steps of one kind differ in numbers alone. */
export const kindOfStep = (label: string): string => label.replace(/\d+/g, "n");

export class FaultPoints {
  readonly found: Injected[] = [];
  readonly #met = new Set<string>();
  readonly #wanted: PointsWanted;
  readonly #after: number;

  /** @param after only steps behind this place */
  constructor(wanted: PointsWanted, after = -1) {
    this.#wanted = wanted;
    this.#after = after;
  }

  readonly watch = ({ place, label, faults }: Occasion): void => {
    if (place <= this.#after) return;
    const kind = kindOfStep(label);
    if (this.#wanted === "key" && this.#met.has(kind)) return;
    this.#met.add(kind);
    const key = keyFaults.find(([pattern]) => pattern.test(kind))?.[1] ?? [];
    for (const fault of faults) if (tried.has(fault) && (this.#wanted === "all" || key.includes(fault))) this.found.push({ place, fault });
  };
}
