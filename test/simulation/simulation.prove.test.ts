// The wide run: as many stories as SIMULATION_SEEDS says, every single fault of several stories, more orders of steps.
import { expect, it, jest } from "@jest/globals";
import { runSeeds, shrink } from "./campaign.ts";
import { everyInterleaving, everySingleFault, stockSteps } from "./exhaustive.ts";
import { profiles } from "./profiles.ts";
import { missed } from "./required.ts";

const stories = Number(process.env.SIMULATION_SEEDS ?? "400");
/** Seeds that `npm test` does not tell. */
const from = 100_000;
jest.setTimeout(15 * 60_000);

it(`keeps every invariant in ${stories} random stories, meets what it claims to survive, and tells each story the same way again`, async () => {
  const { failures, reach, runs, traceHashOk } = await runSeeds(from, stories);
  const [first] = failures;
  const words = first ? [...(await shrink(first)).story.words(), JSON.stringify(first)] : [];
  expect(words).toEqual([]);
  expect(missed(reach, runs)).toEqual([]);
  expect(traceHashOk).toBe(true);
});

it.each(profiles.filter(({ faultRate }) => faultRate > 0).map((profile) => [profile.name, profile] as const))(
  "keeps every invariant whichever single step goes wrong: %s",
  async (name, profile) => {
    const { failures } = await everySingleFault(`prove-${name}`, profile, stories >= 2_000 ? 1 : 40);
    expect(failures).toEqual([]);
  },
);

it("keeps every invariant in every order of three buyers on two units", async () => {
  const wants = ["a", "b", "c"].map((key) => ({ key, quantity: 1 }));
  expect((await everyInterleaving(2, wants, stockSteps, 100_000)).failures).toEqual([]);
});
