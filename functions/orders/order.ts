// The noun: an agreement to buy, with its lines from the first write. Type, life, and the pure decision what an order is worth.
import * as z from "zod";
import { lifecycle } from "../../kernel/lifecycle.ts";
import { Currency, money } from "../../kernel/money.ts";
import { taxNames } from "../../kernel/tax.ts";
import { type Instant, plusMinutes } from "../../platform/clock/clock.ts";
import { type Language, languages } from "../../platform/contract/problem.ts";
import { itemOf, type Listing, priceAt, standingAt } from "../catalogue/index.ts";
import { phoneEnding } from "../people/index.ts";
import type { PlaceOrder } from "./contract.ts";

export const orderLife = lifecycle("order", "awaiting_payment", {
  // Straight to the refund: what was held for it was called back, and nothing else was left when the money came.
  awaiting_payment: ["paid", "expired", "refund_pending", "attention"],
  // Money after the hold is a normal path: other units, else a refund, else a person.
  expired: ["paid", "refund_pending", "attention"],
  // All of the money goes back. A refund that fails, at once or days after it had succeeded, leaves the order where it was.
  refund_pending: ["refunded", "paid", "attention"],
  paid: ["refund_pending"],
  refunded: ["paid", "attention"],
  attention: ["refund_pending", "paid"],
});
export type OrderStatus = keyof typeof orderLife.next;

export const OrderLine = z.object({
  listing_item_id: z.string(),
  quantity: z.int(),
  /** Minor units of the order's currency. */
  unit_price: z.int(),
  amount: z.int(),
  tax: z.array(z.object({ name: z.enum(taxNames), amount: z.int() })),
  /** Units held for this line, the buyer's once the order is paid. */
  units: z.array(z.string()),
  /** Pieces that refunds have claimed, and minor units of the line's price with taxes. */
  refunded_quantity: z.int().optional(),
  refunded_amount: z.int().optional(),
});

export const AttentionNote = z.object({
  reason: z.enum(["inquiry", "disputed", "dispute_lost", "lost_in_part", "dispute_moved"]),
  /** The dispute that it is about. */
  subject: z.string(),
  at: z.string(),
});
export type AttentionNote = z.infer<typeof AttentionNote>;

export const Order = z.object({
  id: z.string(),
  merchant_id: z.string(),
  order_type: z.enum(["SERIALIZED"]),
  status: z.enum(Object.keys(orderLife.next) as [OrderStatus, ...OrderStatus[]]),
  listing_id: z.string(),
  location_id: z.string(),
  node: z.string().optional(),
  buyer_id: z.string(),
  /** Last two digits of the buyer's phone, for the buyer's own page. */
  phone_ending: z.string(),
  language: z.enum(languages),
  currency: Currency,
  lines: z.array(OrderLine),
  total: z.int(),
  /** How it is to be paid: planned amounts, each by one payment. */
  tender: z.array(z.object({ kind: z.enum(["card"]), payment_id: z.string(), amount: z.int() })),
  /** What was shown when it was bought, in the language it was shown in. */
  snapshot: z.object({ title: z.string(), item: z.string(), guidance: z.string() }),
  placed_at: z.string(),
  hold_until: z.string(),
  paid_at: z.string().optional(),
  payment_status: z.enum(["pending", "unpaid", "paid", "mismatch", "refund_pending", "refunded", "lost"]),
  payment_intent_id: z.string().optional(),
  /** Why a person must look, when the status is `attention`. */
  reason: z.enum(["payment_mismatch", "stock_lost", "refund_failed"]).optional(),
  /** Minor units that refunds have claimed, how many refunds there were, and how many of them have not ended. */
  refunded: z.int().optional(),
  refund_count: z.int().optional(),
  refunds_open: z.int().optional(),
  /** When the last of them was claimed. */
  refund_at: z.string().optional(),
  /** The payer's quarrel at their bank: the last one that moved something. */
  dispute: z
    .object({
      id: z.string(),
      status: z.enum(["open", "won", "lost"]),
      inquiry: z.boolean().optional(),
      amount: z.int(),
      /** What the provider says of it since it had ended here otherwise: told to a person, and nothing is moved back. */
      since: z.enum(["open", "won", "lost"]).optional(),
    })
    .optional(),
  /** Grows with each change by a refund, a dispute or a replacement, so that none is built on what another has changed. */
  after_sale: z.int().optional(),
  /** A dispute that a person must see to, while the order itself is in order. */
  attention_note: AttentionNote.optional(),
  /** Refunds that came to nothing, oldest first, with the minor units that nothing has made good since. As many as there were refunds at most. */
  failed_refunds: z.array(z.object({ id: z.string(), amount: z.int() })).optional(),
  /** The provider has refused a refund because money of the payment went back over there without us: how much is not known here. */
  refunded_at_provider: z.boolean().optional(),
  /** A person's recorded decision that nothing is left to do; the operation of that time has their words. */
  settled: z
    .object({ reason: z.enum(["refunded_elsewhere", "given_elsewhere", "dispute_answered", "no_money", "written_off"]), at: z.string() })
    .optional(),
  /** Money that was not the price and that a person took for it. Minor units of the order's currency. */
  accepted: z.object({ amount: z.int(), difference: z.int(), by: z.string(), at: z.string() }).optional(),
  /** Whose desk it is on, and its place there: since when, and its id. Only `desk.ts` sets them. */
  desk_of: z.string().optional(),
  desk_place: z.string().optional(),
  /** When the sweep looks at it next; gone once nothing is owed. */
  due_shard: z.string().optional(),
  due_at: z.string().optional(),
});
export type Order = z.infer<typeof Order>;

/** How long units are held for a buyer who pays by card. We end the session ourselves when the hold ends. */
export const holdMinutes = 33;
/** When the session would die by itself. The provider wants 30 minutes at least from its own clock, so a first call that got lost can be
 *  repeated with the same parameters during the whole hold. */
export const sessionMinutes = 65;
/** When the sweep first looks whether a payment came that nobody told us of. */
export const firstLookMinutes = 2;
/** Partitions of the `due` index. */
export const dueShards = ["0", "1", "2", "3"] as const;

export const dueShardOf = (orderId: string): (typeof dueShards)[number] => dueShards[orderId.charCodeAt(0) % dueShards.length] ?? "0";

export type Decision =
  | { readonly kind: "order"; readonly order: Order; readonly quantity: number }
  | { readonly kind: "refused"; readonly refusal: "listing_closed" | "item_unknown" | "node_unknown" };

export interface Facts {
  readonly orderId: string;
  readonly buyerId: string;
  readonly language: Language;
  readonly now: Instant;
}

/** What this request buys, at which price and tax, for how long held. No unit is chosen yet. */
export const decideOrder = (input: PlaceOrder, listing: Listing, facts: Facts): Decision => {
  if (listing.status !== "open") return { kind: "refused", refusal: "listing_closed" };
  const standing = standingAt(listing, input.node);
  if (standing.kind === "unknown_node") return { kind: "refused", refusal: "node_unknown" };
  const wanted = input.lines[0];
  const item = wanted && itemOf(listing, wanted.item);
  if (!item) return { kind: "refused", refusal: "item_unknown" };

  const { now, language } = facts;
  const { currency } = listing.seller;
  const { gross, lines: taxes } = priceAt(listing, item, wanted.quantity, standing.place, now);
  const line = {
    listing_item_id: item.id,
    quantity: wanted.quantity,
    unit_price: item.price,
    amount: item.price * wanted.quantity,
    tax: [...taxes],
    units: [],
  };
  const order: Order = {
    id: facts.orderId,
    merchant_id: listing.merchant_id,
    order_type: "SERIALIZED",
    status: orderLife.initial,
    listing_id: listing.id,
    location_id: standing.place.location_id,
    ...(input.node !== undefined && { node: input.node }),
    buyer_id: facts.buyerId,
    phone_ending: phoneEnding(input.phone),
    language,
    currency,
    lines: [line],
    total: gross.amount,
    tender: [{ kind: "card", payment_id: facts.orderId, amount: gross.amount }],
    snapshot: { title: listing.title[language], item: item.name[language], guidance: listing.fulfillment_config.guidance[language] },
    placed_at: now,
    hold_until: plusMinutes(now, holdMinutes),
    payment_status: "pending",
    due_shard: dueShardOf(facts.orderId),
    due_at: plusMinutes(now, firstLookMinutes),
  };
  return { kind: "order", order, quantity: wanted.quantity };
};

/** The payer's bank holds the money back or has taken it: no refund beside that. A mere inquiry leaves it here. */
export const isDisputed = ({ dispute }: Pick<Order, "dispute">): boolean =>
  dispute?.status === "lost" || (dispute?.status === "open" && !dispute.inquiry);

export const totalOf = (order: Order) => money(order.total, order.currency);
export const unitIdsOf = (order: Order): readonly string[] => order.lines.flatMap((line) => line.units);

/** Minor units that each line cost with its taxes; together the total. */
export const grossOf = (order: Order): readonly number[] => {
  const inclusive = order.lines.reduce((total, line) => total + line.amount, 0) === order.total;
  return order.lines.map((line) => line.amount + (inclusive ? 0 : line.tax.reduce((total, { amount }) => total + amount, 0)));
};
