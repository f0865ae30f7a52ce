// The desk as a hand sees it, judged against the table: whoever waits is shown, and whatever end is offered is accepted unless somebody is faster.
import type { History } from "../history.ts";
import type { World } from "../world-model.ts";

type Item = Readonly<Record<string, unknown>>;
type Answer = Extract<Awaited<ReturnType<World["verbs"]["listExceptions"]>>, { kind: "ok" }>;
export type Shown = Answer["result"]["exceptions"][number];

export const orderIn = ({ twin }: World, order_id: string): Item | undefined =>
  [...twin.snapshot.records("ORDER")].find(({ item }) => item.id === order_id)?.item;

/** As the design has it, and not as the product's own word for it: a note is there, or money that delivered nothing and that nobody settled. */
export const waits = (order: Item | undefined): boolean =>
  order !== undefined &&
  (order.attention_note !== undefined || order.failed_refunds !== undefined || (order.status === "attention" && order.settled === undefined));

const waiting = ({ twin }: World): ReadonlyMap<string, Item> =>
  new Map([...twin.snapshot.records("ORDER")].flatMap(({ item }) => (waits(item) ? [[String(item.id), item] as const] : [])));

/**
 * Reads the desk to its end. Undefined when nothing came back.
 * @param exact nothing goes wrong now: the index is not behind
 */
export const readDesk = async (world: World, history: History, by: string, exact: boolean): Promise<readonly Shown[] | undefined> => {
  const { verbs, ports, shop } = world;
  const before = waiting(world);
  const shown: Shown[] = [];
  let cursor: string | undefined;
  do {
    const body = { merchant_id: shop.merchant, first: before.size % 2 === 0 ? ("oldest" as const) : ("newest" as const), ...(cursor && { cursor }) };
    const request = { body, key: `look-of-${by}`, principal: { type: "operator" as const, id: by } };
    const ended = await world.invoke("operator listExceptions", () => verbs.listExceptions(request, ports), ["operator"]);
    if (ended.kind !== "answered" || ended.value.kind !== "ok") return undefined;
    shown.push(...ended.value.result.exceptions);
    cursor = ended.value.result.cursor;
  } while (cursor !== undefined);

  const after = waiting(world);
  for (const [id, order] of after) {
    if (exact && before.get(id)?.desk_place === order.desk_place && !shown.some(({ order_id }) => order_id === id))
      history.broken.push(`order ${id} waits for a person, and the desk does not show it`);
  }
  for (const { order_id, evidence } of shown) {
    if (before.get(order_id) === undefined && after.get(order_id) === undefined && exact)
      history.broken.push(`the desk shows order ${order_id}, which waits for nobody`);
    if (before.has(order_id) && before.get(order_id) === after.get(order_id) && evidence.planned.amount !== before.get(order_id)?.total)
      history.broken.push(`the desk says that order ${order_id} was planned over ${evidence.planned.amount}`);
  }
  return shown;
};
