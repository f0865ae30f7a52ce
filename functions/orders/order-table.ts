import { sourcesOf } from "../../kernel/lifecycle.ts";
import type { Instant } from "../../platform/clock/clock.ts";
import { change, create, entity, guarded, type Write, when } from "../../platform/table/model.ts";
import { withDesk } from "./desk.ts";
import { dueShardOf, Order, orderLife } from "./order.ts";

export const orders = entity({
  name: "order",
  prefix: "ORDER",
  about:
    "An agreement to buy: lines, tax, tender plan, snapshot, what became of it. On the sparse `due` index while something is owed, on `desk` while a person must look.",
  schema: Order,
  key: (id: { merchant_id: string; order_id: string }) => ({ pk: `ORDER#${id.merchant_id}#${id.order_id}`, sk: "ORDER" }),
});
const keyOf = (order: Pick<Order, "merchant_id" | "id">) => ({ merchant_id: order.merchant_id, order_id: order.id });

export const createOrder = (order: Order): Write<never> => create(orders, keyOf(order), order);

/** Paid means money settled and stock assigned: this write stands in one transaction with both. */
export const markPaid = (order: Order, intentId: string, at: Instant): Write<"not_awaiting_payment"> =>
  guarded(
    "not_awaiting_payment",
    change(
      orders,
      keyOf(order),
      { set: { status: "paid", payment_status: "paid", paid_at: at, payment_intent_id: intentId }, remove: ["due_shard", "due_at"] },
      // Not from any other status that may become paid: a hold that has ended has other units to give, or none.
      when.all(when.equals("status", "awaiting_payment"), when.equals("total", order.total)),
    ),
  );

/** The hold is over and nothing was paid. Only this very hold: one that was renewed since has another end. */
export const markExpired = (order: Order): Write<"not_awaiting_payment"> =>
  guarded(
    "not_awaiting_payment",
    change(
      orders,
      keyOf(order),
      { set: { status: "expired", payment_status: "unpaid" }, remove: ["due_shard", "due_at"] },
      when.all(when.oneOf("status", sourcesOf(orderLife, "expired")), when.equals("hold_until", order.hold_until)),
    ),
  );

/** Money came after the hold, and other units are there: the order lives again with them. */
export const markPaidLate = (order: Order, lines: Order["lines"], intentId: string, at: Instant): Write<"not_expired"> =>
  guarded(
    "not_expired",
    change(
      orders,
      keyOf(order),
      { set: { status: "paid", payment_status: "paid", paid_at: at, payment_intent_id: intentId, lines } },
      when.all(when.equals("status", "expired"), when.equals("total", order.total)),
    ),
  );

/** Money came after the hold, and nothing is left to give: it goes back. On the `due` index until it has. @param owed minor units */
export const markRefundPending = (order: Order, intentId: string, owed: number, at: Instant): Write<"not_expired"> =>
  guarded(
    "not_expired",
    change(
      orders,
      keyOf(order),
      {
        set: {
          status: "refund_pending",
          payment_status: "refund_pending",
          paid_at: at,
          payment_intent_id: intentId,
          refunded: owed,
          refund_count: 1,
          refunds_open: 1,
          refund_at: at,
          due_shard: dueShardOf(order.id),
          due_at: at,
        },
      },
      when.equals("status", "expired"),
    ),
  );

const attentionStatus = { payment_mismatch: "mismatch", stock_lost: "paid" } as const;

/** A person must look: money came that does not fit, or the stock is gone. Nothing is delivered. Only from the status that was looked at. */
export const markAttention = (order: Order, reason: keyof typeof attentionStatus, at: Instant): Write<"not_awaiting_payment"> =>
  guarded(
    "not_awaiting_payment",
    change(
      orders,
      keyOf(order),
      withDesk(
        order,
        {
          set: { status: "attention", reason, payment_status: attentionStatus[reason], paid_at: at },
          remove: ["due_shard", "due_at"],
        },
        at,
      ),
      when.all(when.oneOf("status", ["awaiting_payment", "expired"]), when.equals("status", order.status)),
    ),
  );

/** Looked at; again later. Two sweeps at once move it once, and an order that nothing is owed on any more stays off the index. */
export const lookAgain = (order: Pick<Order, "merchant_id" | "id">, due: { readonly was: string; readonly next: Instant }): Write<"moved"> =>
  guarded("moved", change(orders, keyOf(order), { set: { due_at: due.next } }, when.equals("due_at", due.was)));

/** A paid order has other units than before. Only on the lines as they were read: whatever changes them after the sale counts itself. */
export const replaceUnits = (order: Order, lines: Order["lines"]): Write<"order_changed"> =>
  guarded(
    "order_changed",
    change(
      orders,
      keyOf(order),
      { set: { lines, after_sale: (order.after_sale ?? 0) + 1 } },
      when.all(
        when.equals("status", "paid"),
        order.after_sale === undefined ? when.missing("after_sale") : when.equals("after_sale", order.after_sale),
      ),
    ),
  );
