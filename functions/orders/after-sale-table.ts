// Guarded writes of what comes after the sale: refunds, disputes, the ends of the exceptions desk. Each asks that nothing has changed since the
// order was read, and each leaves the order on the desk exactly where a person must look.
import type { Instant } from "../../platform/clock/clock.ts";
import { type Change, change, type Guard, guarded, type Write, when } from "../../platform/table/model.ts";
import { withDesk } from "./desk.ts";
import { type AttentionNote, dueShardOf, type Order, type OrderStatus, orderLife } from "./order.ts";
import { orders } from "./order-table.ts";

type Lines = Order["lines"];

/** Unchanged since it was read: its status, and the count of what came after the sale. */
const asRead = (order: Order): Guard =>
  when.all(
    when.equals("status", order.status),
    order.after_sale === undefined ? when.missing("after_sale") : when.equals("after_sale", order.after_sale),
  );

const moved = (order: Order, { set, remove }: Change<Order>, at: Instant): Write<"order_moved"> =>
  guarded(
    "order_moved",
    change(
      orders,
      { merchant_id: order.merchant_id, order_id: order.id },
      withDesk(order, { set: { ...set, after_sale: (order.after_sale ?? 0) + 1 }, ...(remove && { remove }) }, at),
      asRead(order),
    ),
  );

const to = (order: Order, status: OrderStatus): OrderStatus => {
  if (status !== order.status && !orderLife.next[order.status].includes(status)) throw new RangeError(`${order.status} never becomes ${status}`);
  return status;
};

const due = (order: Order, at: Instant): Partial<Order> => ({ due_shard: dueShardOf(order.id), due_at: at });
const offDue = ["due_shard", "due_at"] as const;

type Failed = NonNullable<Order["failed_refunds"]>;

/** What is still owed of refunds that came to nothing once `amount` more goes back; the oldest is made good first. */
const stillOwed = (failed: Failed, amount: number): Failed => {
  let rest = amount;
  return failed.flatMap(({ id, amount: owed }) => {
    const good = Math.min(owed, rest);
    rest -= good;
    return good < owed ? [{ id, amount: owed - good }] : [];
  });
};

/** That a dispute was answered settles nothing any more once it has ended, or something else is to be seen to. */
const noAnswer = ({ settled }: Order): readonly "settled"[] => (settled?.reason === "dispute_answered" ? ["settled"] : []);

/** Something is still to be asked of the provider. */
const awaited = ({ refunds_open = 0, dispute }: Pick<Order, "refunds_open" | "dispute">): boolean => refunds_open > 0 || dispute?.status === "open";

/**
 * A refund is claimed: lines and amounts carry it, and the sweep sees to it until it has ended.
 * @param claim `short`: the buyer still has fewer units than are paid for, so that an earlier failure is not made good by it
 */
export const beginRefund = (
  order: Order,
  claim: { readonly lines: Lines; readonly amount: number; readonly full: boolean; readonly short: boolean },
  at: Instant,
) => {
  const failed = order.failed_refunds ?? [];
  const owed = claim.full ? [] : claim.short ? failed : stillOwed(failed, claim.amount);
  return moved(
    order,
    {
      set: {
        lines: claim.lines,
        ...(owed.length > 0 && { failed_refunds: owed }),
        refunded: (order.refunded ?? 0) + claim.amount,
        refund_count: (order.refund_count ?? 0) + 1,
        refunds_open: (order.refunds_open ?? 0) + 1,
        refund_at: at,
        ...(claim.full && { status: to(order, "refund_pending"), payment_status: "refund_pending" as const }),
        ...due(order, at),
      },
      remove: [...(owed.length > 0 ? [] : (["failed_refunds"] as const)), "settled"],
    },
    at,
  );
};

/** A refund has come to the payer. @param all nothing of the captured money is left, and no other refund is on its way */
export const completeRefund = (order: Order, all: boolean, at: Instant) => {
  const refunds_open = (order.refunds_open ?? 0) - 1;
  return moved(
    order,
    {
      set: { refunds_open, ...(all && { status: to(order, "refunded"), payment_status: "refunded" as const }) },
      ...(awaited({ ...order, refunds_open }) ? {} : { remove: offDue }),
    },
    at,
  );
};

/**
 * A refund came to nothing: its claim is put back, and a person is told. An order that had been sold stays sold.
 * @param claim `id`: the refund's; `wasBack`: the provider had said before that the money was back; `sold`: the money had bought something; `atProvider`: money
 * of it went back there without us
 */
export const undoRefund = (
  order: Order,
  claim: Failed[number] & { readonly lines: Lines; readonly wasBack: boolean; readonly sold: boolean; readonly atProvider: boolean },
  at: Instant,
) => {
  const refunds_open = (order.refunds_open ?? 0) - (claim.wasBack ? 0 : 1);
  const failed_refunds = [...(order.failed_refunds ?? []), { id: claim.id, amount: claim.amount }];
  const back: Partial<Order> = {
    ...(claim.sold ? { status: to(order, "paid") } : { status: to(order, "attention"), reason: "refund_failed" }),
    ...(claim.atProvider && { refunded_at_provider: true }),
    payment_status: order.dispute?.status === "lost" ? "lost" : claim.sold ? "paid" : "refund_pending",
  };
  return moved(
    order,
    {
      set: { lines: claim.lines, refunded: (order.refunded ?? 0) - claim.amount, refunds_open, failed_refunds, ...back },
      remove: [...(awaited({ ...order, refunds_open }) ? [] : offDue), ...noAnswer(order)],
    },
    at,
  );
};

/** The payer's bank asks, or the payer quarrels there: looked after until it ends. */
export const openDispute = (order: Order, dispute: NonNullable<Order["dispute"]>, note: AttentionNote, at: Instant) =>
  moved(order, { set: { dispute, attention_note: note, ...due(order, at) }, remove: noAnswer(order) }, at);

/** It ended. @param note absent: nobody has to do anything */
export const closeDispute = (order: Order, dispute: NonNullable<Order["dispute"]>, note: AttentionNote | undefined, at: Instant) =>
  moved(
    order,
    {
      set: { dispute, ...(dispute.status === "lost" && { payment_status: "lost" as const }), ...(note && { attention_note: note }) },
      remove: [
        ...(awaited({ ...order, dispute }) ? [] : offDue),
        ...(note ? [] : (["attention_note"] as const)),
        // Money that the bank took back is owed to nobody.
        ...(dispute.status === "lost" ? (["failed_refunds"] as const) : []),
        ...noAnswer(order),
      ],
    },
    at,
  );

/** It had ended, and the provider says otherwise now: a person is told. */
export const noteMoved = (order: Order, dispute: NonNullable<Order["dispute"]>, note: AttentionNote, at: Instant) =>
  moved(order, { set: { dispute, attention_note: note } }, at);

/** Money that had bought nothing, or not enough any more, has bought these units: a person's decision. */
export const markGiven = (
  order: Order,
  given: { readonly lines: Lines; readonly intentId: string; readonly accepted: Order["accepted"] },
  at: Instant,
) =>
  moved(
    order,
    {
      set: {
        ...(order.status === "attention" && { status: to(order, "paid") }),
        payment_status: "paid",
        payment_intent_id: given.intentId,
        lines: given.lines,
        ...(given.accepted && { accepted: given.accepted }),
      },
      remove: ["attention_note", "failed_refunds", "reason"],
    },
    at,
  );

/** A person says how the matter ended outside of this system: the order keeps its status and leaves the desk. */
export const markSettled = (order: Order, reason: NonNullable<Order["settled"]>["reason"], at: Instant) =>
  moved(order, { set: { settled: { reason, at } }, remove: ["attention_note", "failed_refunds"] }, at);

/** The provider did not say how it stands: the sweep asks again. Leaves alone what waits already. */
export const awaitNews = (order: Order, at: Instant): Write<"order_moved"> =>
  guarded(
    "order_moved",
    change(orders, { merchant_id: order.merchant_id, order_id: order.id }, { set: due(order, at) }, when.all(asRead(order), when.missing("due_at"))),
  );

/** Asked and answered: nothing is awaited any more. */
export const restOrder = (order: Order): Write<"order_moved"> | undefined =>
  order.due_at === undefined || awaited(order)
    ? undefined
    : guarded(
        "order_moved",
        change(
          orders,
          { merchant_id: order.merchant_id, order_id: order.id },
          { remove: offDue },
          when.all(asRead(order), when.equals("due_at", order.due_at)),
        ),
      );
