// What an order's page shows: the truth of the table, whatever the browser believes. Coming back from the provider proves nothing.
import { money } from "../../kernel/money.ts";
import type { Clock } from "../../platform/clock/clock.ts";
import type { Language } from "../../platform/contract/problem.ts";
import type { Table } from "../../platform/table/model.ts";
import { type Listing, listings, standingAt } from "../catalogue/index.ts";
import { type Unit, units } from "../inventory/index.ts";
import { type Message, messages } from "../notifications/index.ts";
import { type Order, readOrder, totalOf, unitIdsOf } from "../orders/index.ts";
import type { OrderPageView } from "./order-page.ts";
import { problemSentence } from "./problem-sentence.ts";
import { words } from "./words.ts";

export interface OrderViewPorts {
  readonly table: Table;
  readonly clock: Clock;
  readonly linkSecret: () => Promise<string>;
  readonly checkoutOrigin: string;
}
export interface OrderVisit {
  readonly token: string;
  readonly language: Language | undefined;
  /** Came back from the provider's page. */
  readonly back: boolean;
  readonly problem?: string | undefined;
}

/** Undefined for a token that is not ours. The language is the visitor's choice, else the one the order was made in. */
export const orderView = async (visit: OrderVisit, ports: OrderViewPorts): Promise<OrderPageView | undefined> => {
  const order = await readOrder(visit.token, ports);
  if (!order) return undefined;
  const { listing, message, held } = await around(order, ports.table);
  const language = visit.language ?? order.language;
  const now = ports.clock.now();
  const [line] = order.lines;
  const place = listing && placeOf(listing, order);
  const sms = smsOf(order, message);
  // Paid, and every number taken back by a refund that then failed: a person sees to it.
  const stripped = order.status === "paid" && !lost(order) && held.length === 0;
  const state = stripped ? (order.settled ? "closed" : "attention") : stateOf(order, sms, visit.back, now);
  return {
    language,
    token: visit.token,
    merchantName: listing?.seller.business_name ?? order.merchant_id,
    place: place?.name ?? "",
    address: listing?.fulfillment_config.pickup_address ?? place?.address ?? "",
    support: listing?.seller.support_phone,
    state,
    itemName: `${order.snapshot.title}: ${order.snapshot.item}`,
    quantity: line?.quantity ?? 1,
    total: totalOf(order),
    tax: order.lines.flatMap((each) =>
      each.tax.map(({ name, amount }) => ({ label: words[language].tax[name], amount: money(amount, order.currency), included: inclusive(order) })),
    ),
    heldUntil: order.hold_until,
    now,
    zone: place?.zone ?? "UTC",
    units: held.map((unit) => ({
      serial: unit.serial_number,
      ...(typeof unit.metadata.locker_pos === "string" && { locker: unit.metadata.locker_pos }),
    })),
    guidance: order.snapshot.guidance,
    phoneEnding: order.phone_ending,
    sms,
    receipt: { orderId: order.id, paidAt: order.paid_at },
    refund: refundOf(order),
    // What was said of a payment page holds only while there is still something to pay.
    problem: state === "awaiting_payment" ? problemSentence(visit.problem, language) : undefined,
    checkoutOrigin: ports.checkoutOrigin,
  };
};

/** Where the order was placed, as the listing knows it now. */
const placeOf = (listing: Listing, order: Order) => {
  const standing = standingAt(listing, order.node);
  return standing.kind === "here" ? standing.place : listing.place;
};

/** All of the money, on its way back or back. */
const refundOf = (order: Order): OrderPageView["refund"] =>
  order.status === "refund_pending" || order.status === "refunded"
    ? { amount: money(order.refunded ?? order.total, order.currency), done: order.status === "refunded" }
    : undefined;

/** The buyer's bank took the money back, and the numbers are worth nothing any more. */
const lost = (order: Order): boolean => order.dispute?.status === "lost";

/** Taxes are part of the price when the lines alone make the total. */
const inclusive = (order: Order): boolean => order.lines.reduce((total, line) => total + line.amount, 0) === order.total;

/** What else the page needs, in one round trip. Units are read only once they are the buyer's. */
const around = async (order: Order, table: Table): Promise<{ listing: Listing | undefined; message: Message | undefined; held: readonly Unit[] }> => {
  const mine = order.status === "paid" && !lost(order) ? unitIdsOf(order) : [];
  const [listing, message, ...held] = await table.getMany([
    [listings, { listing_id: order.listing_id }],
    [messages, { merchant_id: order.merchant_id, order_id: order.id, kind: "order_paid" }],
    ...mine.map((unit_id) => [units, { merchant_id: order.merchant_id, unit_id }] as const),
  ] as const);
  return { listing, message, held: (held as readonly (Unit | undefined)[]).flatMap((unit) => (unit && unit.status !== "archived" ? [unit] : [])) };
};

const smsWords = { sending: "pending", sent: "sent", delivered: "delivered", undelivered: "failed", failed: "failed" } as const;

export const smsOf = (order: Order, message: Message | undefined): OrderPageView["sms"] => {
  if (message) return smsWords[message.status];
  return order.status === "paid" ? "pending" : "none";
};

const stateOf = (order: Order, sms: OrderPageView["sms"], back: boolean, now: string): OrderPageView["state"] => {
  switch (order.status) {
    case "paid":
      if (lost(order)) return "closed";
      return sms === "sent" || sms === "delivered" ? "sent" : "assigned";
    case "attention":
      return order.settled ? "closed" : "attention";
    case "expired":
    case "refund_pending":
    case "refunded":
      return "closed";
    case "awaiting_payment":
      // After the hold nobody can pay any more, but money may have come: until the provider has said no, nothing is called uncharged.
      return back || order.hold_until <= now ? "confirming" : "awaiting_payment";
  }
};

/** What the waiting page polls: cheap, and enough to know when to reload. */
export const orderStatus = async (
  token: string,
  ports: OrderViewPorts,
): Promise<{ state: "awaiting_payment" | "assigned" | "attention" | "closed"; sms: OrderPageView["sms"] } | undefined> => {
  const order = await readOrder(token, ports);
  if (!order) return undefined;
  const message =
    order.status === "paid" ? await ports.table.get(messages, { merchant_id: order.merchant_id, order_id: order.id, kind: "order_paid" }) : undefined;
  const sms = smsOf(order, message);
  const state = stateOf(order, sms, false, ports.clock.now());
  return { state: state === "sent" ? "assigned" : state === "confirming" ? "awaiting_payment" : state, sms };
};
