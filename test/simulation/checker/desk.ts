// The exceptions desk: who stands there, and that each matter comes to one end, as its money allows.
import type { Commit } from "../../../platform/table/memory.ts";
import { type Books, capturesOf, type Invariant, type Item, isByHand, itemsOf, linesOf, prefixOf, unitsOf } from "./books.ts";

type Moved = { readonly before: Item | undefined; readonly after: Item };
const changed = (commit: Commit, prefix: string): readonly Moved[] =>
  commit.changes.flatMap(({ key, before, after }) => (prefixOf(key.pk) === prefix && after ? [{ before, after }] : []));
const sameSet = (one: readonly string[], other: readonly string[]): boolean => JSON.stringify([...one].sort()) === JSON.stringify([...other].sort());

const waits = (order: Item | undefined): boolean =>
  order !== undefined &&
  (order.attention_note !== undefined || order.failed_refunds !== undefined || (order.status === "attention" && order.settled === undefined));
const disputeOf = (order: Item | undefined): string | undefined => (order?.dispute as { status?: string } | undefined)?.status;
const settledAs = (order: Item | undefined): string | undefined => (order?.settled as { reason?: string } | undefined)?.reason;
/** Minor units of refunds that came to nothing and that nobody has made good. */
const owedOf = (order: Item | undefined): number =>
  ((order?.failed_refunds ?? []) as readonly { readonly amount: number }[]).reduce((sum, { amount }) => sum + amount, 0);
const paymentOf = (books: Books, order: Item): Item | undefined => itemsOf(books, "PAYMENT").find((one) => one.order_id === order.id);

const standsThere: Invariant = {
  id: "I6",
  about: "an order stands on the desk exactly while a person must look at it, and keeps its place",
  always: (_books, commit) =>
    changed(commit, "ORDER").flatMap(({ before, after }) => {
      const place = after.desk_place as string | undefined;
      const stands = after.desk_of === after.merchant_id && place?.endsWith(` ${after.id}`) === true;
      const nowhere = after.desk_of === undefined && place === undefined;
      return [
        ...((waits(after) ? stands : nowhere)
          ? []
          : [`order ${after.id} is ${after.status}, ${waits(after) ? "waits for a person and is not" : "waits for nobody and is"} on the desk`]),
        ...(waits(before) && waits(after) && before?.desk_place !== place ? [`order ${after.id} has lost its place on the desk`] : []),
      ];
    }),
};

/** The operation of this kind that a commit records, with the order that it moves. */
const endsIn = (commit: Commit, kind: string): readonly (Moved & { readonly details: Item; readonly by: unknown })[] =>
  changed(commit, "OP").flatMap(({ before, after: operation }) => {
    if (before || operation.kind !== kind) return [];
    const moved = changed(commit, "ORDER").find(({ after }) => after.id === operation.subject);
    return [
      {
        before: moved?.before,
        after: moved?.after ?? { id: operation.subject },
        details: operation.details as Item,
        by: operation.principal_id,
      },
    ];
  });

const givenForMoney: Invariant = {
  id: "I5",
  about: "units are given for money that is there: of the order's currency, and of another sum only where a person is recorded who accepted it",
  always: (books, commit) =>
    endsIn(commit, "units_given").flatMap(({ before, after, details, by }) => {
      const payment = paymentOf(books, after);
      const captured = Number(payment?.captured ?? 0);
      const accepted = after.accepted as { amount?: number; difference?: number; by?: unknown } | undefined;
      const difference = captured - Number(after.total);
      const agreed = difference === 0 || (accepted?.amount === captured && accepted.difference === difference);
      // Words alone give nothing: whoever accepts another sum has named it.
      const named =
        difference === 0 ||
        (before?.accepted as { amount?: number } | undefined)?.amount === captured ||
        books.history.commandsSent.some(
          (sent) => sent.name === "giveUnits" && sent.by === by && (JSON.parse(sent.body) as { accept_amount?: number }).accept_amount === captured,
        );
      const fresh = before?.accepted === after.accepted || accepted?.by === by;
      const money = details.money as { amount?: number; difference?: number } | undefined;
      return [
        ...(payment?.status === "captured" && captured > 0 ? [] : [`units were given for order ${after.id}, and no money is there for them`]),
        ...(payment?.captured_currency === after.currency ? [] : [`units of order ${after.id} were given for ${String(payment?.captured_currency)}`]),
        ...(agreed && fresh && named ? [] : [`units of order ${after.id} were given for ${captured}, and nobody has accepted that`]),
        ...(money?.amount === captured && (difference === 0 || money.difference === difference)
          ? []
          : [`the journal says that units of order ${after.id} were given for ${String(money?.amount)}`]),
      ];
    }),
};

/** The plan stays; beside it stands what came, as the provider had it, and in what that differs. */
const evidenceKept: Invariant = {
  id: "I14",
  about: "money that is not as planned is kept with its evidence",
  always: (books, commit) =>
    endsIn(commit, "order_needs_attention").flatMap(({ after, details }) => {
      if (details.reason !== "payment_mismatch") return [];
      const payment = paymentOf(books, after);
      const evidence = payment?.evidence as { differs?: readonly string[]; amount?: number; currency?: string } | undefined;
      const captured = capturesOf(books).find(({ intent }) => intent === payment?.intent_id);
      const differs = [...(captured?.amount === after.total ? [] : ["amount"]), ...(captured?.currency === after.currency ? [] : ["currency"])];
      return evidence?.amount === captured?.amount && evidence?.currency === captured?.currency && sameSet(evidence?.differs ?? [], differs)
        ? []
        : [
            `the money of order ${after.id} differs in ${differs.join(" and ")}, its evidence says ${(evidence?.differs ?? ["nothing"]).join(" and ")}`,
          ];
    }),
};

/** A refund of ours was never made, since one that somebody made at the provider by hand stood in its way. */
const toldOfMoneyGone = (books: Books, order: Item): boolean => {
  const intent = paymentOf(books, order)?.intent_id;
  const made = books.stripe.truth().refunds.filter((refund) => refund.payment_intent === intent);
  const gone = made.filter((refund) => isByHand(refund) && refund.status !== "failed");
  return itemsOf(books, "REFUND").some(
    (refund) =>
      refund.order_id === order.id &&
      refund.status === "failed" &&
      gone.some(({ created }) => created * 1000 <= Date.parse(String(refund.updated_at))) &&
      !made.some(({ metadata }) => metadata?.refund_id === refund.id),
  );
};

const givenOnce: Invariant = {
  id: "I6",
  about: "units are given only from the desk, never beside a refund, a quarrel, a loss or another end; what was missing is then there, and no more",
  always: (books, commit) =>
    endsIn(commit, "units_given").flatMap(({ before, after, details }) => {
      const standing = itemsOf(books, "REFUND").filter((refund) => refund.order_id === after.id && refund.status !== "failed");
      const given = details.units as readonly string[];
      const sold = itemsOf(books, "UNIT").flatMap((unit) => (unit.order_id === after.id && unit.status === "sold" ? [String(unit.id)] : []));
      const due = linesOf(after).reduce((sum, line) => sum + line.quantity - (line.refunded_quantity ?? 0), 0);
      const fault = (wrong: boolean, what: string): readonly string[] => (wrong ? [`units were given for order ${after.id}, ${what}`] : []);
      return [
        ...fault(!waits(before), "which waited for nobody"),
        ...fault(before?.status !== "attention" && before?.status !== "paid", `which was ${String(before?.status)}`),
        ...fault(after.status !== "paid" || after.payment_status !== "paid", `which is ${String(after.status)}`),
        ...fault(waits(after), "and it still waits for a person"),
        ...fault(disputeOf(before) === "open" || disputeOf(before) === "lost", `whose dispute is ${disputeOf(before)}`),
        ...fault(standing.length > 0 || Number(before?.refunded ?? 0) > 0, "whose money is going back"),
        ...fault(settledAs(before) === "refunded_elsewhere", "whose money went back elsewhere"),
        ...fault(toldOfMoneyGone(books, after), "whose money went back at the provider, which had said so"),
        ...fault(given.length === 0 && before?.status === "paid", "which had all of them"),
        ...fault(!given.every((id) => sold.includes(id)), "and they are not its own"),
        ...fault(sold.length !== due, `which pays for ${due} and has ${sold.length}`),
        ...fault(!sameSet(sold, unitsOf(after)), "and its lines name others"),
      ];
    }),
};

/** Minor units that a lost dispute has left with the shop. */
const restOf = (payment: Item | undefined, order: Item | undefined): number => {
  const { status, amount = 0 } = (order?.dispute ?? {}) as { readonly status?: string; readonly amount?: number };
  return status === "lost" ? Number(payment?.captured ?? 0) - Number(payment?.refunded ?? 0) - amount : 0;
};

const settledElsewhere: Invariant = {
  id: "I6",
  about: "a person's word ends what nothing else will end, fits what is known, moves no money, and gives back what was kept for it, once",
  always: (books, commit) =>
    endsIn(commit, "exception_settled").flatMap(({ before, after, details }) => {
      const reason = settledAs(after);
      const open = disputeOf(before) === "open";
      const payment = paymentOf(books, after);
      const back = changed(commit, "UNIT").flatMap((unit) => (unit.after.status === "available" ? [String(unit.after.id)] : []));
      const held = changed(commit, "UNIT").flatMap((unit) => (unit.before?.status === "reserved" ? [String(unit.before.id)] : []));
      const kept = itemsOf(books, "UNIT").filter((unit) => unit.order_id === after.id && unit.status === "reserved");
      const fault = (wrong: boolean, what: string): readonly string[] =>
        wrong ? [`order ${after.id} was settled (${String(reason)}), ${what}`] : [];
      return [
        ...fault(!waits(before), "and waited for nobody"),
        ...fault(waits(after), "and still waits for a person"),
        ...fault(before?.status !== after.status || before?.payment_status !== after.payment_status, `and became ${String(after.status)}`),
        ...fault(details.reason !== reason, "and the journal says something else"),
        ...fault(Number(before?.refunds_open ?? 0) > 0, "while a refund was under way"),
        ...fault(open && (reason !== "dispute_answered" || before?.status === "attention"), "while its payer quarrelled"),
        ...fault(reason === "dispute_answered" && !open, "and nobody quarrels"),
        ...fault(open && owedOf(before) > 0, "and a refund that came to nothing is out of sight"),
        ...fault(reason === "no_money" && payment?.status === "captured" && Number(payment.captured) > 0, "and its money is there"),
        ...fault(reason === "no_money" && restOf(payment, before) > 0, "and the bank took a part of its money alone"),
        ...fault(reason === "given_elsewhere" && back.length > 0, "while its units were kept for it"),
        ...fault(kept.length > 0, `and ${kept.length} units are kept for it`),
        ...fault(!sameSet(details.released as readonly string[], back) || !sameSet(back, held), "and other units went back than it says"),
      ];
    }),
};

/** What else takes a failed refund out of sight, besides as much money that goes back. */
const makesGood = new Set(["units_given", "exception_settled", "dispute_lost"]);
const owedInSight: Invariant = {
  id: "I6",
  about: "a refund that came to nothing stays in sight until as much goes back after all, units are given, a person settles it or the bank decides",
  always: (_books, commit) => {
    const claims = changed(commit, "REFUND").flatMap(({ before, after }) => (before ? [] : [Number(after.amount)]));
    const claimed = claims.reduce((sum, amount) => sum + amount, 0);
    const isGood = changed(commit, "OP").some(({ before, after }) => !before && makesGood.has(String(after.kind)));
    return changed(commit, "ORDER").flatMap(({ before, after }) => {
      const gone = owedOf(before) - owedOf(after);
      return gone <= claimed || isGood || (claimed > 0 && after.status === "refund_pending")
        ? []
        : [`${gone} of what came to nothing on order ${after.id} is out of sight, and ${claimed} of it goes back`];
    });
  },
};

/** What a person says to be back some other way is not paid back here. */
const notTwice: Invariant = {
  id: "I6",
  about: "no refund is claimed for money that a person has recorded as refunded elsewhere",
  always: (_books, commit) => {
    const claims = changed(commit, "REFUND").flatMap(({ before, after }) => (before ? [] : [String(after.order_id)]));
    return changed(commit, "ORDER").flatMap(({ before, after }) =>
      claims.includes(String(after.id)) && settledAs(before) === "refunded_elsewhere"
        ? [`order ${after.id} was refunded elsewhere, and is refunded here too`]
        : [],
    );
  },
};

/** Each end leaves its own trace; money without any of them still waits on the desk. */
const oneEnd: Invariant = {
  id: "I6",
  about: "captured money bought something, is back, was settled by a person, or waits for one",
  quiet: (books) => {
    if (!books.profile.settlesMoney) return [];
    const orders = new Map(itemsOf(books, "ORDER").map((order) => [order.id, order]));
    const settled = new Set(itemsOf(books, "OP").flatMap(({ kind, subject }) => (kind === "exception_settled" ? [subject] : [])));
    return capturesOf(books).flatMap(({ order_id }) => {
      const order = orders.get(order_id);
      if (order?.status !== "attention" || waits(order)) return [];
      return settled.has(order_id) && order.settled !== undefined
        ? []
        : [`money of order ${order_id} bought nothing, and nobody waits or has settled it`];
    });
  },
};

export const deskInvariants: readonly Invariant[] = [
  standsThere,
  evidenceKept,
  givenForMoney,
  givenOnce,
  settledElsewhere,
  owedInSight,
  notTwice,
  oneEnd,
];
