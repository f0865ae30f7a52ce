// The books: the journal is written behind the sale, and people compare it with the provider's books while others buy, two at once, again after a crash.
import type { History } from "../history.ts";
import { storyDays } from "../night.ts";
import type { World } from "../world-model.ts";
import type { Flow } from "./flow.ts";
import { operate } from "./operator.ts";

const minuteMs = 60_000;

const compare = (world: World, history: History, by: string, key: string) =>
  operate(
    world,
    history,
    { name: "reconcileNow", by, key, body: { merchant_id: world.shop.merchant, from: storyDays.from, to: storyDays.from } },
    (command) => world.verbs.reconcileNow(command, { ...world.ports, fulfilOrder: world.fulfilOrder }),
  );

export const night: Flow = {
  name: "night",
  about: "the journal, and people who compare the books while others buy; the night itself falls when all is quiet",
  percent: 25,
  stock: () => [],

  begin(world, history) {
    world.journal.begin();
    const dice = world.dice.fork("flow").fork("night");
    const visits = dice.between(1, 2);
    const together = dice.chance(0.3);
    let inside = visits;
    for (let visit = 1; visit <= visits; visit += 1) {
      // What changed within the last quarter of an hour is not judged: before that there is nothing to compare.
      const comesMs = together ? 20 * minuteMs : dice.between(16, 70) * minuteMs;
      world.scheduler.spawn(`accountant ${visit}`, async () => {
        await world.scheduler.sleep(comesMs, "waits until there is something to compare");
        await compare(world, history, `accountant-${visit}`, `compare-${visit}-once`);
        inside -= 1;
      });
    }
    return () => inside === 0;
  },

  /** A time that is not over, and one too long, are refused and change nothing. */
  async afterwards(world, history) {
    const refused = async (from: string, to: string): Promise<void> => {
      const request = {
        body: { merchant_id: world.shop.merchant, from, to },
        key: "compare-refused",
        principal: { type: "operator", id: "auditor" } as const,
      };
      const ended = await world.invoke(
        "reports-operator",
        () => world.verbs.reconcileNow(request, { ...world.ports, fulfilOrder: world.fulfilOrder }),
        ["reports"],
      );
      if (ended.kind !== "answered" || ended.value.kind !== "refused") history.broken.push(`comparing ${from} to ${to} was not refused`);
    };
    await refused("2026-12-24", "2026-12-24");
    await refused("2026-11-22", "2026-11-21");
  },
};
