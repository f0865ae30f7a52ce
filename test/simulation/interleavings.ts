// Which things are tried in every order of their steps: two or three that meet on one unit or one payment. A new case is an entry here.
import {
  aMomentLeft,
  asks,
  endsAndReleases,
  first,
  holdIsOver,
  nobody,
  of,
  oneHas,
  oneHolds,
  oneHoldsWithoutPage,
  oneHoldsWithoutPayment,
  onePaid,
  quarrelling,
  refundIsOwed,
} from "./interleaving-beginnings.ts";
import { afterSaleCases } from "./interleavings-after-sale.ts";
import { deskCases } from "./interleavings-at-desk.ts";
import { lookCases } from "./interleavings-of-looks.ts";
import type { Case } from "./orders.ts";
import {
  type Bought,
  decides,
  delivers,
  holdEnds,
  lapse,
  pays,
  paysBack,
  quarrels,
  recalls,
  refunds,
  refundsPart,
  releases,
  reopens,
  replaces,
  sends,
  sweeps,
  weighs,
} from "./scenes.ts";

/** The steps whose order matters between buyers: reading the pool, and the hold. */
const stockSteps = /POOL|order_placed/;
/** For two taps under one key also the reading of its operation. */
const keySteps = /POOL|OP\b|order_placed/;
/** Reads and writes of an order and what belongs to it. */
const orderSteps = /^(get|getMany) (ORDER|PAYMENT)|^transact /;

const saleCases: readonly Case[] = [
  {
    name: "two buyers, one unit",
    about: "one of them has it",
    units: 1,
    before: nobody,
    executions: [asks("a"), asks("b")],
    steps: stockSteps,
    ordersMax: 1_000,
    ordersMin: 6,
    endings: [/placed a/, /placed b/],
  },
  {
    name: "three buyers, one unit",
    long: true,
    about: "one of them has it",
    units: 1,
    before: nobody,
    executions: [asks("a"), asks("b"), asks("c")],
    steps: stockSteps,
    ordersMax: 10_000,
    ordersMin: 498,
    endings: [/placed a/, /placed b/, /placed c/],
  },
  {
    name: "two buyers of two, three units",
    about: "one of them has two",
    units: 3,
    before: nobody,
    executions: [asks("a", 2), asks("b", 2)],
    steps: stockSteps,
    ordersMax: 1_000,
    ordersMin: 6,
    endings: [/placed a/, /placed b/],
  },
  {
    name: "two taps of one buyer, the last unit",
    about: "one key has one order (X-3)",
    units: 1,
    before: nobody,
    executions: [asks("a"), asks("a")],
    steps: keySteps,
    ordersMax: 1_000,
    ordersMin: 20,
    endings: [/^order_placed a$/],
  },
  {
    name: "payment, end of the hold, event",
    long: true,
    about: "the buyer presses Pay while the hold is ended; the event of the money starts the delivery",
    units: 1,
    before: holdIsOver,
    executions: [of(pays), of(releases)],
    steps: /presses Pay|Stripe|order_paid|hold_expired|^(get|getMany) ORDER|brings/,
    ordersMax: 5_000,
    ordersMin: 354,
    endings: [/^order_paid/, /^hold_expired/],
    events: true,
  },
  {
    name: "two deliveries of one payment",
    about: "two workflows bring the same money",
    units: 1,
    before: onePaid,
    executions: [of(delivers), of(delivers)],
    steps: orderSteps,
    ordersMax: 5_000,
    ordersMin: 252,
    endings: [/^order_paid/],
  },
  {
    name: "delivery, late second release",
    long: true,
    about: "a release that was begun before the money was known",
    units: 1,
    before: async (stage) => {
      const [bought] = await onePaid(stage);
      holdEnds(stage, bought as Bought);
      return [bought as Bought];
    },
    executions: [of(delivers), of(releases), of(releases)],
    steps: /order_paid|hold_expired|^get ORDER|Stripe/,
    ordersMax: 20_000,
    ordersMin: 408,
    endings: [/^order_paid/],
  },
  {
    name: "release, release",
    about: "two looks end a hold that nobody paid",
    units: 1,
    before: holdIsOver,
    executions: [of(releases), of(releases)],
    steps: /hold_expired|^(get|getMany) ORDER|Stripe/,
    ordersMax: 5_000,
    ordersMin: 236,
    endings: [/^hold_expired/],
  },
  {
    name: "reserve, release",
    about: "somebody wants the unit that comes back",
    units: 1,
    before: holdIsOver,
    executions: [asks("b"), of(releases)],
    steps: /POOL|order_placed|hold_expired|Stripe|^get ORDER/,
    ordersMax: 5_000,
    ordersMin: 21,
    endings: [/^hold_expired$/, /^hold_expired, order_placed b/],
  },
  {
    name: "checkout, release",
    about: "the buyer goes to the order's page again when the hold ends",
    units: 1,
    before: aMomentLeft(oneHolds),
    executions: [of(reopens), of(endsAndReleases)],
    steps: /the hold ends|PAYMENT|ORDER|Stripe|hold_expired/,
    ordersMax: 10_000,
    ordersMin: 15,
    endings: [/^hold_expired/],
  },
  {
    name: "first page, release",
    about: "the provider failed when the order was placed; the buyer asks again for a page when the hold ends",
    units: 1,
    before: aMomentLeft(oneHoldsWithoutPage),
    executions: [of(reopens), of(endsAndReleases)],
    steps: /the hold ends|PAYMENT|ORDER|Stripe|hold_expired/,
    ordersMax: 10_000,
    ordersMin: 74,
    endings: [/^hold_expired$/, /^$/],
  },
  {
    name: "first payment, release",
    about: "whoever placed the order died before a payment was planned; the buyer asks again with his key when the hold ends",
    units: 1,
    before: aMomentLeft(oneHoldsWithoutPayment),
    executions: [asks("a"), of(endsAndReleases)],
    steps: /the hold ends|PAYMENT|Stripe|hold_expired/,
    ordersMax: 5_000,
    ordersMin: 56,
    endings: [/^hold_expired$/],
  },
  {
    name: "text of the workflow, text of the queue",
    about: "both want to send the order's text",
    units: 1,
    before: oneHas,
    executions: [of(sends), of(sends)],
    steps: /MESSAGE|Twilio/,
    ordersMax: 5_000,
    ordersMin: 24,
    endings: [/^$/],
  },
  {
    name: "sweep, event",
    about: "both start the workflow of an order that was paid",
    units: 1,
    before: async (stage) => {
      const bought = first(await oneHolds(stage));
      lapse(stage, 5 * 60_000);
      return [bought];
    },
    executions: [of(pays), (stage) => sweeps(stage)],
    steps: /presses Pay|brings|INBOX|or moved|starts|order_paid|looks the session up/,
    ordersMax: 20_000,
    ordersMin: 37,
    endings: [/^order_paid/],
    events: true,
  },
  {
    name: "refund, refund",
    about: "two operators give the same money back",
    units: 1,
    before: oneHas,
    executions: [of((stage, bought) => refunds(stage, bought, "anna")), of((stage, bought) => refunds(stage, bought, "bo"))],
    steps: /refund_requested|ORDER|starts|asks Stripe for a refund/,
    ordersMax: 20_000,
    ordersMin: 96,
    endings: [/^refund_requested anna/, /^refund_requested bo/],
  },
  {
    name: "refund of a part, refund of a part",
    about: "two operators give a part of the money back each",
    units: 1,
    before: oneHas,
    executions: [of((stage, bought) => refundsPart(stage, bought, "anna")), of((stage, bought) => refundsPart(stage, bought, "bo"))],
    steps: /refund_requested|ORDER/,
    ordersMax: 5_000,
    ordersMin: 100,
    endings: [/^refund_requested anna, refund_requested bo/, /^refund_requested bo, refund_requested anna/],
  },
  {
    name: "refund, dispute opened",
    long: true,
    about: "the operator gives back what the payer has just claimed at his bank",
    units: 1,
    before: oneHas,
    executions: [
      of((stage, bought) => refunds(stage, bought, "anna")),
      of(async (stage, bought) => {
        await quarrels(stage, bought);
        await weighs(stage, bought);
      }),
    ],
    steps: /calls his bank|asks Stripe for|^transact |^getMany ORDER/,
    ordersMax: 20_000,
    ordersMin: 85,
    endings: [/^refund_requested anna, dispute_opened/, /^dispute_opened/],
  },
  {
    name: "refund, replacement",
    long: true,
    about: "one operator takes the number back, another gives a new one",
    units: 2,
    before: oneHas,
    executions: [of((stage, bought) => refunds(stage, bought, "anna")), of((stage, bought) => replaces(stage, bought, "bo"))],
    steps: /POOL|ORDER|UNIT|^transact /,
    ordersMax: 20_000,
    ordersMin: 300,
    endings: [/unit_replaced bo/, /^refund_requested anna/],
  },
  {
    name: "dispute lost, late look at it",
    about: "a look that saw the dispute open comes to its end after it was lost",
    units: 1,
    before: quarrelling,
    executions: [
      of(weighs),
      of(async (stage, bought) => {
        const { world } = stage;
        const dispute = world.stripe.truth().disputes[0]?.id ?? "";
        await decides(stage, dispute, "lost");
        await weighs(stage, bought);
      }),
    ],
    steps: /bank decides|asks Stripe for disputes|^(get|getMany) ORDER|^transact /,
    ordersMax: 20_000,
    ordersMin: 124,
    endings: [/^dispute_lost/, /^dispute_opened, dispute_lost/],
  },
  {
    name: "dispute won, news that it was opened",
    long: true,
    about: "the news that it was opened is looked at when it is won already",
    units: 1,
    before: quarrelling,
    executions: [
      of(weighs),
      of(async (stage, bought) => {
        await decides(stage, stage.world.stripe.truth().disputes[0]?.id ?? "", "won");
        await weighs(stage, bought);
      }),
    ],
    steps: /bank decides|asks Stripe for disputes|^(get|getMany) ORDER|^transact /,
    ordersMax: 20_000,
    ordersMin: 124,
    endings: [/^dispute_won/, /^dispute_opened, dispute_won/],
  },
  {
    name: "replacement, recall",
    about: "the unit that replaces another is called back",
    units: 2,
    before: oneHas,
    executions: [of((stage, bought) => replaces(stage, bought, "anna")), (stage) => recalls(stage, "bo")],
    steps: /POOL|ORDER|UNIT|^transact /,
    ordersMax: 20_000,
    ordersMin: 62,
    endings: [/^unit_replaced anna, batch_recalled bo/, /^batch_recalled bo/],
  },
  {
    name: "replacement, dispute",
    about: "a number is replaced while its payer claims the money back",
    units: 2,
    before: oneHas,
    executions: [
      of((stage, bought) => replaces(stage, bought, "anna")),
      of(async (stage, bought) => {
        await quarrels(stage, bought);
        await weighs(stage, bought);
      }),
    ],
    steps: /calls his bank|POOL|ORDER|^transact /,
    ordersMax: 20_000,
    ordersMin: 42,
    endings: [/^unit_replaced anna, dispute_opened/, /^dispute_opened/],
  },
  {
    name: "recall, reserve",
    about: "a buyer takes a unit that is being called back",
    units: 1,
    before: nobody,
    executions: [(stage) => recalls(stage, "anna"), asks("b")],
    steps: /POOL|UNIT|^transact /,
    ordersMax: 5_000,
    ordersMin: 6,
    endings: [/^order_placed b, batch_recalled anna/, /^batch_recalled anna/],
  },
  {
    name: "recall, delivery",
    about: "a batch is called back while the money for one of its units is answered; nothing else is left",
    units: 1,
    before: onePaid,
    executions: [(stage) => recalls(stage, "anna"), of(delivers)],
    steps: /POOL|UNIT|ORDER|^transact /,
    ordersMax: 20_000,
    ordersMin: 44,
    endings: [/^batch_recalled anna, refund_requested, order_refunded/, /^order_paid, batch_recalled anna/],
  },
  {
    name: "recall, delivery of two",
    about: "one of two held units is called back while they are paid for; another batch has one more",
    units: 3,
    lots: [1, 2],
    before: (stage) => onePaid(stage, 2),
    executions: [(stage) => recalls(stage, "anna"), of(delivers)],
    steps: /POOL|UNIT|ORDER|^transact /,
    ordersMax: 20_000,
    ordersMin: 44,
    endings: [/^batch_recalled anna, order_paid/, /^order_paid, batch_recalled anna/],
  },
  {
    name: "recall, release",
    about: "a batch is called back while the hold of one of its units ends",
    units: 1,
    before: holdIsOver,
    executions: [(stage) => recalls(stage, "anna"), of(releases)],
    steps: /POOL|UNIT|ORDER|^transact /,
    ordersMax: 20_000,
    ordersMin: 16,
    endings: [/^batch_recalled anna, hold_expired/, /^hold_expired, batch_recalled anna/],
  },
  {
    name: "paying back, paying back",
    long: true,
    about: "two workflows ask the provider for one refund",
    units: 1,
    before: refundIsOwed,
    executions: [of(paysBack), of(paysBack)],
    steps: /ORDER|REFUND|Stripe|^transact /,
    ordersMax: 40_000,
    ordersMin: 300,
    endings: [/^order_refunded/],
  },
];

export const cases: readonly Case[] = [...saleCases, ...afterSaleCases, ...deskCases, ...lookCases];
export const caseOf = (name: string): Case => {
  const found = cases.find((one) => one.name === name);
  if (!found) throw new RangeError(`no case ${name}`);
  return found;
};
