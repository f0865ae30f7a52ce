// The text to the buyer: once, to the right number, with the right numbers in it.
import { type Books, given, type Invariant, type Item, itemsOf, unitsOf } from "./books.ts";

type Sent = Books["texts"]["messages"][number];

/** Was the second text sent only after the provider had said that it knows of none? */
const askedBetween = (books: Books, first: Sent, second: Sent): boolean =>
  books.texts.lookUps.some(
    ({ to, isIt, at, found }) => to === second.to && isIt(first.body) && !found && at >= first.begunAt && at <= second.begunAt,
  );

/** Another unit has a text of its own. */
const ofThePurchase = ({ callback_url }: Sent): boolean => callback_url.endsWith(".order_paid");

const oneText: Invariant = {
  id: "I26",
  about: "a paid order is told once; twice at most, and only when the provider knew of no first text",
  quiet: (books) => {
    const orders = itemsOf(books, "ORDER");
    const serials = new Map(itemsOf(books, "UNIT").map((unit) => [String(unit.id), String(unit.serial_number)]));
    const told = Map.groupBy(books.texts.messages.filter(ofThePurchase), ({ body }) => /\/o\/[^.\s]+\.([^.\s]+)\./.exec(body)?.[1] ?? "");
    const paid = new Set(itemsOf(books, "OP").flatMap(({ kind, subject }) => (kind === "order_paid" ? [String(subject)] : [])));
    return [
      ...[...told.keys()].filter((id) => !paid.has(id)).map((id) => `a text went out for order ${id || "unknown"}, which was never paid`),
      ...orders
        .filter((order) => paid.has(String(order.id)))
        .flatMap((order) => [
          ...faultsOf(books, order, told.get(String(order.id)) ?? [], serials),
          ...(given.has(String(order.status)) && !wasAllTaken(books, order) ? untold(books, order) : []),
        ]),
    ];
  },
};

/** Was there a moment at which all of the order's numbers had been taken back? Nobody is told of none. */
const wasAllTaken = (books: Books, order: Item): boolean =>
  unitsOf(order).every((unit) => books.archivedAt.has(unit)) ||
  itemsOf(books, "OP").some(({ kind, subject, details }) => kind === "refund_requested" && subject === order.id && (details as Item).full === true) ||
  !itemsOf(books, "UNIT").some(({ status, order_id }) => order_id === order.id && status !== "archived");

/** A number that was taken back before the sender began is told no more; one that is taken back meanwhile may be told, or not. */
const misTold = (books: Books, { body, since, at }: Sent, order: Item, serials: ReadonlyMap<string, string>): readonly string[] => {
  const swapped = new Set(
    itemsOf(books, "OP").flatMap(({ kind, subject, details }) =>
      kind === "unit_replaced" && subject === order.id ? [String((details as Item).defective), String((details as Item).replacement)] : [],
    ),
  );
  const own = new Set([...unitsOf(order), ...swapped]);
  return [...serials].flatMap(([unit, serial]) => {
    const archivedAt = books.archivedAt.get(unit) ?? Number.POSITIVE_INFINITY;
    const told = body.includes(serial);
    if (told) return own.has(unit) && archivedAt > since ? [] : [serial];
    // Of two units of which one took the other's place, either may have been told.
    return own.has(unit) && archivedAt > at && !swapped.has(unit) ? [serial] : [];
  });
};

const faultsOf = (books: Books, order: Item, texts: readonly Sent[], serials: ReadonlyMap<string, string>): readonly string[] => {
  const phone = books.history.answers.find((answer) => answer.order_id === order.id)?.phone;
  const [first, second] = texts;
  return [
    ...(texts.length > 2 ? [`order ${order.id} was told ${texts.length} times`] : []),
    ...(first && second && !askedBetween(books, first, second)
      ? [`order ${order.id} was told again, and nobody had asked whether the first text was sent`]
      : []),
    ...texts.filter(({ to }) => phone !== undefined && to !== phone).map(() => `a text of order ${order.id} went to another number`),
    ...texts.flatMap((text) => {
      const wrong = misTold(books, text, order, serials);
      return wrong.length > 0 ? [`a text of order ${order.id} is wrong about ${wrong.join(", ")}`] : [];
    }),
  ];
};

/** No attempt at all, and the queue has not given up either. */
const untold = (books: Books, order: Item): readonly string[] => {
  // Money that was lost before the text went out leaves no number to tell.
  if ((order.dispute as Item | undefined)?.status === "lost") return [];
  if (!books.profile.triesText || books.deadLetters.some(({ subject }) => subject === order.id)) return [];
  const message = itemsOf(books, "MESSAGE").find((one) => one.order_id === order.id);
  return message && message.status !== "sending"
    ? []
    : [`order ${order.id} is paid, and its text is ${message ? "still being sent" : "not even begun"}`];
};

export const textInvariants: readonly Invariant[] = [oneText];
