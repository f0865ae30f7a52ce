// What a refund claims: numbers, pieces, the way the money came, and who was told. Beside the sums, which `refunds.ts` judges.
import type { Commit } from "../../../platform/table/memory.ts";
import { type Books, given, type Invariant, type Item, isByHand, itemsOf, linesOf, prefixOf } from "./books.ts";

interface Claim {
  readonly line: number;
  readonly quantity: number;
  readonly amount: number;
  readonly units: readonly string[];
}
const claimsOf = (refund: Item): readonly Claim[] => (refund.lines ?? []) as readonly Claim[];
const stands = ({ status }: Item): boolean => status !== "failed";
const changed = (commit: Commit, prefix: string) =>
  commit.changes.flatMap(({ key, before, after }) => (prefixOf(key.pk) === prefix && after ? [{ before, after }] : []));
const claimed = (commit: Commit): readonly Item[] => changed(commit, "REFUND").flatMap(({ before, after }) => (before ? [] : [after]));
const total = (numbers: readonly number[]): number => numbers.reduce((sum, each) => sum + each, 0);
const sameSet = (one: readonly string[], other: readonly string[]): boolean => JSON.stringify([...one].sort()) === JSON.stringify([...other].sort());

/** The claim and the numbers that it takes are one step; who keeps pieces keeps their numbers. */
const numbersTaken: Invariant = {
  id: "I6",
  about: "a refund takes back the numbers that nobody pays for any more, in the step that claims the money, and no others",
  always: (_books, commit) => {
    const archived = changed(commit, "UNIT").flatMap(({ before, after }) =>
      before?.status === "sold" && after.status === "archived" ? [after] : [],
    );
    return claimed(commit).flatMap((refund) => {
      const told = claimsOf(refund).flatMap(({ units }) => units);
      const taken = archived.flatMap(({ id, order_id }) => (order_id === refund.order_id ? [String(id)] : []));
      return sameSet(told, taken) ? [] : [`refund ${refund.id} says that it takes ${told.length} numbers, and ${taken.length} were taken`];
    });
  },
};

type Piece = { readonly line: number; readonly serial_numbers?: readonly string[] };
/** What was brought back is taken, not what works. */
const namedTaken: Invariant = {
  id: "I6",
  about: "a refund takes the units that were named",
  quiet: (books) => {
    const refunds = new Map(itemsOf(books, "REFUND").map((refund) => [refund.id, refund]));
    const serials = new Map(itemsOf(books, "UNIT").map((unit) => [unit.id, String(unit.serial_number)]));
    return books.history.commands.flatMap((answer) => {
      if (answer.name !== "refundOrder" || answer.kind !== "ok") return [];
      const { lines = [] } = JSON.parse(answer.body) as { readonly lines?: readonly Piece[] };
      const refund = refunds.get((answer.result as { readonly refund_id: string }).refund_id);
      return lines.flatMap(({ line, serial_numbers = [] }) => {
        const units = refund ? claimsOf(refund).flatMap((claim) => (claim.line === line ? claim.units : [])) : [];
        const taken = units.map((id) => serials.get(id));
        return serial_numbers
          .filter((serial) => !taken.includes(serial))
          .map((serial) => `${answer.by} gave back the money for ${serial}, and [${taken.join()}] was taken`);
      });
    });
  },
};

/** As many numbers as pieces that are still paid for, or fewer where some were worthless before. */
const piecesAndNumbers = (books: Books, order: Item): readonly string[] => {
  if (!given.has(String(order.status))) return [];
  const units = new Map(itemsOf(books, "UNIT").map((unit) => [String(unit.id), unit]));
  return linesOf(order).flatMap((line) => {
    const live = line.units.filter((id) => units.get(id)?.status === "sold" && units.get(id)?.order_id === order.id).length;
    const paid = line.quantity - (line.refunded_quantity ?? 0);
    return live > paid ? [`order ${order.id} has ${live} numbers and pays for ${paid} pieces`] : [];
  });
};
const noNumberForNothing: Invariant = {
  id: "I2",
  about: "a buyer has no more numbers than pieces that are paid for, and keeps those of the pieces that were not refunded",
  always: (books, commit) => {
    const touched = new Set(changed(commit, "ORDER").map(({ after }) => after.id));
    const orders = itemsOf(books, "ORDER").filter(({ id }) => touched.has(id));
    return orders.flatMap((order) => piecesAndNumbers(books, order));
  },
};

/** Money that never fitted bought nothing: its units are free again in the same step, or stay with the order until it goes back. */
const neverShownGoBack: Invariant = {
  id: "I4",
  about: "units held for money that never fitted go back with it, all of them and at once",
  always: (books, commit) =>
    changed(commit, "ORDER").flatMap(({ before, after }) => {
      if (before?.status !== "attention" || after.status !== "refund_pending") return [];
      return itemsOf(books, "UNIT")
        .filter((unit) => unit.order_id === after.id && unit.status === "reserved")
        .map((unit) => `the money of order ${after.id} goes back, and unit ${unit.id} stays held for it`);
    }),
};

const originalWay: Invariant = {
  id: "I8",
  about: "money goes back on the payment that it came with, through the same account, in its currency, for the amount that was claimed",
  always: (books, commit) =>
    claimed(commit).flatMap((refund) => {
      const payment = itemsOf(books, "PAYMENT").find(({ id }) => id === refund.payment_id);
      const fits =
        payment?.order_id === refund.order_id &&
        payment?.intent_id === refund.intent_id &&
        payment?.connection_id === refund.connection_id &&
        payment?.captured_currency === refund.currency;
      return fits ? [] : [`refund ${refund.id} goes another way than the money of order ${refund.order_id} came`];
    }),
  quiet: (books) => {
    const ours = new Map(itemsOf(books, "REFUND").map((refund) => [String(refund.id), refund]));
    return books.stripe.truth().refunds.flatMap((made) => {
      if (isByHand(made)) return [];
      const refund = ours.get(made.metadata?.refund_id ?? "");
      const fits = refund?.amount === made.amount && refund?.intent_id === made.payment_intent && refund?.order_id === made.metadata?.order_id;
      return fits && made.account === books.account ? [] : [`the provider paid ${made.amount} back, which is not what was claimed`];
    });
  },
};

/** Minor units that a person accepted beyond the price. */
const overpaid = (order: Item): number => Math.max(0, (order.accepted as { readonly difference?: number } | undefined)?.difference ?? 0);

/** The lines of an order carry what its standing refunds claim of them, and each claim is worth its parts. */
const linesCarryClaims = (books: Books, order: Item): readonly string[] => {
  const refunds = itemsOf(books, "REFUND").filter((refund) => refund.order_id === order.id);
  const claims = refunds.filter(stands).flatMap(claimsOf);
  return [
    ...refunds.flatMap((refund) => {
      const parts = claimsOf(refund);
      // What a person accepted beyond the price is of no line.
      const beyond = Number(refund.amount) - total(parts.map(({ amount }) => amount));
      return parts.length === 0 || (beyond >= 0 && beyond <= overpaid(order))
        ? []
        : [`the parts of refund ${refund.id} are not worth ${String(refund.amount)}`];
    }),
    ...linesOf(order).flatMap((line, at) => {
      const own = claims.filter((claim) => claim.line === at);
      const money = total(own.map(({ amount }) => amount));
      const pieces = total(own.map(({ quantity }) => quantity));
      return money === (line.refunded_amount ?? 0) && pieces === (line.refunded_quantity ?? 0)
        ? []
        : [
            `line ${at} of order ${order.id} says ${line.refunded_quantity} pieces and ${line.refunded_amount}, its refunds say ${pieces} and ${money}`,
          ];
    }),
  ];
};
const linesAgree: Invariant = {
  id: "I14",
  about: "what lines carry as refunded is what the standing refunds claim of them",
  always: (books, commit) => {
    const touched = new Set([
      ...changed(commit, "ORDER").map(({ after }) => after.id),
      ...changed(commit, "REFUND").map(({ after }) => after.order_id),
    ]);
    const orders = itemsOf(books, "ORDER").filter(({ id, refund_count }) => touched.has(id) && refund_count !== undefined);
    return orders.flatMap((order) => linesCarryClaims(books, order));
  },
};

/** Each step of a refund's life has its own operation, once. */
const stepsRecorded: Invariant = {
  id: "I32",
  about: "a refund is requested once, comes once and fails once, each with its operation",
  quiet: (books) => {
    const told = Map.groupBy(itemsOf(books, "OP"), ({ details }) => String((details as Item | undefined)?.refund_id ?? ""));
    return itemsOf(books, "REFUND").flatMap((refund) => {
      const kinds = (told.get(String(refund.id)) ?? []).map(({ kind }) => kind);
      const count = (kind: string): number => kinds.filter((each) => each === kind).length;
      return [
        ...(count("refund_requested") === 1 ? [] : [`refund ${refund.id} was requested ${count("refund_requested")} times by the journal`]),
        ...(count("order_refunded") > 1 || (refund.status === "succeeded" && count("order_refunded") !== 1)
          ? [`refund ${refund.id} came ${count("order_refunded")} times by the journal`]
          : []),
        ...(count("refund_failed") === (refund.status === "failed" ? 1 : 0)
          ? []
          : [`refund ${refund.id} is ${refund.status}, and failed ${count("refund_failed")} times by the journal`]),
      ];
    });
  },
};

/** Money that could not go back is somebody's to look at. */
const personTold: Invariant = {
  id: "I6",
  about: "whoever must act on a refund that came to nothing is told so in the same step",
  always: (_books, commit) => {
    const failed = changed(commit, "REFUND").flatMap(({ before, after }) =>
      before && before.status !== "failed" && after.status === "failed" ? [after] : [],
    );
    const [order] = changed(commit, "ORDER");
    const owed = (order?.after.failed_refunds ?? []) as readonly { readonly id: string; readonly amount: number }[];
    return failed.flatMap((refund) =>
      owed.some(({ id, amount }) => id === refund.id && amount === refund.amount) && order?.after.desk_of !== undefined
        ? []
        : [`refund ${refund.id} came to nothing, and nobody is told`],
    );
  },
};

/** Commands that have one effect each. */
const single = new Set(["refundOrder", "replaceUnit", "retireUnit"]);
const refusedIsWithoutEffect: Invariant = {
  id: "I11",
  about: "a command that was refused each time it was sent has no effect",
  quiet: (books) => {
    const { commands, commandsSent } = books.history;
    const operations = itemsOf(books, "OP");
    const perPerson = Map.groupBy(commandsSent, ({ by }) => by);
    return [...perPerson].flatMap(([by, sent]) => {
      if (sent.some(({ name }) => !single.has(name))) return [];
      const answers = commands.filter((answer) => answer.by === by);
      const perKey = Map.groupBy(sent, ({ name, key }) => `${name} ${key}`);
      const possible = [...perKey].filter(([id, all]) => {
        const own = answers.filter(({ name, key }) => `${name} ${key}` === id);
        return own.length < all.length || own.some(({ kind, attempt }) => kind === "ok" || attempt > 0);
      }).length;
      const effects = operations.filter(({ principal_id }) => principal_id === by).length;
      return effects > possible ? [`${by} was refused, and has had an effect all the same (${effects} of ${possible})`] : [];
    });
  },
};

/** What the provider says is on its way has not come, and what it has done has not failed. */
const asTheProviderSays: Invariant = {
  id: "I14",
  about: "a refund ends here only when it has ended at the provider, and as it ended there",
  always: (books, commit) => {
    const ended = changed(commit, "REFUND").filter(
      ({ before, after }) => before?.status !== after.status && /succeeded|failed/.test(String(after.status)),
    );
    if (ended.length === 0) return [];
    const made = new Map(books.stripe.truth().refunds.map((refund) => [refund.metadata?.refund_id ?? "", refund.status]));
    return ended.flatMap(({ after }) => {
      const theirs = made.get(String(after.id));
      // It may have been sent back again since the provider was asked.
      const agree = after.status === "failed" ? theirs === undefined || theirs === "failed" : theirs === "succeeded" || theirs === "failed";
      return agree ? [] : [`refund ${after.id} is ${after.status} here, and ${theirs ?? "not there"} at the provider`];
    });
  },
};

const standsByItsWord: Invariant = {
  id: "I11",
  about: "nobody is refused what was done under the same key, however close the two requests were",
  quiet: ({ history }) => {
    const done = new Set(history.commands.flatMap(({ kind, name, by, key, body }) => (kind === "ok" ? [JSON.stringify([name, by, key, body])] : [])));
    return history.commands.flatMap((answer) => {
      const { name, by, key, body } = answer;
      return answer.kind === "refused" && answer.committed && done.has(JSON.stringify([name, by, key, body]))
        ? [`${by} was told ${answer.refusal} although what was asked for under the key is done`]
        : [];
    });
  },
};

export const claimInvariants: readonly Invariant[] = [
  numbersTaken,
  namedTaken,
  noNumberForNothing,
  neverShownGoBack,
  originalWay,
  linesAgree,
  stepsRecorded,
  personTold,
  refusedIsWithoutEffect,
  asTheProviderSays,
  standsByItsWord,
];

/** Refunds that succeeded here, and that the bank sent back since. */
export const cameBack = (books: Books): readonly Item[] => {
  const failed = new Set(books.stripe.truth().refunds.flatMap(({ status, metadata }) => (status === "failed" ? [metadata?.refund_id] : [])));
  return itemsOf(books, "REFUND").filter((refund) => refund.status === "succeeded" && failed.has(String(refund.id)));
};
