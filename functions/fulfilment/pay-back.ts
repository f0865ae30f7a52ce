// Paying back: the refund was recorded before; the provider is asked with its stored key, then the answer is recorded. Unknown is asked again.
import type { Clock } from "../../platform/clock/clock.ts";
import { commanded } from "../../platform/operation/command.ts";
import type { Table, Write } from "../../platform/table/model.ts";
import { ProviderUnknown } from "../../platform/workflow/again.ts";
import { markAttention, markRefunded, type Order, orders, paymentIdOf } from "../orders/index.ts";
import { type ConnectionPorts, openConnection, type Refund, recordRefund, refunds } from "../payments/index.ts";
import type { OrderRef } from "./confirm.ts";
import { lateRefundId } from "./deliver-late.ts";
import { engine } from "./engine.ts";

export interface PayBackPorts extends ConnectionPorts {
  readonly table: Table;
  readonly clock: Clock;
}
/** `pending`: the provider has it; asked again later. No answer is a fault (`ProviderUnknown`). */
export type PaidBack = { readonly refund: "refunded" | "pending" | "failed" | "nothing_owed" };

export const payBack = async (ref: OrderRef, ports: PayBackPorts): Promise<PaidBack> => {
  const { table } = ports;
  const order = await table.get(orders, ref, { consistent: true });
  if (order?.status !== "refund_pending") return { refund: "nothing_owed" };
  const { payment_id } = paymentIdOf(order);
  const refund = await table.get(
    refunds,
    { merchant_id: ref.merchant_id, refund_id: lateRefundId({ merchant_id: ref.merchant_id, id: payment_id }) },
    { consistent: true },
  );
  if (!refund) throw new Error("a refund is pending that was never requested");
  const open = await openConnection(ports, refund.connection_id);
  if (!open) throw new ProviderUnknown("the refund's connection is not there");

  const { provider_key, intent_id, amount, merchant_id, order_id, provider_refund_id } = refund;
  const answer = provider_refund_id
    ? await open.provider.lookUpRefund(provider_refund_id)
    : await open.provider.refund({ provider_key, intent_id, amount, merchant_id, order_id });
  switch (answer.kind) {
    case "unknown":
      throw new ProviderUnknown("the provider did not say whether it pays back");
    case "pending":
      await table.write(recordRefund(refund, { status: "pending", provider_refund_id: answer.provider_refund_id }, ports.clock.now()));
      return { refund: "pending" };
    case "succeeded":
      return finish(order, refund, "succeeded", answer.provider_refund_id, ports);
    case "failed":
      return finish(order, refund, "failed", answer.reason, ports);
  }
};

/** The end of a refund, once: the money is back, or a person must see to it. */
const finish = async (
  order: Order,
  refund: Refund,
  status: "succeeded" | "failed",
  detail: string,
  { table, clock }: PayBackPorts,
): Promise<PaidBack> => {
  const now = clock.now();
  const succeeded = status === "succeeded";
  const ending: Write<"not_refund_pending" | "not_awaiting_payment"> = succeeded ? markRefunded(order) : markAttention(order, "refund_failed", now);
  await table.transact([
    ending,
    recordRefund(refund, succeeded ? { status, provider_refund_id: detail } : { status, failure: detail }, now),
    commanded(
      {
        kind: succeeded ? "order_refunded" : "order_needs_attention",
        principal: engine,
        key: refund.id,
        body: { refund_id: refund.id },
        merchant_id: order.merchant_id,
        subject: order.id,
        details: {
          order_id: order.id,
          refund_id: refund.id,
          amount: refund.amount,
          currency: refund.currency,
          ...(succeeded ? {} : { reason: "refund_failed" }),
        },
      },
      now,
    ),
  ]);
  return { refund: succeeded ? "refunded" : "failed" };
};
