// Send: the number by SMS, so that it reaches the buyer after the page is closed (G-31). Called by the workflow, and again by the outbox.

import { units } from "../inventory/index.ts";
import { type SendPorts, sendOnce } from "../notifications/index.ts";
import { type Order, orders, orderToken, orderUrl, unitIdsOf } from "../orders/index.ts";
import { openPhone, people } from "../people/index.ts";
import type { OrderRef } from "./confirm.ts";
import { paidText } from "./words.ts";

export interface OrderSendPorts extends SendPorts {
  readonly linkSecret: () => Promise<string>;
}

/** Sends the buyer's text unless it was sent. Throws InProgress or ProviderUnknown where a retry should follow. */
export const send = async (ref: OrderRef, ports: OrderSendPorts): Promise<void> => {
  const order = await ports.table.get(orders, ref, { consistent: true });
  if (order?.status !== "paid") throw new Error("a text for an order that is not paid");
  await sendOnce({ merchant_id: ref.merchant_id, order_id: ref.order_id, kind: "order_paid" }, () => textFor(order, ports), ports);
};

const textFor = async (order: Order, { table, sealer, linkSecret, publicOrigin }: OrderSendPorts): Promise<{ to: string; body: string }> => {
  const person = await table.get(people, { person_id: order.buyer_id }, { consistent: true });
  if (!person) throw new Error("an order without its buyer");
  const held = await table.getMany(
    unitIdsOf(order).map((unit_id) => [units, { merchant_id: order.merchant_id, unit_id }] as const),
    { consistent: true },
  );
  const serials = held.flatMap((unit) => (unit ? [unit.serial_number] : []));
  const token = orderToken(await linkSecret(), { merchant_id: order.merchant_id, order_id: order.id });
  return { to: await openPhone(sealer, person), body: paidText(order, serials, orderUrl(publicOrigin, token)) };
};
