// `npm run simulate -- --seeds N [--seed S] [--profile P] [--from N] [--json]`: stories from seeds, every planted bug, what was met.
// A failure is shrunk, told in words, and kept as a file in `seeds/` that every later run tells again.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { huntAll, type KeptRun, keptFolder, keptRuns, nameOfRun, runSeeds, shrink, tellKept } from "./campaign.ts";
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
    /** Stories told per planted bug at most. */
    hunt: { type: "string", default: "400" },
    json: { type: "boolean", default: false },
  },
});
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const whole = (text: string, name: string): number => {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`--${name} takes a whole number`);
  return value;
};

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
  say(`seed ${run.seed}, ${run.profile}: ${run.violations.map(({ invariant, message }) => `${invariant}, ${message}`).join("; ")}`);
  say(`needed for it: ${(run.plan ?? []).map(({ place, fault }) => `${fault} at ${place}`).join(", ") || "nothing but this order of steps"}`);
  const file = join(keptFolder, nameOfRun(run));
  writeFileSync(file, `${JSON.stringify(run, null, 2)}\n`);
  say(`kept as ${file}`);
};

const campaign = async (): Promise<boolean> => {
  const startedAt = performance.now();
  const among = values.profile === undefined ? profiles : [profileOf(values.profile)];
  let violations = 0;
  for (const { file, run } of keptRuns()) {
    const { violations: again } = await tellKept(run);
    if (again.length === 0) continue;
    violations += 1;
    say(`${file}: ${again.map(({ invariant, message }) => `${invariant}, ${message}`).join("; ")}`);
  }
  const result = await runSeeds(whole(values.from, "from"), whole(values.seeds, "seeds"), among);
  violations += result.failures.length;
  for (const failure of result.failures) await keep(failure);

  const hunts = await huntAll(whole(values.hunt, "hunt"));
  const escaped = hunts.filter(({ caughtAfter }) => caughtAfter === undefined);
  for (const { bug, by, message } of escaped) say(`not caught: ${bug.name}${by ? ` (seen as ${by}: ${message ?? ""})` : ""}`);
  // One profile alone cannot meet everything.
  const unmet = among === profiles ? missed(result.reach, result.runs) : [];
  for (const line of unmet) say(`met too seldom: ${line}`);

  const seconds = Math.round((performance.now() - startedAt) / 100) / 10;
  if (!values.json) {
    for (const { bug, caughtAfter, by } of hunts)
      say(`${bug.name}: ${caughtAfter === undefined ? "NOT CAUGHT" : `caught by ${by} after ${caughtAfter}`}`);
    for (const [situation, count] of [...result.reach.counts].sort((a, b) => a[1] - b[1])) say(`${String(count).padStart(7)}  ${situation}`);
    for (const [profile, ms] of result.slowestAnswerMs) say(`${profile}: money was answered after ${Math.round(ms / 1000)} s at the latest`);
    say(`${result.runs} stories, ${violations} violations, ${hunts.length - escaped.length} of ${hunts.length} planted bugs caught, ${seconds} s`);
  } else {
    say(
      JSON.stringify({
        runs: result.runs,
        violations,
        planted: hunts.length,
        caught: hunts.length - escaped.length,
        reach: Object.fromEntries([...result.reach.counts].sort(([a], [b]) => (a < b ? -1 : 1))),
        trace_hash_ok: result.traceHashOk,
        seconds,
      }),
    );
  }
  return violations === 0 && escaped.length === 0 && unmet.length === 0 && result.traceHashOk;
};

const fine = await (values.seed === undefined ? campaign() : tellOne(values.seed, values.profile ?? "storm"));
process.exitCode = fine ? 0 : 1;
