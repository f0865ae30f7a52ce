// Confirm: is the money there? Asked of the provider, outside any transaction; the browser and the event are only hints.
import type { Clock } from "../../platform/clock/clock.ts";
import type { Table } from "../../platform/table/model.ts";
import { ProviderUnknown } from "../../platform/workflow/again.ts";
import { type Order, orders, paymentIdOf } from "../orders/index.ts";
import { type ConfirmedFacts, type ConnectionPorts, openConnection, payments } from "../payments/index.ts";

export interface OrderRef {
  readonly merchant_id: string;
  readonly order_id: string;
}
/** `news`: what a provider's event may be about besides a payment coming in. */
export type Asked = OrderRef & { readonly news?: "refund" | "dispute" | null | undefined };
/**
 * `done`: nothing is awaited any more. `lapsed`: the hold is over, or its session is, and no money is known of. `refund_owed`: money must go
 * back. `disputed`: the payer may be quarrelling at their bank. A provider that gives no answer that counts is a fault (`ProviderUnknown`):
 * the workflow asks again, and if that does not help its alarm says so.
 */
export type Confirmation =
  | { readonly settlement: "settled"; readonly facts: ConfirmedFacts }
  | { readonly settlement: "pending" | "lapsed" | "refund_owed" | "disputed" | "done" };

export interface ConfirmPorts extends ConnectionPorts {
  readonly table: Table;
  readonly clock: Clock;
}

export const confirm = async ({ news, ...ref }: Asked, ports: ConfirmPorts): Promise<Confirmation> => {
  const order = await ports.table.get(orders, ref);
  // Not visible yet, or never placed: the sweep comes back for what is there.
  if (!order) return { settlement: "pending" };
  switch (order.status) {
    case "awaiting_payment":
    case "expired":
      return lookUp(order, ports);
    case "refund_pending":
    case "paid":
    case "refunded":
    case "attention":
      return { settlement: afterSale(order, news) };
  }
};

/** What is still to be asked about money that had come in. An order that waits for no reason of its own waits for an answer to some news. */
const afterSale = (order: Order, news: Asked["news"]): "refund_owed" | "disputed" | "done" => {
  const refunding = (order.refunds_open ?? 0) > 0;
  if (news === "dispute" || order.dispute?.status === "open" || (order.due_at !== undefined && !refunding)) return "disputed";
  return refunding || news === "refund" ? "refund_owed" : "done";
};

/** Money counts whenever it comes; without money a hold that is over ends, and an order that has ended stays so. */
const lookUp = async (order: Order, ports: ConfirmPorts): Promise<Confirmation> => {
  const unpaid = order.status === "expired" ? "done" : order.hold_until <= ports.clock.now() ? "lapsed" : "pending";
  const payment = await ports.table.get(payments, paymentIdOf(order));
  if (!payment?.session_id) return { settlement: unpaid };
  const open = await openConnection(ports, payment.connection_id);
  if (!open) throw new ProviderUnknown("the payment's connection is not there");
  const settlement = await open.provider.lookUp(payment.session_id);
  switch (settlement.kind) {
    case "settled": {
      const { id, account, mode } = open.connection;
      return { settlement: "settled", facts: { ...settlement.facts, connection: { id, account, mode } } };
    }
    case "failed":
      return { settlement: order.status === "expired" ? "done" : "lapsed" };
    case "pending":
      // The hold has ended and its session has not: it is closed, so that nobody pays for what is not kept for them.
      return { settlement: order.status === "expired" ? "lapsed" : unpaid };
    case "unknown":
      throw new ProviderUnknown("the provider did not say whether the money is there");
  }
};
