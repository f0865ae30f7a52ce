// Money that goes back: judged by the provider's own books, and our three records of it against each other.
import { type Books, capturesOf, given, type Invariant, type Item, isByHand, itemsOf, linesOf, prefixOf } from "./books.ts";

const touchesMoney = /^(ORDER|REFUND|PAYMENT)#/;
const isFresh = (status: unknown): boolean => status !== "failed" && status !== "canceled";
const sumOf = (items: readonly { readonly amount?: unknown }[]): number => items.reduce((sum, { amount }) => sum + Number(amount ?? 0), 0);

/** An order whose money is all back has nothing any more; one that has something has paid for it. */
const deliveredOrRefunded = (books: Books): readonly string[] => {
  const orders = new Map(itemsOf(books, "ORDER").map((order) => [order.id, order]));
  return capturesOf(books).flatMap(({ order_id, amount, refunded }) => {
    const order = orders.get(order_id);
    return refunded >= amount && given.has(String(order?.status)) ? [`order ${order_id} is ${order?.status}, and all of its money was refunded`] : [];
  });
};
const neverBoth: Invariant = {
  id: "I6",
  about: "no order is delivered and refunded, at any time",
  always: (books, commit) => (commit.changes.some(({ key }) => /^(ORDER|REFUND)#/.test(key.pk)) ? deliveredOrRefunded(books) : []),
  quiet: deliveredOrRefunded,
};

/** As long a provider that fails once, and repeats that to the same key, may hold a refund up. */
const refundHoursMax = 6;
const askedForInTime: Invariant = {
  id: "I6",
  about: "a refund that the provider never took is asked for anew, long before its key dies",
  always: (books, commit) => {
    if (!books.profile.sweep) return [];
    const orders = new Map(itemsOf(books, "ORDER").map((order) => [order.id, order]));
    return commit.changes.flatMap(({ key, before, after }) => {
      if (prefixOf(key.pk) !== "REFUND" || before?.status !== "requested" || !after || after.status === "requested") return [];
      const hours = (books.now() - Date.parse(String(after.requested_at))) / 3_600_000;
      // A quarrel is waited for.
      const waits = orders.get(after.order_id)?.dispute !== undefined;
      return hours > refundHoursMax && !waits ? [`refund ${after.id} was answered after ${Math.round(hours)} hours`] : [];
    });
  },
};

const keptMoney: Invariant = {
  id: "I7",
  about: "an order keeps its price, less what was given back by parts, or nothing",
  quiet: (books) => {
    if (!books.profile.settlesMoney) return [];
    const orders = new Map(itemsOf(books, "ORDER").map((order) => [order.id, order]));
    return capturesOf(books).flatMap(({ order_id, amount, refunded }) => {
      const order = orders.get(order_id);
      const claimed = Number(order?.refunded ?? 0);
      // A refund that waits for a quarrel's end is claimed, and not back.
      if (order?.status === "attention" || Number(order?.refunds_open ?? 0) > 0) return [];
      return refunded === claimed ? [] : [`order ${order_id} says that ${claimed} of ${amount} went back, the provider says ${refunded}`];
    });
  },
};

/** What the provider was asked to pay back must have been written down before, and once each. */
const boundedAtTheProvider = (books: Books): readonly string[] => {
  const captured = new Map(capturesOf(books).map((one) => [one.intent, one]));
  const claims = Map.groupBy(itemsOf(books, "REFUND"), (refund) => String(refund.intent_id));
  const ours = new Set(itemsOf(books, "REFUND").map(({ id }) => String(id)));
  const made = books.stripe.truth().refunds;
  const perPayment = Map.groupBy(made, ({ payment_intent }) => String(payment_intent));
  const byName = made.filter(({ id }) => !books.history.refundedByHand.has(id));
  const perClaim = Map.groupBy(byName, ({ metadata }) => metadata?.refund_id ?? "");
  return [
    ...[...perPayment].flatMap(([intent, refunds]) => {
      const fresh = refunds.filter(({ status }) => isFresh(status));
      const sum = sumOf(fresh);
      const asked = sumOf(fresh.filter((refund) => !isByHand(refund)));
      const claimed = sumOf((claims.get(intent) ?? []).filter(({ status }) => isFresh(status)));
      const amount = captured.get(intent)?.amount ?? 0;
      return [
        ...(sum > amount ? [`${sum} of ${amount} was refunded on ${intent}`] : []),
        ...(asked > claimed ? [`${asked} was refunded on ${intent}, and ${claimed} of it is written down`] : []),
      ];
    }),
    ...[...perClaim].flatMap(([id, refunds]) => [
      ...(ours.has(id) ? [] : [`a refund was made under the name ${id || "of nobody"}, which is none of ours`]),
      ...(refunds.length > 1 ? [`refund ${id} was made ${refunds.length} times`] : []),
    ]),
  ];
};

/** One payment's claims: what goes back or is back never passes what came in. */
const boundedClaims = (books: Books): readonly string[] => {
  const refunds = Map.groupBy(itemsOf(books, "REFUND"), ({ payment_id }) => String(payment_id));
  const payments = new Map(itemsOf(books, "PAYMENT").map((payment) => [String(payment.id), payment]));
  return [...refunds].flatMap(([id, claims]) => {
    const captured = Number(payments.get(id)?.captured ?? 0);
    const claimed = sumOf(claims.filter(({ status }) => isFresh(status)));
    return claimed > captured ? [`refunds claim ${claimed} of ${captured} on payment ${id}`] : [];
  });
};
const boundedRefunds: Invariant = {
  id: "I8",
  about: "at most what was captured goes back, each refund written down before it is made, and made once",
  always: (books, commit) =>
    commit.changes.some(({ key }) => touchesMoney.test(key.pk)) ? [...boundedAtTheProvider(books), ...boundedClaims(books)] : [],
  quiet: boundedAtTheProvider,
};

/** Order, payment and refunds tell of the same money. */
const recordsAgree = (books: Books, order: Item): readonly string[] => {
  const refunds = itemsOf(books, "REFUND").filter((refund) => refund.order_id === order.id);
  const payment = itemsOf(books, "PAYMENT").find((one) => one.order_id === order.id);
  const standing = refunds.filter(({ status }) => isFresh(status));
  const open = standing.filter(({ status }) => status !== "succeeded");
  const back = standing.filter(({ status }) => status === "succeeded");
  const same = (what: string, said: unknown, is: number): readonly string[] =>
    Number(said ?? 0) === is ? [] : [`order ${order.id}: ${what} is ${is} by its refunds, and ${Number(said ?? 0)} is written`];
  return [
    ...same("what the order gave back", order.refunded, sumOf(standing)),
    ...same("what the payment has reserved", payment?.refund_reserved, sumOf(standing)),
    ...same("what is back by the payment", payment?.refunded, sumOf(back)),
    ...same("the number of refunds under way", order.refunds_open, open.length),
    ...same("the number of refunds", order.refund_count, refunds.length),
    ...(order.status === "refunded" && (open.length > 0 || sumOf(back) !== payment?.captured)
      ? [`order ${order.id} is refunded, ${sumOf(back)} of ${String(payment?.captured)} is back and ${open.length} refunds are under way`]
      : []),
    ...(order.status === "refund_pending" && sumOf(standing) !== payment?.captured
      ? [`all money of order ${order.id} goes back, and ${sumOf(standing)} of ${String(payment?.captured)} is claimed`]
      : []),
    ...(open.length > 0 && order.due_at === undefined ? [`a refund of order ${order.id} is under way, and nothing looks after it`] : []),
  ];
};
const refundsAgree: Invariant = {
  id: "I14",
  about: "order, payment and refunds say the same, and a refund of ours says what the provider says",
  always: (books, commit) => {
    if (!commit.changes.some(({ key }) => touchesMoney.test(key.pk))) return [];
    const touched = new Set(
      commit.changes.flatMap(({ key, after }) =>
        touchesMoney.test(key.pk) && after ? [prefixOf(key.pk) === "ORDER" ? after.id : after.order_id] : [],
      ),
    );
    return itemsOf(books, "ORDER").flatMap((order) => (touched.has(order.id) ? recordsAgree(books, order) : []));
  },
  quiet: (books) => {
    const truth = books.stripe.truth();
    const made = new Map(truth.refunds.filter(({ status }) => isFresh(status)).map((refund) => [refund.metadata?.refund_id ?? "", refund]));
    const sentBack = new Set(truth.refunds.flatMap(({ status, metadata }) => (status === "failed" ? [metadata?.refund_id ?? ""] : [])));
    const orders = new Map(itemsOf(books, "ORDER").map((order) => [order.id, order]));
    return itemsOf(books, "REFUND").flatMap((refund) => {
      const status = made.get(String(refund.id))?.status;
      switch (refund.status) {
        case "succeeded":
          // What the bank sent back afterwards is heard of where something looks again.
          return status === "succeeded" || (sentBack.has(String(refund.id)) && !books.profile.settlesMoney)
            ? []
            : [`refund ${refund.id} succeeded here and is ${status ?? "not there"} at the provider`];
        case "failed":
          return status === undefined ? [] : [`refund ${refund.id} failed here and ${status} at the provider`];
        default: {
          const dispute = orders.get(refund.order_id)?.dispute as { status?: string; inquiry?: boolean } | undefined;
          // A bank that only asks holds nothing back.
          const waits = dispute?.status === "open" && dispute.inquiry !== true;
          return books.profile.settlesMoney && !waits ? [`refund ${refund.id} is still ${refund.status}`] : [];
        }
      }
    });
  },
};

/** Lines carry no more than they cost; the tax that stands reversed depends on the sum alone, however it was cut. */
const taxFollowsMoney: Invariant = {
  id: "I20",
  about: "what is reversed of each tax is its share of what went back of the line, rounded down, whatever way it was cut",
  always: (books, commit) => {
    const changed = commit.changes.flatMap(({ key, after }) => (prefixOf(key.pk) === "ORDER" && after ? [after] : []));
    return changed.flatMap((order) => (order.refund_count === undefined ? [] : taxFaults(books, order)));
  },
};
const taxFaults = (books: Books, order: Item): readonly string[] => {
  const lines = linesOf(order);
  const inclusive = lines.reduce((sum, { amount }) => sum + amount, 0) === order.total;
  const journal = itemsOf(books, "OP").filter(
    ({ subject, kind }) => subject === order.id && (kind === "refund_requested" || kind === "refund_failed"),
  );
  const reversed = (line: number, name: string): number =>
    journal.reduce((sum, { details }) => {
      const told = (details as { lines?: readonly { line?: number; tax?: readonly { name: string; amount: number }[] }[] }).lines ?? [];
      return sum + sumOf(told.filter((each) => each.line === line).flatMap(({ tax = [] }) => tax.filter((one) => one.name === name)));
    }, 0);
  return lines.flatMap((line, at) => {
    const gross = line.amount + (inclusive ? 0 : sumOf(line.tax));
    const back = line.refunded_amount ?? 0;
    const pieces = line.refunded_quantity ?? 0;
    return [
      ...(back < 0 || back > gross ? [`line ${at} of order ${order.id} cost ${gross}, and ${back} of it went back`] : []),
      ...(pieces < 0 || pieces > line.quantity ? [`line ${at} of order ${order.id} has ${line.quantity} pieces, and ${pieces} went back`] : []),
      ...line.tax.flatMap(({ name, amount }) => {
        const due = Number((BigInt(amount) * BigInt(Math.max(0, back))) / BigInt(Math.max(1, gross)));
        const is = reversed(at, name);
        return is === due ? [] : [`${is} of ${name} is reversed on line ${at} of order ${order.id}, ${due} is due`];
      }),
    ];
  });
};

export const refundInvariants: readonly Invariant[] = [neverBoth, askedForInTime, keptMoney, boundedRefunds, refundsAgree, taxFollowsMoney];
