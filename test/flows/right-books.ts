// Books that are right, to plant mistakes in: three units, one free, one held, one sold, and what the provider holds of them.
import type { StripeDispute, StripeRefund, StripeTruth } from "./outside-world.ts";
import type { Item } from "./raw-table.ts";
import { recount } from "./recount.ts";

export type Stored = Record<string, unknown> & { pk: string; sk: string };
export type ProvidersRefund = Pick<StripeRefund, "id" | "status" | "amount" | "payment_intent"> & {
  readonly metadata: { readonly refund_id: string };
};
export type ProvidersDispute = Pick<StripeDispute, "id" | "status" | "payment_intent">;
export interface Books {
  items: Stored[];
  /** The provider's own; absent: it says what our books say. */
  refunds?: ProvidersRefund[];
  disputes?: ProvidersDispute[];
  /** Checkouts that the provider knows of; absent: none that anything follows from. */
  sessions?: { status: string; metadata: Record<string, string> }[];
  intents: { id: string; status: string; amount: number; amount_received: number; currency: string; metadata: Record<string, string> }[];
}

export const unit = (id: string, status: string, order_id?: string): Stored => ({
  pk: `UNIT#m#${id}`,
  sk: "UNIT",
  id,
  merchant_id: "m",
  listing_item_id: "card",
  provider_id: "here",
  serial_number: `S-${id}`,
  status,
  ...(order_id !== undefined && { order_id }),
});
export const order = (id: string, status: string, units: string[]): Stored => ({
  pk: `ORDER#m#${id}`,
  sk: "ORDER",
  id,
  status,
  total: 6000,
  currency: "CAD",
  lines: [{ listing_item_id: "card", quantity: units.length, units }],
  ...(status === "paid" ? { payment_intent_id: `pi_${id}` } : { due_at: "2026-11-21T00:00:00.000000Z" }),
});
export const payment = (id: string, status: string): Stored => ({
  pk: `PAYMENT#m#${id}`,
  sk: "PAYMENT",
  order_id: id,
  status,
  amount: 6000,
  ...(status === "captured" && { captured: 6000, captured_currency: "CAD", intent_id: `pi_${id}` }),
});
export const operation = (kind: string, subject: string): Stored => ({ pk: `OP#${kind}-${subject}`, sk: "OP", kind, subject });

/** One unit free, one held, one sold. */
export const right = (): Books => ({
  items: [
    unit("free", "available"),
    { pk: "POOL#m#card#here", sk: "free", unit_id: "free" },
    unit("held", "reserved", "open"),
    order("open", "awaiting_payment", ["held"]),
    payment("open", "pending"),
    operation("order_placed", "open"),
    unit("gone", "sold", "done"),
    order("done", "paid", ["gone"]),
    payment("done", "captured"),
    operation("order_placed", "done"),
    operation("order_paid", "done"),
  ],
  intents: [{ id: "pi_done", status: "succeeded", amount: 6000, amount_received: 6000, currency: "cad", metadata: { order_id: "done" } }],
});
/** The provider's side of these books. */
export function truthOf({ items, intents, sessions = [], refunds, disputes }: Books): StripeTruth {
  const of = (prefix: string) => items.filter(({ pk }) => pk.startsWith(prefix));
  const saidBack = of("REFUND#").map(({ sk, order_id, status, amount }) => ({
    id: `re_${sk}`,
    status,
    amount,
    payment_intent: `pi_${order_id}`,
    metadata: { refund_id: sk },
  }));
  const quarrels = of("ORDER#").flatMap(({ id, dispute }) =>
    dispute === undefined ? [] : [{ ...(dispute as { id: string; status: string }), payment_intent: `pi_${id}` }],
  );
  return {
    sessions,
    events: [],
    payment_intents: intents,
    refunds: refunds ?? saidBack,
    disputes: disputes ?? quarrels,
  } as unknown as StripeTruth;
}
export const violations = (books: Books, settled = true): readonly string[] =>
  recount(books.items as Item[], truthOf(books), { imported: 3, settled }).violations;
export const at = ({ items }: Books, pk: string): Stored => {
  const found = items.find((item) => item.pk === pk);
  if (found === undefined) throw new Error(`no ${pk}`);
  return found;
};

/** Plants other values in one record. */
export const set =
  (pk: string, values: object) =>
  (books: Books): void =>
    void Object.assign(at(books, pk), values);

export const refund = (id: string, order_id: string, status: string, amount: number): Stored => ({
  pk: `REFUND#m#${order_id}`,
  sk: id,
  id,
  order_id,
  status,
  amount,
});
