// A payer's bank, and what the simulated Stripe makes of it: disputes that open, move and end; with news of them in any order, or none.
import type { Context } from "../../../local/simulators/stripe/context.ts";
import { emit } from "../../../local/simulators/stripe/events.ts";
import { disputeKind } from "../../../local/simulators/stripe/records.ts";
import type { Dice } from "../dice.ts";
import { sawMove } from "../dispute-sightings.ts";
import type { World } from "../world-model.ts";

type Move = Parameters<World["stripe"]["moveDispute"]>[1];
export interface Plot {
  readonly opening: "needs_response" | "warning_needs_response";
  readonly moves: readonly Move[];
  readonly gapMs: number;
  /** Part of what is left of the payment that it is about: more than one dispute may be open at once. */
  readonly share: number;
  /** The provider puts money back, and says so, although nothing is won. */
  readonly reinstates: boolean;
  /** News of it that the provider never sends. */
  readonly silent: "never" | "at_the_end" | "always";
}

/** More than any one step of a dispute tells of. */
const newsMax = 9;

export const intentOfOrder = (world: World, order_id: string): string | undefined =>
  world.stripe.truth().payment_intents.find(({ metadata, status }) => metadata.order_id === order_id && status === "succeeded")?.id;

/** What of a payment nobody has taken back yet: banks take no more than that. Minor units. */
const leftOf = ({ stripe }: World, intent: string, but = ""): number => {
  const { payment_intents, refunds, disputes } = stripe.truth();
  const sum = (items: readonly { readonly amount: number }[]): number => items.reduce((total, { amount }) => total + amount, 0);
  const captured = payment_intents.find(({ id }) => id === intent)?.amount_received ?? 0;
  const back = refunds.filter(({ payment_intent, status }) => payment_intent === intent && status !== "failed" && status !== "canceled");
  const taken = disputes.filter(
    ({ id, payment_intent, status }) => id !== but && payment_intent === intent && !["won", "warning_closed"].includes(status),
  );
  return captured - sum(back) - sum(taken);
};

export interface Bank {
  /** One dispute from its opening to the last of its moves. */
  quarrel(plot: Plot): Promise<void>;
}

export const bankOf = (world: World, intent: string, dice: Dice): Bank => {
  const { scheduler, stripe, store, courier, profile, reach } = world;
  /** What is silent here is found by comparing books, or by the sweep: where there is neither, the bank keeps its word. */
  const maySilence = profile.sweep && profile.faultRate > 0;

  const unless = <T>(silent: boolean, work: () => T): T => {
    if (silent) stripe.setFaults({ forget_next: newsMax });
    const done = work();
    if (silent) {
      stripe.setFaults({ forget_next: 0 });
      reach.saw("news of a dispute was never sent");
    }
    courier.look();
    return done;
  };
  /** Some of the money comes back while nothing is decided, or although it is lost. */
  const reinstate = (id: string): void => {
    const record = store.get(disputeKind, id);
    if (!record || record.object.status === "won") return;
    const context = { store, deliveries: stripe.deliveries, ports: { now: () => scheduler.now, random: dice.bytes } } as unknown as Context;
    store.transaction(() => emit(context, record.account, "charge.dispute.funds_reinstated", record.object));
    reach.saw("funds reinstated, and not won");
    courier.look();
  };

  return {
    async quarrel({ opening, moves, gapMs, share, reinstates, silent }) {
      await scheduler.turn("the payer quarrels at the bank");
      const amount = Math.floor(leftOf(world, intent) * share);
      if (amount <= 0) return;
      const quiet = maySilence ? silent : "never";
      const dispute = unless(quiet === "always", () => stripe.dispute(intent, { status: opening, amount }));
      if (!dispute) return;
      scheduler.note(`${opening} over ${amount}: ${dispute.id}`);
      sawMove(world, intent, dispute.id, opening);
      for (const [at, move] of moves.entries()) {
        await scheduler.sleep(gapMs, "the bank thinks");
        const last = at === moves.length - 1;
        // An inquiry that was answered with a refund does not become a dispute over the same money.
        const answered = opening === "warning_needs_response" && !move.startsWith("warning") && leftOf(world, intent, dispute.id) < amount;
        const to: Move = answered && store.get(disputeKind, dispute.id)?.object.is_charge_refundable ? "warning_closed" : move;
        if (reinstates && last && to !== "warning_closed") reinstate(dispute.id);
        const moved = unless(quiet === "always" || (quiet === "at_the_end" && last), () => stripe.moveDispute(dispute.id, to));
        if (!moved) return;
        scheduler.note(`${dispute.id} is ${to}`);
        sawMove(world, intent, dispute.id, to);
        if (opening === "warning_needs_response" && to === "needs_response") reach.saw("inquiry became a dispute");
        if (reinstates && to === "lost" && quiet === "never") reinstate(dispute.id);
      }
    },
  };
};
