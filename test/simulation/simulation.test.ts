// The simulation, as every change must pass it: random stories under every condition, some of the planted bugs and of the single faults, every order
// of steps of a few executions. `simulation.prove.test.ts` goes wider.
import { afterAll, describe, expect, it, jest } from "@jest/globals";
import { type BugHunt, type CampaignResult, huntBug, runSeeds } from "./campaign.ts";
import { compactOf, compacts, tellCourse } from "./compact.ts";
import { Crew } from "./crew.ts";
import { atLeast, everySingleFault } from "./exhaustive.ts";
import { cases as allCases, caseOf } from "./interleavings.ts";
import type { Output } from "./jobs.ts";
import { keptRuns, tellKept, wordsOf } from "./kept-runs.ts";
import { unshown } from "./orders.ts";
import { bugsOfFaults, bugsOfOrders, narrow } from "./planted/where.ts";
import { plantedBugs } from "./planted-bugs.ts";
import { profileOf } from "./profiles.ts";
import { missed } from "./required.ts";
import { isIn, type Share } from "./share.ts";
import { runStory } from "./story.ts";

const stories = 60;
/** Single faults: always the same part of them, so that a change fails by what it changes. The wide run takes another one each day. */
const share: Share = { every: 600, part: 0 };
/** A story with a planted bug is told so often at most. */
const huntMax = 120;
jest.setTimeout(180_000);

const crew = new Crew();
afterAll(() => crew.dismiss());

let campaign: Promise<CampaignResult> | undefined;
/** Told once, looked at by several tests. */
const told = (): Promise<CampaignResult> => {
  campaign ??= runSeeds(crew, 0, stories);
  return campaign;
};

describe("the shop under faults", () => {
  it("keeps every invariant in random stories: all layers on, and each layer off", async () => {
    const { failures, runs } = await told();
    expect(await wordsOf(failures[0])).toEqual([]);
    expect(runs).toBe(stories);
  });

  it("meets the situations that even so few stories must meet", async () => {
    const { reach, runs } = await told();
    expect(missed(reach, runs)).toEqual([]);
  });

  it("tells the same story from the same seed, to the last step, whoever tells it", async () => {
    const { traceHashOk, retold } = await told();
    expect(retold).toBeGreaterThanOrEqual(stories / 20);
    expect(traceHashOk).toBe(true);
  });

  it("tells another story from another seed", async () => {
    const profile = profileOf("storm");
    const [one, other] = [await runStory({ seed: "one", profile }), await runStory({ seed: "other", profile })];
    expect(one.traceHash).not.toBe(other.traceHash);
  });

  it.each(compacts.map((compact) => [compact.name, compact] as const))("tells a compact story to its point: %s", async (name, { goal }) => {
    const { turns, violations } = await tellCourse({ compact: name, schedule: 0, plan: [] });
    expect(violations).toEqual([]);
    expect(turns.some(({ label }) => goal.test(label))).toBe(true);
  });

  it("keeps every invariant in one of six hundred parts of all single faults of the compact stories", async () => {
    const tried = await everySingleFault(crew, { share });
    expect(await wordsOf(tried.failures.map(({ course, violations }) => ({ ...course, violations }))[0])).toEqual([]);
    expect(tried.points).toBeGreaterThanOrEqual(atLeast.singles.points);
    expect(tried.runs).toBeGreaterThanOrEqual(tried.points / share.every);
    expect(tried.steps).toBeGreaterThanOrEqual(atLeast.singles.steps);
  });

  it("has every single fault come round once, whichever number of parts they are tried in", () => {
    for (const every of [1, 7, 40]) {
      const parts = Array.from({ length: every }, (_, part) => Array.from({ length: 500 }, (__, at) => at).filter((at) => isIn({ every, part }, at)));
      expect(parts.flat().sort((a, b) => a - b)).toEqual(Array.from({ length: 500 }, (_, at) => at));
    }
  });

  it.each(keptRuns().map(({ file, run }) => [file, run] as const))("does not repeat what once went wrong: %s", async (_file, run) => {
    expect((await tellKept(run)).violations).toEqual([]);
  });
});

describe("in every order of steps", () => {
  const cases = allCases.filter(({ long }) => !long);
  let orders: ReadonlyMap<string, Promise<Output<"order">>> | undefined;
  /** All are asked for at once, so that every thread has something to do. */
  const inEveryOrder = (name: string): Promise<Output<"order">> | undefined => {
    orders ??= new Map(cases.map((one) => [one.name, crew.work("order", { name: one.name })]));
    return orders.get(name);
  };

  it.each(cases.map(({ name, about }) => [name, about] as const))("keeps every invariant: %s (%s)", async (name) => {
    const told = (await inEveryOrder(name)) as Output<"order">;
    const [first] = told.failures;
    expect(await wordsOf(first && { case: name, ...first })).toEqual([]);
    expect(unshown(caseOf(name), told)).toEqual([]);
  });
});

describe("the searches without chance", () => {
  it.each(bugsOfFaults.filter((_, at) => at % 4 === 0))("find a planted bug among single faults: %s (%s)", async (name, compact) => {
    const { failures } = await everySingleFault(crew, { bug: name, among: [compactOf(compact)], share: narrow });
    expect(plantedBugs.find((bug) => bug.name === name)?.breaks).toContain(failures[0]?.violations[0]?.invariant);
  });

  it.each(bugsOfOrders)("find a planted bug among the orders of steps: %s (%s)", async (name, of) => {
    const { failures } = await crew.work("order", { name: of, bug: name });
    expect(plantedBugs.find((bug) => bug.name === name)?.breaks).toContain(failures[0]?.violations[0]?.invariant);
  });
});

describe("the checker", () => {
  /** One in twenty of them; the wide run looks for all. */
  const inTheOpen = plantedBugs.filter(({ hides }, at) => !hides && at % 20 === 0);
  let hunts: ReadonlyMap<string, Promise<BugHunt>> | undefined;
  const huntFor = (name: string): Promise<BugHunt> | undefined => {
    hunts ??= new Map(inTheOpen.map((bug) => [bug.name, huntBug(crew, bug, huntMax)]));
    return hunts.get(name);
  };

  it.each(inTheOpen.map(({ name }) => name))("sees a planted bug: %s", async (name) => {
    const hunt = await huntFor(name);
    expect(hunt?.caughtAfter ?? `not caught; seen instead: ${hunt?.by ?? "nothing"} ${hunt?.message ?? ""}`).toEqual(expect.any(Number));
  });
});
