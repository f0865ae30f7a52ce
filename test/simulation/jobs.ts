// What a thread of the crew can be asked for. Inputs and outputs are plain data: flows, profiles, bugs and cases go by their names.
import type { Violation } from "./checker/checker.ts";
import { type Course, tellCourse } from "./compact.ts";
import { FaultPoints, type PointsWanted } from "./fault-points.ts";
import type { Injected } from "./faults.ts";
import { dropping, guards } from "./guards.ts";
import { caseOf } from "./interleavings.ts";
import { everyOrder } from "./orders.ts";
import { type PlantedBug, plantedBugs } from "./planted-bugs.ts";
import { droppedCommitted, guardDropped } from "./ports/table.ts";
import { profileOf } from "./profiles.ts";
import { Reach } from "./reach.ts";
import { runStory } from "./story.ts";
import type { Planting } from "./world-model.ts";

export type ReachCounts = readonly (readonly [string, number])[];

export interface Told {
  readonly seed: string;
  readonly profile: string;
  readonly traceHash: string;
  readonly turns: number;
  readonly slowestAnswerMs: number;
  /** What went wrong, and the faults that were there. */
  readonly wrong?: { readonly plan: readonly Injected[]; readonly violations: readonly Violation[] };
}

/** A defect of the world itself must say where it came up. */
const at = async <T>(place: string, work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    throw new Error(`${place}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  }
};

/** Stories from seeds. @param input.among profiles; the seed's number picks one */
const tell = async ({ seeds, among }: { readonly seeds: readonly number[]; readonly among: readonly string[] }) => {
  const reach = new Reach();
  const told: Told[] = [];
  for (const number of seeds) {
    const seed = String(number);
    const profile = profileOf(among[number % among.length] as string);
    const { traceHash, turns, slowestAnswerMs, violations, injected, reach: met } = await at(`seed ${seed}`, () => runStory({ seed, profile }));
    reach.add(met);
    const wrong = violations.length > 0 ? { wrong: { plan: injected, violations } } : {};
    told.push({ seed, profile: profile.name, traceHash, turns: turns.length, slowestAnswerMs, ...wrong });
  }
  return { told, reach: [...reach.counts] as ReachCounts };
};

export interface Hunted {
  /** Stories told until it was seen; undefined: it was not. */
  readonly caughtAfter?: number;
  /** Which invariant saw it first. */
  readonly by?: string;
  readonly message?: string;
}

const bugOf = (name: string): PlantedBug => {
  const bug = plantedBugs.find((one) => one.name === name);
  if (!bug) throw new RangeError(`no planted bug ${name}`);
  return bug;
};
const plantingOf = (bug: string | undefined): Planting => (bug === undefined ? {} : bugOf(bug).planting);

/** Stories with a bug planted, until the checker sees it by an invariant that the bug is about. */
const hunt = async ({ bug: name, seedsMax }: { readonly bug: string; readonly seedsMax: number }): Promise<Hunted> => {
  const bug = bugOf(name);
  const judged = ({ invariant: by, message }: Violation, told: number): Hunted => ({
    by,
    message,
    ...(bug.breaks.includes(by) && { caughtAfter: told }),
  });
  if (bug.inCase !== undefined) {
    const { orders, failures } = await everyOrder(caseOf(bug.inCase), { planting: bug.planting, failuresMax: 1 });
    const [seen] = failures.flatMap(({ violations }) => violations);
    return seen ? judged(seen, orders) : {};
  }
  const profile = profileOf(bug.profile);
  for (let number = 0; number < seedsMax; number += 1) {
    const seed = `bug-${number}`;
    const { violations } = await at(`${name}, seed ${seed}`, () =>
      runStory({
        seed,
        profile,
        planting: bug.planting,
        ...(bug.nemesis && { nemesis: bug.nemesis }),
        ...(bug.flow !== undefined && { surely: bug.flow }),
      }),
    );
    const [first] = violations;
    if (first) return judged(first, number + 1);
  }
  return {};
};

export interface Tried {
  readonly runs: number;
  readonly turns: number;
  readonly labels: readonly string[];
  readonly reach: ReachCounts;
  readonly failures: readonly { readonly course: Course; readonly violations: readonly Violation[] }[];
}

/** @property seconds each again with every second fault that may come after its own @property bug planted in all of them */
interface TryOut {
  readonly courses: readonly Course[];
  readonly seconds?: PointsWanted;
  readonly bug?: string | undefined;
}
/** Compact stories with the faults of their courses. */
const tryOut = async ({ courses, seconds, bug }: TryOut): Promise<Tried> => {
  const planting = plantingOf(bug);
  const reach = new Reach();
  const failures: Tried["failures"][number][] = [];
  const labels = new Set<string>();
  let runs = 0;
  let turns = 0;
  const go = async (course: Course, points?: FaultPoints): Promise<void> => {
    const story = await at(JSON.stringify(course), () => tellCourse(course, { planting, watch: points?.watch }));
    runs += 1;
    turns += story.turns.length;
    reach.add(story.reach);
    for (const { label } of story.turns) labels.add(label);
    if (story.violations.length > 0) failures.push({ course, violations: story.violations });
    // A fault that finds no step any more would have tried nothing.
    else if (story.injected.length < course.plan.length) throw new RangeError(`${JSON.stringify(course)}: not all of its faults struck`);
  };
  for (const course of courses) {
    const points = seconds && new FaultPoints(seconds, course.plan.at(-1)?.place);
    await go(course, points);
    for (const second of points?.found ?? []) await go({ ...course, plan: [...course.plan, second] });
  }
  return { runs, turns, labels: [...labels], reach: [...reach.counts], failures };
};

/** Where a compact story can go wrong, as it goes without a fault. */
const findPoints = async ({ course, wanted, bug }: { readonly course: Course; readonly wanted: PointsWanted; readonly bug?: string | undefined }) => {
  const points = new FaultPoints(wanted);
  await at(JSON.stringify(course), () => tellCourse(course, { planting: plantingOf(bug), watch: points.watch }));
  return { found: points.found };
};

/** Every order of steps of one case; with a bug until the first that it spoils. */
const order = async ({ name, bug }: { readonly name: string; readonly bug?: string | undefined }) => {
  const { orders, endings, failures, reach } = await everyOrder(caseOf(name), {
    planting: plantingOf(bug),
    ...(bug !== undefined && { failuresMax: 1 }),
  });
  return { orders, endings: [...endings] as ReachCounts, failures, reach: [...reach.counts] as ReachCounts };
};

export interface Without {
  /** Stories or orders of steps told. */
  readonly told: number;
  /** How often the guard failed, and how often nothing else stood in the way. */
  readonly dropped: number;
  readonly last: number;
  readonly seen?: Violation;
}
/** So much is told at the least without a guard that nobody is to notice. */
const storiesMin = 6;
const droppedMin = 2;

/** A guard without a refusal that stands beside the dropped one ends the step as a fault. */
const besideFault = ({ invariant, message }: Violation): boolean => invariant === "mistake" && message.includes("a guard without a refusal failed");

/** Stories, or every order of steps of a case, without a guard: until the checker sees it, or often enough that it did not. */
const drop = async ({ at: place, storiesMax }: { readonly at: number; readonly storiesMax: number }): Promise<Without> => {
  const guard = guards[place];
  if (!guard) throw new RangeError(`no guard ${place}`);
  const { name, where } = guard;
  const { planting, nemesis } = dropping(guard);
  const without = (told: number, reach: Reach, violations: readonly Violation[]): Without => {
    const [seen] = violations.filter((violation) => !besideFault(violation));
    return { told, dropped: reach.of(guardDropped), last: reach.of(droppedCommitted), ...(seen && { seen }) };
  };
  if ("case" in where) {
    const { orders, failures, reach } = await everyOrder(caseOf(where.case), { planting, failuresMax: 1 });
    return without(
      orders,
      reach,
      failures.flatMap(({ violations }) => violations),
    );
  }
  const reach = new Reach();
  for (let told = 1; told <= storiesMax; told += 1) {
    const profile = profileOf(told % 4 === 0 ? "calm" : "storm");
    const story = await at(name, () => runStory({ seed: `g${told}`, profile, surely: where.flow, planting, nemesis }));
    reach.add(story.reach);
    const sofar = without(told, reach, story.violations);
    if (sofar.seen || (guard.standing !== "seen" && told >= storiesMin && sofar.dropped >= droppedMin)) return sofar;
  }
  return without(storiesMax, reach, []);
};

export const jobs = { tell, hunt, findPoints, tryOut, order, drop };
export type JobName = keyof typeof jobs;
export type Input<J extends JobName> = Parameters<(typeof jobs)[J]>[0];
export type Output<J extends JobName> = Awaited<ReturnType<(typeof jobs)[J]>>;
