// How a refund fares at the provider: most succeed at once, some are on their way for a while, some come back, at once or after they had
// succeeded, and of some the provider never answers. The simulated Stripe keeps the books and tells of every end by its own events.
import type Stripe from "stripe";
import type { Store } from "../../../local/simulators/store/store.ts";
import type { Stripe as SimulatedStripe } from "../../../local/simulators/stripe/core.ts";
import { refundKind } from "../../../local/simulators/stripe/records.ts";
import type { WireAnswer } from "../../../local/simulators/wire/wire.ts";
import type { Dice } from "../dice.ts";
import type { Reach } from "../reach.ts";

export interface RefundFates {
  /** The answer to the creation of a refund, with the status that it begins with; undefined when nobody ever hears it. */
  decide(answer: WireAnswer): WireAnswer | undefined;
  /** Whether the provider fails inside when it is first asked for this refund, before or after its work; its key then repeats that. */
  breaks(refund_id: string): "fail_inside" | "fail_done" | undefined;
}
export interface RefundFatesOptions {
  readonly store: Store;
  readonly stripe: Pick<SimulatedStripe, "endRefund">;
  readonly now: () => number;
  readonly dice: Dice;
  readonly reach: Reach;
  /** Whether the answers to some are lost for ever: only what looks again by itself finds out about those. */
  readonly mayBeSilent: boolean;
}

const fates = ["succeeds", "succeeds", "succeeds", "succeeds", "pends", "pends", "pends_and_fails", "fails", "bounces", "bounces"] as const;
type Fate = (typeof fates)[number] | "silent";

const firstStatus = (fate: Fate): Stripe.Refund["status"] => {
  if (fate === "fails") return "failed";
  return fate === "pends" || fate === "pends_and_fails" ? "pending" : "succeeded";
};

export const refundFates = ({ store, stripe, now, dice, reach, mayBeSilent }: RefundFatesOptions): RefundFates => {
  const known = new Map<string, Fate>();
  const askedFor = new Set<string>();

  /** It ends by itself, and the end is told. */
  const settles = (id: string, fate: "pends" | "pends_and_fails" | "bounces"): void => {
    const record = store.get(refundKind, id);
    if (!record) return;
    const at = now() + dice.pick([dice.between(200, 5_000), dice.between(5_000, 900_000)]);
    const object = { ...record.object, status: firstStatus(fate) };
    store.put(
      refundKind,
      id,
      { ...record, object, settles: { at, outcome: fate === "pends" ? "succeeds" : "fails" } },
      { by: record.account, due: at },
    );
  };
  const begin = (id: string): Fate => {
    const before = known.get(id);
    if (before) return before;
    const silent = dice.chance(0.035);
    const drawn = dice.pick(fates);
    // One a run: a day of looking again is a long story.
    const fate = silent && mayBeSilent && ![...known.values()].includes("silent") ? "silent" : drawn;
    known.set(id, fate);
    if (fate === "fails") stripe.endRefund(id, "fails");
    else if (fate !== "succeeds" && fate !== "silent") settles(id, fate);
    reach.saw(`fate of a refund: ${fate}`);
    return fate;
  };

  return {
    breaks(refund_id) {
      const first = !askedFor.has(refund_id);
      askedFor.add(refund_id);
      return first && mayBeSilent && dice.chance(0.05) ? dice.pick(["fail_inside", "fail_done"]) : undefined;
    },
    decide(answer) {
      if (answer.status !== 200) return answer;
      const told = JSON.parse(answer.body) as { id: string };
      const fate = begin(told.id);
      if (fate === "silent") return undefined;
      const status = firstStatus(fate);
      return { ...answer, body: JSON.stringify({ ...told, status, ...(status === "failed" && { failure_reason: "lost_or_stolen_card" }) }) };
    },
  };
};
