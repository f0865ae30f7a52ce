// A merchant's day on both sides: thousands of orders written straight into the table, the provider's books beside them, and differences
// planted one by one, each known by kind and object.

import type { Order } from "../../functions/orders/order.ts";
import { orders } from "../../functions/orders/order-table.ts";
import type { Payment } from "../../functions/payments/payment.ts";
import { payments } from "../../functions/payments/payment-table.ts";
import type { ListedDispute, ListedRefund, ListedSession } from "../../functions/payments/provider-books.ts";
import { type Refund, refunds } from "../../functions/payments/refund-table.ts";
import type { DifferenceKind } from "../../functions/reports/difference.ts";
import { enter } from "../../functions/reports/journal.ts";
import { type Instant, plusSeconds } from "../../platform/clock/clock.ts";
import { dayStart } from "../../platform/clock/day.ts";
import { commanded } from "../../platform/operation/command.ts";
import { operationId } from "../../platform/operation/operation.ts";
import { create } from "../../platform/table/model.ts";
import { TestBooks } from "../support/books.ts";
import { openShop } from "../support/shop.ts";

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
  const sale = async (id: string, at: Instant): Promise<void> => {
    await keep(orderOf(id, at), paymentOf(id, at));
    await captured(id, at);
    books.add(settled(id, at));
  };
  /** Late money that went back. */
  const returned = async (id: string, at: Instant, refund: Partial<Refund> = {}, listed?: Partial<ListedRefund>): Promise<void> => {
    await keep(orderOf(id, at, { status: "refunded", payment_status: "refunded" }), paymentOf(id, at), refundOf(id, at, refund));
    await tell("refund_requested", id, plusSeconds(at, 90), { captured: 6000, currency: "CAD", refund_id: `r${id}` });
    await tell("order_refunded", id, plusSeconds(at, 95), { refund_id: `r${id}`, amount: 6000, currency: "CAD" });
    books.add(settled(id, at));
    if (listed) books.addRefund(backThere(id, at, listed));
  };
  /** A sale whose payer disputes it: what our order says of that, and what the provider does. */
  const disputed = async (id: string, at: Instant, ours: Order["dispute"], listed?: Partial<ListedDispute>): Promise<void> => {
    const lost = ours?.status === "lost";
    await keep(
      orderOf(id, at, { ...(ours && { dispute: ours }), ...(lost && { payment_status: "lost" }) }),
      paymentOf(id, at, lost ? { status: "lost" } : {}),
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

  return {
    shop,
    books,
    connection_id,
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

export interface Planted {
  readonly kind: DifferenceKind;
  readonly object_id: string;
}

const words = ["open", "won", "lost"] as const;
const dispute = (id: string) => ({ id: `dp_${id}`, status: "open" as const, amount: 6000 });
/** Ended here, and otherwise over there: won or lost is never moved back. */
const contradictions = [
  ["won", "lost"],
  ["lost", "won"],
  ["won", "open"],
  ["lost", "open"],
] as const;

/** A dispute that both sides know, in one of its states, or that need not be known any more. */
export const soundDispute = async (world: World, id: string, at: Instant, variant: number): Promise<void> => {
  const status = words[variant % 3] ?? "open";
  await world.disputed(id, at, { ...dispute(id), status }, { status });
  // Another one of the same payment that was won moves nothing, and nothing moves what was lost.
  const another = status === "lost" ? "open" : "won";
  if (variant % 2 === 0) world.books.addDispute(world.quarrel(id, at, { dispute_id: `dp_more_${id}`, status: another }));
};

/** One difference of a kind. @param variant even and odd ones differ in how */
export const plant = async (world: World, kind: DifferenceKind, id: string, at: Instant, variant: number): Promise<Planted> => {
  const even = variant % 2 === 0;
  const { books } = world;
  switch (kind) {
    case "paid_not_delivered":
      await world.waiting(id, at, even ? "awaiting_payment" : "expired", world.settled(id, at));
      return { kind, object_id: `cs_${id}` };
    case "paid_unknown":
      if (even) books.add(world.settled(id, at));
      else {
        await world.lapsed(id, at);
        books.add(world.settled(id, at, { session_id: `cs_other_${id}` }));
      }
      return { kind, object_id: even ? `cs_${id}` : `cs_other_${id}` };
    case "capture_missing":
      await world.sale(id, at);
      if (even) books.sessions.delete(`cs_${id}`);
      else books.add(world.unpaid(id, at, "dead"));
      return { kind, object_id: `cs_${id}` };
    case "amount_differs":
      await world.sale(id, at);
      books.add(world.settled(id, at, even ? { amount: 6001 } : { currency: "USD" }));
      return { kind, object_id: `cs_${id}` };
    case "captured_twice":
      await world.sale(id, at);
      books.add(world.settled(id, at, { session_id: `cs_again_${id}`, intent_id: `pi_again_${id}` }));
      return { kind, object_id: `cs_again_${id}` };
    case "refund_unknown": {
      await world.sale(id, at);
      const { refund_id: _ours, ...byHand } = world.backThere(id, at);
      books.addRefund(even ? byHand : world.backThere(id, at));
      return { kind, object_id: `re_${id}` };
    }
    case "refund_missing":
      await world.returned(id, at, even ? {} : { status: "pending" });
      return { kind, object_id: `re_${id}` };
    case "refund_differs":
      await world.returned(id, at, even ? { status: "pending" } : {}, even ? {} : { amount: 5999 });
      return { kind, object_id: `re_${id}` };
    case "session_outlives_order": {
      // The order's own session, or one that it does not know.
      const session_id = even ? `cs_${id}` : `cs_other_${id}`;
      await world.lapsed(id, at);
      books.add({ ...world.unpaid(id, at, "open"), session_id });
      return { kind, object_id: session_id };
    }
    case "dispute_missing": {
      const word = words[Math.floor(variant / 2) % 3] ?? "open";
      const ended = word === "open" ? "won" : word;
      if (even) await world.disputed(id, at, undefined, { status: word });
      else await world.disputed(id, at, { ...dispute(id), status: "open" }, { status: ended });
      return { kind, object_id: `dp_${id}` };
    }
    case "dispute_differs": {
      const [ours, theirs] = contradictions[variant % contradictions.length] ?? ["won", "lost"];
      if (variant % 5 === 4) await world.disputed(id, at, dispute(id), { amount: 5999 });
      else await world.disputed(id, at, { ...dispute(id), status: ours }, { status: theirs });
      return { kind, object_id: `dp_${id}` };
    }
    case "dispute_absent":
      await world.disputed(id, at, { ...dispute(id), status: words[variant % 3] ?? "open" });
      return { kind, object_id: `dp_${id}` };
    case "session_dead":
      await world.waiting(id, at, "awaiting_payment", world.unpaid(id, at, "dead"));
      return { kind, object_id: `cs_${id}` };
  }
};
