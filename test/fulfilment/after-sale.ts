// What tests of refunds and disputes share: a sold order, its records, and the commands as an operator gives them.
import type * as z from "zod";
import type { refundOrder as refundContract } from "../../functions/fulfilment/contract.ts";
import { previewRefund, refundOrder } from "../../functions/fulfilment/refund-order.ts";
import type { Order } from "../../functions/orders/order.ts";
import type { Payment } from "../../functions/payments/payment.ts";
import type { DisputeFact } from "../../functions/payments/provider-after-sale.ts";
import type { Refund } from "../../functions/payments/refund-table.ts";
import type { MemoryTableOptions } from "../../platform/table/memory.ts";
import { openShop, operator } from "../support/shop.ts";

export type Shop = Awaited<ReturnType<typeof openShop>>;
export type Ref = { readonly merchant_id: string; readonly order_id: string };
export type RefundBody = z.input<typeof refundContract.body>;

/** A shop with one paid and delivered order. */
export const sold = async (seed: string, quantity = 1, options: Partial<MemoryTableOptions> = {}) => {
  const shop = await openShop(seed, Math.max(quantity, 3), options);
  const { ref, token } = await shop.buy(1, { lines: [{ item: "CW-60", quantity }] });
  shop.provider.pay(ref.order_id);
  await shop.fulfil(ref);
  return { shop, ref, token };
};

type Change = Omit<RefundBody, "merchant_id" | "order_id" | "reason"> & { reason?: RefundBody["reason"] };
const bodyOf = (ref: Ref, change: Change): RefundBody => ({ ...ref, reason: "customer_request", ...change });

export const refund = (shop: Shop, ref: Ref, change: Change = {}, key = "refund-key-1", by = operator) =>
  refundOrder({ body: bodyOf(ref, change), key, principal: by }, shop.ports);
export const preview = (shop: Shop, ref: Ref, change: Change = {}) =>
  previewRefund({ body: bodyOf(ref, change), key: "preview-key", principal: operator }, shop.ports);

export const orderOf = (shop: Shop, ref: Ref): Order => shop.of<Order>("ORDER").find(({ id }) => id === ref.order_id) as Order;
export const paymentOf = (shop: Shop, ref: Ref): Payment => shop.of<Payment>("PAYMENT").find(({ order_id }) => order_id === ref.order_id) as Payment;
export const refundsIn = (shop: Shop): Refund[] => shop.of<Refund>("REFUND");
export const kinds = (shop: Shop): string[] =>
  shop
    .of<{ kind: string; at: string }>("OP")
    .map(({ kind }) => kind)
    .filter((kind) => /refund|dispute/.test(kind))
    .sort();
export const unitStates = (shop: Shop, ref: Ref): string[] =>
  shop
    .of<{ status: string; order_id?: string; frozen_by?: string }>("UNIT")
    .filter(({ order_id }) => order_id === ref.order_id)
    .map(({ status, frozen_by }) => (frozen_by === undefined ? status : `${status}, frozen by ${frozen_by}`))
    .sort();

/** What must hold after everything (I1, I3, I8, I10, I32). */
export const books = (shop: Shop): void => {
  const free = shop.of<{ id: string; status: string }>("UNIT").filter(({ status }) => status === "available").length;
  if (free !== shop.of("POOL").length) throw new Error("a token without its free unit, or the other way round");
  const operations = shop.of<{ kind: string; details: { refund_id?: string; amount?: number; lines?: { tax: { amount: number }[] }[] } }>("OP");
  for (const order of shop.of<Order>("ORDER")) {
    const payment = paymentOf(shop, { merchant_id: order.merchant_id, order_id: order.id });
    const own = refundsIn(shop).filter(({ order_id }) => order_id === order.id);
    const sum = (list: readonly Refund[]) => list.reduce((total, { amount }) => total + amount, 0);
    const standing = sum(own.filter(({ status }) => status !== "failed"));
    const back = sum(own.filter(({ status }) => status === "succeeded"));
    const open = own.filter(({ status }) => status === "requested" || status === "pending").length;
    const told = [standing, back, standing, open];
    const kept = [payment?.refund_reserved ?? 0, payment?.refunded ?? 0, order.refunded ?? 0, order.refunds_open ?? 0];
    if (String(told) !== String(kept)) throw new Error(`refunds say ${told}, the order ${kept}`);
    if (standing > (payment?.captured ?? 0)) throw new Error("more goes back than came");
    for (const line of order.lines) {
      const claimed = own.filter(({ status, reason }) => status !== "failed" && reason !== "late_money").flatMap(({ lines }) => lines);
      const amount = claimed.reduce((total, each) => total + each.amount, 0);
      if (amount !== (line.refunded_amount ?? 0) || amount > order.total)
        throw new Error(`the line says ${line.refunded_amount} instead of ${amount}`);
      if ((line.refunded_quantity ?? 0) > line.quantity) throw new Error("more pieces back than were bought");
    }
    for (const each of own) {
      const count = (kind: string) => operations.filter((op) => op.kind === kind && op.details.refund_id === each.id).length;
      const seen = [count("refund_requested"), count("order_refunded") + count("refund_failed") > 0];
      const ended = each.status === "succeeded" || each.status === "failed";
      if (String(seen) !== String([1, ended])) throw new Error(`the journal knows ${seen} of refund ${each.id}`);
    }
    const awaited = (order.refunds_open ?? 0) > 0 || order.dispute?.status === "open" || order.status === "awaiting_payment";
    if (awaited && order.due_at === undefined) throw new Error("an order that waits and that nobody looks after");
  }
};

/** What the bank says of the payment, to whoever looks. */
export const quarrel = (shop: Shop, ...disputes: readonly Omit<DisputeFact, "amount">[]): void => {
  shop.provider.disputes = { kind: "known", disputes: disputes.map((dispute) => ({ ...dispute, amount: 6000 })) };
};
