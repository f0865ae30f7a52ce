// Money that goes back: judged by the provider's own books.
import { type Books, capturesOf, given, type Invariant, itemsOf, prefixOf } from "./books.ts";

const fresh = (books: Books) => books.stripe.truth().refunds.filter((refund) => refund.status !== "failed" && refund.status !== "canceled");

const deliveredOrRefunded = (books: Books): readonly string[] => {
  const orders = new Map(itemsOf(books, "ORDER").map((order) => [order.id, order]));
  return capturesOf(books).flatMap(({ order_id, refunded }) => {
    const order = orders.get(order_id);
    return refunded > 0 && given.has(String(order?.status)) ? [`order ${order_id} is ${order?.status}, and ${refunded} was refunded`] : [];
  });
};
const neverBoth: Invariant = {
  id: "I6",
  about: "no order is delivered and refunded, at any time",
  always: (books, commit) => (commit.changes.some(({ key }) => /^(ORDER|REFUND)#/.test(key.pk)) ? deliveredOrRefunded(books) : []),
  quiet: deliveredOrRefunded,
};

const keptMoney: Invariant = {
  id: "I7",
  about: "an order keeps nothing or its price",
  quiet: (books) => {
    if (!books.profile.settlesMoney) return [];
    const orders = new Map(itemsOf(books, "ORDER").map((order) => [order.id, order]));
    return capturesOf(books).flatMap(({ order_id, amount, refunded }) => {
      const order = orders.get(order_id);
      const kept = amount - refunded;
      return kept === 0 || kept === order?.total || order?.status === "attention"
        ? []
        : [`order ${order_id} keeps ${kept} of ${String(order?.total)}`];
    });
  },
};

/** What the provider was asked to pay back must have been written down before. */
const refundsOf = (books: Books): readonly string[] => {
  const captured = new Map(capturesOf(books).map((one) => [one.intent, one]));
  const recorded = new Map(itemsOf(books, "REFUND").map((refund) => [String(refund.intent_id), refund]));
  const perPayment = Map.groupBy(books.stripe.truth().refunds, ({ payment_intent }) => String(payment_intent));
  return [...perPayment].flatMap(([intent, refunds]) => {
    const sum = refunds.filter(({ status }) => status !== "failed" && status !== "canceled").reduce((total, { amount }) => total + amount, 0);
    const amount = captured.get(intent)?.amount ?? 0;
    return [
      ...(sum > amount ? [`${sum} of ${amount} was refunded on ${intent}`] : []),
      ...(refunds.length > 1 ? [`${refunds.length} refunds were made of ${intent}`] : []),
      ...(recorded.has(intent) ? [] : [`${intent} was refunded, and no refund of ours says so`]),
    ];
  });
};
const boundedRefunds: Invariant = {
  id: "I8",
  about: "at most what was captured goes back, by one refund per payment, recorded before it is made",
  always: (books, commit) =>
    commit.changes.some(({ key }) => prefixOf(key.pk) === "REFUND" || prefixOf(key.pk) === "ORDER") ? refundsOf(books) : [],
  quiet: refundsOf,
};

const words: Readonly<Record<string, string>> = {
  succeeded: "refunded",
  failed: "attention",
  requested: "refund_pending",
  pending: "refund_pending",
};
const refundsAgree: Invariant = {
  id: "I14",
  about: "a refund of ours says what the provider says, and so does its order",
  always: (books, commit) =>
    commit.changes.flatMap(({ key, after }) => {
      if (prefixOf(key.pk) !== "REFUND" || !after) return [];
      const order = itemsOf(books, "ORDER").find((one) => one.id === after.order_id);
      return order?.status === words[String(after.status)] ? [] : [`refund ${after.id} is ${after.status}, its order ${String(order?.status)}`];
    }),
  quiet: (books) => {
    const made = new Map(fresh(books).map((refund) => [String(refund.payment_intent), refund]));
    return itemsOf(books, "REFUND").flatMap((refund) => {
      const truth = made.get(String(refund.intent_id))?.status;
      switch (refund.status) {
        case "succeeded":
          return truth === "succeeded" ? [] : [`refund ${refund.id} succeeded here and is ${truth ?? "not there"} at the provider`];
        case "failed":
          return truth === undefined ? [] : [`refund ${refund.id} failed here and ${truth} at the provider`];
        default:
          return books.profile.settlesMoney ? [`refund ${refund.id} is still ${refund.status}`] : [];
      }
    });
  },
};

export const refundInvariants: readonly Invariant[] = [neverBoth, keptMoney, boundedRefunds, refundsAgree];
