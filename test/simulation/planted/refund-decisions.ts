// Bugs of deciding what a refund may be: each believes something of order or payment that is not so, and the write does not ask for it either.
import type { Planting } from "../world-model.ts";
import { refundSees, type Seen } from "./desk-reads.ts";
import type { PlantedBug } from "./planting.ts";
import { overtaken } from "./refunds.ts";
import type { Item } from "./rewritten.ts";

/** Decided over what is not so; guards of these kinds of records do not ask for it either. */
const decidedOver = (seen: Seen, ...unasked: readonly string[]): Planting => ({ ...refundSees(seen), evaluate: overtaken(...unasked) });
const bug = (name: string, about: string, breaks: readonly string[], planting: Planting, flow = "refund"): PlantedBug => ({
  name,
  about,
  breaks,
  flow,
  profile: "calm",
  planting,
});

export const refundDecisionBugs: readonly PlantedBug[] = [
  bug(
    "more goes back than came in",
    "an amount is refunded that was never captured",
    ["I8", "I14", "I20"],
    decidedOver({ PAYMENT: (payment) => ({ ...payment, captured: 2 * Number(payment.captured ?? 0) }) }, "PAYMENT"),
  ),
  bug(
    "more pieces go back than were bought",
    "a line gives back a piece that it never had",
    ["I2", "I14", "I20"],
    decidedOver({
      ORDER: (order) => ({ ...order, lines: (order.lines as readonly Item[]).map((line) => ({ ...line, quantity: Number(line.quantity) + 1 })) }),
    }),
  ),
  bug(
    "a part of money that never fitted",
    "money that bought nothing goes back in parts, as if there were lines to take apart",
    ["I2", "I4", "I6", "I14"],
    decidedOver({ ORDER: (order) => (order.status === "attention" ? { ...order, status: "paid" } : order) }, "ORDER"),
  ),
  bug(
    "claimed money claimed again",
    "what another refund has claimed counts as left",
    ["I8", "I14", "I20"],
    decidedOver({ PAYMENT: ({ refund_reserved: _, ...payment }) => payment }, "PAYMENT"),
  ),
  bug(
    "money goes back that never came",
    "a payment that is still awaited counts as captured",
    ["I5", "I6", "I8", "I10", "I14"],
    decidedOver(
      {
        ORDER: (order) => (order.status === "awaiting_payment" ? { ...order, status: "attention" } : order),
        PAYMENT: (payment) =>
          payment.captured === undefined ? { ...payment, status: "captured", captured: payment.amount, intent_id: "pi_none" } : payment,
      },
      "ORDER",
      "PAYMENT",
    ),
  ),
];
