// Rare situations at the exceptions desk, recognised as they happen.
import type { Matter } from "./flows/desk-cast.ts";
import type { Shown } from "./flows/desk-look.ts";
import type { World } from "./world-model.ts";

export const sawMatter = ({ reach, twin }: World, order_id: string, { trouble }: Matter): void => {
  const order = [...twin.snapshot.records("ORDER")].find(({ item }) => item.id === order_id)?.item;
  reach.saw(`at the desk: ${trouble}`);
  reach.saw(`at the desk: ${String(order?.status)} order`);
};

export const sawEnds = ({ reach }: World, _order_id: string, { ends, evidence, reason }: Shown): void => {
  reach.saw(`the desk says: ${reason}`);
  if (evidence.found) reach.saw("the desk shows what was not as planned");
  for (const { command } of ends) reach.saw(`the desk offers ${command}`);
};

const going = new WeakMap<World, Map<string, number>>();

/** Somebody sends an end now. What comes back is told how it was answered. */
export const sawSent = (world: World, order_id: string) => {
  const counts = going.get(world) ?? new Map<string, number>();
  going.set(world, counts);
  const others = counts.get(order_id) ?? 0;
  counts.set(order_id, others + 1);
  if (others > 0) world.reach.saw("two ends were sent at the same moment");
  return <A extends { readonly kind: string }>(name: string, answer: A | undefined): A | undefined => {
    counts.set(order_id, (counts.get(order_id) ?? 1) - 1);
    if (others > 0 && answer?.kind === "ok") world.reach.saw(`${name} was first of two ends at the same moment`);
    return answer;
  };
};
