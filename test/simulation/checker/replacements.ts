// Units that leave their buyers or the stock, by hand: replaced one for one, called back by the batch, retired one by one. Each with its
// reason and its operation, none of them twice, and never back.
import type { Commit } from "../../../platform/table/memory.ts";
import { type Books, calledBack, given, holding, type Invariant, type Item, itemsOf, prefixOf, unitsOf } from "./books.ts";

type Change = Commit["changes"][number];
const unitChanges = (commit: Commit): readonly (Change & { readonly before: Item; readonly after: Item })[] =>
  commit.changes.flatMap((change) => {
    const { key, before, after } = change;
    return prefixOf(key.pk) === "UNIT" && before && after ? [{ ...change, before, after }] : [];
  });
const operationIn = (commit: Commit): Item | undefined => commit.changes.find(({ key }) => prefixOf(key.pk) === "OP")?.after;
const detailsOf = (operation: Item | undefined): Item => (operation?.details ?? {}) as Item;
const operationsOf = (books: Books, kind: string): readonly Item[] => itemsOf(books, "OP").filter((operation) => operation.kind === kind);
const out = ["defective", "expired", "archived"];

/** What the one transaction of a replacement did to the order's units. */
const swapFaults = (commit: Commit, operation: Item): readonly string[] => {
  const { defective, replacement } = detailsOf(operation);
  const order = commit.changes.find(({ key, after }) => prefixOf(key.pk) === "ORDER" && after?.id === operation.subject);
  const was = order?.before ? unitsOf(order.before) : [];
  const is = order?.after ? unitsOf(order.after) : [];
  const left = was.filter((id) => !is.includes(id));
  const came = is.filter((id) => !was.includes(id));
  const step = (id: unknown) => unitChanges(commit).find(({ after }) => after.id === id);
  const name = `the replacement of ${String(defective)} by ${String(replacement)}`;
  return [
    ...(left.join() === defective && came.join() === replacement && was.length === is.length
      ? []
      : [`${name} takes [${left.join()}] off the order and puts [${came.join()}] on it`]),
    ...(step(defective)?.before.status === "sold" && step(defective)?.after.status === "defective" ? [] : [`${name} does not take the old unit out`]),
    ...(step(defective)?.before.order_id === operation.subject ? [] : [`${name} takes another order's unit`]),
    ...(step(replacement)?.before.status === "available" && step(replacement)?.after.status === "sold" ? [] : [`${name} brings no free unit`]),
  ];
};

const oneForOne: Invariant = {
  id: "I1",
  about: "a replacement takes one unit off a paid order and puts another on it; each leaves once and comes in once",
  always: (_books, commit) => {
    const operation = operationIn(commit);
    return operation?.kind === "unit_replaced" ? swapFaults(commit, operation) : [];
  },
  quiet: (books) => {
    const pairs = operationsOf(books, "unit_replaced").map(detailsOf);
    const twice = (name: "defective" | "replacement"): readonly string[] => {
      const ids = pairs.map((pair) => String(pair[name]));
      return ids.filter((id, place) => ids.indexOf(id) < place).map((id) => `unit ${id} is the ${name} of two replacements`);
    };
    // An order whose hold has ended lists units that went back and name it no more: they may be called back since, whatever became of its money.
    const keeps = (status: string): boolean => holding.has(status) || status === "attention";
    // So does one whose units were called back before its money came, until it is paid.
    const recalled = calledBack(books);
    const assigned = new Set(
      itemsOf(books, "ORDER").flatMap((order) =>
        keeps(String(order.status))
          ? unitsOf(order).flatMap((id) => (given.has(String(order.status)) || !recalled.has(`${id} ${order.id}`) ? [`${id} ${order.id}`] : []))
          : [],
      ),
    );
    const stray = itemsOf(books, "UNIT").filter(({ id, status, order_id }) => status === "defective" && assigned.has(`${id} ${order_id}`));
    return [...twice("defective"), ...twice("replacement"), ...stray.map(({ id }) => `defective unit ${id} is still on an order`)];
  },
};

/** Kinds of operations after which a unit is out, and where each names it. */
const takersOut: Readonly<Record<string, (operation: Item) => readonly unknown[]>> = {
  unit_replaced: (operation) => [detailsOf(operation).defective],
  unit_retired: ({ subject }) => [subject],
  batch_recalled: (operation) => [...listed(operation, "recalled"), ...listed(operation, "reserved")],
  refund_requested: (operation) =>
    ((detailsOf(operation).lines ?? []) as readonly { readonly units: readonly string[] }[]).flatMap(({ units }) => units),
  dispute_lost: (operation) => detailsOf(operation).units as readonly unknown[],
};

const outWithReason: Invariant = {
  id: "I32",
  about: "a unit that is out says why, by an operation of that commit that names it and gives the same reason",
  always: (_books, commit) => {
    const operation = operationIn(commit);
    return unitChanges(commit).flatMap(({ before, after }) => {
      if (before.status === after.status || !out.includes(String(after.status))) return [];
      const name = `unit ${after.id} became ${after.status}`;
      const { reason } = detailsOf(operation);
      const byHand = ["unit_replaced", "unit_retired", "batch_recalled"].includes(String(operation?.kind));
      return [
        ...(typeof after.status_reason === "string" && after.status_reason !== "" ? [] : [`${name} and does not say why`]),
        ...(operation && takersOut[String(operation.kind)]?.(operation).includes(after.id)
          ? []
          : [`${name} by ${String(operation?.kind)}, which does not name it`]),
        ...(after.status_operation === operation?.id ? [] : [`${name}, and names another operation than the one that did it`]),
        ...(byHand && reason !== after.status_reason
          ? [`${name} because "${String(after.status_reason)}", its operation says "${String(reason)}"`]
          : []),
      ];
    });
  },
};

const lastStaysLast: Invariant = {
  id: "I10",
  about: "an archived unit is never written again; a disputed one waits for its dispute; hands move only what is theirs to move",
  always: (_books, commit) => {
    const operation = operationIn(commit);
    return unitChanges(commit).flatMap(({ before, after }) => {
      const name = `unit ${after.id}`;
      const moved = before.status !== after.status;
      const dispute = commit.changes.find(({ key }) => prefixOf(key.pk) === "ORDER")?.after?.dispute as { readonly inquiry?: boolean } | undefined;
      // What the bank only asks about, a refund answers.
      const answered = operation?.kind === "refund_requested" && dispute?.inquiry === true;
      const byDispute = answered || String(operation?.kind).startsWith("dispute_");
      return [
        ...(before.status === "archived" ? [`${name} is archived and was written again`] : []),
        ...(before.frozen_by !== undefined && moved && !byDispute ? [`${name} is disputed, and became ${after.status}`] : []),
        ...(moved && operation?.kind === "unit_retired" ? handFaults(name, before, after, detailsOf(operation)) : []),
        ...(moved && operation?.kind === "batch_recalled" && before.status !== "available" && before.status !== "reserved"
          ? [`${name} was ${before.status} and was called back`]
          : []),
      ];
    });
  },
};
/** A held unit is its order's, a sold one its buyer's: no hand strips a paid order. */
const handFaults = (name: string, before: Item, after: Item, { from, to }: Item): readonly string[] => [
  ...(from === before.status && to === after.status
    ? []
    : [`${name} went from ${before.status} to ${after.status}, the operation says ${from} to ${to}`]),
  ...(before.status === "reserved" || before.status === "sold" ? [`${name} was ${before.status}, and a hand made it ${after.status}`] : []),
];

/** Recalls by the words of their reason: in a story each key has its own. */
const recallsOf = (books: Books): readonly (readonly [string, readonly Item[]])[] => [
  ...Map.groupBy(operationsOf(books, "batch_recalled"), ({ subject, details, principal_id }) =>
    [String(subject), String((details as Item).reason), String(principal_id)].join(" "),
  ),
];
const listed = (operation: Item, name: "recalled" | "reserved" | "sold"): readonly string[] =>
  (detailsOf(operation)[name] as readonly (string | { readonly unit_id: string })[]).map((each) => (typeof each === "string" ? each : each.unit_id));

const recallOnce: Invariant = {
  id: "I3",
  about: "a recall counts each unit of its batch once, takes the free and the held ones and no others, and none of it is ever free again",
  always: (_books, commit) => {
    const operation = operationIn(commit);
    if (operation?.kind !== "batch_recalled") return [];
    const moved = unitChanges(commit).map(({ after }) => String(after.id));
    const counted = [...listed(operation, "recalled"), ...listed(operation, "reserved")];
    const held = new Set(
      unitChanges(commit).flatMap(({ before, after }) => (before.status === "reserved" ? [`${after.id} ${before.order_id}`] : [])),
    );
    const named = (detailsOf(operation).reserved as readonly { readonly unit_id: string; readonly order_id: string }[]).map(
      ({ unit_id, order_id }) => `${unit_id} ${order_id}`,
    );
    return [
      ...unitChanges(commit).flatMap(({ after }) =>
        after.batch_id === operation.subject ? [] : [`unit ${after.id} is of another batch than the one recalled`],
      ),
      ...(moved.toSorted().join() === counted.toSorted().join() ? [] : [`a recall moved [${moved.join()}] and says [${counted.join()}]`]),
      ...(held.size === named.length && named.every((each) => held.has(each))
        ? []
        : [`a recall took [${[...held].join()}] out of holds and says [${named.join()}]`]),
    ];
  },
  quiet: (books) => {
    const batches = new Map(itemsOf(books, "BATCH").map((batch) => [String(batch.id), batch.units as readonly string[]]));
    return [
      ...recallsOf(books).flatMap(([name, chunks]) => {
        const all = chunks.flatMap((chunk) => (["recalled", "reserved", "sold"] as const).flatMap((list) => listed(chunk, list)));
        const own = new Set(batches.get(String(chunks[0]?.subject)));
        return [
          ...all.filter((id, place) => all.indexOf(id) < place).map((id) => `recall ${name} counts unit ${id} twice`),
          ...all.filter((id) => !own.has(id)).map((id) => `recall ${name} counts unit ${id} of another batch`),
        ];
      }),
      ...books.history.commands.flatMap((answer) =>
        answer.name === "recallBatch" && answer.kind === "ok" ? answerFaults(books, answer, batches) : [],
      ),
    ];
  },
};

/** What a recall took from an order is made good by what else there is, or by the money: by itself, and not by a person. */
const madeGood: Invariant = {
  id: "I6",
  about: "nobody is called to an order only because units that it waited for were called back",
  always: (books, commit) =>
    commit.changes.flatMap(({ key, before, after }) => {
      if (prefixOf(key.pk) !== "ORDER" || !after || before?.status !== "awaiting_payment" || after.reason !== "stock_lost") return [];
      const recalled = calledBack(books);
      return unitsOf(after).some((id) => recalled.has(`${id} ${after.id}`))
        ? [`order ${after.id} lost units to a recall, and waits for a person`]
        : [];
    }),
};

type Told = {
  readonly units: number;
  readonly recalled: number;
  readonly reserved: readonly unknown[];
  readonly sold: readonly unknown[];
  readonly already_out: number;
};
const answerFaults = (
  books: Books,
  { by, body, result }: { readonly by: string; readonly body: string; readonly result: unknown },
  batches: ReadonlyMap<string, readonly string[]>,
): readonly string[] => {
  const told = result as Told;
  const { batch_id } = JSON.parse(body) as { readonly batch_id: string };
  const chunks = operationsOf(books, "batch_recalled").filter(({ subject, principal_id }) => subject === batch_id && principal_id === by);
  const count = (list: "recalled" | "reserved" | "sold"): number => chunks.reduce((sum, chunk) => sum + listed(chunk, list).length, 0);
  const units = batches.get(batch_id) ?? [];
  const whole = told.recalled + told.reserved.length + told.sold.length + told.already_out;
  const free = new Set(itemsOf(books, "UNIT").flatMap(({ id, status }) => (status === "available" ? [String(id)] : [])));
  return [
    ...(told.units === units.length && whole === units.length
      ? []
      : [`${by} recalled a batch of ${units.length} and was told of ${whole} of ${told.units}`]),
    ...(told.recalled === count("recalled") && told.reserved.length === count("reserved") && told.sold.length === count("sold")
      ? []
      : [`${by} was told of ${told.recalled} units called back, ${count("recalled")} are written down`]),
    ...units.filter((id) => free.has(id)).map((id) => `unit ${id} is free, and its batch was recalled by ${by}`),
  ];
};

const sameAnswer: Invariant = {
  id: "I11",
  about: "who repeats a command about units hears the same again, and nobody whose command is done is told that it is not",
  quiet: (books) => {
    const answers = books.history.commands.filter(({ name }) => ["replaceUnit", "retireUnit", "recallBatch"].includes(name));
    const perKey = Map.groupBy(answers, ({ name, by, key }) => `${name} of ${by} under ${key}`);
    return [...perKey].flatMap(([name, given]) => {
      const told = new Set(given.flatMap((answer) => (answer.kind === "ok" ? [JSON.stringify(answer.result)] : [])));
      const denied = given.flatMap((answer) =>
        answer.kind === "refused" && answer.committed && answer.refusal !== "key_reused" ? [answer.refusal] : [],
      );
      return [
        ...(told.size > 1 ? [`${name} was answered ${[...told].join(" and ")}`] : []),
        ...denied.map((refusal) => `${name} was refused as ${refusal}, and it is done`),
      ];
    });
  },
};

export const replacementInvariants: readonly Invariant[] = [oneForOne, outWithReason, lastStaysLast, recallOnce, madeGood, sameAnswer];
