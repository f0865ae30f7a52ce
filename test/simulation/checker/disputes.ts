// A payer's quarrel with the bank: judged by the provider's own books, and by what our records may become.
import { type Books, capturesOf, type Invariant, type Item, isByHand, itemsOf, prefixOf, unitsOf } from "./books.ts";

interface Dispute {
  readonly id: string;
  readonly status: "open" | "won" | "lost";
  /** Only a question of the bank's: no money is taken, and refunds go on. */
  readonly inquiry?: boolean;
  readonly amount: number;
}
const disputeOf = (order: Item | undefined): Dispute | undefined => order?.dispute as Dispute | undefined;
const same = (a: Dispute | undefined, b: Dispute | undefined): boolean => a?.id === b?.id && a?.status === b?.status && isInquiry(a) === isInquiry(b);
const isInquiry = (dispute: Dispute | undefined): boolean => dispute?.inquiry === true;
/** The bank has taken the money, or may. */
const holdsMoney = (dispute: Dispute | undefined): boolean => dispute?.status === "lost" || (dispute?.status === "open" && !isInquiry(dispute));

/** The provider's words for "decided"; every other is open. An inquiry that was closed never took any money. */
const ends: Readonly<Record<string, Dispute["status"]>> = { won: "won", warning_closed: "won", lost: "lost" };
const meaningOf = (status: string): Dispute["status"] => ends[status] ?? "open";

interface Theirs extends Dispute {
  /** Seconds since the epoch. */
  readonly created: number;
  readonly intent: string;
}
const isFresh = (status: string | null): boolean => status !== "failed" && status !== "canceled";

const theirsOf = (books: Books): readonly Theirs[] =>
  books.stripe.truth().disputes.map(({ id, status, amount, created, payment_intent }) => ({
    id,
    status: meaningOf(status),
    inquiry: status.startsWith("warning_"),
    amount,
    created,
    intent: String(payment_intent),
  }));

/** Disputes that began as a question. */
const askedFirst = (books: Books): ReadonlySet<string> =>
  new Set(
    books.stripe.truth().events.flatMap(({ type, data }) => {
      const { id, status } = data.object as { readonly id: string; readonly status?: string };
      return type === "charge.dispute.created" && status?.startsWith("warning_") ? [id] : [];
    }),
  );

/** Each order's dispute as it moves: forward only, one step after another, never back. */
const movesForward = (from: Dispute | undefined, to: Dispute | undefined): boolean => {
  if (same(from, to)) return from?.amount === to?.amount;
  if (!to || from?.status === "lost") return false;
  if (!from) return true;
  if (from.status === "open") return to.id === from.id && (to.status !== "open" || isInquiry(from));
  return to.id !== from.id && to.status !== "won";
};
const lastStaysLast: Invariant = {
  id: "I10",
  about: "a dispute opens once and ends once; what has ended is never moved back, and a lost payment is lost for good",
  always: (_books, commit) =>
    commit.changes.flatMap(({ key, before, after }) => {
      if (prefixOf(key.pk) !== "ORDER") return [];
      const [from, to] = [disputeOf(before), disputeOf(after)];
      const words = (dispute: Dispute | undefined): string => (dispute ? `${dispute.status} (${dispute.id})` : "none");
      return movesForward(from, to) ? [] : [`the dispute of order ${after?.id} went from ${words(from)} to ${words(to)}`];
    }),
  quiet: (books) => {
    const steps = itemsOf(books, "OP").filter(({ kind }) => String(kind).startsWith("dispute_"));
    const perDispute = Map.groupBy(steps, ({ details }) => String((details as Item).dispute_id));
    return [...perDispute].flatMap(([id, operations]) => {
      const opened = operations.filter(({ kind }) => kind === "dispute_opened").length;
      const ended = operations.filter(({ kind }) => kind === "dispute_won" || kind === "dispute_lost").length;
      return opened > 1 || ended > 1 ? [`dispute ${id} was opened ${opened} times and ended ${ended} times`] : [];
    });
  },
};

/** What is recorded of a dispute in one commit: on the order, by its operation, and true at the provider. */
const recordedAsItIs: Invariant = {
  id: "I14",
  about: "a dispute's step is what its status at the provider says, whatever event told of it; with its operation in the same commit",
  always: (books, commit) => {
    const operation = commit.changes.find(({ key, before }) => prefixOf(key.pk) === "OP" && !before)?.after;
    const moved = commit.changes.flatMap(({ key, before, after }) =>
      prefixOf(key.pk) === "ORDER" && after && !same(disputeOf(before), disputeOf(after)) ? [after] : [],
    );
    const told = String(operation?.kind).startsWith("dispute_") ? operation : undefined;
    if (told && moved.length === 0) return [`the operation ${String(told.kind)} moved no dispute`];
    return moved.flatMap((order) => {
      const dispute = disputeOf(order) as Dispute;
      const begun = isInquiry(dispute) ? "dispute_inquired" : "dispute_opened";
      const kind = dispute.status === "open" ? begun : `dispute_${dispute.status}`;
      const { dispute_id } = (told?.details ?? {}) as Item;
      const theirs = theirsOf(books).find(({ id }) => id === dispute.id);
      const intent = itemsOf(books, "PAYMENT").find((payment) => payment.order_id === order.id)?.intent_id;
      // Open may be over by the time that it is written down; an end is the end.
      const fits = theirs && theirs.intent === intent && theirs.amount === dispute.amount && [theirs.status, "open"].includes(dispute.status);
      // A question may have become a dispute since; no dispute becomes a question.
      const asked = isInquiry(dispute) ? askedFirst(books).has(dispute.id) : !isInquiry(theirs) || theirs?.status !== "open";
      return [
        ...(told?.kind === kind && dispute_id === dispute.id ? [] : [`order ${order.id} names ${kind} of ${dispute.id}, and its operation does not`]),
        ...(asked ? [] : [`order ${order.id} takes dispute ${dispute.id} for ${isInquiry(dispute) ? "a question" : "more than a question"}`]),
        ...(fits ? [] : [`order ${order.id} has dispute ${dispute.id} as ${dispute.status}, at the provider it is ${theirs?.status ?? "not there"}`]),
      ];
    });
  },
};

/** What a dispute does to an order's units and payment, at any time. */
const standing = (order: Item, units: readonly Item[], payment: Item | undefined): readonly string[] => {
  const dispute = disputeOf(order);
  const own = units.filter((unit) => unit.order_id === order.id);
  const fault = (unit: Item, what: string): string => `unit ${unit.id} of order ${order.id} ${what}`;
  const frozen = own.flatMap((unit) => {
    if (unit.frozen_by === undefined) return [];
    if (unit.status !== "sold") return [fault(unit, `is ${unit.status} and waits for dispute ${String(unit.frozen_by)}`)];
    return dispute?.status === "open" && dispute.id === unit.frozen_by ? [] : [fault(unit, `waits for ${String(unit.frozen_by)}, which is not open`)];
  });
  switch (dispute?.status) {
    case undefined:
    case "won":
      return frozen;
    case "open":
      return [
        ...frozen,
        ...own
          .filter((unit) => unit.status === "sold" && unit.frozen_by !== dispute.id)
          .map((unit) => fault(unit, "may be used while its payer quarrels")),
        ...(order.due_at === undefined ? [`the dispute of order ${order.id} is open, and nothing looks after it`] : []),
      ];
    case "lost":
      return [
        ...frozen,
        ...own.filter(({ status }) => status === "sold").map((unit) => fault(unit, "is the buyer's, and its money is lost")),
        ...(payment?.status === "lost" ? [] : [`the dispute of order ${order.id} is lost, its payment is ${String(payment?.status)}`]),
      ];
  }
};
const frozenWhileOpen: Invariant = {
  id: "I6",
  about: "while a dispute is open its units name it and the order is looked after; won frees them, lost takes them with the money",
  always: (books, commit) => {
    if (!commit.changes.some(({ key }) => /^(ORDER|UNIT|PAYMENT)#/.test(key.pk))) return [];
    const touched = new Set(
      commit.changes.flatMap(({ key, after }) => {
        const prefix = prefixOf(key.pk);
        if (prefix === "ORDER") return [after?.id];
        return prefix === "UNIT" || prefix === "PAYMENT" ? [after?.order_id] : [];
      }),
    );
    const orders = itemsOf(books, "ORDER").filter((order) => touched.has(order.id));
    if (orders.length === 0) return [];
    const units = itemsOf(books, "UNIT");
    const payments = new Map(itemsOf(books, "PAYMENT").map((payment) => [payment.order_id, payment]));
    return orders.flatMap((order) => standing(order, units, payments.get(order.id)));
  },
};

/** A unit of a won order is its buyer's, unless a refund or a person has taken it. */
const wonGivesBack: Invariant = {
  id: "I6",
  about: "what a dispute froze is the buyer's again once it is won",
  always: (_books, commit) => {
    const won = commit.changes.some(({ key, after }) => prefixOf(key.pk) === "ORDER" && disputeOf(after)?.status === "won");
    const asked = commit.changes.some(({ key, after }) => prefixOf(key.pk) === "ORDER" && isInquiry(disputeOf(after)));
    const reasons = ["dispute_lost", ...(asked ? ["refunded"] : [])];
    return commit.changes.flatMap(({ key, before, after }) => {
      if (prefixOf(key.pk) !== "UNIT" || before?.frozen_by === undefined || after?.frozen_by === before.frozen_by) return [];
      const fine = won ? after?.status === "sold" : after?.status === "archived" && reasons.includes(String(after.status_reason));
      return fine ? [] : [`unit ${after?.id} waited for a dispute and became ${String(after?.status)}`];
    });
  },
  quiet: (books) => {
    const units = new Map(itemsOf(books, "UNIT").map((unit) => [String(unit.id), unit]));
    return itemsOf(books, "ORDER").flatMap((order) =>
      disputeOf(order)?.status === "won"
        ? unitsOf(order)
            // A unit that was only held for it may be somebody else's since.
            .filter((id) => units.get(id)?.order_id === order.id && units.get(id)?.status_reason === "dispute_lost")
            .map((id) => `unit ${id} was taken for a dispute that was won`)
        : [],
    );
  },
};

const neverBoth: Invariant = {
  id: "I8",
  about: "no refund is begun or asked for beside an open or lost dispute, and what both took never passes what came in",
  always: (books, commit) => {
    const begun = commit.changes.some(({ key, before, after }) => prefixOf(key.pk) === "OP" && !before && after?.kind === "refund_requested");
    const beside = commit.changes.flatMap(({ key, after }) => {
      return begun && prefixOf(key.pk) === "ORDER" && holdsMoney(disputeOf(after)) ? [`order ${after?.id} is refunded beside its dispute`] : [];
    });
    return [...beside, ...books.quarrels.refundsBeside.map((id) => `refund ${id} was asked for although the order named its dispute`)];
  },
  quiet: (books) => {
    const theirs = theirsOf(books);
    const { refunds } = books.stripe.truth();
    const overdrawn = capturesOf(books).flatMap(({ intent, order_id, amount }) => {
      const quarrels = theirs.filter((dispute) => dispute.intent === intent && dispute.status === "lost");
      const lost = quarrels.reduce((sum, one) => sum + one.amount, 0);
      // What was on its way before the payer quarrelled may leave a second time: a person is told, and nobody could have held it back.
      const after = (created: number): boolean => quarrels.some((dispute) => created > dispute.created);
      const refunded = refunds
        .filter(({ payment_intent, status, created }) => payment_intent === intent && isFresh(status) && after(created))
        .reduce((sum, one) => sum + one.amount, 0);
      return refunded > 0 && amount - refunded - lost < 0
        ? [`${amount} came in for order ${order_id}, ${refunded} was refunded and ${lost} lost`]
        : [];
    });
    return [...overdrawn, ...givenUp(books)];
  },
};

/** A refund that was refused so often, though no quarrel showed, is for a person. */
const refusalsMax = 10;

/** A claim that the provider never heard of waits for the quarrel's end: only a loss puts it back. */
const givenUp = (books: Books): readonly string[] => {
  const { refunds } = books.stripe.truth();
  const tried = new Set(refunds.map(({ metadata }) => metadata?.refund_id));
  const lost = new Set(theirsOf(books).flatMap(({ intent, status }) => (status === "lost" ? [intent] : [])));
  const quarrels = new Set(theirsOf(books).map(({ intent }) => intent));
  const byHand = new Set(refunds.filter(isByHand).map(({ payment_intent }) => String(payment_intent)));
  return itemsOf(books, "REFUND").flatMap((refund) => {
    const intent = String(refund.intent_id);
    return refund.status === "failed" &&
      quarrels.has(intent) &&
      !tried.has(String(refund.id)) &&
      !lost.has(intent) &&
      !byHand.has(intent) &&
      Number(refund.refusals ?? 0) + 1 < refusalsMax
      ? [`refund ${refund.id} was given up (${String(refund.failure)}), and the payer's quarrel was not lost`]
      : [];
  });
};

/** What the table should say of an order's disputes, and does not. Orders by whether anything still looks after them. */
export const unheardOf = (books: Books): { readonly known: readonly string[]; readonly unknown: readonly string[] } => {
  const perIntent = Map.groupBy(theirsOf(books), ({ intent }) => intent);
  if (perIntent.size === 0) return { known: [], unknown: [] };
  const orders = new Map(itemsOf(books, "ORDER").map((order) => [order.id, order]));
  const wrong = capturesOf(books).flatMap(({ intent, order_id }) => {
    const theirs = perIntent.get(intent);
    const order = orders.get(order_id);
    if (!theirs || !order) return [];
    const ours = disputeOf(order);
    const open = theirs.filter(({ status }) => status === "open");
    // One after another: the one that is known to be open comes to its end first.
    if (ours?.status === "open")
      return open.some((one) => one.id === ours.id && isInquiry(one) === isInquiry(ours)) ? [] : [{ order_id, known: true }];
    if (ours?.status === "lost") return [];
    const missed = theirs.some(({ id, status }) => id !== ours?.id && (status !== "won" || !ours));
    return missed ? [{ order_id, known: false }] : [];
  });
  return {
    known: wrong.flatMap(({ order_id, known }) => (known ? [order_id] : [])),
    unknown: wrong.flatMap(({ order_id, known }) => (known ? [] : [order_id])),
  };
};

const everyDisputeHeard: Invariant = {
  id: "I37",
  about:
    "every dispute is written down as it stands: by its news, by the sweep once it is known, by a comparison otherwise; none is taken and dropped",
  always: (books) => books.quarrels.newsDropped.map((order) => `news of a dispute of order ${order} was taken, and nobody looked`),
  quiet: (books) => {
    if (!books.profile.settlesMoney) return [];
    const { known, unknown } = unheardOf(books);
    return [
      ...known.map((order) => `the dispute of order ${order} has ended, and the order does not know`),
      ...unknown.map((order) => `the payer of order ${order} quarrels, and the order does not know`),
    ];
  },
};

/** A command that was refused for a dispute was never done under that key. */
const refusedChangesNothing: Invariant = {
  id: "I11",
  about: "a command refused for a dispute has no effect",
  quiet: (books) => {
    const perPerson = Map.groupBy(books.history.commands, ({ by }) => by);
    const operations = itemsOf(books, "OP");
    return [...perPerson].flatMap(([by, answers]) => {
      const refused = answers.every((answer) => answer.kind === "refused" && /disputed$/.test(answer.refusal));
      return refused && operations.some(({ principal_id }) => principal_id === by)
        ? [`${by} was refused for a dispute, and an effect is recorded`]
        : [];
    });
  },
};

export const disputeInvariants: readonly Invariant[] = [
  lastStaysLast,
  recordedAsItIs,
  frozenWhileOpen,
  wonGivesBack,
  neverBoth,
  everyDisputeHeard,
  refusedChangesNothing,
];
