// Who buys to have it refunded, and what the people behind the counter will ask for: pieces, amounts, all; once, twice, two at once.
import type { Dice } from "../dice.ts";

/** `more`: beyond what there is. `share`: of the price, thousandths. */
export type Wanted =
  | { readonly what: "all" }
  | { readonly what: "pieces"; readonly quantity: number }
  | { readonly what: "amount"; readonly share: number }
  | { readonly what: "more" }
  | { readonly what: "more_pieces" };

export interface Step {
  readonly waitMs: number;
  readonly wanted: Wanted;
  /** How the command is sent besides: once more at the same time, later, or with another body under its key. */
  readonly again: "no" | "at_once" | "later" | "other_body" | "other_body_at_once";
}
export interface Operator {
  readonly name: string;
  readonly comesMs: number;
  readonly steps: readonly Step[];
}
export interface Customer {
  readonly name: string;
  readonly phone: string;
  readonly quantity: number;
  /** Pays on two tabs at once. */
  readonly tabs: number;
  /** The provider captures another sum than was asked for. */
  readonly wrongSum: boolean;
  /** Nobody hears that the text was sent. */
  readonly unheard: boolean;
  /** When the counter acts: before the money is there, while the text goes out, or when all is done. */
  readonly counter: "too_early" | "while_it_is_sent" | "afterwards";
  readonly operators: readonly Operator[];
  /** How often somebody looks whether a refund came to nothing, and asks for all that is left then. */
  readonly looks: number;
}

export const refundItem = "CR-45";
/** Minor units: nothing divides evenly, neither pieces nor taxes. */
export const refundPrice = 4_999;

const shapes = ["all_at_once", "pieces_to_the_end", "amounts_to_the_end", "mixed", "mixed", "same_key", "other_body", "too_much"] as const;

const wantedOf = (dice: Dice, quantity: number): Wanted =>
  dice.pick<Wanted>([
    { what: "all" },
    { what: "pieces", quantity: dice.between(1, quantity) },
    { what: "pieces", quantity: 1 },
    { what: "amount", share: dice.between(1, 999) },
    { what: "amount", share: dice.between(1, 500) },
    { what: "more" },
    { what: "more_pieces" },
  ]);

const stepsOf = (dice: Dice, shape: (typeof shapes)[number], quantity: number): readonly Step[] => {
  const step = (wanted: Wanted, again: Step["again"] = "no"): Step => ({
    waitMs: dice.pick([0, dice.below(50), dice.below(3_000), dice.below(90_000)]),
    wanted,
    again,
  });
  switch (shape) {
    case "all_at_once":
      return [step({ what: "all" })];
    case "pieces_to_the_end":
      return [...Array.from({ length: quantity }, () => step({ what: "pieces", quantity: 1 })), step({ what: "all" })];
    case "amounts_to_the_end":
      return [step({ what: "amount", share: dice.between(1, 400) }), step({ what: "amount", share: dice.between(1, 400) }), step({ what: "all" })];
    case "mixed":
      return Array.from({ length: dice.between(1, 3) }, () => step(wantedOf(dice, quantity)));
    case "same_key":
      return [step(wantedOf(dice, quantity), dice.pick(["at_once", "at_once", "later"])), step({ what: "all" }, "at_once")];
    case "other_body":
      return [step(wantedOf(dice, quantity), dice.pick(["other_body", "other_body_at_once"]))];
    case "too_much":
      return [step({ what: dice.pick(["more", "more_pieces"] as const) }, "later"), step(wantedOf(dice, quantity))];
  }
};

const customerOf = (dice: Dice, at: number, faults: boolean): Customer => {
  const quantity = dice.pick([1, 2, 2, 3, 3]);
  const unheard = quantity > 1 && dice.chance(0.25);
  const wrongSum = !unheard && dice.chance(0.18);
  const counter = unheard ? "while_it_is_sent" : dice.pick<Customer["counter"]>(["too_early", "while_it_is_sent", "afterwards", "afterwards"]);
  const together = dice.chance(0.65);
  const operators = Array.from({ length: dice.pick([1, 2, 2, 3]) }, (_, nth): Operator => {
    const shape = together && nth < 2 ? dice.pick(["all_at_once", "mixed", "pieces_to_the_end"] as const) : dice.pick(shapes);
    return {
      name: `clerk ${at + 1}.${nth + 1}`,
      comesMs: together ? dice.below(4) : dice.pick([dice.below(100), dice.below(20_000), dice.below(200_000)]),
      steps:
        unheard && nth === 0
          ? [{ waitMs: 0, wanted: { what: "pieces", quantity: 1 }, again: "no" }]
          : stepsOf(dice, shape, quantity).map((step, at) => (together && at === 0 ? { ...step, waitMs: 0 } : step)),
    };
  });
  return {
    name: `customer ${at + 1}`,
    phone: `+1250555${1000 + at}`,
    quantity,
    tabs: dice.pick([1, 1, 2]),
    wrongSum,
    unheard: unheard && faults,
    counter,
    operators,
    looks: dice.pick([0, 1, 2]),
  };
};

/** @param faults whether anything may go wrong in this run */
export const castOf = (dice: Dice, faults: boolean): readonly Customer[] => {
  const count = dice.pick([1, 1, 1, 2]);
  return Array.from({ length: count }, (_, at) => customerOf(dice.fork(`customer ${at + 1}`), at, faults));
};
export const unitsOf = (cast: readonly Customer[], dice: Dice): number =>
  cast.reduce((sum, { quantity }) => sum + quantity, 0) + dice.pick([0, 0, 1]);
