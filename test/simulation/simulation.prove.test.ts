// The wide run: as many stories as SIMULATION_SEEDS says, a twentieth of every single fault of the compact stories under five schedules,
// a fortieth of every two faults of what can become of their steps, every planted bug. The whole of them: npm run simulate -- --seeds 10000 --faults --pairs.
import { afterAll, expect, it, jest } from "@jest/globals";
import { huntAll, runSeeds } from "./campaign.ts";
import { Crew } from "./crew.ts";
import { everyPair, everySingleFault } from "./exhaustive.ts";
import { cases } from "./interleavings.ts";
import { wordsOf } from "./kept-runs.ts";
import { maskedGuards } from "./planted-bugs.ts";
import { profileOf } from "./profiles.ts";
import { missed } from "./required.ts";
import { runStory } from "./story.ts";

const stories = Number(process.env.SIMULATION_SEEDS ?? "400");
const wide = stories >= 2_000;
/** Seeds that `npm test` does not tell. */
const from = 1_000;
jest.setTimeout(15 * 60_000);

const crew = new Crew();
afterAll(() => crew.dismiss());

it(`keeps every invariant in ${stories} random stories, meets what it claims to survive, and tells each story the same way again`, async () => {
  const { failures, reach, runs, traceHashOk } = await runSeeds(crew, from, stories);
  expect(await wordsOf(failures[0])).toEqual([]);
  expect(missed(reach, runs)).toEqual([]);
  expect(traceHashOk).toBe(true);
});

it("keeps every invariant whichever single step of a compact story goes wrong, under five schedules", async () => {
  const { failures } = await everySingleFault(crew, 5, wide ? 20 : 40);
  expect(await wordsOf(failures.map(({ course, violations }) => ({ ...course, violations }))[0])).toEqual([]);
});

it("keeps every invariant whichever two of a compact story's steps go wrong, one fault for each thing that can become of a kind of step", async () => {
  const { failures } = await everyPair(crew, "key", 40);
  expect(await wordsOf(failures.map(({ course, violations }) => ({ ...course, violations }))[0])).toEqual([]);
});

it.each(cases.filter(({ long }) => long).map(({ name, about }) => [name, about] as const))(
  "keeps every invariant in every order of steps: %s (%s)",
  async (name) => {
    const { failures, orders } = await crew.work("order", { name });
    const [first] = failures;
    expect(await wordsOf(first && { case: name, ...first })).toEqual([]);
    expect(orders).toBeGreaterThan(300);
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
