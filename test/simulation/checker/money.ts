// Money against goods: judged by the provider's own books, never by ours.
import { type Books, type Captured, capturesOf, given, type Invariant, type Item, itemsOf, shownIn } from "./books.ts";

/** The price, or what a person has accepted instead of it; in the order's currency either way. */
const agreed = (order: Item | undefined, { amount, currency }: { readonly amount: number; readonly currency: string }): boolean =>
  currency === order?.currency && (amount === order.total || amount === (order.accepted as { readonly amount?: number } | undefined)?.amount);

/** What speaks against handing an order's units over. */
const unpaid = (books: Books, order: Item): readonly string[] => {
  const captures = capturesOf(books).filter((captured) => captured.order_id === order.id);
  const [captured] = captures;
  if (!captured) return [`order ${order.id} is ${order.status}, the provider took no money for it`];
  const payment = itemsOf(books, "PAYMENT").find((one) => one.order_id === order.id && one.session_id === captured.session);
  return [
    ...(captures.length > 1 ? [`the provider took money ${captures.length} times for order ${order.id}`] : []),
    ...(agreed(order, captured)
      ? []
      : [`order ${order.id} over ${order.total} ${order.currency} is ${order.status}, ${captured.amount} ${captured.currency} was captured`]),
    ...(captured.account === books.account ? [] : [`the money for order ${order.id} lies in account ${captured.account}`]),
    ...(captured.refunded >= captured.amount ? [`order ${order.id} is ${order.status}, and all of its money was refunded`] : []),
    ...(payment ? [] : [`order ${order.id} is ${order.status}, and no payment of ours has its session`]),
  ];
};

const nothingForNothing: Invariant = {
  id: "I5",
  about: "no unit is given without captured money of the exact amount",
  always: (books, commit) =>
    commit.changes.flatMap(({ key, after, before }) => {
      if (!after || after.status === before?.status) return [];
      if (key.pk.startsWith("ORDER#") && given.has(String(after.status))) return unpaid(books, after);
      if (!key.pk.startsWith("UNIT#") || after.status !== "sold") return [];
      const order = itemsOf(books, "ORDER").find((one) => one.id === after.order_id);
      return order ? unpaid(books, order) : [`unit ${after.id} is sold to no order`];
    }),
};

const moneyIsAnswered: Invariant = {
  id: "I6",
  about: "every captured payment ends with a paid order, goes back, or lies at the exceptions desk with its reason",
  quiet: (books) => {
    if (!books.profile.settlesMoney) return [];
    const orders = new Map(itemsOf(books, "ORDER").map((order) => [order.id, order]));
    const quarrels = new Set(books.stripe.truth().disputes.flatMap(({ status, payment_intent }) => (isOpen(status) ? [String(payment_intent)] : [])));
    return capturesOf(books).flatMap(({ order_id, intent, amount, refunded }) => {
      const status = String(orders.get(order_id)?.status ?? "missing");
      const reasoned = status === "attention" && orders.get(order_id)?.reason !== undefined;
      // What a refund asks for waits until the payer's quarrel at the bank has ended.
      const waits = status === "refund_pending" && quarrels.has(intent);
      return given.has(status) || reasoned || waits || (status === "refunded" && refunded === amount)
        ? []
        : [`${amount} was captured for order ${order_id}, which is still ${status}`];
    });
  },
};

/** As the provider's words have it: nobody has decided yet. */
const isOpen = (status: string): boolean => !["won", "lost", "warning_closed"].includes(status);

const oneCapture: Invariant = {
  id: "I7",
  about: "buyers of an order are sent to one session, and it has at most one capture",
  quiet: (books) => {
    const perOrder = Map.groupBy(capturesOf(books), ({ order_id }: Captured) => order_id);
    const twice = [...perOrder]
      .filter(([, captures]) => captures.length > 1)
      .map(([order, captures]) => `order ${order} was paid ${captures.length} times`);
    const pages = [...new Set(books.history.shown.map(({ order_id }) => order_id))].map((order) => [order, shownIn(books, order).size] as const);
    return [...twice, ...pages.filter(([, size]) => size > 1).map(([order, size]) => `buyers of order ${order} were sent to ${size} sessions`)];
  },
};

const asAgreed: Invariant = {
  id: "I9",
  about: "amount and currency never change after the order was placed, and a mismatch is delivered to nobody",
  always: (_books, commit) =>
    commit.changes.flatMap(({ key, before, after }) => {
      if (!before || !after || !/^(ORDER|PAYMENT)#/.test(key.pk)) return [];
      return ["total", "amount", "currency", "merchant_id", "buyer_id"]
        .filter((name) => before[name] !== after[name])
        .map((name) => `${name} of ${after.id} was changed`);
    }),
  quiet: (books) => {
    const orders = new Map(itemsOf(books, "ORDER").map((order) => [order.id, order]));
    const delivered = capturesOf(books).flatMap(({ order_id, amount, currency }) => {
      const order = orders.get(order_id);
      return !agreed(order, { amount, currency }) && given.has(String(order?.status))
        ? [`order ${order_id} was delivered for ${amount} ${currency}`]
        : [];
    });
    const pages = new Map(books.stripe.truth().sessions.map((session) => [session.id, session]));
    const misled = books.history.shown.flatMap(({ order_id, url }) => {
      const session = pages.get(url.split("/").at(-1) ?? "");
      const order = orders.get(order_id);
      return session?.metadata?.order_id === order_id && session.amount_total === order?.total
        ? []
        : [`the buyer of order ${order_id} was sent to a page for something else`];
    });
    return [...delivered, ...misled];
  },
};

/** Local books against the provider's, for every session we know. */
const booksAgree: Invariant = {
  id: "I14",
  about: "a captured payment of ours says what the provider says",
  quiet: (books) => {
    const bySession = new Map(capturesOf(books).map((captured) => [captured.session, captured]));
    return itemsOf(books, "PAYMENT").flatMap((payment) => {
      if (payment.status !== "captured" && payment.status !== "lost") return [];
      const captured = bySession.get(String(payment.session_id));
      return captured?.amount === payment.captured && captured?.currency === payment.captured_currency && captured?.intent === payment.intent_id
        ? []
        : [`payment ${payment.id} says ${payment.captured} was captured, the provider says ${captured?.amount ?? "nothing"}`];
    });
  },
};

export const moneyInvariants: readonly Invariant[] = [nothingForNothing, moneyIsAnswered, oneCapture, asAgreed, booksAgree];
