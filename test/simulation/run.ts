// `npm run simulate -- --seeds N [--seed S] [--profile P] [--from N] [--json]`: stories from seeds, every planted bug, what was met.
// With --faults, --pairs or --orders also what needs no seed: every single fault, every two faults, every order of steps.
// A failure is shrunk, told in words, and kept as a file in `seeds/` that every later run tells again.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { huntAll, runSeeds } from "./campaign.ts";
import { Crew } from "./crew.ts";
import { everyOrderOfCases, everyPair, everySingleFault, type Tried } from "./exhaustive.ts";
import { type KeptRun, keptFolder, keptRuns, nameOfRun, shrink, tellKept, titleOf } from "./kept-runs.ts";
import { profileOf, profiles } from "./profiles.ts";
import { missed } from "./required.ts";
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
    /** Every two faults of the compact stories: the whole square. Hours. */
    pairs: { type: "boolean", default: false },
    /** Every order of steps of the cases. */
    orders: { type: "boolean", default: false },
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
/** Schedules that single faults are tried under. */
const schedules = 5;

const tellOne = async (seed: string, profile: string): Promise<boolean> => {
  const story = await runStory({ seed, profile: profileOf(profile) });
  for (const line of story.words()) say(line);
  for (const { invariant, message } of story.violations) say(`${invariant}: ${message}`);
  say(`${story.violations.length === 0 ? "nothing is wrong" : "wrong"}; trace ${story.traceHash}`);
  return story.violations.length === 0;
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

/** What needs no seed. Answers how many runs went wrong. */
const exhaust = async (): Promise<number> => {
  const failures: KeptRun[] = [];
  const heard = (what: string, { points, runs, steps, failures: found }: Tried): void => {
    say(`${what}: ${points} places and faults, ${runs} runs, ${steps} different steps, ${found.length} went wrong`);
    failures.push(...found.map(({ course, violations }) => ({ ...course, violations })));
  };
  if (values.faults) heard("every single fault", await everySingleFault(crew, schedules));
  if (values.pairs) heard("every two faults", await everyPair(crew, "all"));
  if (values.orders) {
    for (const [name, { orders, failures: found }] of await everyOrderOfCases(crew)) {
      say(`${name}: ${orders} orders of steps, ${found.length} went wrong`);
      failures.push(...found.slice(0, 1).map(({ choices, violations }) => ({ case: name, choices, violations })));
    }
  }
  for (const failure of failures) await keep(failure);
  return failures.length;
};

const campaign = async (): Promise<boolean> => {
  const startedAt = performance.now();
  const among = values.profile === undefined ? profiles : [profileOf(values.profile)];
  const again = await tellKeptRuns();
  const result = await runSeeds(crew, whole(values.from, "from"), whole(values.seeds, "seeds"), among);
  for (const failure of result.failures) await keep(failure);
  const violations = again + result.failures.length + (await exhaust());

  const huntMax = whole(values.hunt, "hunt");
  const hunts = huntMax === 0 ? [] : await huntAll(crew, huntMax);
  const escaped = hunts.filter(({ caughtAfter }) => caughtAfter === undefined);
  for (const { bug, by, message } of escaped) say(`not caught: ${bug.name}${by ? ` (seen as ${by}: ${message ?? ""})` : ""}`);
  // One profile alone cannot meet everything.
  const unmet = among === profiles ? missed(result.reach, result.runs) : [];
  for (const line of unmet) say(`met too seldom: ${line}`);
  if (!result.traceHashOk) say("a story was not the same when it was told again");

  const seconds = Math.round((performance.now() - startedAt) / 100) / 10;
  const caught = hunts.length - escaped.length;
  const counts = [...result.reach.counts];
  if (values.json) {
    const reach = Object.fromEntries(counts.sort(([a], [b]) => (a < b ? -1 : 1)));
    say(JSON.stringify({ runs: result.runs, violations, planted: hunts.length, caught, reach, trace_hash_ok: result.traceHashOk, seconds }));
  } else {
    for (const { bug, caughtAfter, by } of hunts)
      say(`${bug.name}: ${caughtAfter === undefined ? "NOT CAUGHT" : `caught by ${by} after ${caughtAfter}`}`);
    for (const [situation, count] of counts.sort((a, b) => a[1] - b[1])) say(`${String(count).padStart(7)}  ${situation}`);
    for (const [profile, ms] of result.slowestAnswerMs) say(`${profile}: money was answered after ${Math.round(ms / 1000)} s at the latest`);
    say(`${result.runs} stories, ${violations} violations, ${caught} of ${hunts.length} planted bugs caught, ${seconds} s`);
  }
  return violations === 0 && escaped.length === 0 && unmet.length === 0 && result.traceHashOk;
};

const fine = await (values.seed === undefined ? campaign() : tellOne(values.seed, values.profile ?? "storm"));
await crew.dismiss();
process.exitCode = fine ? 0 : 1;
