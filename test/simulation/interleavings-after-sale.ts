// What meets after money came: late, not as planned, or to be given back; and what meets on one unit by hand. A part of the list of cases.
import {
  answeredAfterSilence,
  asks,
  first,
  holdIsOver,
  nobody,
  of,
  oneHas,
  onePaid,
  paidLate,
  partIsBack,
  questionHidesQuarrel,
  refundIsOwed,
  textUnheard,
} from "./interleaving-beginnings.ts";
import type { Case } from "./orders.ts";
import {
  compares,
  delivers,
  hears,
  lapse,
  paysBack,
  quarrels,
  recalls,
  refunds,
  refundsPart,
  releases,
  replaces,
  retires,
  type Stage,
  sends,
  sweeps,
  weighs,
} from "./scenes.ts";

const ordersMax = 2_000;
export const by =
  (work: typeof refunds, who: string): Case["executions"][number] =>
  (stage, bought) =>
    of((at, one) => work(at, one, who))(stage, bought);
export const disputed = of(async (stage, bought) => {
  await quarrels(stage, bought);
  await weighs(stage, bought);
});
/** After so many a person is told. */
const refusals = 10;

export const afterSaleCases: readonly Case[] = [
  {
    name: "event, the same event",
    about: "one event of the provider comes twice at once",
    units: 1,
    before: onePaid,
    executions: [of(hears), of(hears)],
    steps: /INBOX|starts|order_paid/,
    ordersMax,
    ordersMin: 42,
    endings: [/^order_paid$/],
  },
  {
    name: "event, another event of the same fact",
    about: "the provider tells of one payment under two names",
    units: 1,
    before: onePaid,
    executions: [of(hears), of((stage, bought) => hears(stage, bought, "other"))],
    steps: /INBOX|starts|order_paid/,
    ordersMax,
    ordersMin: 50,
    endings: [/^order_paid$/],
  },
  {
    name: "late delivery, late delivery",
    about: "two workflows bring money that came after the hold",
    units: 1,
    before: paidLate,
    executions: [of(delivers), of(delivers)],
    steps: /POOL|^transact /,
    ordersMax,
    ordersMin: 10,
    endings: [/^order_paid$/],
  },
  {
    name: "late delivery, reserve of the last unit",
    about: "late money and a buyer want the unit that came back",
    units: 1,
    before: paidLate,
    executions: [of(delivers), asks("b")],
    steps: /POOL|^transact /,
    ordersMax,
    ordersMin: 10,
    endings: [/^order_paid/, /^order_placed b, refund_requested/],
  },
  {
    name: "late delivery, late delivery, sold out",
    long: true,
    about: "two workflows bring money that came after the hold, and somebody else has the unit",
    units: 1,
    before: async (stage) => {
      const late = await paidLate(stage);
      await asks("b")(stage, late);
      return late;
    },
    executions: [of(delivers), of(delivers)],
    steps: /^(get|getMany) (ORDER|PAYMENT)|^transact /,
    ordersMax,
    ordersMin: 252,
    endings: [/^refund_requested/],
  },
  {
    name: "delivery, dispute",
    about: "the payer quarrels before he has the number",
    units: 1,
    before: onePaid,
    executions: [of(delivers), disputed],
    steps: /calls his bank|asks Stripe for disputes|^(get|getMany) (ORDER|PAYMENT)|^transact /,
    ordersMax,
    ordersMin: 21,
    endings: [/^order_paid.*dispute_opened/],
  },
  {
    name: "replacement, replacement",
    about: "two clerks replace one number",
    units: 3,
    before: oneHas,
    executions: [by(replaces, "anna"), by(replaces, "bo")],
    steps: /^(get|getMany) ORDER|^transact /,
    ordersMax,
    ordersMin: 6,
    endings: [/unit_replaced anna/, /unit_replaced bo/],
  },
  {
    name: "retirement, reserve",
    about: "a unit is taken out by hand while a buyer takes it",
    units: 1,
    before: nobody,
    executions: [(stage: Stage) => retires(stage, "anna"), asks("b")],
    steps: /POOL|UNIT|^transact /,
    ordersMax,
    ordersMin: 6,
    endings: [/^unit_retired anna/, /^order_placed b/],
  },
  {
    name: "retirement, recall",
    about: "a unit is taken out by hand while its batch is called back",
    units: 1,
    before: nobody,
    executions: [(stage: Stage) => retires(stage, "anna"), (stage: Stage) => recalls(stage, "bo")],
    steps: /UNIT|^transact /,
    ordersMax,
    ordersMin: 6,
    endings: [/^unit_retired anna, batch_recalled bo/, /^batch_recalled bo/],
  },
  {
    name: "recall, recall",
    about: "two people call one batch back",
    units: 2,
    before: oneHas,
    executions: [(stage: Stage) => recalls(stage, "anna"), (stage: Stage) => recalls(stage, "bo")],
    steps: /UNIT|^transact /,
    ordersMax,
    ordersMin: 28,
    endings: [/^batch_recalled anna/, /^batch_recalled bo/],
  },
  {
    name: "sweep, paying back",
    about: "the sweep starts another workflow for a refund that one is asking for",
    units: 1,
    before: async (stage) => {
      const owed = await refundIsOwed(stage);
      lapse(stage, 5 * 60_000);
      return owed;
    },
    executions: [(stage: Stage) => sweeps(stage), of(paysBack)],
    steps: /starts|order_refunded|asks Stripe for a refund|or moved/,
    ordersMax,
    ordersMin: 4,
    endings: [/^order_refunded/],
  },
  {
    name: "paying back, refund of a part",
    long: true,
    about: "another part is claimed while the first is found to be back",
    units: 1,
    before: partIsBack,
    executions: [of(paysBack), by(refundsPart, "anna")],
    steps: /^getMany ORDER|order_refunded|refund_requested/,
    ordersMax,
    ordersMin: 59,
    endings: [/^refund_requested anna, order_refunded/, /^order_refunded, refund_requested anna/],
  },
  {
    name: "nothing owed any more, refund of a part",
    about: "a run lets the sweep's watch go, since all is answered, while another part is claimed",
    units: 1,
    before: answeredAfterSilence,
    executions: [of(paysBack), by(refundsPart, "anna")],
    steps: /^get ORDER|refund_requested|change ORDER/,
    ordersMax,
    ordersMin: 15,
    endings: [/^refund_requested anna/],
  },
  {
    name: "paying back, paying back, quarrel unheard of",
    about: "two workflows ask for one refund, which the provider refuses because the payer quarrels",
    units: 1,
    before: async (stage) => {
      const owed = await refundIsOwed(stage);
      await quarrels(stage, first(owed));
      return owed;
    },
    executions: [of(paysBack), of(paysBack)],
    steps: /REFUND|asks Stripe for a refund/,
    ordersMax,
    ordersMin: 32,
    endings: [/^dispute_opened/],
  },
  {
    name: "paying back beside a question that hides a quarrel",
    about: "the provider refuses each time, and nobody hears of the quarrel that it refuses for",
    units: 1,
    before: questionHidesQuarrel,
    executions: [
      of(async (stage, bought) => {
        for (let run = 0; run < refusals; run += 1) await paysBack(stage, bought);
      }),
    ],
    steps: /refund_failed/,
    ordersMax,
    ordersMin: 1,
    endings: [/^refund_failed/],
  },
  {
    name: "second attempt, second attempt",
    about: "nobody heard what became of a text, and two want to send it again",
    units: 1,
    before: textUnheard,
    executions: [of(sends), of(sends)],
    steps: /MESSAGE|Twilio/,
    ordersMax,
    ordersMin: 116,
    endings: [/^$/],
  },
  {
    name: "refund, text",
    long: true,
    about: "the number is taken back while its text goes out",
    units: 1,
    before: oneHas,
    executions: [by(refunds, "anna"), of(sends)],
    steps: /MESSAGE|Twilio|^(get|getMany) ORDER|refund_requested/,
    ordersMax,
    ordersMin: 290,
    endings: [/^refund_requested anna/],
  },
  {
    name: "replacement, text",
    about: "the number is replaced while its text goes out",
    units: 2,
    before: oneHas,
    executions: [by(replaces, "anna"), of(sends)],
    steps: /MESSAGE|Twilio|^getMany ORDER|unit_replaced/,
    ordersMax,
    ordersMin: 21,
    endings: [/^unit_replaced anna/],
  },
  {
    name: "dispute, text",
    about: "the payer quarrels while the text goes out",
    units: 1,
    before: oneHas,
    executions: [disputed, of(sends)],
    steps: /MESSAGE|Twilio|calls his bank|dispute_opened/,
    ordersMax,
    ordersMin: 21,
    endings: [/^dispute_opened/],
  },
  {
    name: "paying back, event of the refund",
    about: "the provider tells of the refund before its answer is written down",
    units: 1,
    before: refundIsOwed,
    executions: [of(paysBack)],
    steps: /brings|INBOX|starts|order_refunded|refund_failed|change REFUND/,
    ordersMax,
    events: true,
    ordersMin: 2,
    endings: [/^order_refunded/],
  },
  {
    name: "retirement, replacement",
    about: "the unit that would replace another is taken out by hand",
    units: 2,
    before: oneHas,
    executions: [(stage: Stage) => retires(stage, "anna"), by(replaces, "bo")],
    steps: /POOL|^transact /,
    ordersMax,
    ordersMin: 3,
    endings: [/^unit_retired anna/, /^unit_replaced bo/],
  },
  {
    name: "sweep, release",
    about: "the sweep comes to a hold that is being ended",
    units: 1,
    before: holdIsOver,
    executions: [(stage: Stage) => sweeps(stage), of(releases)],
    steps: /or moved|starts|hold_expired|asks Stripe to end/,
    ordersMax,
    ordersMin: 13,
    endings: [/^hold_expired/],
  },
  {
    name: "comparison of the books, refund",
    about: "the books are compared while money goes back",
    units: 1,
    before: async (stage) => {
      const has = await oneHas(stage);
      lapse(stage, 20 * 60_000);
      return has;
    },
    executions: [(stage: Stage) => compares(stage, "anna"), by(refunds, "bo")],
    steps: /FINDING|books|refund_requested|order_refunded|window_reconciled/,
    ordersMax,
    ordersMin: 3,
    endings: [/^refund_requested bo, window_reconciled anna/, /^window_reconciled anna, refund_requested bo/],
  },
  {
    name: "comparison of the books, another of them",
    about: "two people compare one day at once",
    units: 1,
    before: async (stage) => {
      const paid = await onePaid(stage);
      lapse(stage, 20 * 60_000);
      return paid;
    },
    executions: [(stage: Stage) => compares(stage, "anna"), (stage: Stage) => compares(stage, "bo")],
    steps: /create FINDING|window_reconciled/,
    ordersMax,
    ordersMin: 6,
    endings: [/window_reconciled anna$/, /window_reconciled bo$/],
  },
];
