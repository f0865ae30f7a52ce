// What meets at the exceptions desk: ends of one matter, each other's and those of the buyer's bank. A part of the list of cases.
import { asks, onDesk, onDeskEmpty } from "./interleaving-beginnings.ts";
import { by, disputed } from "./interleavings-after-sale.ts";
import type { Case } from "./orders.ts";
import { gives, refunds, settlesElsewhere } from "./scenes.ts";

const ordersMax = 2_000;
/** Where the desk's ends meet: the order is read, and written once. */
const deskSteps = /^(get|getMany) ORDER|^transact /;

export const deskCases: readonly Case[] = [
  {
    name: "units given, units given",
    about: "two hands at the desk take one sum for the price",
    units: 1,
    before: onDesk,
    executions: [by(gives, "anna"), by(gives, "bo")],
    steps: deskSteps,
    ordersMax,
    ordersMin: 6,
    endings: [/^units_given anna/, /^units_given bo/],
  },
  {
    name: "units given, the same again",
    about: "one hand at the desk presses twice",
    units: 1,
    before: onDesk,
    executions: [by(gives, "anna"), by(gives, "anna")],
    steps: deskSteps,
    ordersMax,
    ordersMin: 6,
    endings: [/^units_given anna$/],
  },
  {
    name: "units given, reserve of the last unit",
    about: "a hand gives the unit that a buyer is taking",
    units: 1,
    before: onDeskEmpty,
    executions: [by(gives, "anna"), asks("b")],
    steps: /POOL|^transact /,
    ordersMax,
    ordersMin: 10,
    endings: [/^units_given anna/, /^order_placed b/],
  },
  {
    name: "units given, settled elsewhere",
    about: "one hand gives the units, another says that it ended otherwise",
    units: 1,
    before: onDesk,
    executions: [by(gives, "anna"), by(settlesElsewhere, "bo")],
    steps: deskSteps,
    ordersMax,
    ordersMin: 6,
    endings: [/^units_given anna/, /^exception_settled bo/],
  },
  {
    name: "units given, refund",
    about: "one hand gives the units, another gives the money back",
    units: 1,
    before: onDesk,
    executions: [by(gives, "anna"), by(refunds, "bo")],
    steps: /^(get|getMany) ORDER|units_given|refund_requested/,
    ordersMax,
    ordersMin: 27,
    endings: [/^units_given anna/, /^refund_requested bo, order_refunded/],
  },
  {
    name: "settled elsewhere, refund",
    about: "one hand says that it went back by another way, another gives it back here",
    units: 1,
    before: onDesk,
    executions: [by(settlesElsewhere, "anna"), by(refunds, "bo")],
    steps: /^(get|getMany) ORDER|exception_settled|refund_requested/,
    ordersMax,
    ordersMin: 27,
    endings: [/^exception_settled anna/, /^refund_requested bo/],
  },
  {
    name: "units given, dispute",
    about: "a hand gives the units while the payer claims the money back",
    units: 1,
    before: onDesk,
    executions: [by(gives, "anna"), disputed],
    steps: /calls his bank|asks Stripe for disputes|^getMany ORDER|^transact /,
    ordersMax,
    ordersMin: 10,
    endings: [/^units_given anna, dispute_opened/, /^dispute_opened/],
  },
];
