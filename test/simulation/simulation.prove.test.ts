// The wide run: as many stories as SIMULATION_SEEDS says, every single fault of the compact stories, every two faults of what can become of
// their steps.
import { afterAll, expect, it, jest } from "@jest/globals";
import { runSeeds } from "./campaign.ts";
import { Crew } from "./crew.ts";
import { everyPair, everySingleFault } from "./exhaustive.ts";
import { wordsOf } from "./kept-runs.ts";
import { missed } from "./required.ts";

const stories = Number(process.env.SIMULATION_SEEDS ?? "400");
const wide = stories >= 2_000;
/** Seeds that `npm test` does not tell. */
const from = 100_000;
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
  const { failures } = await everySingleFault(crew, 5, wide ? 1 : 40);
  expect(await wordsOf(failures.map(({ course, violations }) => ({ ...course, violations }))[0])).toEqual([]);
});

it("keeps every invariant whichever two of a compact story's steps go wrong, one fault for each thing that can become of a kind of step", async () => {
  const { failures } = await everyPair(crew, "key", wide ? 1 : 40);
  expect(await wordsOf(failures.map(({ course, violations }) => ({ ...course, violations }))[0])).toEqual([]);
});
