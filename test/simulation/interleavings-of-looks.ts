// What looks again by itself, or because somebody came back, meets what it looks at. A part of the list of cases.
import { holdIsOver, longAgo, of, oneHas, oneHolds, oneHoldsWithoutPage, onePaid, quarrelling } from "./interleaving-beginnings.ts";
import type { Case } from "./orders.ts";
import {
  type Bought,
  compares,
  decides,
  delivers,
  hears,
  pays,
  recalls,
  releases,
  reopens,
  replaces,
  retiresBought,
  type Stage,
  sweeps,
  weighs,
} from "./scenes.ts";

const ordersMax = 5_000;
const minute = 60_000;
/** The dispute is known to be open, and the bank has decided since. */
const decidedUnheard: Case["before"] = async (stage) => {
  const [bought] = await quarrelling(stage);
  await weighs(stage, bought as Bought);
  await decides(stage, stage.world.stripe.truth().disputes[0]?.id ?? "", "won");
  return [bought as Bought];
};

export const lookCases: readonly Case[] = [
  {
    name: "checkout, checkout",
    long: true,
    about: "the buyer asks twice for a page that was never opened",
    units: 1,
    before: oneHoldsWithoutPage,
    executions: [of(reopens), of(reopens)],
    steps: /PAYMENT|Stripe/,
    ordersMax,
    ordersMin: 70,
    endings: [/^$/],
  },
  {
    name: "sweep, delivery",
    about: "the sweep starts another workflow for money that one is answering",
    units: 1,
    before: longAgo(onePaid, 5 * minute),
    executions: [(stage: Stage) => sweeps(stage), of(delivers)],
    steps: /or moved|starts|order_paid|looks the session up/,
    ordersMax,
    ordersMin: 15,
    endings: [/^order_paid$/],
  },
  {
    name: "sweep, end of a dispute",
    about: "the sweep asks how a dispute stands that a workflow is just ending",
    units: 1,
    before: longAgo(decidedUnheard, 90 * minute),
    executions: [(stage: Stage) => sweeps(stage), of(weighs)],
    steps: /or moved|starts|dispute_won|asks Stripe for disputes/,
    ordersMax,
    ordersMin: 15,
    endings: [/^dispute_won$/],
  },
  {
    name: "comparison of the books, dispute",
    long: true,
    about: "the comparison finds a dispute that a workflow is just writing down",
    units: 1,
    before: longAgo(quarrelling, 20 * minute),
    executions: [(stage: Stage) => compares(stage, "anna"), of(weighs)],
    steps: /starts|FINDING|dispute_opened|window_reconciled|asks Stripe for disputes/,
    ordersMax,
    ordersMin: 198,
    endings: [/^window_reconciled anna, dispute_opened/, /^dispute_opened, window_reconciled anna/],
  },
  {
    name: "comparison of the books, release",
    long: true,
    about: "the books are compared while a hold ends",
    units: 1,
    before: longAgo(holdIsOver, 20 * minute),
    executions: [(stage: Stage) => compares(stage, "anna"), of(releases)],
    steps: /starts|FINDING|hold_expired|window_reconciled|asks Stripe to end/,
    ordersMax,
    ordersMin: 132,
    endings: [/^window_reconciled anna, hold_expired/, /^hold_expired, window_reconciled anna/],
  },
  {
    name: "replacement, retirement of what is replaced",
    about: "a number is replaced while somebody takes the broken thing out of the books",
    units: 2,
    before: oneHas,
    executions: [of((stage, bought) => replaces(stage, bought, "anna")), of((stage, bought) => retiresBought(stage, bought, "bo"))],
    steps: /UNIT|ORDER|^transact /,
    ordersMax,
    ordersMin: 6,
    endings: [/^unit_replaced anna$/, /^unit_replaced anna, unit_retired bo/],
  },
  {
    name: "comparison of the books, event",
    about: "the comparison finds money whose event comes just then",
    units: 1,
    before: longAgo(onePaid, 20 * minute),
    executions: [(stage: Stage) => compares(stage, "anna"), of(hears)],
    steps: /starts|create FINDING|or seen_before|order_paid|looks the session up/,
    ordersMax: 20_000,
    ordersMin: 24,
    endings: [/^window_reconciled anna, order_paid/, /^order_paid, window_reconciled anna/],
  },
  {
    name: "delivery of what is left, delivery of what is left",
    long: true,
    about: "one of two held units was called back and nothing else is there: two workflows end the order",
    units: 2,
    lots: [1, 1],
    before: async (stage) => {
      const paid = await onePaid(stage, 2);
      await recalls(stage, "first");
      return paid;
    },
    executions: [of(delivers), of(delivers)],
    steps: /POOL|UNIT|^transact /,
    ordersMax,
    ordersMin: 252,
    endings: [/^refund_requested/],
  },
  {
    name: "sweep, event",
    about: "both start the workflow of an order that was paid",
    units: 1,
    before: longAgo(oneHolds, 5 * minute),
    executions: [of(pays), (stage: Stage) => sweeps(stage)],
    steps: /presses Pay|brings|INBOX|or moved|starts|order_paid|looks the session up/,
    ordersMax: 20_000,
    ordersMin: 37,
    endings: [/^order_paid/],
    events: true,
  },
];
