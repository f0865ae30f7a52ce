// Where chance is not needed: every single fault at every step of the compact stories, every two faults, and every order of steps of the cases.
import type { Violation } from "./checker/checker.ts";
import { type Compact, type Course, compacts, tellCourse } from "./compact.ts";
import type { Crew } from "./crew.ts";
import { FaultPoints, kindOfStep, type PointsWanted } from "./fault-points.ts";
import { cases } from "./interleavings.ts";
import type { Input } from "./jobs.ts";

export interface Tried {
  /** Places and faults in the stories as they go without any. */
  readonly points: number;
  readonly runs: number;
  /** Different steps that were taken, numbers aside. */
  readonly steps: number;
  readonly failures: readonly { readonly course: Course; readonly violations: readonly Violation[] }[];
}

/** Runs of one job: enough to be worth the way to a thread. */
const runsPerJob = 25;
/** Failures looked at closely; more of them say nothing new. */
const failuresMax = 5;

const chunks = <T>(list: readonly T[], size: number): readonly (readonly T[])[] =>
  Array.from({ length: Math.ceil(list.length / size) }, (_, at) => list.slice(at * size, (at + 1) * size));

/** The story as it goes without faults, and where it could go wrong. */
const pointsOf = async (compact: Compact, schedule: number, wanted: PointsWanted): Promise<FaultPoints> => {
  const points = new FaultPoints(wanted);
  await tellCourse({ compact: compact.name, schedule, plan: [] }, points.watch);
  return points;
};

const tryAll = async (crew: Crew, inputs: readonly Input<"tryOut">[], points: number): Promise<Tried> => {
  const labels = new Set<string>();
  const failures: Tried["failures"][number][] = [];
  let runs = 0;
  for await (const tried of crew.inOrder("tryOut", inputs)) {
    runs += tried.runs;
    for (const label of tried.labels) labels.add(kindOfStep(label));
    failures.push(...tried.failures);
    if (failures.length >= failuresMax) break;
  }
  return { points, runs, steps: labels.size, failures };
};

/**
 * Each compact story with each single fault, under several schedules (which of the ready steps goes next).
 * @param every only each so-many-th; another part under each schedule
 */
export const everySingleFault = async (crew: Crew, schedules: number, every = 1, among: readonly Compact[] = compacts): Promise<Tried> => {
  const courses: Course[] = [];
  let points = 0;
  for (const compact of among) {
    for (let schedule = 0; schedule < schedules; schedule += 1) {
      const { found } = await pointsOf(compact, schedule, "all");
      points += found.length;
      courses.push({ compact: compact.name, schedule, plan: [] });
      for (const [at, fault] of found.entries())
        if (at % every === schedule % every) courses.push({ compact: compact.name, schedule, plan: [fault] });
    }
  }
  return tryAll(
    crew,
    chunks(courses, runsPerJob).map((some) => ({ courses: some })),
    points,
  );
};

/**
 * Each compact story with each two faults, the second wherever the story goes after the first.
 * @param wanted `all`: the whole square. `key`: the square of one fault for each thing that can become of each kind of step
 * @param every only each so-many-th first fault
 */
export const everyPair = async (crew: Crew, wanted: PointsWanted, every = 1, among: readonly Compact[] = compacts): Promise<Tried> => {
  const inputs: Input<"tryOut">[] = [];
  let points = 0;
  for (const compact of among) {
    const { found } = await pointsOf(compact, 0, wanted);
    points += found.length;
    for (const [at, fault] of found.entries())
      if (at % every === 0) inputs.push({ courses: [{ compact: compact.name, schedule: 0, plan: [fault] }], seconds: wanted });
  }
  return tryAll(crew, inputs, points);
};

export interface OrdersTried {
  readonly orders: number;
  readonly failures: readonly { readonly name: string; readonly choices: readonly number[]; readonly violations: readonly Violation[] }[];
}

/** Every order of steps of every case. */
export const everyOrderOfCases = async (crew: Crew): Promise<ReadonlyMap<string, OrdersTried>> => {
  const told = new Map<string, OrdersTried>();
  const inputs = cases.map(({ name }) => ({ name }));
  let at = 0;
  for await (const { orders, failures } of crew.inOrder("order", inputs)) {
    const name = inputs[at]?.name ?? "";
    told.set(name, { orders, failures: failures.map((failure) => ({ name, ...failure })) });
    at += 1;
  }
  return told;
};
