// Send: the number by SMS, so that it reaches the buyer after the page is closed (G-31). Called by the workflow, and again by the outbox.

import { operations } from "../../platform/operation/operation.ts";
import { InProgress } from "../../platform/workflow/again.ts";
import { units } from "../inventory/index.ts";
import { type SendPorts, sendOnce, type Telling } from "../notifications/index.ts";
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
  if (!order || !(told.has(order.status) || order.dispute?.status === "lost")) throw new Error("a text for an order that is not paid");
  const telling = tellingOf(order, unitIdsOf(order), paidText, ports);
  await sendOnce({ merchant_id: ref.merchant_id, order_id: ref.order_id, kind: "order_paid" }, telling, ports);
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
  if (!order) return;
  const fresh = (Array.isArray(given) ? given.map(String) : [String(replacement)]).filter((id) => unitIdsOf(order).includes(id));
  await sendOnce({ merchant_id, order_id, kind: "unit_replaced", about: event.id }, tellingOf(order, fresh, replacedText, ports), ports);
};

/** Orders that numbers were given for, whatever became of the money. */
const told = new Set<Order["status"]>(["paid", "refund_pending", "refunded"]);

/** Nothing once the money is back, on its way or lost: numbers that were taken back stay worthless, and others have a text of their own. */
const tellingOf = (
  order: Order,
  unitIds: readonly string[],
  textOf: (order: Order, serials: readonly string[], link: string) => string,
  ports: OrderSendPorts,
): Telling => ({
  to: () => phoneOf(order, ports),
  words: async () => {
    if (order.status !== "paid" || order.dispute?.status === "lost" || unitIds.length === 0) return undefined;
    const serials = await serialsOf(order, unitIds, ports);
    return serials.length === 0 ? undefined : textOf(order, serials, await linkOf(order, ports));
  },
});

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
