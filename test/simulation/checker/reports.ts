// The comparison with the provider's books: it writes findings and nothing else, and what it says differs does differ.
import { type Books, type Invariant, type Item, isByHand, itemsOf, prefixOf } from "./books.ts";

/** What the functions that compare and keep the journal may write. */
const own = new Set(["JOURNAL", "FINDING", "RECONCILIATION", "NIGHT", "OP"]);

const writesNoMoney: Invariant = {
  id: "I14",
  about: "comparing books writes findings, never money or stock",
  always: (_books, commit, by) => {
    if (!by || !(by.tags.has("reports") || by.name === "operator reconcileNow")) return [];
    return commit.changes.filter(({ key }) => !own.has(prefixOf(key.pk))).map(({ key }) => `${by.name} wrote ${key.pk}`);
  },
};

/** Is there, by the provider's own word and the table, such a difference now? */
const isReal = (books: Books, finding: Item): boolean => {
  const { sessions, payment_intents, disputes, refunds } = books.stripe.truth();
  const order = itemsOf(books, "ORDER").find((one) => one.id === finding.order_id);
  const payment = itemsOf(books, "PAYMENT").find((one) => one.order_id === finding.order_id);
  const session = sessions.find((one) => one.id === finding.object_id);
  const paid = payment_intents.some((intent) => intent.id === session?.payment_intent && intent.status === "succeeded");
  switch (finding.kind) {
    case "paid_not_delivered":
      return paid && payment?.captured === undefined;
    case "session_outlives_order":
      return session?.status === "open" && order?.status !== "awaiting_payment";
    case "session_dead":
      return session?.status === "expired" && (payment?.status === "created" || payment?.status === "pending");
    case "dispute_missing": {
      // An order names one dispute at a time: another that is open beside it is a person's to know of until the first has ended.
      const known = order?.dispute as Item | undefined;
      return known?.status === "open" && known.id !== finding.object_id && disputes.some(({ id }) => id === finding.object_id);
    }
    case "refund_unknown":
      return refunds.some((refund) => refund.id === finding.object_id && isByHand(refund));
    default:
      // Nobody else moves money behind our back in these stories.
      return false;
  }
};

interface Sums {
  readonly currency: string;
  readonly theirs: { readonly net: number };
  readonly ours: { readonly net: number };
}

const findingsAreTrue: Invariant = {
  id: "I14",
  about: "what a comparison says differs, differs; where nothing differs both sides have the same sums",
  quiet: (books) => {
    if (!books.history.compared) return [];
    const open = itemsOf(books, "FINDING").filter(({ state }) => state === "open");
    const results = [...itemsOf(books, "RECONCILIATION")].sort((a, b) => (String(a.finished_at) < String(b.finished_at) ? -1 : 1));
    // Of each day the last word counts: who compared while others bought met both sides on their way.
    const last = new Map(results.map((result) => [`${result.connection_id} ${result.date}`, result]));
    const sums = [...last.values()].flatMap(({ sums: each }) => each as readonly Sums[]);
    return [
      ...(last.size > 0 ? [] : ["the books were compared, and nothing says how it came out"]),
      ...open
        .filter((finding) => !isReal(books, finding))
        .map((finding) => `the comparison says ${finding.kind} of ${finding.object_id} (order ${finding.order_id}), and nothing differs`),
      ...(open.length === 0
        ? sums
            .filter(({ theirs, ours }) => theirs.net !== ours.net)
            .map(({ currency, theirs, ours }) => `nothing differs, and the provider has ${theirs.net} ${currency} where we have ${ours.net}`)
        : []),
    ];
  },
};

/** Once noted, a difference stays noted: it may be gone, and is never written as another. */
const findingsStay: Invariant = {
  id: "I34",
  about: "a finding keeps what it says",
  always: (_books, commit) =>
    commit.changes.flatMap(({ key, before, after }) =>
      prefixOf(key.pk) === "FINDING" && before && ["kind", "object_id", "found_at", "order_id"].some((name) => before[name] !== after?.[name])
        ? [`finding ${before.id} was written over`]
        : [],
    ),
};

/** What never happens in these stories: nobody but the shop's owner moves money behind our back, and the provider loses nothing. */
const never = new Set(["paid_unknown", "capture_missing", "amount_differs", "captured_twice", "refund_unknown", "refund_missing", "dispute_absent"]);

const nothingIsMadeUp: Invariant = {
  id: "I14",
  about: "silence is not absence: no comparison says that something is missing which is there",
  always: (books, commit) =>
    commit.changes.flatMap(({ key, before, after }) =>
      prefixOf(key.pk) === "FINDING" && !before && never.has(String(after?.kind)) && !books.history.refundedByHand.has(String(after?.object_id))
        ? [`the comparison says ${after?.kind} of ${after?.object_id} (order ${after?.order_id}), and nothing of the kind happened`]
        : [],
    ),
};

/** What changed so lately may still be on its way to the other side. */
const quietMs = 15 * 60_000;

const nothingYoungIsJudged: Invariant = {
  id: "I14",
  about: "what changed within the last quarter of an hour is delay, not difference",
  always: (books, commit) => {
    const noted = commit.changes.flatMap(({ key, before, after }) => (prefixOf(key.pk) === "FINDING" && !before && after ? [after] : []));
    if (noted.length === 0) return [];
    const { sessions, charges } = books.stripe.truth();
    return noted.flatMap((finding) => {
      const session = sessions.find((one) => one.id === finding.object_id);
      const charge = charges.find((one) => one.paid && one.payment_intent === session?.payment_intent);
      const ageMs = charge ? books.now() - charge.created * 1000 : Number.POSITIVE_INFINITY;
      return ageMs + books.profile.skewMs < quietMs
        ? [`${finding.kind} of ${finding.object_id} was noted ${Math.round(ageMs / 1000)} s after it was paid`]
        : [];
    });
  },
};

/** The journal has each movement of money once, by the operation that recorded it. */
const journalIsWhole: Invariant = {
  id: "I35",
  about: "every operation that moved money stands in the journal with what it says, and nothing else does",
  quiet: (books) => {
    if (!books.history.compared) return [];
    const lines = new Map(itemsOf(books, "JOURNAL").map((line) => [String(line.id), line]));
    const moved = itemsOf(books, "OP").filter(({ details }) => {
      const { captured, refund_id, dispute_id } = details as Item;
      return typeof captured === "number" || typeof refund_id === "string" || typeof dispute_id === "string";
    });
    const known = new Set(moved.map(({ id }) => String(id)));
    return [
      ...moved.flatMap(({ id, kind, details }) => {
        const line = lines.get(String(id));
        if (!line) return [`operation ${id} (${kind}) moved money and is not in the journal`];
        const { captured: said, amount, dispute_id } = details as Item;
        // A dispute is about money that had come in before.
        const captured = dispute_id === undefined ? said : undefined;
        return line.captured === captured && line.amount === amount ? [] : [`the journal's line of operation ${id} (${kind}) says something else`];
      }),
      ...[...lines.keys()].filter((id) => !known.has(id)).map((id) => `the journal has a line of ${id}, which moved no money`),
    ];
  },
};

export const reportInvariants: readonly Invariant[] = [
  writesNoMoney,
  findingsAreTrue,
  findingsStay,
  nothingIsMadeUp,
  nothingYoungIsJudged,
  journalIsWhole,
];
