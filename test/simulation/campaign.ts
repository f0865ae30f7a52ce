// Many stories: random seeds over the profiles, planted bugs, and what was met on the way.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Violation } from "./checker/checker.ts";
import type { Injected } from "./faults.ts";
import { type PlantedBug, plantedBugs } from "./planted-bugs.ts";
import { type Profile, profileOf, profiles } from "./profiles.ts";
import { Reach } from "./reach.ts";
import { runStory, type Story } from "./story.ts";

/** A run that went wrong, as it is kept: enough to see it again. */
export interface KeptRun {
  readonly seed: string;
  readonly profile: string;
  /** The faults that are needed for it; absent: those of the seed. */
  readonly plan?: readonly Injected[];
  readonly violations: readonly Violation[];
  /** What was wrong with the product then. */
  readonly note?: string;
}
export interface CampaignResult {
  readonly runs: number;
  readonly failures: readonly KeptRun[];
  readonly reach: Reach;
  /** Stories that were told a second time, and had the same trace. */
  readonly retold: number;
  readonly traceHashOk: boolean;
  readonly turns: number;
  /** Greatest wait from money to its answer, by profile, milliseconds. */
  readonly slowestAnswerMs: ReadonlyMap<string, number>;
}

/** Failures looked at closely; more of them say nothing new. */
const failuresMax = 5;
/** One story in so many is told twice. */
const retellEvery = 20;

export const runSeeds = async (from: number, count: number, among: readonly Profile[] = profiles): Promise<CampaignResult> => {
  const reach = new Reach();
  const failures: KeptRun[] = [];
  const slowestAnswerMs = new Map<string, number>();
  let retold = 0;
  let traceHashOk = true;
  let turns = 0;
  let runs = 0;
  for (let at = from; at < from + count && failures.length < failuresMax; at += 1) {
    const profile = among[at % among.length] as Profile;
    const seed = String(at);
    const story = await runStory({ seed, profile });
    runs += 1;
    turns += story.turns.length;
    reach.add(story.reach);
    slowestAnswerMs.set(profile.name, Math.max(slowestAnswerMs.get(profile.name) ?? 0, story.slowestAnswerMs));
    if (story.violations.length > 0) failures.push({ seed, profile: profile.name, plan: story.injected, violations: story.violations });
    if (at % retellEvery !== 0) continue;
    retold += 1;
    traceHashOk &&= (await runStory({ seed, profile })).traceHash === story.traceHash;
  }
  return { runs, failures, reach, retold, traceHashOk, turns, slowestAnswerMs };
};

export interface BugHunt {
  readonly bug: PlantedBug;
  /** Stories told until it was seen; undefined: it was not. */
  readonly caughtAfter?: number;
  /** Which invariant saw it first. */
  readonly by?: string;
  readonly message?: string;
}

/** Tells stories with a bug planted until the checker sees it, by an invariant that the bug is about. */
export const huntBug = async (bug: PlantedBug, seedsMax: number): Promise<BugHunt> => {
  const profile = profileOf(bug.profile);
  for (let at = 0; at < seedsMax; at += 1) {
    const { violations } = await runStory({
      seed: `bug-${at}`,
      profile,
      planting: bug.planting,
      ...(bug.nemesis && { nemesis: bug.nemesis }),
      ...(bug.flow !== undefined && { surely: bug.flow }),
    });
    const [first] = violations;
    if (first)
      return bug.breaks.includes(first.invariant)
        ? { bug, caughtAfter: at + 1, by: first.invariant, message: first.message }
        : { bug, by: first.invariant, message: first.message };
  }
  return { bug };
};
export const huntAll = async (seedsMax: number): Promise<readonly BugHunt[]> => {
  const hunts: BugHunt[] = [];
  for (const bug of plantedBugs) hunts.push(await huntBug(bug, seedsMax));
  return hunts;
};

/** The same run with as few faults as still break it. */
export const shrink = async (run: KeptRun, planting = {}): Promise<{ readonly run: KeptRun; readonly story: Story }> => {
  const profile = profileOf(run.profile);
  const tell = (plan: readonly Injected[]): Promise<Story> => runStory({ seed: run.seed, profile, plan, planting });
  const invariant = run.violations[0]?.invariant;
  const breaks = ({ violations }: Story): boolean => violations[0]?.invariant === invariant;
  let plan = run.plan ?? [];
  let story = await tell(plan);
  if (!breaks(story)) return { run, story };
  for (let size = plan.length; size >= 1; size = Math.floor(size / 2)) {
    for (let at = 0; at < plan.length; ) {
      const fewer = [...plan.slice(0, at), ...plan.slice(at + size)];
      const told = await tell(fewer);
      if (breaks(told)) {
        plan = fewer;
        story = told;
      } else at += size;
    }
  }
  return { run: { ...run, plan, violations: story.violations }, story };
};

const folder = join(import.meta.dirname, "seeds");
export const nameOfRun = ({ seed, profile, plan }: KeptRun): string =>
  `${profile}-${seed}-${createHash("sha256")
    .update(JSON.stringify(plan ?? null))
    .digest("hex")
    .slice(0, 8)}.json`;

/** Runs that once broke something: they are told again for ever. */
export const keptRuns = (): readonly { readonly file: string; readonly run: KeptRun }[] =>
  readdirSync(folder)
    .filter((file) => file.endsWith(".json"))
    .sort()
    .map((file) => ({ file, run: JSON.parse(readFileSync(join(folder, file), "utf8")) as KeptRun }));
export const keptFolder = folder;

export const tellKept = (run: KeptRun): Promise<Story> =>
  runStory({ seed: run.seed, profile: profileOf(run.profile), ...(run.plan && { plan: run.plan }) });
