// What an order's page shows: the truth of the table, whatever the browser believes. Coming back from the provider proves nothing.
import { money } from "../../kernel/money.ts";
import type { Clock } from "../../platform/clock/clock.ts";
import type { Language } from "../../platform/contract/problem.ts";
import type { Table } from "../../platform/table/model.ts";
import { type Listing, listings, standingAt } from "../catalogue/index.ts";
import { type Unit, units } from "../inventory/index.ts";
import { type Message, messages } from "../notifications/index.ts";
import { type Order, paymentIdOf, readOrder, totalOf, unitIdsOf } from "../orders/index.ts";
import { payments, refundsOf } from "../payments/index.ts";
import { type AfterSale, isLost, moneyView, numbersView, takenUnits } from "./money-view.ts";
import type { OrderPageView } from "./order-page.ts";
import { problemSentence } from "./problem-sentence.ts";
import { type TextState, type TextsView, textsView } from "./texts-view.ts";
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
  const [{ listing, first, mine }, later, afterSale] = await Promise.all([
    around(order, ports.table),
    laterTexts(order, ports.table),
    after(order, ports.table),
  ]);
  const texts = later ?? first;
  const language = visit.language ?? order.language;
  const now = ports.clock.now();
  const [line] = order.lines;
  const place = listing && placeOf(listing, order);
  const sms = textsView(order, texts, now);
  const taken = takenUnits(afterSale.refunds);
  const held = mine.filter(({ id }) => !taken.has(id));
  // Paid, and every number taken back or out of use: a person sees to it, or has.
  const stripped = order.status === "paid" && !isLost(order) && held.length === 0;
  const state = stripped ? (order.settled ? "closed" : "attention") : stateOf(order, sms.state, visit.back, now);
  return {
    language,
    token: visit.token,
    merchantName: listing?.seller.business_name ?? order.merchant_id,
    place: place?.name ?? "",
    address: listing?.fulfillment_config.pickup_address ?? place?.address ?? "",
    support: listing?.seller.support_phone,
    state,
    itemName: words[language].bought(order.snapshot.title, order.snapshot.item),
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
    sms: sms.state,
    smsWhy: sms.why,
    // What came in and is no money that counts is no payment.
    receipt: { orderId: order.id, paidAt: afterSale.payment?.captured === 0 ? undefined : order.paid_at },
    attention: order.reason === "refund_failed" ? undefined : order.reason,
    money: moneyView(order, afterSale),
    numbers: numbersView(order, held, { ...afterSale, replaced: texts.some(({ kind }) => kind === "unit_replaced") }),
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

/** Taxes are part of the price when the lines alone make the total. */
const inclusive = (order: Order): boolean => order.lines.reduce((total, line) => total + line.amount, 0) === order.total;

/** What every page needs beside its order, in one round trip. Units are read only once they are the buyer's. */
const around = async (order: Order, table: Table): Promise<{ listing: Listing | undefined; first: readonly Message[]; mine: readonly Unit[] }> => {
  const ids = order.status === "paid" && !isLost(order) ? unitIdsOf(order) : [];
  const [listing, message, ...found] = await table.getMany([
    [listings, { listing_id: order.listing_id }],
    [messages, firstText(order)],
    ...ids.map((unit_id) => [units, { merchant_id: order.merchant_id, unit_id }] as const),
  ] as const);
  const mine = (found as readonly (Unit | undefined)[]).flatMap((unit) => (unit && unit.status !== "archived" ? [unit] : []));
  return { listing, first: message ? [message] : [], mine };
};

const firstText = (order: Order) => ({ merchant_id: order.merchant_id, order_id: order.id, kind: "order_paid" }) as const;

/** Texts of one order that its page reads: the first, and one for each replacement. */
const textsMax = 25;

/** All of the order's texts, once something came after the sale; until then there is only the first. */
const laterTexts = async (order: Order, table: Table): Promise<readonly Message[] | undefined> =>
  order.after_sale === undefined ? undefined : (await table.query(messages, messages.key(firstText(order)).pk, { limit: textsMax })).items;

/** Money that moved after the sale, consistently; nothing is read of an order that has none. */
const after = async (order: Order, table: Table): Promise<AfterSale> => {
  const [refunds, payment] = await Promise.all([
    order.refund_count === undefined ? [] : refundsOf(table, { merchant_id: order.merchant_id, order_id: order.id }),
    order.reason === undefined ? undefined : table.get(payments, paymentIdOf(order), { consistent: true }),
  ]);
  return { refunds, payment };
};

const stateOf = (order: Order, sms: TextState, back: boolean, now: string): OrderPageView["state"] => {
  if (isLost(order)) return "closed";
  switch (order.status) {
    case "paid":
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
): Promise<{ state: "awaiting_payment" | "assigned" | "attention" | "closed"; sms: TextsView["state"] } | undefined> => {
  const order = await readOrder(token, ports);
  if (!order) return undefined;
  const now = ports.clock.now();
  const { state: sms } = textsView(order, order.status === "paid" ? await textsOf(order, ports.table) : [], now);
  const state = stateOf(order, sms, false, now);
  return { state: state === "sent" ? "assigned" : state === "confirming" ? "awaiting_payment" : state, sms };
};

const textsOf = async (order: Order, table: Table): Promise<readonly Message[]> =>
  (await laterTexts(order, table)) ?? [await table.get(messages, firstText(order))].filter((message) => message !== undefined);
