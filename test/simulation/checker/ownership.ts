// Which numbers an order had at which time: kept commit by commit, so that what was told can be judged by what was true then.
import type { Commit } from "../../../platform/table/memory.ts";
import { type Books, type Item, itemsOf, prefixOf, unitsOf } from "./books.ts";

interface Span {
  readonly from: number;
  readonly live: ReadonlySet<string>;
}
/** By order, oldest first; one set of books for each run. */
const runs = new WeakMap<Books["history"], Map<string, Span[]>>();

/** Units that the order's buyer can use now. */
export const liveUnits = (order: Item | undefined, units: ReadonlyMap<string, Item>): ReadonlySet<string> => {
  const lost = (order?.dispute as { status?: string } | undefined)?.status === "lost";
  if (order?.status !== "paid" || lost) return new Set();
  return new Set(unitsOf(order).filter((id) => units.get(id)?.status === "sold" && units.get(id)?.order_id === order.id));
};
export const unitsById = (books: Books): ReadonlyMap<string, Item> => new Map(itemsOf(books, "UNIT").map((unit) => [String(unit.id), unit]));

/** Call at every commit. */
export const keepOwnership = (books: Books, commit: Commit): void => {
  const touched = new Set(
    commit.changes.flatMap(({ key, before, after }) => {
      if (prefixOf(key.pk) === "ORDER") return [String(after?.id)];
      return prefixOf(key.pk) === "UNIT" ? [before?.order_id, after?.order_id].flatMap((id) => (id === undefined ? [] : [String(id)])) : [];
    }),
  );
  if (touched.size === 0) return;
  const spans = runs.get(books.history) ?? new Map<string, Span[]>();
  runs.set(books.history, spans);
  const units = unitsById(books);
  for (const order of itemsOf(books, "ORDER")) {
    const id = String(order.id);
    if (!touched.has(id)) continue;
    const list = spans.get(id) ?? [];
    list.push({ from: books.now(), live: liveUnits(order, units) });
    spans.set(id, list);
  }
};

/** What the order had at some moment from `since` to `at`, and what it had all that time. Milliseconds by the true clock. */
export const ownedDuring = (
  books: Books,
  orderId: string,
  since: number,
  at: number,
): { readonly ever: ReadonlySet<string>; readonly always: ReadonlySet<string> } => {
  const spans = runs.get(books.history)?.get(orderId) ?? [];
  const within = spans.filter(({ from }, place) => from <= at && (spans[place + 1]?.from ?? Number.POSITIVE_INFINITY) >= since);
  const [first, ...others] = within;
  return {
    ever: new Set(within.flatMap(({ live }) => [...live])),
    always: new Set([...(first?.live ?? [])].filter((unit) => others.every(({ live }) => live.has(unit)))),
  };
};
