// The wide run: as many stories as SIMULATION_SEEDS says, a part of all single faults of the compact stories and of all two faults of what can
// become of their steps (another part each day), every planted bug. The whole of them: npm run simulate -- --seeds 10000 --faults --pairs.
import { afterAll, expect, it, jest } from "@jest/globals";
import { huntAll, runSeeds } from "./campaign.ts";
import { compactOf } from "./compact.ts";
import { Crew } from "./crew.ts";
import { atLeast, everyPair, everySingleFault } from "./exhaustive.ts";
import { caseOf, cases } from "./interleavings.ts";
import { wordsOf } from "./kept-runs.ts";
import { unshown } from "./orders.ts";
import { bugsOfPairs, narrow } from "./planted/where.ts";
import { maskedGuards, plantedBugs } from "./planted-bugs.ts";
import { profileOf } from "./profiles.ts";
import { missed } from "./required.ts";
import { nameOfShare, shareOfToday } from "./share.ts";
import { runStory } from "./story.ts";

const stories = Number(process.env.SIMULATION_SEEDS ?? "400");
const wide = stories >= 2_000;
/** Seeds that `npm test` does not tell. */
const from = 1_000;
/** As many faults as the minutes of the wide run allow. */
const singles = shareOfToday(wide ? 24 : 120);
const pairs = shareOfToday(wide ? 40 : 120);
jest.setTimeout(15 * 60_000);

const crew = new Crew();
afterAll(() => crew.dismiss());

it(`keeps every invariant in ${stories} random stories, meets what it claims to survive, and tells each story the same way again`, async () => {
  const { failures, reach, runs, traceHashOk } = await runSeeds(crew, from, stories);
  expect(await wordsOf(failures[0])).toEqual([]);
  expect(missed(reach, runs)).toEqual([]);
  expect(traceHashOk).toBe(true);
});

it(`keeps every invariant in a part of all single faults of the compact stories (${nameOfShare(singles)})`, async () => {
  const tried = await everySingleFault(crew, { share: singles });
  expect(await wordsOf(tried.failures.map(({ course, violations }) => ({ ...course, violations }))[0])).toEqual([]);
  expect(tried.points).toBeGreaterThanOrEqual(atLeast.singles.points);
  expect(tried.runs).toBeGreaterThanOrEqual(tried.points / singles.every);
  expect(tried.steps).toBeGreaterThanOrEqual(atLeast.singles.steps);
});

it(`keeps every invariant in a part of all two faults of what can become of a kind of step (${nameOfShare(pairs)})`, async () => {
  const tried = await everyPair(crew, "key", { share: pairs });
  expect(await wordsOf(tried.failures.map(({ course, violations }) => ({ ...course, violations }))[0])).toEqual([]);
  expect(tried.points).toBeGreaterThanOrEqual(atLeast.pairs.points);
  // Each first fault alone, and then with every second one after it.
  expect(tried.runs).toBeGreaterThanOrEqual((tried.points / pairs.every) * atLeast.pairs.runsPerPoint);
});

it.each(bugsOfPairs)("finds a planted bug among two faults: %s (%s)", async (name, compact) => {
  const { failures } = await everyPair(crew, "key", { bug: name, among: [compactOf(compact)], share: narrow });
  expect(plantedBugs.find((bug) => bug.name === name)?.breaks).toContain(failures[0]?.violations[0]?.invariant);
});

it.each(cases.filter(({ long }) => long).map(({ name, about }) => [name, about] as const))(
  "keeps every invariant in every order of steps: %s (%s)",
  async (name) => {
    const told = await crew.work("order", { name });
    const [first] = told.failures;
    expect(await wordsOf(first && { case: name, ...first })).toEqual([]);
    expect(unshown(caseOf(name), told)).toEqual([]);
  },
);

it("sees every planted bug, also those that hide", async () => {
  const hunts = await huntAll(crew, wide ? 600 : 200);
  expect(
    hunts.filter(({ caughtAfter }) => caughtAfter === undefined).map(({ bug, by, message }) => `${bug.name}: ${by ?? "nothing"} ${message ?? ""}`),
  ).toEqual([]);
});

it.each(maskedGuards.map((guard) => [guard.name, guard.behind, guard] as const))(
  "sees no harm in many stories without %s, because %s",
  async (_name, _behind, { profile, planting, flow }) => {
    for (let at = 100; at < 103; at += 1) {
      const told = await runStory({ seed: `masked-${at}`, profile: profileOf(profile), planting, ...(flow !== undefined && { surely: flow }) });
      expect(told.violations).toEqual([]);
    }
  },
);
