// Confirm: is the money there? Asked of the provider, outside any transaction; the browser and the event are only hints.
import type { Table } from "../../platform/table/model.ts";
import { orders } from "../orders/index.ts";
import { type ConnectionPorts, openConnection, payments, type SettledFacts } from "../payments/index.ts";

export interface OrderRef {
  readonly merchant_id: string;
  readonly order_id: string;
}
/** `done`: nothing is awaited any more. `unknown`: the provider gave no answer that counts; asked again later. */
export type Confirmation =
  | { readonly settlement: "settled"; readonly facts: SettledFacts }
  | { readonly settlement: "pending" | "failed" | "unknown" | "done" };

export const confirm = async (ref: OrderRef, ports: ConnectionPorts & { readonly table: Table }): Promise<Confirmation> => {
  const order = await ports.table.get(orders, ref);
  if (order && order.status !== "awaiting_payment") return { settlement: "done" };
  const [tender] = order?.tender ?? [];
  const payment = tender && (await ports.table.get(payments, { merchant_id: ref.merchant_id, payment_id: tender.payment_id }));
  // No order or no session that anybody could have paid (or not visible yet: the sweep comes back).
  if (!payment?.session_id) return { settlement: "pending" };
  const open = await openConnection(ports, payment.connection_id);
  if (!open) return { settlement: "unknown" };
  const settlement = await open.provider.lookUp(payment.session_id);
  if (settlement.kind !== "settled") return { settlement: settlement.kind };
  // Test money in a live connection, or the other way round, is no money of ours.
  if (settlement.facts.mode !== open.connection.mode) return { settlement: "failed" };
  return { settlement: "settled", facts: settlement.facts };
};
