// Who is believed, and what is kept from whom.
import { textOf } from "../item-text.ts";
import { type Invariant, itemsOf } from "./books.ts";

const forgedChangesNothing: Invariant = {
  id: "I13",
  about: "nothing comes of a message that failed verification",
  always: (_books, commit, by) => (by?.tags.has("forged") ? [`a forged event wrote ${commit.changes.map(({ key }) => key.pk).join(", ")}`] : []),
  quiet: (books) => [
    ...books.starts.filter(({ tags }) => tags.has("forged")).map(({ ref }) => `a forged event started the workflow of order ${ref.order_id}`),
    ...books.history.forged.filter(({ status }) => status === 200).map(({ what }) => `an event with ${what} was taken`),
  ],
};

const tenantsApart: Invariant = {
  id: "I31",
  about: "a connection speaks for its owner alone",
  quiet: (books) => {
    const ownerOf = (tags: ReadonlySet<string>): string | undefined => {
      const tag = [...tags].find((one) => one.startsWith("connection "));
      return tag && books.owners.get(tag.slice("connection ".length));
    };
    const started = books.starts.flatMap(({ ref, tags }) => {
      const owner = ownerOf(tags);
      return owner === undefined || (owner === ref.merchant_id && owner === books.merchant)
        ? []
        : [`an event of ${owner} started order ${ref.order_id} of ${books.merchant}`];
    });
    const stored = itemsOf(books, "INBOX").flatMap((event) => {
      const owner = books.owners.get(String(event.connection_id));
      if (event.merchant_id !== owner) return [`event ${event.event_id} of ${owner} is stored under ${event.merchant_id}`];
      return owner !== books.merchant && event.order_id !== undefined ? [`event ${event.event_id} of ${owner} is stored with another's order`] : [];
    });
    return [...started, ...stored];
  },
};

/** Kinds of records that leave their place: journal, events, logs, what a page shows. Units keep their serial, people their sealed phone. */
const open = ["OP", "ORDER", "MESSAGE", "PAYMENT", "INBOX", "PERSON", "CONNECTION", "CHANNEL", "ROUTE"];

const nothingLeaks: Invariant = {
  id: "I33",
  about: "no phone, serial or secret in the clear in operations, orders, messages, payments, events, logs or at the provider",
  quiet: (books) => {
    const places: (readonly [string, string])[] = [
      ...open.flatMap((prefix) => [...books.snapshot.records(prefix)].map(({ key, item }) => [key.pk, textOf(item)] as const)),
      ...books.logLines.map((line) => ["a log line", line] as const),
      ...books.published.map((event) => ["an event", JSON.stringify(event)] as const),
      ["the payment provider", JSON.stringify(books.stripe.truth())],
    ];
    const units = itemsOf(books, "UNIT").map((unit) => [`unit ${unit.id}`, JSON.stringify({ ...unit, serial_number: "" })] as const);
    const all = [...places, ...units];
    const everything = all.map(([, text]) => text).join("\n");
    if (!books.canaries.some(({ text }) => everything.includes(text))) return [];
    return all.flatMap(([place, text]) =>
      books.canaries.filter((canary) => text.includes(canary.text)).map(({ what }) => `${what} stands in the clear in ${place}`),
    );
  },
};

export const trustInvariants: readonly Invariant[] = [forgedChangesNothing, tenantsApart, nothingLeaks];
