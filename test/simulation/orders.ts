// Every order of steps: a few executions that begin in one moment, and each order in which their steps can follow one another.
import type { Commit } from "../../platform/table/memory.ts";
import type { Violation } from "./checker/checker.ts";
import type { Flow } from "./flows/flow.ts";
import { type Profile, profileOf } from "./profiles.ts";
import { Reach } from "./reach.ts";
import { type Bought, type Stage, shelf, sweeps } from "./scenes.ts";
import { runStory, type Story } from "./story.ts";
import type { Planting } from "./world-model.ts";

export interface Case {
  readonly name: string;
  readonly about: string;
  readonly units: number;
  /** How many of them come in together. Default: all. */
  readonly lots?: readonly number[];
  /** What has happened by then; its steps take no turn. */
  readonly before: (stage: Stage) => Promise<readonly Bought[]>;
  /** What begins in the same moment. */
  readonly executions: readonly ((stage: Stage, bought: readonly Bought[]) => Promise<unknown>)[];
  /** Steps whose order matters; all others happen at once. */
  readonly steps: RegExp;
  /** A bound against surprises: more orders than that is an error. */
  readonly ordersMax: number;
  /** So many there are at the least: a step that is called otherwise now would make them fewer. */
  readonly ordersMin: number;
  /** How it must end in one order of steps or another: what was committed, such as `unit_replaced anna, refund_requested bo`. */
  readonly endings: readonly RegExp[];
  /** Its orders take so long together that the wide run goes through them. */
  readonly long?: true;
  /** Events of the payment provider arrive, and are executions too. */
  readonly events?: boolean;
}

export interface OrdersTold {
  readonly orders: number;
  /** What was committed in the order of the commits, and in how many orders of steps it came to that. */
  readonly endings: ReadonlyMap<string, number>;
  readonly reach: Reach;
  readonly failures: readonly { readonly choices: readonly number[]; readonly violations: readonly Violation[] }[];
}

const minute = 60_000;
/** Looks of the sweep afterwards: what is owed is settled by then. */
const looksMax = 40;

/** Orders that still owe an answer once there is money for them. */
const open = new Set(["awaiting_payment", "expired", "refund_pending"]);

/** Before, together, afterwards: only in the middle do choices count. */
class Act {
  phase: "before" | "together" | "afterwards" = "before";
  readonly #case: Case;

  constructor(one: Case) {
    this.#case = one;
  }

  flow(): Flow {
    const { name, about, units, lots, before, executions } = this.#case;
    return {
      name,
      about,
      percent: 100,
      stock: shelf(units, lots),
      begin: (world, history) => {
        let inside = true;
        const { scheduler } = world;
        const stage: Stage = { world, history };
        const paidFor = (id: unknown): boolean =>
          world.stripe.truth().payment_intents.some(({ status, metadata }) => status === "succeeded" && metadata.order_id === id);
        const owed = (): boolean =>
          [...world.twin.snapshot.records("ORDER")].some(
            ({ item }) => Number(item.refunds_open ?? 0) > 0 || (open.has(String(item.status)) && paidFor(item.id)),
          );
        scheduler.spawn("plot", async () => {
          const bought = await before(stage);
          this.phase = "together";
          await Promise.all(
            executions.map(
              (execution, at) =>
                new Promise<void>((resolve) => {
                  scheduler.spawn(`execution ${at + 1}`, async () => {
                    await execution(stage, bought);
                    resolve();
                  });
                }),
            ),
          );
          this.phase = "afterwards";
          for (let look = 0; look < looksMax && owed(); look += 1) {
            await scheduler.sleep(minute, "until the next look");
            await sweeps(stage);
          }
          inside = false;
        });
        return () => !inside;
      },
    };
  }

  readonly takesTurn = (label: string): boolean =>
    this.phase === "afterwards" || (this.phase === "together" && (this.#case.steps.test(label) || label === "presses Pay"));
}

/** Nothing goes wrong and nobody else is there; the sweep looks only afterwards, when the case lets it. */
const alone: Profile = { ...profileOf("calm"), name: "one order", webhooks: false, sweep: false, outbox: false, triesText: false };
const quietProfile = (events: boolean): Profile => {
  const { answersWithinMs: _, holdEndsWithinMs: __, ...rest } = alone;
  return { ...rest, webhooks: events };
};

/** @param choices which ready step goes next, choice by choice; after the last always the first */
const tell = async (one: Case, choices: readonly number[], planting: Planting): Promise<OneOrder> => {
  const act = new Act(one);
  const committed: string[] = [];
  const heard = ({ changes }: Commit): void => {
    const operation = changes.find(({ key, before }) => key.pk.startsWith("OP#") && !before)?.after;
    if (operation && act.phase !== "before") committed.push(nameOf(operation));
  };
  const taken: Choice[] = [];
  const choose = (count: number): number => {
    if (act.phase !== "together") return 0;
    const choice = choices[taken.length] ?? 0;
    taken.push({ choice, count });
    return choice;
  };
  const profile = quietProfile(one.events ?? false);
  const story = await runStory({ seed: "every order", profile, planting, plan: [], flows: [act.flow()], choose, takesTurn: act.takesTurn, heard });
  return { story, taken, ending: committed.join(", ") };
};
interface Choice {
  readonly choice: number;
  readonly count: number;
}
interface OneOrder {
  readonly story: Story;
  readonly taken: readonly Choice[];
  readonly ending: string;
}
/** Its kind, and who asked for it where a person did: `unit_replaced anna`. */
const nameOf = ({ kind, principal_type, principal_id }: Readonly<Record<string, unknown>>): string =>
  principal_type === "system" ? String(kind) : `${String(kind)} ${String(principal_id)}`;

/** One order of a case, to be looked at again. */
export const tellOrder = async (one: Case, choices: readonly number[], planting: Planting = {}): Promise<Story> =>
  (await tell(one, choices, planting)).story;

export interface Going {
  readonly planting?: Planting;
  /** Enough was seen when so many orders went wrong. Default: all are told. */
  readonly failuresMax?: number;
}
export const everyOrder = async (one: Case, { planting = {}, failuresMax = Number.POSITIVE_INFINITY }: Going = {}): Promise<OrdersTold> => {
  const { ordersMax } = one;
  const reach = new Reach();
  const failures: OrdersTold["failures"][number][] = [];
  const endings = new Map<string, number>();
  let orders = 0;
  let path: readonly number[] = [];
  for (;;) {
    const { story, taken, ending } = await tell(one, path, planting);
    orders += 1;
    endings.set(ending, (endings.get(ending) ?? 0) + 1);
    reach.add(story.reach);
    if (story.violations.length > 0) failures.push({ choices: taken.map(({ choice }) => choice), violations: story.violations });
    if (orders > ordersMax) throw new Error(`${one.name}: more than ${ordersMax} orders of steps`);
    // The next order: the last choice that had another, and the first of everything after it.
    const next = taken.findLastIndex(({ choice, count }) => choice + 1 < count);
    if (next < 0 || failures.length >= failuresMax) return { orders, endings, reach, failures };
    path = [...taken.slice(0, next).map(({ choice }) => choice), (taken[next]?.choice ?? 0) + 1];
  }
};

/** What a case promised and did not show: orders of steps that are not there any more, ends that it never came to. */
export const unshown = (
  { ordersMin, endings: asked }: Case,
  { orders, endings }: { readonly orders: number; readonly endings: Iterable<readonly [string, number]> },
): readonly string[] => {
  const met = [...endings].map(([ending]) => ending);
  return [
    ...(orders < ordersMin ? [`${orders} orders of steps, ${ordersMin} were there`] : []),
    ...asked.filter((ending) => !met.some((one) => ending.test(one))).map((ending) => `it never ended as ${ending}`),
  ];
};
