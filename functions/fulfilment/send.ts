// Send: the number by SMS, so that it reaches the buyer after the page is closed (G-31). Called by the workflow, and again by the outbox.

import { operations } from "../../platform/operation/operation.ts";
import { units } from "../inventory/index.ts";
import { type SendPorts, sendOnce } from "../notifications/index.ts";
import { type Order, orders, orderToken, orderUrl, unitIdsOf } from "../orders/index.ts";
import { openPhone, people } from "../people/index.ts";
import type { OrderRef } from "./confirm.ts";
import { paidText, replacedText } from "./words.ts";

export interface OrderSendPorts extends SendPorts {
  readonly linkSecret: () => Promise<string>;
}

/** Sends the buyer's text unless it was sent. Throws InProgress or ProviderUnknown where a retry should follow. */
export const send = async (ref: OrderRef, ports: OrderSendPorts): Promise<void> => {
  const order = await ports.table.get(orders, ref, { consistent: true });
  // Refunded or lost before the text went out: there is no number to tell any more.
  if (order?.status === "refund_pending" || order?.status === "refunded" || order?.dispute?.status === "lost") return;
  if (order?.status !== "paid") throw new Error("a text for an order that is not paid");
  await sendOnce({ merchant_id: ref.merchant_id, order_id: ref.order_id, kind: "order_paid" }, () => textFor(order, ports), ports);
};

/** A replaced unit's new number. Each replacement is told once; one that was itself replaced, or whose money went back, is not told any more. */
export const sendReplacement = async (event: { readonly id: string } & OrderRef, ports: OrderSendPorts): Promise<void> => {
  const { merchant_id, order_id } = event;
  const [order, operation] = await ports.table.getMany(
    [
      [orders, { merchant_id, order_id }],
      [operations, { id: event.id }],
    ],
    { consistent: true },
  );
  const unit_id = String(operation?.details.replacement);
  if (order?.status !== "paid" || !unitIdsOf(order).includes(unit_id)) return;
  const write = async () => {
    const unit = await ports.table.get(units, { merchant_id, unit_id }, { consistent: true });
    if (!unit) throw new Error("a replacement that is not there");
    if (unit.status === "archived") return undefined;
    return { to: await phoneOf(order, ports), body: replacedText(order, unit.serial_number, await linkOf(order, ports)) };
  };
  await sendOnce({ merchant_id, order_id, kind: "unit_replaced", about: event.id }, write, ports);
};

/** Undefined when every number was taken back: an order stays paid when its refund comes to nothing, and has none any more. */
const textFor = async (order: Order, ports: OrderSendPorts): Promise<{ to: string; body: string } | undefined> => {
  const held = await ports.table.getMany(
    unitIdsOf(order).map((unit_id) => [units, { merchant_id: order.merchant_id, unit_id }] as const),
    { consistent: true },
  );
  const serials = held.flatMap((unit) => (unit && unit.status !== "archived" ? [unit.serial_number] : []));
  if (serials.length === 0) return undefined;
  return { to: await phoneOf(order, ports), body: paidText(order, serials, await linkOf(order, ports)) };
};

const phoneOf = async (order: Order, { table, sealer }: OrderSendPorts): Promise<string> => {
  const person = await table.get(people, { person_id: order.buyer_id }, { consistent: true });
  if (!person) throw new Error("an order without its buyer");
  return openPhone(sealer, person);
};

const linkOf = async (order: Order, { linkSecret, publicOrigin }: OrderSendPorts): Promise<string> =>
  orderUrl(publicOrigin, orderToken(await linkSecret(), { merchant_id: order.merchant_id, order_id: order.id }));
