// Texts to the buyer: each once, to the right number, with numbers in it that were the order's when it was written.
import { type Books, given, type Invariant, type Item, itemsOf } from "./books.ts";
import { keepOwnership, liveUnits, ownedDuring, unitsById } from "./ownership.ts";

type Sent = Books["texts"]["messages"][number];

/** What a text is about, as its callback names it: `merchant.order.kind`, and the operation where there can be several. */
const aboutOf = ({ callback_url }: Sent): { readonly message: string; readonly order_id: string; readonly kind: string; readonly about: string } => {
  const message = new URL(callback_url).searchParams.get("message") ?? "";
  const [, order_id = "", kind = "", about = ""] = message.split(".");
  return { message, order_id, kind, about };
};

/** Was the second text sent only after the provider had said that it knows of no such text as the first? */
const askedBetween = (books: Books, first: Sent, second: Sent): boolean =>
  books.texts.lookUps.some(
    ({ to, isIt, at, found }) => to === second.to && isIt(first.body) && !found && at >= first.begunAt && at <= second.begunAt,
  );

const oneText: Invariant = {
  id: "I26",
  about: "a paid order and each replacement is told once; twice at most, and only when the provider knew of no first text",
  always: (books, commit) => {
    keepOwnership(books, commit);
    return [];
  },
  quiet: (books) => {
    const paid = new Set(
      itemsOf(books, "OP").flatMap(({ kind, subject }) => (kind === "order_paid" || kind === "units_given" ? [String(subject)] : [])),
    );
    const told = Map.groupBy(books.texts.messages, (sent) => aboutOf(sent).message);
    return [
      ...books.texts.messages.flatMap((sent) => {
        const { order_id, message } = aboutOf(sent);
        return [
          ...(paid.has(order_id) ? [] : [`a text went out for order ${order_id || "unknown"}, which was never paid`]),
          ...(linkOf(sent) === order_id ? [] : [`text ${message} leads to order ${linkOf(sent) || "unknown"}`]),
          ...contentFaults(books, sent),
        ];
      }),
      ...[...told].flatMap(([message, [first, second, ...more]]) => [
        ...(more.length > 0 ? [`${message} was told ${2 + more.length} times`] : []),
        ...(first && second && !askedBetween(books, first, second)
          ? [`${message} was told again, and nobody had asked whether the first text was sent`]
          : []),
      ]),
      ...itemsOf(books, "ORDER").flatMap((order) => (paid.has(String(order.id)) ? untold(books, order) : [])),
    ];
  },
};
const linkOf = ({ body }: Sent): string => /\/o\/[^.\s]+\.([^.\s]+)\./.exec(body)?.[1] ?? "";

/** Units that a text of their own is about: one in place of another, or several that a person gave for those that a refund took. */
const freshOf = (operation: Item | undefined): readonly string[] => {
  const { replacement, units } = (operation?.details ?? {}) as { readonly replacement?: string; readonly units?: readonly string[] };
  return operation?.kind === "units_given" ? (units ?? []) : [replacement ?? ""];
};
/** Units after the sale, each change with a text of its own. */
const isChange = ({ kind, details }: Item): boolean => kind === "unit_replaced" || (kind === "units_given" && (details as Item).was === "paid");

/** Only numbers that the order had while the sender was at work; all of them where it told the order; one at least. */
const contentFaults = (books: Books, sent: Sent): readonly string[] => {
  const { order_id, kind, about, message } = aboutOf(sent);
  const phone = books.history.answers.find((answer) => answer.order_id === order_id)?.phone;
  const units = [...unitsById(books).values()];
  const named = units.filter((unit) => sent.body.includes(String(unit.serial_number))).map(({ id }) => String(id));
  const { ever, always } = ownedDuring(books, order_id, sent.since, sent.at);
  const operation = itemsOf(books, "OP").find(({ id }) => id === about);
  const fresh = freshOf(operation);
  const due = kind === "unit_replaced" ? fresh.filter((id) => operation?.kind !== "units_given" || always.has(id)) : [...always];
  const strange = kind === "unit_replaced" ? named.filter((id) => !fresh.includes(id)) : [];
  return [
    ...(phone === undefined || sent.to === phone ? [] : [`text ${message} went to another number`]),
    ...(named.length > 0 ? [] : [`text ${message} tells no number at all`]),
    ...named.filter((id) => !ever.has(id)).map((id) => `text ${message} tells unit ${id}, which the buyer did not have then`),
    ...due.filter((id) => !named.includes(id)).map((id) => `text ${message} does not tell unit ${id}`),
    ...strange.map((id) => `text ${message} tells unit ${id} too, which it is not about`),
  ];
};

/** Still owed to the buyer. */
const open = new Set<unknown>(["sending", "not_sent"]);

/** Still owed at the end, and the queue has not given up either: of the order while it is as it was sold, of each replacement that still stands. */
const untold = (books: Books, order: Item): readonly string[] => {
  if (!books.profile.triesText || !given.has(String(order.status))) return [];
  const givenUp = new Set(books.deadLetters.map(({ id }) => id));
  const owing = itemsOf(books, "OP").filter(({ subject }) => subject === order.id);
  const messages = itemsOf(books, "MESSAGE").filter((one) => one.order_id === order.id);
  const live = liveUnits(order, unitsById(books));
  const faultOf = (what: string, message: Item | undefined): readonly string[] =>
    message && !open.has(message.status) && message.error_code !== "nothing_to_tell"
      ? []
      : [`${what}, and its text is ${message ? String(message.status) : "not even begun"}`];
  const replacements = owing.filter((operation) => isChange(operation) && freshOf(operation).some((id) => live.has(id)));
  const isFirst = (operation: Item): boolean => operation.kind === "order_paid" || (operation.kind === "units_given" && !isChange(operation));
  const firstGivenUp = owing.some((operation) => isFirst(operation) && givenUp.has(String(operation.id)));
  const instead = new Set(replacements.flatMap((operation) => (operation.kind === "units_given" ? freshOf(operation) : [])));
  return [
    ...(!firstGivenUp && [...live].some((id) => !instead.has(id))
      ? faultOf(
          `order ${order.id} is paid`,
          messages.find(({ kind }) => kind === "order_paid"),
        )
      : []),
    ...replacements
      .filter(({ id }) => !givenUp.has(String(id)))
      .flatMap(({ id }) =>
        faultOf(
          `a unit of order ${order.id} was replaced`,
          messages.find(({ about }) => about === id),
        ),
      ),
  ];
};

/** What is written down as told is in the provider's books, by the name that it was written down with. */
const toldInTruth: Invariant = {
  id: "I26",
  about:
    "every text has an end; what is called sent was sent, about this very order, and arrived or not as was reported; without faults no event about a text is given up",
  always: (_books, { changes }) =>
    changes.flatMap(({ key, before, after }) =>
      key.pk.startsWith("MESSAGE#") && before?.sid !== undefined && after?.sid !== before.sid
        ? [`${key.pk} was ${String(before.sid)}, and is told of as ${String(after?.sid)}`]
        : [],
    ),
  quiet: (books) => {
    const sent = new Map(books.texts.messages.map((message) => [message.sid, message]));
    const givenUp = new Set<unknown>(books.deadLetters.map(({ subject }) => subject));
    // What was not sent, and says so, is owed to nobody any more once the money is back, on its way or lost.
    const over = new Set(itemsOf(books, "ORDER").flatMap((order) => (order.status === "paid" && order.payment_status !== "lost" ? [] : [order.id])));
    return [
      ...itemsOf(books, "MESSAGE").flatMap((message) => {
        const { status, sid, kind, order_id } = message;
        if (open.has(status) && books.profile.triesText && !givenUp.has(order_id) && !(status === "not_sent" && over.has(order_id)))
          return [`${String(kind)} of order ${String(order_id)} is ${String(status)} for ever`];
        if (open.has(status) || status === "failed") return [];
        const name = `${String(kind)} of order ${String(order_id)} is ${String(status)} as ${String(sid)}`;
        const isReported = status === "sent" || books.texts.reported.some((report) => report.sid === sid && report.status === status);
        return [
          ...(sent.get(String(sid))?.callback_url === callbackOf(message) ? [] : [`${name}, and the provider sent no such text about it`]),
          ...(isReported ? [] : [`${name}, and no carrier said so`]),
        ];
      }),
      ...(books.profile.faultRate === 0
        ? books.deadLetters.map(({ subject }) => `an event of order ${subject} was given up, and nothing went wrong`)
        : []),
    ];
  },
};

/** How often it was asked to send a text and did not say that it took nothing for now. */
const openAsks = ({ texts: { asked, refused } }: Books, callback: string): number =>
  asked.filter((one) => one === callback).length - refused.filter(({ callback_url, forGood }) => callback_url === callback && !forGood).length;

/** A number that takes no texts, or a provider that never answers: written down as it is, and not tried for ever. */
const boundedAttempts: Invariant = {
  id: "I26",
  about:
    "a text is attempted twice at most, what was not taken never counts, and what is refused for good is written down as failed, with its reason",
  always: (_books, commit) =>
    commit.changes.flatMap(({ key, before, after }) => {
      if (!key.pk.startsWith("MESSAGE#")) return [];
      return [
        ...(Number(after?.attempt) > 2 ? [`${key.pk} is attempted ${String(after?.attempt)} times`] : []),
        ...(before?.status === "not_sent" && Number(after?.attempt) > Number(before.attempt) ? [`${key.pk} counts what was not taken`] : []),
      ];
    }),
  quiet: (books) => {
    const tooMany = [...new Set(books.texts.asked)].flatMap((callback) => {
      const asks = openAsks(books, callback);
      return asks > 2 ? [`the provider was asked ${asks} times to send ${callback}`] : [];
    });
    const phones = new Map(books.history.answers.flatMap(({ order_id, phone }) => (order_id === undefined ? [] : [[order_id, phone] as const])));
    const faults = itemsOf(books, "MESSAGE").flatMap((message) => {
      const phone = phones.get(String(message.order_id));
      const refused = phone !== undefined && books.texts.optedOut.has(phone);
      const name = `${String(message.kind)} of order ${String(message.order_id)}`;
      return [
        ...(refused && !open.has(message.status) && message.status !== "failed"
          ? [`${name} is ${String(message.status)}, and its number takes no texts`]
          : []),
        ...(message.status === "failed" && !message.error_code ? [`${name} failed, and nobody knows why`] : []),
        ...unfounded(books, message).map((what) => `${name} ${what}`),
      ];
    });
    return [...tooMany, ...faults];
  },
};

/** What a record's texts report to. */
const callbackOf = ({ merchant_id, order_id, kind, about, channel_id }: Item): string =>
  `https://shop.example/api/notifications/sms/${String(channel_id)}?message=${[merchant_id, order_id, kind, ...(about === undefined ? [] : [about])].join(".")}`;

/** Ends that are our own word and not the provider's: whether they are true is asked where the text is owed. */
const own = new Set<unknown>(["gave_up", "nothing_to_tell"]);

/** A text is given up only where its number refused it, or after two attempts that nobody heard of. Without faults somebody always hears. */
const unfounded = (books: Books, message: Item): readonly string[] => {
  const { status, error_code, attempt } = message;
  const callback = callbackOf(message);
  const isRefused = books.texts.refused.some(({ callback_url, forGood }) => forGood && callback_url === callback);
  const asks = Math.max(1, openAsks(books, callback));
  return [
    ...(status === "failed" && !own.has(error_code) && !isRefused ? [`failed as ${String(error_code)}, and its number did not refuse it`] : []),
    ...(books.profile.faultRate === 0 && Number(attempt) > asks ? [`counts ${String(attempt)} attempts, of which ${asks} may have sent it`] : []),
  ];
};

/** What the page shows is never older than the visit. */
const truePage: Invariant = {
  id: "I26",
  about: "the order's page shows the numbers that the buyer has, whatever became of the texts",
  quiet: (books) => {
    const units = unitsById(books);
    const serialOf = (id: string): string => String(units.get(id)?.serial_number);
    return books.history.pages.flatMap(({ order_id, serials, since, at }) => {
      const { ever, always } = ownedDuring(books, order_id, since - staleMs, at);
      const own = new Set([...ever].map(serialOf));
      return [
        ...serials
          .filter((serial) => !own.has(serial))
          .map((serial) => `the page of order ${order_id} showed ${serial}, which the buyer did not have`),
        ...[...always].filter((id) => !serials.includes(serialOf(id))).map((id) => `the page of order ${order_id} did not show unit ${id}`),
      ];
    });
  },
};
/** Pages read eventually: so old may they be, milliseconds. */
const staleMs = 5_000;

export const textInvariants: readonly Invariant[] = [oneText, toldInTruth, boundedAttempts, truePage];
