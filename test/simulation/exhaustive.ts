// Where chance is not needed: every single fault at every step of the compact stories, every two faults, and every order of steps of the cases.
import type { Violation } from "./checker/checker.ts";
import { type Compact, type Course, compacts } from "./compact.ts";
import type { Crew } from "./crew.ts";
import { kindOfStep, type PointsWanted } from "./fault-points.ts";
import { cases } from "./interleavings.ts";
import type { Input } from "./jobs.ts";
import type { Case } from "./orders.ts";
import { isIn, type Share, whole } from "./share.ts";

/** Schedules (which of the ready steps goes next) that single faults are tried under. */
export const schedulesOfSingles = 5;

/** What there was to try when this was written: a step that is not met any more, or a fault that it cannot have any more, must be missed. */
export const atLeast = {
  /** Of these steps (numbers aside) even the smallest part that is run takes so many. */
  singles: { points: 45_000, steps: 115 },
  /** After a first fault there are so many second ones on the average, and it alone. */
  pairs: { points: 990, runsPerPoint: 25 },
} as const;

export interface Tried {
  /** Places and faults in the stories as they go without any, under every schedule: what there is to try. */
  readonly points: number;
  readonly runs: number;
  /** Different steps that were taken, numbers aside. */
  readonly steps: number;
  readonly failures: readonly { readonly course: Course; readonly violations: readonly Violation[] }[];
}

export interface Search {
  /** Default: all of it. */
  readonly share?: Share;
  readonly among?: readonly Compact[];
  /** A planted bug, by name: the first run that it spoils is enough. */
  readonly bug?: string;
  /** Told after each handful of runs. */
  readonly progress?: (done: { readonly runs: number; readonly parts: number; readonly of: number; readonly wrong: number }) => void;
}

/** Runs of one job: enough to be worth the way to a thread. */
const runsPerJob = 25;
/** Failures looked at closely; more of them say nothing new. */
const failuresMax = 5;

const chunks = <T>(list: readonly T[], size: number): readonly (readonly T[])[] =>
  Array.from({ length: Math.ceil(list.length / size) }, (_, at) => list.slice(at * size, (at + 1) * size));

/** Stories as they go without faults, each with where it could go wrong. */
const untroubled = async (crew: Crew, among: readonly Compact[], schedules: number, wanted: PointsWanted, bug: Search["bug"]) => {
  const courses = among.flatMap(({ name }) => Array.from({ length: schedules }, (_, schedule): Course => ({ compact: name, schedule, plan: [] })));
  return Promise.all(courses.map(async (course) => ({ course, ...(await crew.work("findPoints", { course, wanted, bug })) })));
};

const tryAll = async (crew: Crew, inputs: readonly Input<"tryOut">[], points: number, { bug, progress }: Search): Promise<Tried> => {
  const labels = new Set<string>();
  const failures: Tried["failures"][number][] = [];
  let runs = 0;
  let parts = 0;
  for await (const tried of crew.inOrder(
    "tryOut",
    inputs.map((input) => ({ ...input, bug })),
  )) {
    runs += tried.runs;
    parts += 1;
    for (const label of tried.labels) labels.add(kindOfStep(label));
    failures.push(...tried.failures);
    progress?.({ runs, parts, of: inputs.length, wrong: failures.length });
    if (failures.length >= (bug === undefined ? failuresMax : 1)) break;
  }
  return { points, runs, steps: labels.size, failures };
};

/** Each compact story with each single fault, under several schedules: as many runs as there are points, and the stories without a fault. */
export const everySingleFault = async (crew: Crew, search: Search = {}): Promise<Tried> => {
  const { share = whole, among = compacts, bug } = search;
  const stories = await untroubled(crew, among, schedulesOfSingles, "all", bug);
  const faulty = stories.flatMap(({ course, found }) => found.map((fault): Course => ({ ...course, plan: [fault] })));
  const courses = [...stories.map(({ course }) => course), ...faulty.filter((_, at) => isIn(share, at))];
  const inputs = chunks(courses, runsPerJob).map((some) => ({ courses: some }));
  return tryAll(crew, inputs, faulty.length, search);
};

/**
 * Each compact story with each two faults, the second wherever the story goes after the first. A share is one of first faults.
 * @param wanted `all`: the whole square. `key`: the square of one fault for each thing that can become of each kind of step
 */
export const everyPair = async (crew: Crew, wanted: PointsWanted, search: Search = {}): Promise<Tried> => {
  const { share = whole, among = compacts, bug } = search;
  const stories = await untroubled(crew, among, 1, wanted, bug);
  const firsts = stories.flatMap(({ course, found }) => found.map((fault): Course => ({ ...course, plan: [fault] })));
  const inputs = firsts.filter((_, at) => isIn(share, at)).map((course) => ({ courses: [course], seconds: wanted }));
  return tryAll(crew, inputs, firsts.length, search);
};

export interface OrdersTried {
  readonly orders: number;
  readonly failures: readonly { readonly name: string; readonly choices: readonly number[]; readonly violations: readonly Violation[] }[];
}

/** Every order of steps of every case. @param heard told of each case when it is done */
export const everyOrderOfCases = async (
  crew: Crew,
  heard?: (name: string, tried: OrdersTried) => void,
  among: readonly Case[] = cases,
): Promise<ReadonlyMap<string, OrdersTried>> => {
  const told = new Map<string, OrdersTried>();
  const inputs = among.map(({ name }) => ({ name }));
  let at = 0;
  for await (const { orders, failures } of crew.inOrder("order", inputs)) {
    const name = inputs[at]?.name ?? "";
    const tried = { orders, failures: failures.map((failure) => ({ name, ...failure })) };
    told.set(name, tried);
    heard?.(name, tried);
    at += 1;
  }
  return told;
};
