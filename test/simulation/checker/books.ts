// What the checker looks at: the table's raw items, the providers' own books, and what people were told. It knows no verb of the product.
import type { Stripe, Truth } from "../../../local/simulators/stripe/core.ts";
import type { Commit, Snapshot } from "../../../platform/table/memory.ts";
import type { History } from "../history.ts";
import type { Quarrels } from "../ports/quarrels.ts";
import type { TextBooks } from "../ports/twilio.ts";
import type { Start } from "../ports/workflow.ts";
import type { Profile } from "../profiles.ts";
import type { Execution } from "../scheduler.ts";

export type Item = Readonly<Record<string, unknown>>;

export interface Books {
  /** Milliseconds since the epoch, by the true clock. */
  readonly now: () => number;
  readonly snapshot: Snapshot;
  readonly stripe: Pick<Stripe, "truth">;
  readonly texts: TextBooks;
  readonly quarrels: Pick<Quarrels, "refundsBeside" | "newsDropped">;
  readonly starts: readonly Start[];
  /** Ids of events on the queue, and of those given up. */
  readonly published: readonly { readonly id: string; readonly subject: string }[];
  readonly deadLetters: readonly { readonly id: string; readonly subject: string }[];
  readonly history: History;
  readonly logLines: readonly string[];
  readonly profile: Profile;
  /** Units of each SKU that were stocked. */
  readonly imported: ReadonlyMap<string, number>;
  /** Merchant, its provider account and connection: who owns which connection. */
  readonly merchant: string;
  readonly account: string;
  readonly owners: ReadonlyMap<string, string>;
  /** Texts that may be nowhere in the clear, with what they are. */
  readonly canaries: readonly { readonly what: string; readonly text: string }[];
}

/** One rule. What it answers are breaches, in words. */
export interface Invariant {
  /** As in the list of invariants: `I4`. */
  readonly id: string;
  readonly about: string;
  /** After every commit. */
  readonly always?: (books: Books, commit: Commit, by: Execution | undefined) => readonly string[];
  /** When faults have stopped and nothing moves any more. */
  readonly quiet?: (books: Books) => readonly string[];
}

export const itemsOf = (books: Books, prefix: string): readonly Item[] => [...books.snapshot.records(prefix)].map(({ item }) => item);
export const prefixOf = (pk: string): string => pk.slice(0, pk.indexOf("#"));

export interface Line {
  readonly listing_item_id: string;
  readonly quantity: number;
  /** Minor units, without taxes that come on top. */
  readonly amount: number;
  readonly tax: readonly { readonly name: string; readonly amount: number }[];
  readonly units: readonly string[];
  readonly refunded_quantity?: number;
  readonly refunded_amount?: number;
}
export const linesOf = (order: Item): readonly Line[] => order.lines as readonly Line[];
export const unitsOf = (order: Item): readonly string[] => linesOf(order).flatMap((line) => line.units);

/** Units that a recall took out of a hold, each with the order that waited for it. */
export const calledBack = (books: Books): ReadonlySet<string> =>
  new Set(
    itemsOf(books, "OP").flatMap(({ kind, details }) =>
      kind === "batch_recalled"
        ? (details as { readonly reserved: readonly { readonly unit_id: string; readonly order_id: string }[] }).reserved.map(
            ({ unit_id, order_id }) => `${unit_id} ${order_id}`,
          )
        : [],
    ),
  );

/** Sessions to whose page a buyer of the order was sent. What nobody was sent to, nobody can pay. */
export const shownIn = (books: Books, order_id: unknown): ReadonlySet<string> =>
  new Set(books.history.shown.flatMap((page) => (page.order_id === order_id ? [page.url.split("/").at(-1) ?? ""] : [])));

/** Orders that have units: waiting for money, or paid. */
export const holding = new Set(["awaiting_payment", "paid"]);
/** Orders whose units are the buyer's for good. */
export const given = new Set(["paid"]);

/** Money the provider really took for an order. */
export interface Captured {
  readonly intent: string;
  readonly session: string;
  readonly order_id: string;
  readonly account: string;
  readonly amount: number;
  readonly currency: string;
  /** By refunds of ours, which name our records. */
  readonly refunded: number;
  /** By refunds that somebody made at the provider by hand. */
  readonly byHand: number;
}
/** Made at the provider by hand: it names none of our records. */
export const isByHand = ({ metadata }: Truth["refunds"][number]): boolean => metadata?.refund_id === undefined;
const captures = new WeakMap<Truth, readonly Captured[]>();
/** The provider's books are asked for after every commit, and change seldom. */
export const capturesOf = (books: Books): readonly Captured[] => {
  const truth = books.stripe.truth();
  const known = captures.get(truth) ?? capturesIn(truth);
  captures.set(truth, known);
  return known;
};
const capturesIn = ({ sessions, payment_intents, refunds }: Truth): readonly Captured[] =>
  payment_intents.flatMap((intent) => {
    if (intent.status !== "succeeded") return [];
    const session = sessions.find((one) => one.payment_intent === intent.id);
    const back = refunds.filter((refund) => refund.payment_intent === intent.id && refund.status !== "failed" && refund.status !== "canceled");
    const sumOf = (made: typeof back): number => made.reduce((sum, { amount }) => sum + amount, 0);
    return [
      {
        intent: intent.id,
        session: session?.id ?? "",
        order_id: intent.metadata.order_id ?? "",
        account: intent.account,
        amount: intent.amount_received,
        currency: intent.currency.toUpperCase(),
        refunded: sumOf(back.filter((refund) => !isByHand(refund))),
        byHand: sumOf(back.filter(isByHand)),
      },
    ];
  });
