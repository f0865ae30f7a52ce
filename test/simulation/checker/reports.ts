// The comparison with the provider's books: it writes findings and nothing else, and what it says differs does differ.
import { type Books, type Invariant, type Item, itemsOf, prefixOf } from "./books.ts";

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
  const { sessions, payment_intents } = books.stripe.truth();
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
    default:
      // Nobody moves money behind our back in these stories.
      return false;
  }
};

const findingsAreTrue: Invariant = {
  id: "I14",
  about: "what a comparison says differs, differs; where nothing differs both sides have the same sums",
  quiet: (books) => {
    if (!books.history.compared) return [];
    const open = itemsOf(books, "FINDING").filter(({ state }) => state === "open");
    const [last] = [...itemsOf(books, "RECONCILIATION")].sort((a, b) => (String(a.finished_at) < String(b.finished_at) ? 1 : -1));
    const sums = (last?.sums ?? []) as readonly { readonly currency: string; readonly theirs: { net: number }; readonly ours: { net: number } }[];
    return [
      ...(last ? [] : ["the books were compared, and nothing says how it came out"]),
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

export const reportInvariants: readonly Invariant[] = [writesNoMoney, findingsAreTrue, findingsStay];
