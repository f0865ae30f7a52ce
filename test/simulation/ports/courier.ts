// Carries Stripe's events to the webhook: lost, late, twice, in any order, again until they are taken. The simulated Stripe keeps the books.
import type { Delivery } from "../../../local/simulators/delivery/delivery.ts";
import type { Stripe } from "../../../local/simulators/stripe/core.ts";
import type { Reach } from "../reach.ts";
import type { Scheduler } from "../scheduler.ts";

/** A request that reached the webhook, kept to be told again. */
export interface Told {
  readonly connection_id: string;
  readonly body: string;
  readonly signature: string;
}

export interface CourierOptions {
  readonly scheduler: Scheduler;
  readonly reach: Reach;
  readonly stripe: Stripe;
  /** False: every event is lost for ever. */
  readonly delivers: boolean;
  /** The answer's HTTP status; undefined when there was none. */
  readonly post: (told: Told) => Promise<number | undefined>;
  readonly late: () => number;
}
export interface Courier {
  /** Something may be owed now. */
  look(): void;
  /** Every event that was handed over, once. */
  readonly told: readonly Told[];
  /** Deliveries in the air, or owed before `untilMs`. */
  open(untilMs: number): number;
}

export const courierOf = ({ scheduler, reach, stripe, delivers, post, late }: CourierOptions): Courier => {
  const inTheAir = new Set<string>();
  const told: Told[] = [];
  let wakesAt = Number.POSITIVE_INFINITY;

  const carry = async (delivery: Delivery): Promise<void> => {
    const outgoing = stripe.prepare(delivery);
    const fault = await scheduler.turn(`brings ${delivery.topic}`, ["break", "drop", "late", "duplicate", "lose_response"]);
    const message: Told = {
      connection_id: outgoing.url.split("/").at(-1) ?? "",
      body: outgoing.body,
      signature: outgoing.headers["stripe-signature"] ?? "",
    };
    if (fault === "drop" || !delivers) {
      reach.saw("webhook lost for ever");
      stripe.settle(delivery.id, { status: 200 });
    } else if (fault === "break") {
      stripe.settle(delivery.id, { error: "the connection broke" });
    } else {
      if (fault === "late") await scheduler.sleep(late(), "is on its way for long");
      if (fault === "duplicate") {
        reach.saw("webhook delivered twice");
        scheduler.spawn("Stripe's second delivery", async () => void (await post(message)));
      }
      told.push(message);
      const status = await post(message);
      stripe.settle(delivery.id, status === undefined || fault === "lose_response" ? { error: "no answer" } : { status });
      if (status !== 200) reach.saw("webhook delivered again");
    }
    inTheAir.delete(delivery.id);
    look();
  };

  const look = (): void => {
    stripe.advance();
    for (const delivery of stripe.due(50)) {
      if (inTheAir.has(delivery.id)) continue;
      inTheAir.add(delivery.id);
      scheduler.spawn("Stripe's courier", () => carry(delivery));
    }
    const next = stripe.nextDue();
    if (next === undefined || next <= scheduler.now || next >= wakesAt) return;
    wakesAt = next;
    scheduler.spawn("Stripe's clock", async () => {
      await scheduler.sleep(next - scheduler.now, "until something is due");
      if (wakesAt === next) wakesAt = Number.POSITIVE_INFINITY;
      look();
    });
  };

  return {
    look,
    told,
    open: (untilMs) => inTheAir.size + ((stripe.deliveries.nextDue() ?? Number.POSITIVE_INFINITY) <= untilMs ? 1 : 0),
  };
};
