// Compact stories: one buyer and one thing that happens to his order, from the shelf to the quiet after it. So short that every step can go
// wrong in every way, and every two of them together.
import { diceOf } from "./dice.ts";
import type { Injected, Occasion, Policy } from "./faults.ts";
import type { Flow } from "./flows/flow.ts";
import { night } from "./flows/night.ts";
import { type Profile, profileOf } from "./profiles.ts";
import {
  type Bought,
  buys,
  decides,
  gives,
  holdEnds,
  pays,
  paysOnDeadPage,
  paysTooLittle,
  quarrels,
  recalls,
  refunds,
  refundsComeBack,
  refundsPart,
  replaces,
  type Stage,
  settlesElsewhere,
  shelf,
  statusOf,
  waitsUntil,
} from "./scenes.ts";
import { runStory, type Story } from "./story.ts";
import type { Planting } from "./world-model.ts";

export interface Compact {
  readonly name: string;
  readonly about: string;
  readonly units: number;
  readonly profile: Profile;
  readonly play: (stage: Stage) => Promise<void>;
  /** A step without which the story would be about nothing. */
  readonly goal: RegExp;
  /** Others who are there. */
  readonly with?: readonly Flow[];
}

const storm = profileOf("storm");

/** Buys and pays; then waits until the units are his, or somebody else's business. */
const settles = async (stage: Stage, name = "buyer"): Promise<Bought | undefined> => {
  const bought = await buys(stage, name);
  if (!bought) return undefined;
  await pays(stage, bought);
  await waitsUntil(stage, "looks whether the number is there", () => statusOf(stage, bought) !== "awaiting_payment");
  return bought;
};
/** Somebody else goes on beside. */
const together = ({ world }: Stage, name: string, work: () => Promise<unknown>): Promise<void> =>
  new Promise((resolve, reject) => {
    world.scheduler.spawn(name, () => work().then(() => resolve(), reject));
  });
const afterSale =
  (work: (stage: Stage, bought: Bought) => Promise<void>) =>
  async (stage: Stage): Promise<void> => {
    const bought = await settles(stage);
    if (bought && statusOf(stage, bought) === "paid") await work(stage, bought);
  };
/** Too little comes; then waits until the order lies at the desk. */
const atTheDesk =
  (work: (stage: Stage, bought: Bought) => Promise<void>) =>
  async (stage: Stage): Promise<void> => {
    const bought = await buys(stage, "buyer");
    if (!bought) return;
    await paysTooLittle(stage, bought);
    if (await waitsUntil(stage, "waits until somebody is told", () => statusOf(stage, bought) === "attention")) await work(stage, bought);
  };
/** Nobody looks while the hold runs: those looks are the same each time. */
const holdOver = async (stage: Stage): Promise<Bought | undefined> => {
  const bought = await buys(stage, "buyer");
  if (bought) holdEnds(stage, bought);
  if (bought) await waitsUntil(stage, "leaves the page open", () => statusOf(stage, bought) === "expired");
  return bought;
};

export const compacts: readonly Compact[] = [
  {
    name: "sale",
    about: "reserve, checkout, payment, event, delivery, text",
    units: 1,
    profile: storm,
    play: async (stage) => void (await settles(stage)),
    goal: /order_paid/,
  },
  {
    name: "two orders, two units",
    about: "two buyers at once, a unit for each",
    units: 2,
    profile: storm,
    play: async (stage) => {
      const second = together(stage, "second buyer", () => settles(stage, "rival"));
      await settles(stage);
      await second;
    },
    goal: /order_paid/,
  },
  {
    name: "sale, and nothing looks again",
    about: "the same without a sweep: what is lost stays lost, and nothing wrong may come of it",
    units: 1,
    profile: profileOf("sweep-off"),
    play: async (stage) => void (await settles(stage)),
    goal: /order_paid/,
  },
  {
    name: "sale without events",
    about: "the same, and the sweep alone hears of the money",
    units: 1,
    profile: profileOf("webhooks-lost"),
    play: async (stage) => void (await settles(stage)),
    goal: /order_paid/,
  },
  {
    name: "hold that ends",
    about: "nobody pays; the session is ended, the unit goes back",
    units: 1,
    profile: storm,
    play: async (stage) => void (await holdOver(stage)),
    goal: /hold_expired/,
  },
  {
    name: "late money",
    about: "money on a dead page, while there are units: others are given",
    units: 1,
    profile: storm,
    play: async (stage) => {
      const bought = await holdOver(stage);
      if (bought) await paysOnDeadPage(stage, bought);
    },
    goal: /order_paid/,
  },
  {
    name: "late money, sold out",
    about: "money on a dead page, and the shelf is empty: it goes back",
    units: 1,
    profile: storm,
    play: async (stage) => {
      const bought = await holdOver(stage);
      await recalls(stage, "operator");
      if (bought) await paysOnDeadPage(stage, bought);
    },
    goal: /refund_requested/,
  },
  {
    name: "refund",
    about: "an operator gives the money back and takes the number",
    units: 1,
    profile: storm,
    play: afterSale((stage, bought) => refunds(stage, bought, "operator")),
    goal: /order_refunded/,
  },
  {
    name: "part refunded",
    about: "an operator gives a part of the money back, then the rest",
    units: 1,
    profile: storm,
    play: afterSale(async (stage, bought) => {
      await refundsPart(stage, bought, "anna");
      await refunds(stage, bought, "bo");
    }),
    goal: /order_refunded/,
  },
  {
    name: "refund that comes back",
    about: "the bank does not take the money: the order lies at the desk, or asks again",
    units: 1,
    profile: storm,
    play: afterSale(async (stage, bought) => {
      await refunds(stage, bought, "operator");
      await waitsUntil(stage, "waits for the money", () => statusOf(stage, bought) !== "refund_pending");
      await refundsComeBack(stage, bought);
    }),
    goal: /refund_failed/,
  },
  {
    name: "too little, and given",
    about: "another sum came; a person takes it for the price",
    units: 1,
    profile: storm,
    play: atTheDesk((stage, bought) => gives(stage, bought, "operator")),
    goal: /units_given/,
  },
  {
    name: "too little, and settled",
    about: "another sum came; a person says that it went back by another way",
    units: 1,
    profile: storm,
    play: atTheDesk((stage, bought) => settlesElsewhere(stage, bought, "operator")),
    goal: /exception_settled/,
  },
  {
    name: "refund beside a dispute",
    about: "money is claimed back at the bank and given back at the counter at once, and the bank believes the payer",
    units: 1,
    profile: storm,
    play: afterSale(async (stage, bought) => {
      const refund = together(stage, "clerk", () => refunds(stage, bought, "operator"));
      const dispute = await quarrels(stage, bought);
      await refund;
      await decides(stage, dispute, "lost");
    }),
    goal: /dispute_lost/,
  },
  {
    name: "dispute lost",
    about: "the payer quarrels at his bank, and the bank believes him",
    units: 1,
    profile: storm,
    play: afterSale(async (stage, bought) => decides(stage, await quarrels(stage, bought), "lost")),
    goal: /dispute_lost/,
  },
  {
    name: "dispute won",
    about: "the payer quarrels at his bank, and the bank believes us",
    units: 1,
    profile: storm,
    play: afterSale(async (stage, bought) => decides(stage, await quarrels(stage, bought), "won")),
    goal: /dispute_won/,
  },
  {
    name: "replacement",
    about: "a number does not work: another is given in its place, and told",
    units: 2,
    profile: storm,
    play: afterSale((stage, bought) => replaces(stage, bought, "operator")),
    goal: /unit_replaced/,
  },
  {
    name: "recall",
    about: "a supplier calls a batch back of which a buyer has a unit",
    units: 2,
    profile: storm,
    play: afterSale((stage) => recalls(stage, "operator")),
    goal: /batch_recalled/,
  },
  {
    name: "recall before the money",
    about: "what a buyer holds is called back, he pays for it, and nothing else is left",
    units: 1,
    profile: storm,
    play: async (stage) => {
      const bought = await buys(stage, "buyer");
      await recalls(stage, "operator");
      if (bought) await pays(stage, bought);
    },
    goal: /refund_requested/,
  },
  {
    name: "books",
    about: "the journal behind a sale, and the comparison with the provider's books",
    units: 1,
    profile: storm,
    play: async (stage) => void (await settles(stage)),
    goal: /window_reconciled|RECONCILIATION/,
    with: [night],
  },
];
export const compactOf = (name: string): Compact => {
  const found = compacts.find((compact) => compact.name === name);
  if (!found) throw new RangeError(`no compact story ${name}`);
  return found;
};

const flowOf = ({ name, about, units, play }: Compact): Flow => ({
  name,
  about,
  percent: 100,
  stock: shelf(units),
  begin(world, history) {
    let inside = true;
    world.scheduler.spawn("plot", async () => {
      await play({ world, history });
      inside = false;
    });
    return () => !inside;
  },
});

/** One telling of a compact story: which ready step goes next, and what goes wrong where. */
export interface Course {
  readonly compact: string;
  readonly schedule: number;
  readonly plan: readonly Injected[];
}

export interface Telling {
  readonly watch?: ((occasion: Occasion) => void) | undefined;
  readonly planting?: Planting;
  /** Who decides what goes wrong, instead of the course's plan. */
  readonly decides?: Policy;
}
export const tellCourse = ({ compact: name, schedule, plan }: Course, { watch, planting = {}, decides }: Telling = {}): Promise<Story> => {
  const compact = compactOf(name);
  const choose = diceOf(`schedule ${schedule}`).below;
  const flows = [flowOf(compact), ...(compact.with ?? [])];
  return runStory({
    seed: `compact ${name}`,
    profile: compact.profile,
    plan,
    planting,
    flows,
    choose,
    ...(watch && { watch }),
    ...(decides && { decides }),
  });
};
