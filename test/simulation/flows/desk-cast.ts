// Who brings matters to the exceptions desk, and who sits there: shop hands who look, pick one of the ends that they are offered, and are
// sometimes careless, sometimes two.
import type { Dice } from "../dice.ts";
import type { Plot } from "./bank.ts";

/** `gone_back`: the shop's owner had given money of it back at the provider by hand. `nothing_came`: the provider calls a payment of zero done. `late_*`: money on a page of a hold that is over. `stripped`: a refund took the
 *  numbers and came to nothing. */
export type Trouble = "other_sum" | "other_currency" | "nothing_came" | "late" | "late_other_sum" | "stripped" | "gone_back" | "disputed";
export type Wish = "giveUnits" | "refundOrder" | "settleException";
/** What nobody offered: an end without the amount, with another, on another merchant's order, a reason that may not fit. */
export type Slip = "no_amount" | "other_amount" | "strangers" | "any_reason" | "give" | "refund" | "refund_and_settle" | Reason;
type Reason = (typeof settledReasons)[number];
export const slips = ["no_amount", "other_amount", "strangers", "any_reason", "any_reason", "give", "refund"] as const;
export const settledReasons = ["dispute_answered", "no_money", "refunded_elsewhere", "given_elsewhere", "written_off"] as const;

export interface Hand {
  readonly name: string;
  readonly comesMs: number;
  /** Tried before the list was read, and after an end was found. */
  readonly before: readonly Slip[];
  readonly after: readonly Slip[];
  readonly wish: Wish;
  /** How the end is sent besides: once more at the same time, later, or with another body under its key. */
  readonly again: "no" | "at_once" | "later" | "other_body";
  /** Goes to the desk again so often, where something is left there. */
  readonly looks: number;
}
export interface Matter {
  readonly name: string;
  readonly phone: string;
  readonly quantity: number;
  readonly trouble: Trouble;
  /** Minor units that came beyond the price. */
  readonly difference: number;
  /** What a clerk asks back of an order that is in order, and whether a part of the money is back before. */
  readonly asked: "refund_of_a_piece" | "refund_of_money" | "refund_of_all";
  readonly partIsBack: boolean;
  /** Buys what the hold gave back, and pays, or does not. */
  readonly rival: "none" | "pays" | "leaves";
  readonly hands: readonly Hand[];
  /** The hands send their ends at the same moment. */
  readonly together: boolean;
  /** What somebody tries who has not read the list, before the others come. */
  readonly careless: readonly Slip[];
  /** The payer quarrels while the hands are at the desk. */
  readonly bank: Plot | undefined;
}

export const deskItem = "DK-20";
export const deskPrice = 5_300;

const plotOf = (dice: Dice): Plot => ({
  opening: "needs_response",
  moves: dice.pick<Plot["moves"]>([["won"], ["lost"], ["lost"], []]),
  share: 1,
  gapMs: dice.pick([dice.below(400), dice.between(20_000, 90_000)]),
  reinstates: false,
  silent: "never",
});

const troubles = [
  ...(["other_sum", "other_sum", "other_sum", "other_sum", "other_currency", "nothing_came"] as const),
  ...(["stripped", "stripped", "stripped", "stripped", "stripped", "stripped"] as const),
  ...(["late", "late", "late_other_sum", "gone_back", "gone_back", "disputed", "disputed"] as const),
];

/** What does not fit a matter, for the most part. */
const misfits: Readonly<Record<Trouble, readonly Slip[]>> = {
  other_sum: ["no_amount", "other_amount", "given_elsewhere", "no_money", "dispute_answered"],
  other_currency: ["give", "give", "no_money"],
  nothing_came: ["no_amount", "give", "refund", "given_elsewhere"],
  late: ["no_amount", "no_amount", "no_money"],
  late_other_sum: ["no_amount", "give"],
  stripped: ["no_amount", "no_amount", "no_amount", "refund_and_settle", "refund_and_settle", "dispute_answered"],
  gone_back: ["no_amount", "no_amount", "give", "refund"],
  disputed: ["no_amount", "written_off", "dispute_answered", "refund"],
};

const handOf = (dice: Dice, name: string, together: boolean): Hand => ({
  name,
  comesMs: together ? dice.below(5) : dice.pick([dice.below(300), dice.below(20_000)]),
  before: together || dice.chance(0.4) ? [] : [dice.pick(slips), dice.pick(slips)],
  after: dice.chance(0.4) ? [] : [dice.pick(slips)],
  wish: dice.pick(
    together
      ? (["giveUnits", "giveUnits", "giveUnits", "giveUnits", "refundOrder", "settleException"] as const)
      : (["giveUnits", "giveUnits", "refundOrder", "settleException"] as const),
  ),
  again: dice.pick(["no", "at_once", "at_once", "later", "other_body", "other_body"] as const),
  looks: dice.pick([1, 2]),
});

const matterOf = (dice: Dice, at: number): Matter => {
  const trouble = dice.pick(troubles);
  const together = dice.chance(0.7);
  const late = trouble === "late" || trouble === "late_other_sum";
  return {
    name: `matter ${at + 1}`,
    phone: `+1867555${1000 + at}`,
    quantity: trouble === "stripped" ? dice.pick([1, 2, 2]) : dice.pick([1, 1, 2]),
    trouble,
    difference: /other_sum/.test(trouble) ? dice.pick([-1, -700, 1, 900]) : 0,
    asked: dice.pick(["refund_of_a_piece", "refund_of_money", "refund_of_money", "refund_of_all", "refund_of_all"] as const),
    partIsBack: dice.chance(0.35),
    rival: late ? dice.pick(["pays", "pays", "leaves", trouble === "late" ? "leaves" : "none"] as const) : "none",
    hands: Array.from({ length: together ? 2 : dice.pick([1, 2]) }, (_, nth) => handOf(dice, `hand ${at + 1}.${nth + 1}`, together)),
    together,
    careless: dice.chance(0.85) ? [dice.pick(misfits[trouble]), dice.pick(misfits[trouble])] : [],
    bank: trouble === "disputed" || dice.chance(0.25) ? plotOf(dice) : undefined,
  };
};

export const castOf = (dice: Dice): readonly Matter[] =>
  Array.from({ length: dice.pick([1, 1, 2]) }, (_, at) => matterOf(dice.fork(`matter ${at + 1}`), at));

/** A rival of late money finds just what the hold gave back. */
export const unitsOf = (cast: readonly Matter[], dice: Dice): number =>
  cast.reduce((sum, { quantity, trouble }) => sum + quantity + (/stripped|gone_back/.test(trouble) ? quantity * dice.pick([0, 1, 2, 2]) : 0), 0) +
  dice.pick([0, 0, 1]);
