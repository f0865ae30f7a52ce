// Payers who quarrel at their bank: what they bought is frozen, comes back or is lost. Others want refunds of it, or another unit, or have had one
// already; the bank may be faster than the sale, ask before it takes, change its mind in any order, and say nothing at all.
import type { Dice } from "../dice.ts";
import { sawBank, sawQuarrelEnds } from "../dispute-sightings.ts";
import type { History } from "../history.ts";
import type { Stock } from "../shop.ts";
import type { World } from "../world-model.ts";
import { bankOf, intentOfOrder, type Plot } from "./bank.ts";
import { counterOf } from "./counter.ts";
import type { Flow } from "./flow.ts";
import { askForOrder } from "./sale.ts";

interface Payer {
  readonly name: string;
  readonly phone: string;
  readonly quantity: number;
  readonly plots: readonly Plot[];
  /** The second plot does not wait for the end of the first. */
  readonly atOnce: boolean;
  /** The bank is told in the moment of the payment, and the sale's own event takes its time. */
  readonly hurries: boolean;
  /** What has happened to the order before. */
  readonly before: "nothing" | "refund_of_a_piece" | "refund_of_money" | "another_unit" | "unit_closed";
  /** A refund that the bank comes upon. */
  readonly refund: "none" | "just_claimed" | "under_way" | "at_the_same_time";
  /** What somebody behind the counter does in the moment in which the bank comes. */
  readonly crosses: "nothing" | "another_unit" | "unit_closed";
  /** People behind the counter try what a quarrel forbids. */
  readonly tried: boolean;
  readonly recalled: boolean;
}

export const disputeItem = "DX-70";

const opened = ["needs_response", "warning_needs_response"] as const;
const plotOf = (dice: Dice, share = 1): Plot => {
  const opening = dice.chance(0.35) ? opened[1] : opened[0];
  const inquiry: readonly Plot["moves"][] = [
    ["warning_closed"],
    ["warning_under_review", "warning_closed"],
    ["warning_under_review"],
    ["needs_response", "won"],
    ["needs_response", "under_review", "lost"],
    ["needs_response"],
  ];
  const chargeback: readonly Plot["moves"][] = [
    ["won"],
    ["won"],
    ["under_review", "won"],
    ["lost"],
    ["lost"],
    ["under_review", "lost"],
    [],
    ["under_review"],
  ];
  const silent = dice.pick<Plot["silent"]>(["never", "never", "never", "at_the_end", "at_the_end", "always"]);
  // An end that nobody tells of is heard of all the same where other news is still on its way.
  const unheard = silent === "at_the_end";
  return {
    opening,
    moves: dice.pick(opening === "needs_response" ? chargeback : inquiry),
    share,
    gapMs: unheard ? dice.between(60_000, 120_000) : dice.pick([dice.below(15), dice.below(2_000), dice.between(5_000, 90_000)]),
    reinstates: !unheard && dice.chance(0.4),
    silent,
  };
};

const castOf = (dice: Dice): readonly Payer[] =>
  Array.from({ length: dice.pick([1, 1, 2]) }, (_, at): Payer => {
    const refund = dice.pick<Payer["refund"]>([
      "none",
      "none",
      "none",
      "none",
      "just_claimed",
      "just_claimed",
      "under_way",
      "at_the_same_time",
      "at_the_same_time",
    ]);
    const atOnce = dice.chance(0.4);
    const hurries = refund === "none" && dice.chance(0.25);
    const before: Payer["before"] =
      hurries || refund !== "none"
        ? "nothing"
        : dice.pick(["nothing", "refund_of_a_piece", "refund_of_money", "another_unit", "another_unit", "unit_closed"]);
    return {
      name: `payer ${at + 1}`,
      phone: `+1672555${1000 + at}`,
      quantity: before === "nothing" ? dice.pick([1, 2]) : 2,
      plots: dice.chance(0.4) ? [plotOf(dice, atOnce ? 0.5 : 1), plotOf(dice)] : [plotOf(dice)],
      atOnce,
      hurries,
      before,
      refund,
      crosses: hurries || refund !== "none" ? "nothing" : dice.pick(["nothing", "nothing", "another_unit", "unit_closed"]),
      tried: dice.chance(0.5),
      recalled: dice.chance(0.2),
    };
  });
const ofRun = (dice: Dice): readonly Payer[] => castOf(dice.fork("dispute").fork("cast"));

const orderIn = (world: World, order_id: string) => [...world.twin.snapshot.records("ORDER")].find(({ item }) => item.id === order_id)?.item;

/** Waits until it is so, for a while. */
const until = async (world: World, so: () => boolean, label: string, looks: number, everyMs: number): Promise<boolean> => {
  for (let look = 0; look < looks && !so(); look += 1) await world.scheduler.sleep(everyMs, label);
  return so();
};

/** Buys and pays. Answers the order, undefined where it came to nothing. */
const buy = async (world: World, history: History, payer: Payer): Promise<string | undefined> => {
  const { scheduler, stripe, courier } = world;
  for (let attempt = 0; attempt < 5; attempt += 1) {
    const { name, quantity, phone } = payer;
    const ended = await askForOrder(world, history, { principal: name, key: `key-of-${name}`, body: "first", item: disputeItem, quantity, phone });
    if (ended.kind === "answered" && ended.value.kind === "placed" && ended.value.placed.checkout_url) {
      const { token, checkout_url } = ended.value.placed;
      await scheduler.sleep(world.dice.fork(name).between(20, 800), "types the card number");
      // The event about the sale takes longer than the one about its dispute.
      if (payer.hurries) stripe.setFaults({ delay_ms: world.dice.fork(name).between(500, 4_000) });
      const { kind } = stripe.pay(checkout_url.split("/").at(-1) ?? "", { card: "4242424242424242" });
      stripe.setFaults({ delay_ms: 0 });
      courier.look();
      scheduler.note(`pays: ${kind}`);
      return kind === "paid" ? token.split(".")[1] : undefined;
    }
    await scheduler.sleep(3_000, "tries again");
  }
  return undefined;
};

const live = async (world: World, history: History, payer: Payer, whenOver: (ends: Promise<unknown>) => void): Promise<void> => {
  const { scheduler } = world;
  const dice = world.dice.fork("flow").fork(payer.name);
  const order_id = await buy(world, history, payer);
  const intent = order_id === undefined ? undefined : intentOfOrder(world, order_id);
  if (order_id === undefined || intent === undefined) return;
  const counter = counterOf(world, history, { order_id, item: disputeItem, name: payer.name });
  const bank = bankOf(world, intent, dice.fork("bank"));
  const isPaid = (): boolean => orderIn(world, order_id)?.status === "paid";

  if (!payer.hurries) await until(world, isPaid, "waits for the order", 40, 1_000);
  if (isPaid() && payer.before !== "nothing") {
    await counter[payer.before]();
    // Some quarrel when the refund has long come, some at once.
    await scheduler.sleep(dice.pick([dice.below(2_000), dice.between(20_000, 120_000)]), "looks at the statement");
  }
  if (isPaid() && (payer.refund === "just_claimed" || payer.refund === "under_way")) {
    await counter[dice.pick(["refund_of_money", "refund_of_a_piece", "refund_of_all"] as const)]();
    if (payer.refund === "under_way") await scheduler.sleep(dice.pick([dice.below(400), dice.below(4_000)]), "looks at the statement");
  }
  if (payer.refund === "at_the_same_time" && isPaid()) whenOver(counter[dice.pick(["refund_of_money", "refund_of_all"] as const)]());
  if (!payer.hurries && payer.refund === "none") await scheduler.sleep(dice.below(30_000), "looks at the statement");

  const [first, second] = payer.plots;
  if (first) {
    sawBank(world, order_id, payer.before);
    const ends = bank.quarrel(first);
    if (payer.crosses !== "nothing") whenOver(counter[payer.crosses](dice.pick([dice.below(30), dice.below(400)])));
    if (payer.tried || payer.recalled) whenOver(tries(world, payer, counter, order_id));
    if (second && payer.atOnce) whenOver(bank.quarrel(second));
    await ends;
    if (second && !payer.atOnce) {
      await scheduler.sleep(dice.pick([5, 3_000, 60_000]), "thinks about another quarrel");
      await bank.quarrel(second);
    }
  }
  sawQuarrelEnds(world, order_id);
};

/** What a quarrel forbids, as soon as the order names one, two at a time. */
const tries = async (world: World, payer: Payer, counter: ReturnType<typeof counterOf>, order_id: string): Promise<void> => {
  const quarrels = (): boolean => (orderIn(world, order_id)?.dispute as { readonly status?: string } | undefined)?.status === "open";
  if (!(await until(world, quarrels, "waits for the bank's letter", 60, 1_000))) return;
  if (payer.recalled) await counter.recall();
  if (!payer.tried) return;
  for (const attempt of [counter.refund_of_money, counter.refund_of_all, counter.another_unit, counter.unit_closed]) {
    await attempt();
    if (!quarrels()) return;
  }
};

export const dispute: Flow = {
  name: "dispute",
  about: "payers who quarrel at their bank: opened, won, lost, asked before, twice, beside refunds and replacements, with news late or lost",
  percent: 30,
  stock: (dice): readonly Stock[] => [{ item: disputeItem, price: 7000, units: ofRun(dice).reduce((sum, { quantity }) => sum + quantity, 0) + 2 }],

  begin(world, history) {
    const payers = ofRun(world.dice.fork("flow"));
    let inside = 0;
    const enter = (name: string, work: () => Promise<void>): Promise<void> => {
      inside += 1;
      return new Promise((resolve) => {
        world.scheduler.spawn(name, async () => {
          await work();
          inside -= 1;
          resolve();
        });
      });
    };
    for (const payer of payers) {
      void enter(payer.name, async () => {
        const others: Promise<unknown>[] = [];
        await live(world, history, payer, (ends) => void others.push(ends));
        await Promise.all(others);
      });
    }
    return () => inside === 0;
  },

  /** What an open or lost dispute forbids is refused again and again, and changes nothing. */
  async afterwards(world, history) {
    for (const { item: order } of [...world.twin.snapshot.records("ORDER")]) {
      const { status, inquiry } = (order.dispute ?? {}) as { readonly status?: string; readonly inquiry?: boolean };
      const [line] = order.lines as readonly { readonly listing_item_id: string }[];
      if ((status !== "open" && status !== "lost") || line?.listing_item_id !== disputeItem) continue;
      const counter = counterOf(world, history, { order_id: String(order.id), item: disputeItem, name: `afterwards ${order.id}` });
      // What the bank only asks about may be refunded, which would be something new.
      const answers =
        inquiry && status === "open" ? [] : [await counter.refund_of_money(), await counter.refund_of_all(), await counter.refund_of_all()];
      if (answers.some((answer) => answer?.kind !== "refused" || answer.refusal !== "disputed"))
        history.broken.push(`a refund beside the ${status} dispute of order ${order.id} was not refused as disputed`);
      if (status !== "open") continue;
      for (const answer of [await counter.another_unit(), await counter.unit_closed()])
        if (answer && (answer.kind !== "refused" || answer.refusal !== "unit_disputed"))
          history.broken.push(`a unit of order ${order.id} was not refused as disputed`);
    }
  },
};
