// One run: a seed's story from opening the shop to the quiet after it, judged.
import { createHash } from "node:crypto";
import { stripeSignature } from "../../local/simulators/stripe/core.ts";
import { refundKind } from "../../local/simulators/stripe/records.ts";
import type { Commit } from "../../platform/table/memory.ts";
import type { Books, Item } from "./checker/books.ts";
import { Checker, type Violation } from "./checker/checker.ts";
import { unheardOf } from "./checker/disputes.ts";
import { cameBack } from "./checker/refund-claims.ts";
import { type Dice, diceOf } from "./dice.ts";
import { type Injected, type Nemesis, noFaults, type Occasion, type Policy, plannedFaults, randomFaults } from "./faults.ts";
import { flows as allFlows } from "./flows/all.ts";
import type { Flow } from "./flows/flow.ts";
import { signingSecret } from "./flows/forgery.ts";
import { night } from "./flows/night.ts";
import { History } from "./history.ts";
import { settledTextOf } from "./item-text.ts";
import { mistakeOf } from "./mistakes.ts";
import { nightFalls } from "./night.ts";
import { owedOn, refundsUnderWay, unanswered } from "./owed.ts";
import { linkSecretText } from "./product.ts";
import type { Profile } from "./profiles.ts";
import { Reach } from "./reach.ts";
import { secretOf, serialOf } from "./shop.ts";
import { sawCommit, sawDeath } from "./sightings.ts";
import { buildWorld } from "./world.ts";
import type { Planting, World } from "./world-model.ts";

export interface StoryOptions {
  readonly seed: string;
  readonly profile: Profile;
  readonly planting?: Planting;
  /** Faults at given places instead of the seed's own. */
  readonly plan?: readonly Injected[];
  /** Who decides what goes wrong, instead of a plan and of the seed. */
  readonly decides?: Policy;
  /** What goes wrong besides the seed's faults. */
  readonly nemesis?: readonly Nemesis[];
  /** Default: as the seed has it. */
  readonly flows?: readonly Flow[];
  /** A flow that is in the story, whatever the seed says. */
  readonly surely?: string;
  readonly choose?: (count: number) => number;
  /** Steps that take a turn. Default: all. */
  readonly takesTurn?: (label: string) => boolean;
  /** Told of every step that could go wrong. */
  readonly watch?: (occasion: Occasion) => void;
  /** Told of every commit of the story. */
  readonly heard?: (commit: Commit) => void;
}
export interface Story {
  readonly seed: string;
  readonly profile: string;
  readonly violations: readonly Violation[];
  readonly injected: readonly Injected[];
  readonly reach: Reach;
  readonly traceHash: string;
  readonly turns: World["scheduler"]["turns"];
  /** The longest time from money to its answer, milliseconds. */
  readonly slowestAnswerMs: number;
  readonly words: () => readonly string[];
}

const minute = 60_000;
/** Buyers have gone home by then, whatever goes wrong. */
const storyMs = 75 * minute;
/** Faults go on for a while after the last buyer. */
const aftermathMs = 10 * minute;
/** The sweep looks at least once an hour, and a provider keeps a key, its answer and its silence for a day: more than anything may need to settle. */
const settlingMs = 27 * 60 * minute;
const turnsMax = 20_000;

export const runStory = async ({
  seed,
  profile,
  planting = {},
  plan,
  decides,
  nemesis,
  flows: asked,
  surely,
  choose,
  takesTurn,
  watch,
  heard,
}: StoryOptions): Promise<Story> => {
  const dice = diceOf(seed);
  const reach = new Reach();
  const history = new History();
  const checker = new Checker();
  const flows = asked ?? flowsOf(dice.fork("flows"), surely);
  const stock = flows.flatMap((flow) => flow.stock(dice.fork("flow").fork(flow.name)));
  const struckBy = [...(nemesis ?? []), ...flows.flatMap((flow) => flow.nemesis?.(dice.fork("flow").fork(flow.name)) ?? [])];
  const bySeed = (): Policy => (profile.faultRate === 0 ? noFaults : randomFaults(dice.fork("faults"), profile.faultRate, struckBy));
  const decide = decides ?? (plan ? plannedFaults(plan) : bySeed());

  const policy: Policy = (occasion) => {
    watch?.(occasion);
    return decide(occasion);
  };

  let books: Books | undefined;
  const world = await buildWorld({
    dice,
    profile,
    policy,
    stock,
    reach,
    planting,
    ...(choose && { choose }),
    ...(takesTurn && { takesTurn }),
    commits: (commit, _snapshot, by, at) => {
      if (!books) return;
      heard?.(commit);
      sawCommit(at, commit, by);
      checker.committed(books, commit, by, at.scheduler.turns.length - 1);
    },
  });
  const { scheduler } = world;
  scheduler.onCrash = (_execution, label) => sawDeath(world, label);
  scheduler.onThrow = ({ name }, error) => {
    const mistake = mistakeOf(error);
    if (mistake !== undefined) checker.broken("mistake", `${name} failed by itself: ${mistake}`);
  };
  books = booksOf(world, history);

  const startedAt = scheduler.now;
  world.begin();
  const over = flows.map((flow) => flow.begin(world, history));
  const wrong = (): boolean => checker.violations.length > 0;
  const everybodyHome = (): boolean => over.every((each) => each());
  const stillOpen = (): boolean =>
    scheduler.atWork > 0 ||
    world.workflow.running() > 0 ||
    world.outbox.open() > 0 ||
    world.reports.open > 0 ||
    world.store.nextDue(refundKind) !== undefined ||
    world.courier.open(scheduler.now + minute) > 0;
  const owed = (): boolean => profile.settlesMoney && unanswered(books as Books, owedOn).length > 0;
  const held = (): boolean => profile.sweep && [...world.twin.snapshot.records("ORDER")].some(({ item }) => item.status === "awaiting_payment");
  /** Refunds that wait for nothing but their own end, and disputes that the sweep knows to be open, which have ended. */
  const quarrels = (): boolean => profile.settlesMoney && (unheardOf(books as Books).known.length > 0 || refundsUnderWay(books as Books));
  /** What a provider told once is heard again. */
  const newsWaits = (): boolean => profile.sweep && [...world.twin.snapshot.records("INBOX")].some(({ item }) => item.due_at !== undefined);
  const settled = (): boolean => !newsWaits() && !stillOpen() && !held() && !owed() && !quarrels();

  const bounds = (ms: number) => ({ untilMs: scheduler.now + ms, turnsMax });
  const story = await scheduler.run(() => wrong() || everybodyHome(), { untilMs: startedAt + storyMs, turnsMax });
  if (!wrong()) await scheduler.run(() => wrong() || settled(), bounds(aftermathMs));
  scheduler.policy = noFaults;
  const end = wrong() ? "done" : await scheduler.run(() => wrong() || (everybodyHome() && settled()), bounds(settlingMs));
  const late = new Set(profile.settlesMoney && !wrong() ? unanswered(books, new Set(["expired"])) : []);
  for (const _ of late) reach.saw("late money was found by comparing books");
  const returned = (): boolean => profile.settlesMoney && cameBack(books as Books).length > 0;
  const foundByNight = !wrong() && returned();
  if (foundByNight) reach.saw("a refund that came back was found by comparing books");
  /** A dispute whose every event was lost. */
  const unheard = (): readonly string[] => (profile.settlesMoney ? unheardOf(books as Books).unknown : []);
  const quarrelsFound = wrong() ? [] : unheard();
  for (const _ of quarrelsFound) reach.saw("dispute was found by comparing books");
  if (!wrong() && (late.size > 0 || foundByNight || quarrelsFound.length > 0 || flows.includes(night)))
    await nightFalls(
      world,
      history,
      () => (unanswered(books as Books).length === 0 && !returned() && unheard().length === 0 && !quarrels()) || !profile.settlesMoney,
    );
  const slowestAnswerMs = wrong() ? 0 : slowest(world);
  if (!wrong()) {
    if (end !== "done" && end !== "idle") checker.broken("I37", `the run does not settle: ${end} (story: ${story})`);
    if (profile.answersWithinMs !== undefined && slowestAnswerMs > profile.answersWithinMs) {
      checker.broken("I6", `money was answered after ${Math.round(slowestAnswerMs / 1000)} s`);
    }
    checker.quiet(books);
  }
  // What nothing looks after any more may well be rescued by being told again: only a whole platform must stay as it is.
  if (!wrong() && nothingLeft(books)) await tellAgain(world, dice.fork("again"), checker);
  if (!wrong()) {
    for (const flow of flows) {
      const before = digestOf(world);
      let gone = false;
      scheduler.spawn(`after ${flow.name}`, async () => {
        await flow.afterwards?.(world, history);
        gone = true;
      });
      await scheduler.run(() => gone && scheduler.atWork === 0 && world.workflow.running() === 0, bounds(minute));
      if (!gone) checker.broken("I37", `what comes after the quiet of ${flow.name} does not end`);
      if (digestOf(world) !== before) checker.broken("I13", `what came after the quiet of ${flow.name} changed the table`);
    }
    for (const what of history.broken) checker.broken("I37", what);
    checker.quiet(books);
  }
  // Also of those who went on after the last turn.
  if (scheduler.defects.length > 0) throw scheduler.defects[0];
  return {
    seed,
    profile: profile.name,
    violations: checker.violations,
    injected: scheduler.injected,
    reach,
    traceHash: scheduler.traceHash(),
    turns: scheduler.turns,
    slowestAnswerMs,
    words: () => scheduler.story(),
  };
};

/** Who comes today: the first flow always, the others as often as they say. */
const flowsOf = (dice: Dice, surely: string | undefined): readonly Flow[] =>
  allFlows.filter(({ name, percent }) => dice.chance(percent / 100) || name === surely);

const booksOf = (world: World, history: History): Books => {
  const { shop, twin, stripe, texts, workflow, outbox, logLines, profile } = world;
  const serials = shop.stock.flatMap(({ item, units }) => Array.from({ length: units }, (_, index) => index).map((index) => ({ item, index })));
  const phones = (): readonly string[] => [...new Set(history.asked.map(({ phone }) => phone))];
  return {
    now: () => world.scheduler.now,
    snapshot: twin.snapshot,
    stripe,
    texts,
    quarrels: world.quarrels,
    starts: workflow.starts,
    published: outbox.published,
    deadLetters: outbox.deadLetters,
    history,
    logLines,
    profile,
    imported: new Map(shop.stock.map(({ item, units }) => [item, units])),
    merchant: shop.merchant,
    account: "acct_lees",
    owners: new Map([
      [shop.connection, shop.merchant],
      [shop.strangersConnection, "stranger"],
    ]),
    get canaries() {
      return [
        ...serials.map(({ item, index }) => ({ what: "a serial number", text: serialOf(item, index) })),
        ...serials.map(({ item, index }) => ({ what: "a unit's secret", text: secretOf(item, index) })),
        ...phones().map((phone) => ({ what: "a phone number", text: phone.slice(2) })),
        { what: "the link secret", text: linkSecretText },
        { what: "a provider key", text: "rk_test_simulated" },
        { what: "a signing secret", text: "whsec_" },
        { what: "the texting token", text: "text-token-0001" },
      ];
    },
  };
};

/** Money on an order that had ended, and no event that told of it: the comparison of the books finds it, and no wait is promised. Charges are
 *  dated by whole seconds. */
const slowest = ({ stripe, twin, profile }: World): number => {
  const endedAt = new Map(
    [...twin.snapshot.records("OP")].flatMap(({ item }) =>
      item.kind === "hold_expired" ? [[String(item.subject), Date.parse(String(item.at))]] : [],
    ),
  );
  const paidAt = new Map(
    stripe.truth().charges.flatMap((charge) => (charge.paid ? [[charge.metadata.order_id, charge.created * 1000]] : [])) as [string, number][],
  );
  const unheard = ({ id }: Item, at: number): boolean => !profile.webhooks && (endedAt.get(String(id)) ?? Number.POSITIVE_INFINITY) < at + 1_000;
  const waits = [...twin.snapshot.records("ORDER")].flatMap(({ item }) => {
    const at = paidAt.get(String(item.id));
    // A refund that failed later has its order answered, and touched, a second time.
    return at !== undefined && item.reason !== "refund_failed" && !unheard(item, at) && typeof item.paid_at === "string"
      ? [Date.parse(item.paid_at) - at]
      : [];
  });
  return Math.max(0, ...waits);
};

const digests = new WeakMap<World["twin"], { readonly writes: number; readonly digest: string }>();

/** The table as it stands, but for the inbox (an event has its own record), the reports about it, and the time of the next look. */
export const digestOf = ({ twin }: World): string => {
  const known = digests.get(twin);
  const { writes } = twin.consumed;
  // Whatever was written cost something.
  if (known?.writes === writes) return known.digest;
  const lines = [...twin.snapshot.records()].flatMap(({ key, item }) =>
    /^(INBOX|JOURNAL|FINDING|RECONCILIATION|NIGHT)#/.test(key.pk) || item.kind === "window_reconciled"
      ? []
      : [`${key.pk} ${key.sk} ${settledTextOf(item)}`],
  );
  const digest = createHash("sha256").update(lines.sort().join("\n")).digest("hex");
  digests.set(twin, { writes, digest });
  return digest;
};

const nothingLeft = (books: Books): boolean => {
  const { known, unknown } = unheardOf(books);
  const left = [...unanswered(books), ...cameBack(books), ...known, ...unknown];
  // A hold that nobody ended; and a refund, also beside an open dispute: it may have ended at the provider, and the news of it been lost.
  const isOpen = (item: Item): boolean => item.status === "awaiting_payment" || Number(item.refunds_open ?? 0) > 0;
  return left.length === 0 && ![...books.snapshot.records("ORDER")].some(({ item }) => isOpen(item));
};

/** I12: everything the provider ever told, told again, in another order, half of it under other ids, changes nothing. */
const tellAgain = async (world: World, dice: Dice, checker: Checker): Promise<void> => {
  const { scheduler, courier, outbox, workflow, reach } = world;
  if (courier.told.length === 0 || !dice.chance(0.3)) return;
  const before = digestOf(world);
  const told = [...courier.told].map((one) => ({ one, place: dice.next(), renamed: dice.chance(0.5) })).sort((a, b) => a.place - b.place);
  for (const { one, renamed } of told) {
    const body = renamed ? one.body.replace(/"id": "evt_1/, '"id": "evt_2') : one.body;
    const signature = stripeSignature(body, signingSecret(world, "acct_lees"), Math.floor(scheduler.now / 1000));
    scheduler.spawn("Stripe tells again", async () => void (await world.postWebhook({ ...one, body, signature })));
  }
  await scheduler.run(() => scheduler.atWork === 0 && workflow.running() === 0 && outbox.open() === 0, {
    untilMs: scheduler.now + minute,
    turnsMax: turnsMax * 2,
  });
  reach.saw("all events told again");
  if (digestOf(world) !== before) checker.broken("I12", "the same facts told again changed the table");
};
