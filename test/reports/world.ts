// A merchant's day on both sides: thousands of orders written straight into the table, the provider's books beside them.

import type { Order } from "../../functions/orders/order.ts";
import { orders } from "../../functions/orders/order-table.ts";
import { connectProvider } from "../../functions/payments/connect-provider.ts";
import type { Payment } from "../../functions/payments/payment.ts";
import { payments } from "../../functions/payments/payment-table.ts";
import type { ListedDispute, ListedRefund, ListedSession } from "../../functions/payments/provider-books.ts";
import { type Refund, refunds } from "../../functions/payments/refund-table.ts";
import { enter } from "../../functions/reports/journal.ts";
import { type Instant, plusSeconds } from "../../platform/clock/clock.ts";
import { dayStart } from "../../platform/clock/day.ts";
import { commanded } from "../../platform/operation/command.ts";
import { operationId } from "../../platform/operation/operation.ts";
import { create } from "../../platform/table/model.ts";
import { TestBooks } from "../support/books.ts";
import { openShop, operator } from "../support/shop.ts";

export const zone = "America/Vancouver";
export const day = "2026-11-20";
/** That day as the clock on the merchant's wall shows it. */
export const window = { from: dayStart("2026-11-20", zone), to: dayStart("2026-11-21", zone) };

export type World = Awaited<ReturnType<typeof openWorld>>;

/** @param at when the order was placed */
export const openWorld = async (seed: string) => {
  const shop = await openShop(seed, 3);
  const books = new TestBooks();
  shop.provider.books = books;
  const { table } = shop;
  const { connection_id } = shop;
  const engine = { type: "system", id: "fulfilment" } as const;

  const orderOf = (id: string, at: Instant, over: Partial<Order> = {}): Order => ({
    id,
    merchant_id: "lees",
    order_type: "SERIALIZED",
    status: "paid",
    listing_id: "lees-car-wash",
    location_id: "lees-main",
    buyer_id: "b",
    phone_ending: "00",
    language: "en",
    currency: "CAD",
    lines: [],
    total: 6000,
    tender: [{ kind: "card", payment_id: id, amount: 6000 }],
    snapshot: { title: "t", item: "i", guidance: "g" },
    placed_at: at,
    hold_until: plusSeconds(at, 33 * 60),
    payment_status: "paid",
    ...over,
  });
  const paymentOf = (id: string, at: Instant, over: Partial<Payment> = {}): Payment => ({
    id,
    merchant_id: "lees",
    order_id: id,
    connection_id,
    flow: "redirect",
    status: "captured",
    amount: 6000,
    currency: "CAD",
    provider_key: `checkout-lees-${id}`,
    session_expires_at: plusSeconds(at, 31 * 60),
    session_id: `cs_${id}`,
    captured: 6000,
    captured_currency: "CAD",
    intent_id: `pi_${id}`,
    created_at: at,
    updated_at: plusSeconds(at, 61),
    ...over,
  });
  const claim = (id: string) => ({ merchant_id: "lees", order_id: id, payment_id: id });
  const settled = (id: string, at: Instant, over: Partial<Extract<ListedSession, { state: "settled" }>> = {}): ListedSession => ({
    session_id: `cs_${id}`,
    created_at: plusSeconds(at, 1),
    ...claim(id),
    state: "settled",
    amount: 6000,
    currency: "CAD",
    intent_id: `pi_${id}`,
    mode: "test",
    paid_at: plusSeconds(at, 60),
    ...over,
  });
  const unpaid = (id: string, at: Instant, state: "open" | "dead"): ListedSession => ({
    session_id: `cs_${id}`,
    created_at: plusSeconds(at, 1),
    ...claim(id),
    state,
  });
  const refundOf = (id: string, at: Instant, over: Partial<Refund> = {}): Refund => ({
    id: `r${id}`,
    merchant_id: "lees",
    order_id: id,
    payment_id: id,
    connection_id,
    amount: 6000,
    currency: "CAD",
    intent_id: `pi_${id}`,
    reason: "late_money",
    lines: [],
    status: "succeeded",
    provider_key: `refund-lees-r${id}`,
    provider_refund_id: `re_${id}`,
    requested_at: plusSeconds(at, 90),
    updated_at: plusSeconds(at, 95),
    ...over,
  });
  const backThere = (id: string, at: Instant, over: Partial<ListedRefund> = {}): ListedRefund => ({
    provider_refund_id: `re_${id}`,
    created_at: plusSeconds(at, 92),
    amount: 6000,
    currency: "CAD",
    status: "succeeded",
    intent_id: `pi_${id}`,
    refund_id: `r${id}`,
    ...claim(id),
    ...over,
  });

  const quarrel = (id: string, at: Instant, over: Partial<ListedDispute> = {}): ListedDispute => ({
    dispute_id: `dp_${id}`,
    created_at: plusSeconds(at, 600),
    ...claim(id),
    status: "open",
    amount: 6000,
    currency: "CAD",
    intent_id: `pi_${id}`,
    ...over,
  });

  const keep = async (order: Order, payment?: Payment, refund?: Refund): Promise<void> => {
    await table.write(create(orders, { merchant_id: "lees", order_id: order.id }, order));
    if (payment) await table.write(create(payments, { merchant_id: "lees", payment_id: payment.id }, payment));
    if (refund) await table.write(create(refunds, { merchant_id: "lees", order_id: order.id, refund_id: refund.id }, refund));
  };
  /** The operation, and the journal's line behind it. */
  const tell = async (kind: string, id: string, at: Instant, details: Record<string, unknown>): Promise<void> => {
    await table.write(
      commanded(
        { kind, principal: engine, key: `lees.${id}`, body: {}, merchant_id: "lees", subject: id, details: { order_id: id, ...details } },
        at,
      ),
    );
    await enter(operationId(engine, kind, `lees.${id}`), { table });
  };
  const captured = (id: string, at: Instant) =>
    tell("order_paid", id, plusSeconds(at, 61), { captured: 6000, currency: "CAD", intent_id: `pi_${id}`, connection_id });

  /** A sale as it should be: the same on both sides. */
  const sale = async (id: string, at: Instant, payment: Partial<Payment> = {}): Promise<void> => {
    await keep(orderOf(id, at), paymentOf(id, at, payment));
    await captured(id, at);
    books.add(settled(id, at));
  };
  /** Late money that went back. */
  const returned = async (
    id: string,
    at: Instant,
    refund: Partial<Refund> = {},
    listed?: Partial<ListedRefund>,
    payment: Partial<Payment> = {},
  ): Promise<void> => {
    await keep(orderOf(id, at, { status: "refunded", payment_status: "refunded" }), paymentOf(id, at, payment), refundOf(id, at, refund));
    await tell("refund_requested", id, plusSeconds(at, 90), { captured: 6000, currency: "CAD", refund_id: `r${id}` });
    await tell("order_refunded", id, plusSeconds(at, 95), { refund_id: `r${id}`, amount: 6000, currency: "CAD" });
    books.add(settled(id, at));
    if (listed) books.addRefund(backThere(id, at, listed));
  };
  /** A sale whose payer disputes it: what our order says of that, and what the provider does. */
  const disputed = async (
    id: string,
    at: Instant,
    ours: Order["dispute"],
    listed?: Partial<ListedDispute>,
    payment: Partial<Payment> = {},
  ): Promise<void> => {
    const lost = ours?.status === "lost";
    await keep(
      orderOf(id, at, { ...(ours && { dispute: ours }), ...(lost && { payment_status: "lost" }) }),
      paymentOf(id, at, { ...payment, ...(lost && { status: "lost" }) }),
    );
    await captured(id, at);
    if (ours) {
      const told = { dispute_id: ours.id, captured: 6000, amount: 6000, currency: "CAD" };
      await tell("dispute_opened", id, plusSeconds(at, 610), told);
      if (ours.status !== "open") await tell(`dispute_${ours.status}`, id, plusSeconds(at, 620), told);
    }
    books.add(settled(id, at));
    if (listed) books.addDispute(quarrel(id, at, listed));
  };
  const lapsed = async (id: string, at: Instant): Promise<void> => {
    const { captured: _c, captured_currency: _cc, intent_id: _i, ...open } = paymentOf(id, at, { status: "cancelled" });
    await keep(orderOf(id, at, { status: "expired", payment_status: "unpaid" }), open);
    books.add(unpaid(id, at, "dead"));
  };
  const waiting = async (id: string, at: Instant, status: Order["status"], session: ListedSession): Promise<void> => {
    const { captured: _c, captured_currency: _cc, intent_id: _i, ...open } = paymentOf(id, at, { status: "pending" });
    await keep(orderOf(id, at, { status, payment_status: "pending" }), open);
    books.add(session);
  };

  /** The merchant connects the same account once more. */
  const connectAgain = async (): Promise<string> => {
    const body = { merchant_id: "lees", provider: "stripe", api_key: "rk_test_87654321", endpoint: "official" } as const;
    const connected = await connectProvider({ body, key: "connect-again-key", principal: operator }, shop.ports);
    if (connected.kind !== "ok") throw new Error("not connected");
    return connected.result.connection_id;
  };

  return {
    shop,
    books,
    connection_id,
    connectAgain,
    sale,
    returned,
    disputed,
    lapsed,
    waiting,
    keep,
    captured,
    orderOf,
    paymentOf,
    settled,
    unpaid,
    backThere,
    quarrel,
  };
};
