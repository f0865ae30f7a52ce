// How a refund fares at the provider: most succeed at once, some are on their way for a while, some come back. The simulated Stripe knows
// success alone; its books are changed here, so that its answers, kept under their keys, and its own truth agree.
import type Stripe from "stripe";
import type { Store } from "../../../local/simulators/store/store.ts";
import { chargeKind, refundKind } from "../../../local/simulators/stripe/records.ts";
import type { WireAnswer } from "../../../local/simulators/wire/wire.ts";
import type { Dice } from "../dice.ts";
import type { Scheduler } from "../scheduler.ts";

export interface RefundFates {
  /** The answer to the creation of a refund, with the status that it begins with. */
  decide(answer: WireAnswer): WireAnswer;
}
type Status = "succeeded" | "pending" | "failed";

export const refundFates = (scheduler: Scheduler, store: Store, dice: Dice): RefundFates => {
  const first = new Map<string, Status>();

  const write = (id: string, status: Status): void => {
    const known = store.get(refundKind, id);
    if (!known) return;
    const object: Stripe.Refund = { ...known.object, status, ...(status === "failed" && { failure_reason: "lost_or_stolen_card" }) };
    store.put(refundKind, id, { ...known, object }, { by: known.account });
    const charge = status === "failed" ? store.get(chargeKind, String(object.charge)) : undefined;
    if (!charge) return;
    const amount_refunded = charge.object.amount_refunded - object.amount;
    store.put(chargeKind, charge.object.id, { ...charge, object: { ...charge.object, amount_refunded, refunded: false } }, { by: charge.account });
  };
  const begin = (id: string): Status => {
    const known = first.get(id);
    if (known) return known;
    const status = dice.pick<Status>(["succeeded", "succeeded", "succeeded", "pending", "pending", "failed"]);
    const last = dice.pick<Status>(["succeeded", "succeeded", "failed"]);
    const waitMs = dice.between(1_000, 400_000);
    first.set(id, status);
    write(id, status);
    if (status === "pending") {
      scheduler.spawn("Stripe's bank", async () => {
        await scheduler.sleep(waitMs, "until the refund is decided");
        write(id, last);
      });
    }
    return status;
  };

  return {
    decide(answer) {
      if (answer.status !== 200) return answer;
      const told = JSON.parse(answer.body) as { id: string };
      const status = begin(told.id);
      return { ...answer, body: JSON.stringify({ ...told, status, ...(status === "failed" && { failure_reason: "lost_or_stolen_card" }) }) };
    },
  };
};
