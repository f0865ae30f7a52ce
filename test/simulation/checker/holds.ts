// The end of a hold: what a provider must hold to be true before units go back, and that they do go back.
import type { Commit } from "../../../platform/table/memory.ts";
import { type Books, type Invariant, type Item, itemsOf, prefixOf, shownIn } from "./books.ts";

/** Units that somebody keeps although his order neither waits for money nor has it. A payment that does not fit is a person's to decide: units too. */
const strayHolds = (books: Books): readonly string[] => {
  const orders = new Map(itemsOf(books, "ORDER").map((order) => [order.id, order]));
  return itemsOf(books, "UNIT").flatMap((unit) => {
    if (unit.status !== "reserved") return [];
    const order = orders.get(unit.order_id);
    return order?.status === "awaiting_payment" || (order?.status === "attention" && order.settled === undefined)
      ? []
      : [`unit ${unit.id} is held for order ${String(unit.order_id)}, which is ${String(order?.status)}`];
  });
};

/** Pages of the order on which somebody could pay, or has paid: those that anybody was shown, or may be shown yet because we know of them. */
const livePages = (books: Books, order: Item): readonly string[] =>
  books.stripe
    .truth()
    .sessions.filter((session) => session.metadata?.order_id === order.id && session.status !== "expired")
    .filter(({ id }) => shownIn(books, order.id).has(id) || itemsOf(books, "PAYMENT").some(({ session_id }) => session_id === id))
    .map((session) => `the units of order ${order.id} went back while its page at the provider was ${String(session.status)}`);

const holdEnds: Invariant = {
  id: "I4",
  about: "a hold returns once, with its order, never while somebody can pay for it, and outlives neither order nor end",
  always: (books, commit) => {
    const ends = (from: string, to: string): readonly Item[] =>
      commit.changes.flatMap(({ key, before, after }) =>
        prefixOf(key.pk) === "ORDER" && before?.status === from && after?.status === to ? [after] : [],
      );
    const ended = ends("awaiting_payment", "expired");
    // Money that never fitted goes back as it came, or a person says how it ended: so do the units that nobody has seen.
    const settled = ends("attention", "attention").filter((order) => order.settled !== undefined);
    // So are those that a recall left to an order, when they are not enough and its money goes back.
    const givenBack = [...ended, ...ends("awaiting_payment", "refund_pending"), ...ends("attention", "refund_pending"), ...settled];
    const back = commit.changes.filter(
      ({ key, before, after }) => prefixOf(key.pk) === "UNIT" && before?.status === "reserved" && after?.status === "available",
    );
    const orphans = back.filter(({ before }) => !givenBack.some((order) => order.id === before?.order_id));
    const touched = commit.changes.some(({ key }) => /^(ORDER|UNIT)#/.test(key.pk));
    return [
      ...orphans.map(({ after }) => `unit ${after?.id} went back, and its order did not end`),
      ...ended.flatMap((order) => livePages(books, order)),
      ...ended.flatMap((order) => late(books, order)),
      ...(touched ? strayHolds(books) : []),
    ];
  },
  quiet: (books) => [
    ...strayHolds(books),
    ...(books.profile.sweep
      ? itemsOf(books, "ORDER")
          .filter((order) => order.status === "awaiting_payment")
          .map((order) => `order ${order.id} still waits for money, though its hold ended`)
      : []),
  ],
};

/** Too late is wrong only where nothing went wrong. */
const late = (books: Books, order: Item): readonly string[] => {
  const { holdEndsWithinMs } = books.profile;
  const afterMs = books.now() - Date.parse(String(order.hold_until));
  return holdEndsWithinMs !== undefined && afterMs > holdEndsWithinMs
    ? [`the hold of order ${order.id} ended ${Math.round(afterMs / 1000)} s late`]
    : [];
};

/** Too early is wrong whatever happened, but for a page that died by itself: nobody can pay any more. A clock may be fast by no more than is promised. */
const early = (books: Books, commit: Commit): readonly string[] =>
  commit.changes.flatMap(({ key, before, after }) => {
    if (prefixOf(key.pk) !== "ORDER" || before?.status !== "awaiting_payment" || after?.status !== "expired") return [];
    const leftMs = Date.parse(String(after.hold_until)) - books.now();
    const diedByItself = books.stripe
      .truth()
      .sessions.some(({ metadata, expires_at }) => metadata?.order_id === after.id && expires_at * 1_000 <= books.now());
    return leftMs > books.profile.skewMs && !diedByItself ? [`the hold of order ${after.id} ended ${Math.round(leftMs / 1000)} s too early`] : [];
  });

const keptToItsEnd: Invariant = {
  id: "I4",
  about: "a hold is kept to its end, unless its page died before",
  always: (books, commit) => (books.profile.skewMs === 0 ? early(books, commit) : []),
};
const byNoClock: Invariant = {
  id: "I38",
  about: "no clock that is off by what clocks may be ends a hold before its end",
  always: (books, commit) => (books.profile.skewMs > 0 ? early(books, commit) : []),
};

/** The provider would still take the money, and the units may be anybody's by then. */
const sentBeforeTheEnd: Invariant = {
  id: "I4",
  about: "nobody who asks after the end of his hold is sent to a page to pay on",
  quiet: (books) => {
    const endOf = new Map(itemsOf(books, "ORDER").map((order) => [order.id, Date.parse(String(order.hold_until)) + books.profile.skewMs]));
    return books.history.shown.flatMap(({ order_id, askedAt }) => {
      const lateMs = askedAt - (endOf.get(order_id) ?? 0);
      return lateMs > 0 ? [`the buyer of order ${order_id} was sent to pay ${Math.ceil(lateMs / 1000)} s after the end of the hold`] : [];
    });
  },
};

export const holdInvariants: readonly Invariant[] = [holdEnds, keptToItsEnd, byNoClock, sentBeforeTheEnd];
