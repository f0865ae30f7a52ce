// `npm run simulate -- --seeds N [--seed S] [--profile P] [--from N] [--json]`: stories from seeds, every planted bug, what was met.
// With --faults, --pairs, --all-pairs or --orders also what needs no seed: every single fault, every two faults, every order of steps.
// A failure is shrunk, told in words, and kept as a file in `seeds/` that every later run tells again.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { huntAll, runSeeds } from "./campaign.ts";
import { Crew } from "./crew.ts";
import { everyOrderOfCases, everyPair, everySingleFault, type Search, type Tried } from "./exhaustive.ts";
import { type KeptRun, keptFolder, keptRuns, nameOfRun, shrink, tellKept, titleOf } from "./kept-runs.ts";
import { profileOf, profiles } from "./profiles.ts";
import type { Reach } from "./reach.ts";
import { missed, requiredPerThousand } from "./required.ts";
import type { Share } from "./share.ts";
import { runStory } from "./story.ts";

const { values } = parseArgs({
  options: {
    /** Stories told. */
    seeds: { type: "string", default: "400" },
    from: { type: "string", default: "0" },
    /** One story alone, in words. */
    seed: { type: "string" },
    profile: { type: "string" },
    /** Stories told per planted bug at most; 0: no bug is looked for. */
    hunt: { type: "string", default: "400" },
    /** Threads; 0: none. Default: as many as there are cores. */
    workers: { type: "string" },
    /** Every single fault of the compact stories, under five schedules. */
    faults: { type: "boolean", default: false },
    /** Every two faults of what can become of each kind of step. */
    pairs: { type: "boolean", default: false },
    /** Every two faults: the whole square. Hours. */
    "all-pairs": { type: "boolean", default: false },
    /** Every order of steps of the cases. */
    orders: { type: "boolean", default: false },
    /** Of the faults only each so-many-th, beginning at `part`: what a run of the tests said it tried. */
    every: { type: "string", default: "1" },
    part: { type: "string", default: "0" },
    json: { type: "boolean", default: false },
  },
});
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const whole = (text: string, name: string): number => {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`--${name} takes a whole number`);
  return value;
};
const crew = values.workers === undefined ? new Crew() : new Crew(whole(values.workers, "workers"));
const startedAt = performance.now();
const seconds = (): number => Math.round((performance.now() - startedAt) / 100) / 10;

interface Sum {
  readonly runs: number;
  readonly violations: number;
  readonly planted: number;
  readonly caught: number;
  readonly reach: Reach;
  readonly trace_hash_ok: boolean;
}
/** The last line, for programs. @param more what was run without seeds */
const sayJson = ({ reach, trace_hash_ok, ...sum }: Sum, more: Readonly<Record<string, unknown>> = {}): void => {
  // What was never met stands there with a nought.
  const names = [...new Set([...reach.counts.keys(), ...Object.keys(requiredPerThousand)])].sort();
  const counts = Object.fromEntries(names.map((name) => [name, reach.of(name)]));
  say(JSON.stringify({ ...sum, reach: counts, trace_hash_ok, seconds: seconds(), ...more }));
};

const tellOne = async (seed: string, profile: string): Promise<boolean> => {
  const tell = () => runStory({ seed, profile: profileOf(profile) });
  const story = await tell();
  for (const line of story.words()) say(line);
  for (const { invariant, message } of story.violations) say(`${invariant}: ${message}`);
  const fine = story.violations.length === 0;
  say(`${fine ? "nothing is wrong" : "wrong"}; trace ${story.traceHash}`);
  if (values.json) {
    const trace_hash_ok = (await tell()).traceHash === story.traceHash;
    sayJson({ runs: 1, violations: fine ? 0 : 1, planted: 0, caught: 0, reach: story.reach, trace_hash_ok });
  }
  return fine;
};

/** Makes a failure small, tells it, and keeps it. */
const keep = async (failure: KeptRun): Promise<void> => {
  const { run, story } = await shrink(failure);
  for (const line of story.words()) say(line);
  say(`${titleOf(run)}: ${run.violations.map(({ invariant, message }) => `${invariant}, ${message}`).join("; ")}`);
  say(`needed for it: ${(run.plan ?? []).map(({ place, fault }) => `${fault} at ${place}`).join(", ") || "nothing but this order of steps"}`);
  const file = join(keptFolder, nameOfRun(run));
  writeFileSync(file, `${JSON.stringify(run, null, 2)}\n`);
  say(`kept as ${file}`);
};

const tellKeptRuns = async (): Promise<number> => {
  let broken = 0;
  for (const { file, run } of keptRuns()) {
    const { violations } = await tellKept(run);
    if (violations.length === 0) continue;
    broken += 1;
    say(`${file}: ${violations.map(({ invariant, message }) => `${invariant}, ${message}`).join("; ")}`);
  }
  return broken;
};

/** Says how far a long search is, about twenty times. */
const progressOf = (what: string): Required<Pick<Search, "progress">> => {
  let said = 0;
  return {
    progress: ({ runs, parts, of, wrong }) => {
      const twentieths = Math.floor((parts * 20) / of);
      if (twentieths === said) return;
      said = twentieths;
      say(`${what}: ${twentieths * 5} % after ${runs} runs and ${seconds()} s, ${wrong} went wrong`);
    },
  };
};

/** What needs no seed: how many runs went wrong, and what was run. */
const exhaust = async (): Promise<{ readonly wrong: number; readonly told: Readonly<Record<string, unknown>> }> => {
  const failures: KeptRun[] = [];
  const told: Record<string, unknown> = {};
  const share: Share = { every: Math.max(1, whole(values.every, "every")), part: whole(values.part, "part") };
  const search = async (name: string, what: string, tried: Promise<Tried>): Promise<void> => {
    const { points, runs, steps, failures: found } = await tried;
    say(`${what}: ${points} places and faults, ${runs} runs, ${steps} different steps, ${found.length} went wrong`);
    failures.push(...found.map(({ course, violations }) => ({ ...course, violations })));
    told[name] = { points, runs, steps, violations: found.length };
  };
  const go = (what: string): Search => ({ share, ...progressOf(what) });
  if (values.faults) await search("faults", "every single fault", everySingleFault(crew, go("single faults")));
  if (values.pairs) await search("pairs", "every two faults of what can become of a step", everyPair(crew, "key", go("two faults")));
  if (values["all-pairs"]) await search("all_pairs", "every two faults", everyPair(crew, "all", go("two faults of all")));
  if (values.orders) {
    const counts: Record<string, number> = {};
    await everyOrderOfCases(crew, (name, { orders, failures: found }) => {
      say(`${name}: ${orders} orders of steps, ${found.length} went wrong`);
      counts[name] = orders;
      failures.push(...found.slice(0, 1).map(({ choices, violations }) => ({ case: name, choices, violations })));
    });
    told.orders = counts;
  }
  for (const failure of failures) await keep(failure);
  return { wrong: failures.length, told };
};

const campaign = async (): Promise<boolean> => {
  const among = values.profile === undefined ? profiles : [profileOf(values.profile)];
  const again = await tellKeptRuns();
  const result = await runSeeds(crew, whole(values.from, "from"), whole(values.seeds, "seeds"), among);
  for (const failure of result.failures) await keep(failure);
  const { wrong, told } = await exhaust();
  const violations = again + result.failures.length + wrong;

  const huntMax = whole(values.hunt, "hunt");
  const hunts = huntMax === 0 ? [] : await huntAll(crew, huntMax);
  const escaped = hunts.filter(({ caughtAfter }) => caughtAfter === undefined);
  for (const { bug, by, message } of escaped) say(`not caught: ${bug.name}${by ? ` (seen as ${by}: ${message ?? ""})` : ""}`);
  // One profile alone cannot meet everything.
  const unmet = among === profiles ? missed(result.reach, result.runs) : [];
  for (const line of unmet) say(`met too seldom: ${line}`);
  if (!result.traceHashOk) say("a story was not the same when it was told again");

  const caught = hunts.length - escaped.length;
  if (values.json) {
    const { runs, reach, traceHashOk: trace_hash_ok } = result;
    sayJson({ runs, violations, planted: hunts.length, caught, reach, trace_hash_ok }, told);
  } else {
    for (const { bug, caughtAfter, by } of hunts)
      say(`${bug.name}: ${caughtAfter === undefined ? "NOT CAUGHT" : `caught by ${by} after ${caughtAfter}`}`);
    for (const [situation, count] of [...result.reach.counts].sort((a, b) => a[1] - b[1])) say(`${String(count).padStart(7)}  ${situation}`);
    for (const [profile, ms] of result.slowestAnswerMs) say(`${profile}: money was answered after ${Math.round(ms / 1000)} s at the latest`);
    say(`${result.runs} stories, ${violations} violations, ${caught} of ${hunts.length} planted bugs caught, ${seconds()} s`);
  }
  return violations === 0 && escaped.length === 0 && unmet.length === 0 && result.traceHashOk;
};

const fine = await (values.seed === undefined ? campaign() : tellOne(values.seed, values.profile ?? "storm"));
await crew.dismiss();
process.exitCode = fine ? 0 : 1;
