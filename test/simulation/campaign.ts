// Many stories: random seeds over the profiles, planted bugs, and what was met on the way. A crew tells them; what comes of it does not
// depend on how many are in it.
import { createHash } from "node:crypto";
import type { Violation } from "./checker/checker.ts";
import type { Crew } from "./crew.ts";
import type { Injected } from "./faults.ts";
import type { Hunted, Told } from "./jobs.ts";
import { type PlantedBug, plantedBugs } from "./planted-bugs.ts";
import { type Profile, profiles } from "./profiles.ts";
import { Reach } from "./reach.ts";

/** A story that went wrong: enough to see it again. */
export interface Failure {
  readonly seed: string;
  readonly profile: string;
  readonly plan: readonly Injected[];
  readonly violations: readonly Violation[];
}
export interface CampaignResult {
  readonly runs: number;
  readonly failures: readonly Failure[];
  readonly reach: Reach;
  /** Stories that were told a second time, and had the same trace. */
  readonly retold: number;
  readonly traceHashOk: boolean;
  /** One hash over the traces of all stories, in the order of their seeds. */
  readonly traceHash: string;
  readonly turns: number;
  /** Greatest wait from money to its answer, by profile, milliseconds. */
  readonly slowestAnswerMs: ReadonlyMap<string, number>;
}

/** Failures looked at closely; more of them say nothing new. */
const failuresMax = 5;
/** One story in so many is told twice. */
const retellEvery = 20;
/** Stories of one job: so few that a run ends soon after its last failure. */
export const storiesPerJob = 10;

function* chunksOf(seeds: Iterable<number>, among: readonly Profile[]) {
  let some: number[] = [];
  const job = () => ({ seeds: some, among: among.map(({ name }) => name) });
  for (const seed of seeds) {
    some.push(seed);
    if (some.length < storiesPerJob) continue;
    yield job();
    some = [];
  }
  if (some.length > 0) yield job();
}
function* numbers(from: number, count: number) {
  for (let at = from; at < from + count; at += 1) yield at;
}

/** Told again, by whoever is free, and compared. */
const retell = async (crew: Crew, hashes: ReadonlyMap<number, string>, among: readonly Profile[]): Promise<boolean> => {
  for await (const { told } of crew.inOrder("tell", chunksOf(hashes.keys(), among))) {
    if (told.some(({ seed, traceHash }) => hashes.get(Number(seed)) !== traceHash)) return false;
  }
  return true;
};

export const runSeeds = async (crew: Crew, from: number, count: number, among: readonly Profile[] = profiles): Promise<CampaignResult> => {
  const reach = new Reach();
  const failures: Failure[] = [];
  const slowestAnswerMs = new Map<string, number>();
  const again = new Map<number, string>();
  const whole = createHash("sha256");
  let turns = 0;
  let runs = 0;
  const hear = ({ seed, profile, traceHash, turns: taken, slowestAnswerMs: ms, wrong }: Told): void => {
    runs += 1;
    turns += taken;
    whole.update(traceHash);
    slowestAnswerMs.set(profile, Math.max(slowestAnswerMs.get(profile) ?? 0, ms));
    if (wrong) failures.push({ seed, profile, ...wrong });
    if (Number(seed) % retellEvery === 0) again.set(Number(seed), traceHash);
  };
  for await (const { told, reach: met } of crew.inOrder("tell", chunksOf(numbers(from, count), among))) {
    for (const one of told) hear(one);
    reach.add({ counts: met });
    if (failures.length >= failuresMax) break;
  }
  const traceHashOk = await retell(crew, again, among);
  return { runs, failures, reach, retold: again.size, traceHashOk, traceHash: whole.digest("hex").slice(0, 32), turns, slowestAnswerMs };
};

export interface BugHunt extends Hunted {
  readonly bug: PlantedBug;
}

/** Tells stories with a bug planted until the checker sees it, by an invariant that the bug is about. */
export const huntBug = async (crew: Crew, bug: PlantedBug, seedsMax: number): Promise<BugHunt> => ({
  bug,
  ...(await crew.work("hunt", { bug: bug.name, seedsMax })),
});
export const huntAll = (crew: Crew, seedsMax: number): Promise<readonly BugHunt[]> =>
  Promise.all(plantedBugs.map((bug) => huntBug(crew, bug, seedsMax)));
