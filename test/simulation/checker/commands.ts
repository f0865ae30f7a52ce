// One effect and one answer per key; each effect with its operation; each operation published.
import { type Invariant, type Item, itemsOf, linesOf, prefixOf } from "./books.ts";

const oneEffectPerKey: Invariant = {
  id: "I11",
  about: "one key, one effect, one answer; another body under the key has none",
  quiet: (books) => {
    const { answers, asked } = books.history;
    const operations = itemsOf(books, "OP");
    const orders = new Map(itemsOf(books, "ORDER").map((order) => [order.id, order]));
    const principals = [...new Set(asked.map(({ principal }) => principal))];
    return principals.flatMap((principal) => {
      const effects = operations.filter((operation) => operation.principal_id === principal);
      const mine = answers.filter((answer) => answer.principal === principal);
      const placed = mine.filter((answer) => answer.kind === "placed");
      const ids = new Set(placed.map(({ order_id }) => order_id));
      const bodies = new Set(placed.map(({ body }) => body));
      const order = orders.get([...ids][0] as Item[string]);
      const quantity = order && linesOf(order)[0]?.quantity;
      return [
        ...(effects.length > 1 ? [`${principal}'s key had ${effects.length} effects`] : []),
        ...(ids.size > 1 ? [`${principal}'s key was answered with ${ids.size} orders`] : []),
        ...(bodies.size > 1 ? [`two bodies under ${principal}'s key were both accepted`] : []),
        ...(placed.length > 0 && effects.length === 0 ? [`${principal} has an order that nothing records`] : []),
        ...(placed.length > 0 && quantity !== placed[0]?.quantity
          ? [`${principal} asked for ${placed[0]?.quantity} and the order is over ${quantity ?? "nothing"}`]
          : []),
        ...mine
          .filter((answer) => answer.kind === "refused" && answer.committed && answer.refusal !== "in_progress" && answer.refusal !== "key_reused")
          .map((answer) => `${principal} was told ${answer.refusal} although the key's order stands`),
      ];
    });
  },
};

/** What a command brought about, by its name in the answer: a repeat says the same, however the rest fares by now. */
const effectOf = (result: unknown): string => {
  const { refund_id, unit_id, defective_unit_id, order_id, units, reason, released } = result as Readonly<Record<string, unknown>>;
  return JSON.stringify([refund_id, unit_id, defective_unit_id, order_id, units, reason, released]);
};
/** A recall is one operation per handful of units, a comparison one per different result. */
const manifold = { commands: new Set(["recallBatch", "reconcileNow"]), kinds: new Set(["batch_recalled", "window_reconciled"]) };

const oneEffectPerCommand: Invariant = {
  id: "I11",
  about: "a command under one key has one effect; its repeats answer the same, another body under the key has none",
  quiet: (books) => {
    const done = books.history.commands.flatMap((answer) => (answer.kind === "ok" ? [answer] : []));
    const operations = itemsOf(books, "OP");
    const perKey = Map.groupBy(done, ({ name, by, key }) => `${name} of ${by} under ${key}`);
    const perPerson = Map.groupBy(books.history.commandsSent, ({ by }) => by);
    return [
      ...[...perKey].flatMap(([name, answers]) => [
        ...(new Set(answers.map(({ body }) => body)).size > 1 ? [`${name}: two bodies were both done`] : []),
        ...(new Set(answers.map(({ result }) => effectOf(result))).size > 1 ? [`${name}: its repeats tell of different effects`] : []),
      ]),
      ...[...perPerson].flatMap(([by, sent]) => {
        const keys = new Set(sent.map(({ name, key }) => `${name} ${key}`)).size;
        const effects = operations.filter(({ principal_id, kind }) => principal_id === by && !manifold.kinds.has(String(kind))).length;
        const promised = new Set(
          done.filter((answer) => answer.by === by && !manifold.commands.has(answer.name)).map(({ name, key }) => `${name} ${key}`),
        ).size;
        return [
          ...(effects > keys ? [`${by} sent ${keys} commands, and ${effects} effects are recorded`] : []),
          ...(effects < promised ? [`${by} was told that ${promised} commands are done, and ${effects} are recorded`] : []),
        ];
      }),
    ];
  },
};

/** Does a change move money or stock? */
const moves = (prefix: string, before: Item | undefined, after: Item | undefined): boolean => {
  switch (prefix) {
    case "POOL":
      return true;
    case "UNIT":
    case "ORDER":
      return before?.status !== after?.status;
    case "REFUND":
      return before?.status !== after?.status && after?.status !== "pending";
    case "PAYMENT":
      return before !== undefined && ["captured", "refund_reserved", "refunded"].some((name) => before[name] !== after?.[name]);
    default:
      return false;
  }
};

const everyEffectRecorded: Invariant = {
  id: "I32",
  about: "each change of money or stock has exactly one operation, in the same commit",
  always: (_books, commit) => {
    const moved = commit.changes.filter(({ key, before, after }) => moves(prefixOf(key.pk), before, after));
    const operations = commit.changes.filter(({ key }) => prefixOf(key.pk) === "OP");
    if (moved.length > 0 && operations.length !== 1)
      return [`${moved.map(({ key }) => key.pk).join(", ")} moved with ${operations.length} operations`];
    const [operation] = operations;
    const order = moved.find(({ key }) => prefixOf(key.pk) === "ORDER");
    return operation && order && operation.after?.subject !== order.after?.id
      ? [`the operation of ${order.key.pk} names ${String(operation.after?.subject)}`]
      : [];
  },
};

const everyCommitPublished: Invariant = {
  id: "I35",
  about: "every committed operation is published at least once, and nothing uncommitted is",
  quiet: (books) => {
    const committed = new Set(itemsOf(books, "OP").map(({ id }) => String(id)));
    const published = new Set(books.published.map(({ id }) => id));
    return [
      ...(books.profile.outbox ? [...committed].filter((id) => !published.has(id)).map((id) => `operation ${id} was never published`) : []),
      ...[...published].filter((id) => !committed.has(id)).map((id) => `operation ${id} was published and never committed`),
    ];
  },
};

export const commandInvariants: readonly Invariant[] = [oneEffectPerKey, oneEffectPerCommand, everyEffectRecorded, everyCommitPublished];
