// Units and who has them.
import { type Books, calledBack, given, holding, type Invariant, type Item, itemsOf, linesOf, unitsOf } from "./books.ts";

const countBy = (items: readonly string[]): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(item, (counts.get(item) ?? 0) + 1);
  return counts;
};
const out = new Set(["defective", "expired", "archived"]);
const touchesStock = (prefixes: readonly string[], pk: string): boolean => prefixes.some((prefix) => pk.startsWith(`${prefix}#`));

const oneAssignment: Invariant = {
  id: "I1",
  about: "a unit is on at most one order that holds it or has it",
  always: (books, commit) => {
    if (!commit.changes.some(({ key }) => touchesStock(["ORDER", "UNIT"], key.pk))) return [];
    const assigned = countBy(
      itemsOf(books, "ORDER")
        .filter((order) => holding.has(String(order.status)))
        .flatMap(unitsOf),
    );
    return [...assigned].filter(([, count]) => count > 1).map(([unit, count]) => `unit ${unit} is on ${count} orders at once`);
  },
};

const quantityPaid: Invariant = {
  id: "I2",
  about: "an order has exactly the units of its quantity, and they are its own",
  always: (books, commit) => {
    if (!commit.changes.some(({ key }) => touchesStock(["ORDER", "UNIT"], key.pk))) return [];
    const units = new Map(itemsOf(books, "UNIT").map((unit) => [String(unit.id), unit]));
    const taken = takenBack(books);
    const recalled = calledBack(books);
    return itemsOf(books, "ORDER").flatMap((order) =>
      holding.has(String(order.status)) ? linesOf(order).flatMap((line) => lineFaults(order, line, units, { taken, recalled })) : [],
    );
  },
};
/** Units that a refund took from their buyer: they stay on the line, and are worth nothing. */
const takenBack = (books: Books): ReadonlySet<string> =>
  new Set(
    itemsOf(books, "REFUND").flatMap((refund) => (refund.lines as readonly { readonly units: readonly string[] }[]).flatMap(({ units }) => units)),
  );

const lineFaults = (
  order: Item,
  line: ReturnType<typeof linesOf>[number],
  units: ReadonlyMap<string, Item>,
  { taken, recalled }: { readonly taken: ReadonlySet<string>; readonly recalled: ReadonlySet<string> },
): readonly string[] => {
  const found = new Set(line.units);
  const short =
    found.size === line.quantity && line.units.length === line.quantity
      ? []
      : [`order ${order.id} pays for ${line.quantity} and has ${line.units.length}`];
  const lost = (order.dispute as { status?: string } | undefined)?.status === "lost";
  const statusOf = (id: string): string => {
    if (!given.has(String(order.status))) return "reserved";
    return lost || taken.has(id) ? "archived" : "sold";
  };
  const strange = line.units.flatMap((id) => {
    const unit = units.get(id);
    if (unit?.order_id !== order.id) return [`order ${order.id} lists unit ${id}, which belongs to ${String(unit?.order_id ?? "nobody")}`];
    // What was called back stays named until the order is paid or over, and is never the buyer's.
    const waits = order.status === "awaiting_payment" && out.has(String(unit?.status)) && recalled.has(`${id} ${order.id}`);
    return waits || unit?.status === statusOf(id) ? [] : [`order ${order.id} is ${order.status}, its unit ${id} is ${unit?.status}`];
  });
  return [...short, ...strange];
};

const stockAddsUp: Invariant = {
  id: "I3",
  about: "every imported unit is still there, and a token exists exactly while its unit is available",
  always: (books, commit) => (commit.changes.some(({ key }) => touchesStock(["POOL", "UNIT"], key.pk)) ? addsUp(books) : []),
  quiet: (books) => addsUp(books),
};
const addsUp = (books: Books): readonly string[] => {
  const units = itemsOf(books, "UNIT");
  const counts = countBy(units.map((unit) => String(unit.listing_item_id)));
  const missing = [...books.imported].flatMap(([item, count]) =>
    counts.get(item) === count ? [] : [`${counts.get(item) ?? 0} units of ${item}, ${count} were stocked`],
  );
  const tokens = new Set(itemsOf(books, "POOL").map((token) => String(token.unit_id)));
  const apart = units.flatMap((unit) => {
    const free = unit.status === "available";
    if (free === tokens.has(String(unit.id))) return [];
    return [free ? `unit ${unit.id} is available and has no token` : `unit ${unit.id} is ${unit.status} and still has a token`];
  });
  return [...missing, ...apart];
};

/** A unit is somebody's only as long as its order has it: money back, number gone. */
const soldForMoney: Invariant = {
  id: "I6",
  about: "nobody keeps a number whose money went back or was lost",
  always: (books, commit) => {
    if (!commit.changes.some(({ key }) => touchesStock(["ORDER", "UNIT"], key.pk))) return [];
    const orders = new Map(itemsOf(books, "ORDER").map((order) => [order.id, order]));
    return itemsOf(books, "UNIT").flatMap((unit) => {
      const status = String(orders.get(unit.order_id)?.status);
      return unit.status === "sold" && !given.has(status) ? [`unit ${unit.id} is sold to order ${String(unit.order_id)}, which is ${status}`] : [];
    });
  },
};

const holdHasOwner: Invariant = {
  id: "I4",
  about: "a held or sold unit has one owner, an order that lists it, and changes hands only through stock",
  always: (books, commit) => {
    const changed = commit.changes.filter(({ key }) => key.pk.startsWith("UNIT#"));
    const snatched = changed.flatMap(({ before, after }) =>
      before && after && before.status !== "available" && after.status !== "available" && before.order_id !== after.order_id
        ? [`unit ${after.id} went from order ${before.order_id} to ${after.order_id}`]
        : [],
    );
    const orders = new Map(changed.length === 0 ? [] : itemsOf(books, "ORDER").map((order) => [order.id, order]));
    const ownerless = changed.flatMap(({ after }) => {
      if (!after || (after.status !== "reserved" && after.status !== "sold")) return [];
      const order = orders.get(after.order_id);
      return order && unitsOf(order).includes(String(after.id))
        ? []
        : [`unit ${after.id} is ${after.status} for order ${String(after.order_id)}, which does not list it`];
    });
    return [...snatched, ...ownerless];
  },
};

export const stockInvariants: readonly Invariant[] = [oneAssignment, quantityPaid, stockAddsUp, soldForMoney, holdHasOwner];
