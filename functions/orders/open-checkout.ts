// The checkout of an order: the payment is recorded, the provider called with our stored key, the result recorded. A crash between any two
// is repaired by doing the same again: same key, same parameters, same session. An answer without a session is not: providers repeat it for a day
// to whoever asks with the same key. So the next try has another key, and the provider may then have two sessions of one order. Only one of them can
// ever be paid: an address leaves us only after its session was recorded, one alone is recorded, and whoever is slower is sent to that one.
import { type Clock, type Instant, plusMinutes } from "../../platform/clock/clock.ts";
import type { Log } from "../../platform/log/log.ts";
import type { Table } from "../../platform/table/model.ts";
import {
  type CheckoutRequest,
  type ConnectionPorts,
  checkoutKey,
  connectionFor,
  createPayment,
  openConnection,
  type Payment,
  payments,
  sessionOpened,
  spendCheckoutKey,
} from "../payments/index.ts";
import { type Order, sessionMinutes } from "./order.ts";
import { orderToken, orderUrl } from "./token.ts";

export interface CheckoutPorts extends ConnectionPorts {
  readonly table: Table;
  readonly clock: Clock;
  readonly log: Log;
  readonly publicOrigin: string;
  readonly linkSecret: () => Promise<string>;
}
export type Checkout =
  | { readonly kind: "open"; readonly url: string }
  | { readonly kind: "refused"; readonly refusal: "payment_unavailable" | "checkout_closed" | "in_progress" };

/** @param hint `fresh` when the order was made a moment ago, so that looking for its payment first would be a read for nothing; `connection_id`: what was read by then */
export const openCheckoutOf = async (
  order: Order,
  ports: CheckoutPorts,
  hint: { readonly fresh: boolean; readonly connection_id?: string },
): Promise<Checkout> => {
  if (order.status !== "awaiting_payment" || order.hold_until <= ports.clock.now()) return { kind: "refused", refusal: "checkout_closed" };
  const known = hint.fresh ? undefined : await ports.table.get(payments, paymentIdOf(order), { consistent: true });
  const payment = known ?? (await planPayment(order, hint.connection_id, ports));
  if (!payment) return { kind: "refused", refusal: "payment_unavailable" };
  const now = ports.clock.now();
  if (payment.session_expires_at <= now || !payable(payment)) return { kind: "refused", refusal: "checkout_closed" };
  if (payment.checkout_url) return { kind: "open", url: payment.checkout_url };
  return openSession(order, payment, now, ports);
};

/** A payment that is over, or that the end of the hold has closed, opens no session any more. */
const payable = ({ status }: Payment): boolean => status === "created" || status === "pending";

export const paymentIdOf = (order: Order) => {
  const [tender] = order.tender;
  if (!tender) throw new Error("an order without a tender plan");
  return { merchant_id: order.merchant_id, payment_id: tender.payment_id, amount: tender.amount };
};

/** Records the intent before the provider is called; if another call recorded it first, that one counts. */
const planPayment = async (order: Order, known: string | undefined, { table, clock }: CheckoutPorts): Promise<Payment | undefined> => {
  const connection_id = known ?? (await connectionFor(table, order.merchant_id));
  if (!connection_id) return undefined;
  const payment = plannedPayment(order, connection_id, clock.now());
  const outcome = await table.write(createPayment(payment));
  return outcome.kind === "refused" ? table.get(payments, paymentIdOf(order), { consistent: true }) : payment;
};

/** The payment of the order's tender plan, before anything was asked of a provider. */
export const plannedPayment = (order: Order, connection_id: string, now: Instant): Payment => {
  const { payment_id, merchant_id, amount } = paymentIdOf(order);
  return {
    id: payment_id,
    merchant_id,
    order_id: order.id,
    connection_id,
    flow: "redirect",
    status: "created",
    amount,
    currency: order.currency,
    provider_key: checkoutKey(merchant_id, payment_id),
    session_expires_at: plusMinutes(now, sessionMinutes),
    created_at: now,
    updated_at: now,
  };
};

const openSession = async (order: Order, payment: Payment, now: Instant, ports: CheckoutPorts): Promise<Checkout> => {
  const open = await openConnection(ports, payment.connection_id);
  if (!open) return { kind: "refused", refusal: "payment_unavailable" };
  const opened = await open.provider.openCheckout(await checkoutRequest(order, payment, ports));
  switch (opened.kind) {
    case "open": {
      // Whoever records first wins, and their session is the one that counts. A payment that was closed meanwhile keeps none.
      const outcome = await ports.table.write(sessionOpened(payment, opened, now));
      if (outcome.kind !== "refused") return { kind: "open", url: opened.url };
      const standing = await ports.table.get(payments, paymentIdOf(order), { consistent: true });
      return standing?.checkout_url && payable(standing)
        ? { kind: "open", url: standing.checkout_url }
        : { kind: "refused", refusal: "checkout_closed" };
    }
    case "in_progress":
      return { kind: "refused", refusal: "in_progress" };
    case "declined":
    case "unknown": {
      const { id: order_id, merchant_id } = order;
      const { connection_id } = payment;
      ports.log("error", "checkout_not_opened", { merchant_id, order_id, connection_id, code: opened.reason ?? "no_answer" });
      await ports.table.write(spendCheckoutKey(payment, now));
      return { kind: "refused", refusal: "payment_unavailable" };
    }
  }
};

/** What the provider is asked for: the same each time, so that our key finds the same session. */
const checkoutRequest = async (
  order: Order,
  payment: Payment,
  { publicOrigin, linkSecret }: Pick<CheckoutPorts, "publicOrigin" | "linkSecret">,
): Promise<CheckoutRequest> => {
  const page = orderUrl(publicOrigin, orderToken(await linkSecret(), { merchant_id: order.merchant_id, order_id: order.id }));
  const [line] = order.lines;
  return {
    provider_key: payment.provider_key,
    merchant_id: order.merchant_id,
    order_id: order.id,
    payment_id: payment.id,
    amount: payment.amount,
    currency: payment.currency,
    description: `${order.snapshot.title}: ${order.snapshot.item}${line && line.quantity > 1 ? ` × ${line.quantity}` : ""}`,
    quantity: line?.quantity ?? 1,
    language: order.language,
    hold_until: order.hold_until as Instant,
    expires_at: payment.session_expires_at as Instant,
    success_url: `${page}?back=1`,
    cancel_url: page,
  };
};
