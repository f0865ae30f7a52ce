// Runs that once went wrong: made as small as they get, kept as files, told again for ever.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Violation } from "./checker/checker.ts";
import { tellCourse } from "./compact.ts";
import type { Injected } from "./faults.ts";
import { caseOf } from "./interleavings.ts";
import { tellOrder } from "./orders.ts";
import { profileOf } from "./profiles.ts";
import { runStory, type Story } from "./story.ts";
import type { Planting } from "./world-model.ts";

interface Wrong {
  /** The faults that are needed for it; absent: those of the seed. */
  readonly plan?: readonly Injected[];
  readonly violations: readonly Violation[];
  /** What was wrong with the product then. */
  readonly note?: string;
}
/** Enough to see it again: a seed under a profile, a compact story under a schedule, or an order of steps of a case. */
export type KeptRun = Wrong &
  (
    | { readonly seed: string; readonly profile: string }
    | { readonly compact: string; readonly schedule: number }
    | { readonly case: string; readonly choices: readonly number[] }
  );

export const titleOf = (run: KeptRun): string => {
  if ("seed" in run) return `${run.profile}, seed ${run.seed}`;
  return "compact" in run ? `${run.compact}, schedule ${run.schedule}` : `${run.case}, order ${run.choices.join("")}`;
};

export const tellKept = (run: KeptRun, planting: Planting = {}): Promise<Story> => {
  if ("seed" in run) return runStory({ seed: run.seed, profile: profileOf(run.profile), planting, ...(run.plan && { plan: run.plan }) });
  if ("compact" in run) return tellCourse({ compact: run.compact, schedule: run.schedule, plan: run.plan ?? [] }, { planting });
  return tellOrder(caseOf(run.case), run.choices, planting);
};

/** The same run with as few faults as still break it. */
export const shrink = async <R extends KeptRun>(run: R, planting: Planting = {}): Promise<{ readonly run: R; readonly story: Story }> => {
  const tell = (plan: readonly Injected[]): Promise<Story> => tellKept({ ...run, plan }, planting);
  const invariant = run.violations[0]?.invariant;
  const breaks = ({ violations }: Story): boolean => violations[0]?.invariant === invariant;
  let plan = run.plan ?? [];
  let story = await tell(plan);
  if (!breaks(story)) return { run, story };
  // From the end: a fault that is taken away moves the turns of those behind it. What went in the last round may free others.
  for (let size = plan.length; size >= 1; ) {
    const before = plan.length;
    for (let end = plan.length; end > 0; end -= size) {
      const fewer = [...plan.slice(0, Math.max(0, end - size)), ...plan.slice(end)];
      const told = await tell(fewer);
      if (!breaks(told)) continue;
      plan = fewer;
      story = told;
    }
    if (size > 1 || plan.length === before) size = Math.floor(size / 2);
  }
  return { run: { ...run, plan, violations: story.violations }, story };
};

/** A failure for a reader: the run as small as it gets, in words, and what is broken. Nothing where nothing failed. */
export const wordsOf = async (failure: KeptRun | undefined): Promise<readonly string[]> => {
  if (!failure) return [];
  const { run, story } = await shrink(failure);
  return [...story.words(), `${titleOf(run)}: ${JSON.stringify(run)}`];
};

export const keptFolder = join(import.meta.dirname, "seeds");

export const nameOfRun = (run: KeptRun): string => {
  const title = titleOf(run)
    .replaceAll(/[^\w-]+/g, "-")
    .slice(0, 60);
  return `${title}-${createHash("sha256")
    .update(JSON.stringify([titleOf(run), run.plan ?? null]))
    .digest("hex")
    .slice(0, 8)}.json`;
};

export const keptRuns = (): readonly { readonly file: string; readonly run: KeptRun }[] =>
  readdirSync(keptFolder)
    .filter((file) => file.endsWith(".json"))
    .sort()
    .map((file) => ({ file, run: JSON.parse(readFileSync(join(keptFolder, file), "utf8")) as KeptRun }));
