// Send: the number by SMS, so that it reaches the buyer after the page is closed (G-31). Called by the workflow, and again by the outbox.

import { operations } from "../../platform/operation/operation.ts";
import { InProgress } from "../../platform/workflow/again.ts";
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

/** Units that a person gave for money on the exceptions desk: the text of any sale, or the new numbers where the old ones were told before. */
export const sendGiven = async (event: { readonly id: string } & OrderRef, ports: OrderSendPorts): Promise<void> => {
  const operation = await ports.table.get(operations, { id: event.id }, { consistent: true });
  await (operation?.details.was === "paid"
    ? sendReplacement(event, ports)
    : send({ merchant_id: event.merchant_id, order_id: event.order_id }, ports));
};

/** Numbers in place of others. Each change is told once; units that were themselves replaced, or whose money went back, are not told any more. */
export const sendReplacement = async (event: { readonly id: string } & OrderRef, ports: OrderSendPorts): Promise<void> => {
  const { merchant_id, order_id } = event;
  const [order, operation] = await ports.table.getMany(
    [
      [orders, { merchant_id, order_id }],
      [operations, { id: event.id }],
    ],
    { consistent: true },
  );
  const { replacement, units: given } = operation?.details ?? {};
  const fresh = (Array.isArray(given) ? given.map(String) : [String(replacement)]).filter((id) => order && unitIdsOf(order).includes(id));
  if (order?.status !== "paid" || fresh.length === 0) return;
  const write = async () => {
    const serials = await serialsOf(order, fresh, ports);
    if (serials.length === 0) return undefined;
    return { to: await phoneOf(order, ports), body: replacedText(order, serials.join(", "), await linkOf(order, ports)) };
  };
  await sendOnce({ merchant_id, order_id, kind: "unit_replaced", about: event.id }, write, ports);
};

/** Undefined when every number was taken back: an order stays paid when its refund comes to nothing, and has none any more. */
const textFor = async (order: Order, ports: OrderSendPorts): Promise<{ to: string; body: string } | undefined> => {
  const serials = await serialsOf(order, unitIdsOf(order), ports);
  if (serials.length === 0) return undefined;
  return { to: await phoneOf(order, ports), body: paidText(order, serials, await linkOf(order, ports)) };
};

/** Numbers that are still the buyer's, of units that the order had when it was read. Throws InProgress when it has others by now. */
const serialsOf = async (order: Order, unitIds: readonly string[], { table }: OrderSendPorts): Promise<readonly string[]> => {
  const { merchant_id, id: order_id } = order;
  const found = await table.getMany(
    unitIds.map((unit_id) => [units, { merchant_id, unit_id }] as const),
    { consistent: true },
  );
  const serials = found.flatMap((unit) => (unit?.status === "sold" && unit.order_id === order_id ? [unit.serial_number] : []));
  if (serials.length === unitIds.length) return serials;
  // Taken back before the order was read, or replaced since: then what is missing here has a successor.
  const now = await table.get(orders, { merchant_id, order_id }, { consistent: true });
  if (now?.after_sale !== order.after_sale) throw new InProgress("the order has other units by now");
  return serials;
};

const phoneOf = async (order: Order, { table, sealer }: OrderSendPorts): Promise<string> => {
  const person = await table.get(people, { person_id: order.buyer_id }, { consistent: true });
  if (!person) throw new Error("an order without its buyer");
  return openPhone(sealer, person);
};

const linkOf = async (order: Order, { linkSecret, publicOrigin }: OrderSendPorts): Promise<string> =>
  orderUrl(publicOrigin, orderToken(await linkSecret(), { merchant_id: order.merchant_id, order_id: order.id }));
