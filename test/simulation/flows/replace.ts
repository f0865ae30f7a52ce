// After the sale, at the counter: defective units are replaced, batches called back, single units taken out of sale, while others buy, hold,
// quarrel or have their money back. Each story is about one thing of these, so that it stays short and what is rare is met often.
import type { Dice } from "../dice.ts";
import type { Nemesis } from "../faults.ts";
import type { History } from "../history.ts";
import type { Stock } from "../shop.ts";
import type { World } from "../world-model.ts";
import type { Flow } from "./flow.ts";
import { replaceAfterwards } from "./replace-afterwards.ts";
import { askForOrder, orderOf } from "./sale.ts";
import { type Deed, doDeed, replaceItem } from "./shop-hands.ts";

type Theme = "last unit" | "twice" | "chain" | "recall" | "retire" | "quarrel";
export interface Guest {
  readonly name: string;
  readonly phone: string;
  readonly quantity: number;
  readonly comesMs: number;
  /** Undefined: never, and the units are held until the hold ends. */
  readonly paysMs: number | undefined;
  /** The number takes no texts. */
  readonly optedOut: boolean;
}
interface Cast {
  readonly theme: Theme;
  readonly guests: readonly Guest[];
  /** Units beyond those that are bought. */
  readonly spare: number;
  /** The first batch is that large; the rest came later. */
  readonly firstLot: (units: number) => number;
  readonly deeds: readonly Deed[];
  /** Where the story is unlucky. */
  readonly struckBy?: readonly Nemesis[];
}

const minuteMs = 60_000;
const reasons = ["gate does not read it", "card is bent", "wrong code printed"] as const;

interface Crowd {
  readonly quantity?: readonly number[];
  /** Chance that one never pays. */
  readonly holds?: number;
  readonly paysMs?: () => number;
}
const guestsOf = (dice: Dice, count: number, { quantity = [1, 1, 2], holds = 0, paysMs }: Crowd = {}) =>
  Array.from(
    { length: count },
    (_, at): Guest => ({
      name: `guest ${at + 1}`,
      phone: `+1250555${1000 + at}`,
      quantity: dice.pick(quantity),
      comesMs: dice.pick([dice.below(30), dice.below(4_000)]),
      paysMs: dice.chance(holds) ? undefined : (paysMs?.() ?? dice.pick([dice.between(20, 400), dice.between(100, 20_000)])),
      optedOut: dice.chance(0.15),
    }),
  );

type Replace = Extract<Deed, { does: "replace" }>;
const replacing = (dice: Dice, guest: number, over: Partial<Replace> = {}): Replace => ({
  does: "replace",
  guest,
  when: dice.pick(["paid", "texting", "texting", "told"]),
  afterMs: dice.pick([0, 0, dice.below(50), dice.below(30_000)]),
  how: dice.pick(["once", "once", "one key at once", "two hands", "another body"]),
  again: 0,
  reason: dice.pick(reasons),
  ...over,
});
const retiring = (dice: Dice, over: Partial<Extract<Deed, { does: "retire" }>> = {}): Deed => ({
  does: "retire",
  afterMs: dice.pick([dice.below(200), dice.below(10_000), dice.below(2 * minuteMs)]),
  to: dice.pick(["defective", "expired", "archived", "archived"]),
  picks: dice.next(),
  of: dice.pick(["any", "any", "available", "reserved", "sold", "sold", "out"]),
  how: dice.pick(["one", "one key at once", "two hands"]),
  ...over,
});

/** Texts that go out unheard, or late: the number may be another one before anybody knows. */
const slowTexts = (dice: Dice): readonly Nemesis[] =>
  dice.pick<readonly Nemesis[]>([
    [],
    [{ at: /hears from Twilio/, fault: "lose_response", chance: 0.4 }],
    [{ at: /hears from Twilio/, fault: "crash_before", chance: 0.4 }],
    [{ at: /asks Twilio to send/, fault: "slow", chance: 0.6 }],
    [{ at: /asks Twilio to send/, fault: "lose_request", chance: 0.4 }],
  ]);
/** Something else comes in between. */
const late = (what: "batch_recalled" | "unit_replaced" | "text"): Nemesis => ({
  at: what === "text" ? /asks Twilio to send/ : new RegExp(`^transact ${what}$`),
  fault: "slow",
  chance: 0.6,
});
const brokenOff = (dice: Dice, operation: string): readonly Nemesis[] => [
  { at: new RegExp(`^transact ${operation}$`), fault: dice.pick(["crash_before", "crash_after", "crash_after", "lose_response"]), chance: 0.4 },
];
const recalling = (dice: Dice): Deed => ({
  does: "recall",
  afterMs: dice.pick([dice.below(40), dice.below(80), dice.between(300, 6_000), dice.between(8_000, 40_000), dice.between(8_000, 40_000)]),
  to: dice.pick(["defective", "defective", "expired", "archived"]),
  hands: dice.pick(["one", "one", "one key at once", "two hands"]),
});

const themes: Readonly<Record<Theme, (dice: Dice) => Omit<Cast, "theme">>> = {
  "last unit": (dice) => ({
    guests: guestsOf(dice, 2, { quantity: [1, 1, 2] }),
    spare: dice.pick([0, 1, 1]),
    firstLot: (units) => units,
    deeds: [0, 1].map((guest) => replacing(dice, guest, { when: "paid", afterMs: dice.below(600) })),
    struckBy: brokenOff(dice, "unit_replaced"),
  }),
  twice: (dice) => ({
    guests: guestsOf(dice, 1, { quantity: [1, 2, 2] }),
    spare: dice.pick([1, 2, 3]),
    firstLot: (units) => units,
    deeds: [replacing(dice, 0, { how: dice.pick(["one key at once", "two hands", "another body", "another body", "both units", "both units"]) })],
    struckBy: brokenOff(dice, "unit_replaced"),
  }),
  chain: (dice) => ({
    guests: guestsOf(dice, 1),
    spare: dice.pick([2, 3]),
    firstLot: (units) => units,
    deeds: [
      replacing(dice, 0, {
        when: dice.pick(["paid", "texting", "texting"]),
        afterMs: dice.pick([0, 0, dice.below(100)]),
        how: dice.pick(["once", "one key at once"]),
        again: dice.pick([1, 1, 2]),
      }),
    ],
    struckBy: dice.chance(0.7) ? [late("text")] : slowTexts(dice),
  }),
  recall: (dice) => {
    // What came in later is all that is left to give to whoever pays for a unit that was called back; with none to spare, it may be a part of theirs.
    const spare = dice.pick([0, 0, 2, 8, 9]);
    const later = spare === 0 ? dice.pick([0, 1, 1]) : Math.min(spare, dice.pick([2, 2, 3]));
    return {
      guests: guestsOf(dice, dice.pick([1, 2]), { quantity: [1, 2], holds: 0.3, paysMs: () => dice.between(100, 12_000) }),
      spare,
      firstLot: (units) => Math.max(1, units - later),
      deeds: [recalling(dice), ...(dice.chance(0.35) ? [replacing(dice, 0, { when: "paid", how: "once" })] : [])],
      struckBy: [...brokenOff(dice, "batch_recalled"), ...(dice.chance(0.4) ? [late("batch_recalled")] : [])],
    };
  },
  retire: (dice) => {
    const replace = replacing(dice, 0, { when: "paid", how: "once", afterMs: dice.below(8) });
    const beside = retiring(dice, { guest: 0, of: "sold", to: "archived", afterMs: dice.below(12) });
    const [first, ...others] = guestsOf(dice, 2, { quantity: [1], holds: 0.4 });
    return {
      guests: [...(first ? [{ ...first, paysMs: first.paysMs ?? 500 }] : []), ...others],
      spare: dice.pick([1, 2]),
      firstLot: (units) => units,
      deeds: [...Array.from({ length: dice.between(1, 3) }, () => retiring(dice)), ...(dice.chance(0.6) ? [replace, beside] : [])],
      struckBy: [late("unit_replaced"), ...(dice.chance(0.5) ? brokenOff(dice, "unit_retired") : [])],
    };
  },
  quarrel: (dice) => {
    const again = dice.pick([0, 0, 1]);
    const how = dice.pick(["once", "two hands"] as const);
    const afterMs = dice.pick([0, dice.below(60), dice.below(2_000)]);
    const when = dice.pick(["paid", "texting", "told"] as const);
    const refund: Deed = { does: "refund", guest: 0, when, afterMs, pieces: dice.pick([1, 1, undefined]) };
    const besideMoney = replacing(dice, 0, { when, how, again, afterMs: dice.pick([afterMs, afterMs + dice.below(3_000)]) });
    const besideBank = replacing(dice, 0, { when: dice.pick([when, "frozen"]), how, again, afterMs: dice.pick([0, afterMs]) });
    const ends = dice.pick(["won", "lost", "lost", undefined] as const);
    const dispute: Deed = {
      does: "dispute",
      guest: 0,
      when,
      afterMs,
      ends,
      endsMs: dice.pick([dice.below(2_000), dice.below(minuteMs)]),
    };
    return {
      guests: guestsOf(dice, 1, { quantity: [1, 2, 2] }),
      spare: 2,
      firstLot: (units) => units,
      deeds: dice.chance(0.5) ? [besideMoney, refund] : [besideBank, dispute, retiring(dice, { of: "frozen", afterMs: dice.below(40) })],
      struckBy: slowTexts(dice),
    };
  },
};

const castOf = (dice: Dice): Cast => {
  const theme = dice.pick<Theme>(["last unit", "twice", "chain", "recall", "recall", "retire", "retire", "quarrel", "quarrel"]);
  return { theme, ...themes[theme](dice.fork(theme)) };
};
const ofRun = (dice: Dice): Cast => castOf(dice.fork("cast"));

/** Comes, takes a page to pay on, and pays or leaves. Answers the order, if there is one. */
const visit = async (world: World, history: History, { name, phone, quantity, comesMs, paysMs }: Guest): Promise<string | undefined> => {
  const { scheduler, stripe, courier } = world;
  await scheduler.sleep(comesMs, "comes to the shop");
  const asked = { principal: name, key: `key-of-${name}`, body: "first", item: replaceItem, quantity, phone };
  for (let attempt = 0; attempt < 4; attempt += 1) {
    const ended = await askForOrder(world, history, asked);
    if (ended.kind === "answered" && ended.value.kind === "placed" && ended.value.placed.checkout_url !== null) {
      const { token, checkout_url } = ended.value.placed;
      if (paysMs === undefined) return orderOf(token);
      await scheduler.sleep(paysMs, "types the card number");
      await scheduler.turn("presses Pay");
      const { kind } = stripe.pay(checkout_url.split("/").at(-1) ?? "", { card: "4242424242424242" });
      scheduler.note(`pays: ${kind}`);
      courier.look();
      return orderOf(token);
    }
    await scheduler.sleep(3_000, "tries again");
  }
  return undefined;
};

export const replace: Flow = {
  name: "replace",
  about: "defective units are replaced, batches called back, units taken out of sale, whoever buys, quarrels or has money back meanwhile",
  percent: 40,

  stock: (dice): readonly Stock[] => {
    const { guests, spare, firstLot } = ofRun(dice);
    const units = guests.reduce((sum, { quantity }) => sum + quantity, 0) + spare;
    const first = firstLot(units);
    return [{ item: replaceItem, price: 3000, units, lots: first < units ? [first, units - first] : [units] }];
  },

  nemesis: (dice) => ofRun(dice).struckBy ?? [],

  begin(world, history) {
    // The same throws as for the shelf.
    const { guests, deeds } = ofRun(world.dice.fork("flow").fork("replace"));
    let inside = guests.length + deeds.length;
    const enter = <T>(name: string, work: () => Promise<T>): Promise<T> =>
      new Promise((resolve, reject) => {
        world.scheduler.spawn(name, () =>
          work().then((value) => {
            inside -= 1;
            resolve(value);
          }, reject),
        );
      });
    for (const { phone, optedOut } of guests) if (optedOut) world.texts.optedOut.add(phone);
    const refusals = world.dice.fork("flow").fork("replace").fork("refusals");
    for (const { phone } of guests) if (refusals.chance(0.25)) world.texts.notTaken.add(phone);
    const orders = guests.map((guest) => enter(guest.name, () => visit(world, history, guest)));
    for (const [at, deed] of deeds.entries()) {
      const name = `hand-${at + 1}`;
      void enter(name, () => doDeed(world, history, name, deed, "guest" in deed ? (orders[deed.guest] ?? Promise.resolve(undefined)) : undefined));
    }
    return () => inside === 0;
  },

  afterwards: replaceAfterwards,
};
