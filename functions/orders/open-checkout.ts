// The checkout of an order: the payment is recorded, the provider called with our stored key, the result recorded. A crash between any two
// is repaired by doing the same again: same key, same parameters, same session.
import { type Clock, type Instant, plusMinutes } from "../../platform/clock/clock.ts";
import type { Table } from "../../platform/table/model.ts";
import { type ConnectionPorts, connectionFor, createPayment, openConnection, type Payment, payments, sessionOpened } from "../payments/index.ts";
import { type Order, sessionMinutes } from "./order.ts";
import { orderToken, orderUrl } from "./token.ts";

export interface CheckoutPorts extends ConnectionPorts {
  readonly table: Table;
  readonly clock: Clock;
  readonly publicOrigin: string;
  readonly linkSecret: () => Promise<string>;
}
export type Checkout =
  | { readonly kind: "open"; readonly url: string }
  | { readonly kind: "refused"; readonly refusal: "payment_unavailable" | "checkout_closed" | "in_progress" };

/** @param hint `fresh` when the order was made a moment ago, so that looking for its payment first would be a read for nothing */
export const openCheckoutOf = async (order: Order, ports: CheckoutPorts, hint: { readonly fresh: boolean }): Promise<Checkout> => {
  if (order.status !== "awaiting_payment") return { kind: "refused", refusal: "checkout_closed" };
  const known = hint.fresh ? undefined : await ports.table.get(payments, paymentIdOf(order), { consistent: true });
  const payment = known ?? (await planPayment(order, ports));
  if (!payment) return { kind: "refused", refusal: "payment_unavailable" };
  const now = ports.clock.now();
  if (payment.session_expires_at <= now) return { kind: "refused", refusal: "checkout_closed" };
  if (payment.checkout_url) return { kind: "open", url: payment.checkout_url };
  return openSession(order, payment, now, ports);
};

const paymentIdOf = (order: Order) => {
  const [tender] = order.tender;
  if (!tender) throw new Error("an order without a tender plan");
  return { merchant_id: order.merchant_id, payment_id: tender.payment_id, amount: tender.amount };
};

/** Records the intent before the provider is called; if another call recorded it first, that one counts. */
const planPayment = async (order: Order, { table, clock }: CheckoutPorts): Promise<Payment | undefined> => {
  const { payment_id, merchant_id, amount } = paymentIdOf(order);
  const connection_id = await connectionFor(table, merchant_id);
  if (!connection_id) return undefined;
  const now = clock.now();
  const payment: Payment = {
    id: payment_id,
    merchant_id,
    order_id: order.id,
    connection_id,
    flow: "redirect",
    status: "created",
    amount,
    currency: order.currency,
    provider_key: `checkout-${merchant_id}-${payment_id}`,
    session_expires_at: plusMinutes(now, sessionMinutes),
    created_at: now,
    updated_at: now,
  };
  const outcome = await table.write(createPayment(payment));
  return outcome.kind === "refused" ? table.get(payments, { merchant_id, payment_id }, { consistent: true }) : payment;
};

const openSession = async (order: Order, payment: Payment, now: Instant, ports: CheckoutPorts): Promise<Checkout> => {
  const open = await openConnection(ports, payment.connection_id);
  if (!open) return { kind: "refused", refusal: "payment_unavailable" };
  const page = orderUrl(ports.publicOrigin, orderToken(await ports.linkSecret(), { merchant_id: order.merchant_id, order_id: order.id }));
  const [line] = order.lines;
  const opened = await open.provider.openCheckout({
    provider_key: payment.provider_key,
    merchant_id: order.merchant_id,
    order_id: order.id,
    payment_id: payment.id,
    amount: payment.amount,
    currency: payment.currency,
    description: `${order.snapshot.title}: ${order.snapshot.item}${line && line.quantity > 1 ? ` × ${line.quantity}` : ""}`,
    quantity: line?.quantity ?? 1,
    language: order.language,
    expires_at: payment.session_expires_at as Instant,
    success_url: `${page}?back=1`,
    cancel_url: page,
  });
  switch (opened.kind) {
    case "open": {
      // Whoever records first wins; with one key both have the same session.
      await ports.table.write(sessionOpened(payment, opened, now));
      return { kind: "open", url: opened.url };
    }
    case "in_progress":
      return { kind: "refused", refusal: "in_progress" };
    case "declined":
    case "unknown":
      return { kind: "refused", refusal: "payment_unavailable" };
  }
};
