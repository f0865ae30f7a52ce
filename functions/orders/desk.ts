// The exceptions desk: orders that a person must look at. Being there follows from what the order is, and is written with whatever changes that:
// no way onto the desk or off it can forget the index.
import type { Instant } from "../../platform/clock/clock.ts";
import type { Change } from "../../platform/table/model.ts";
import type { Order } from "./order.ts";

/** A dispute is noted, a refund came to nothing, or money came that delivered nothing, and nobody has settled it yet. */
export const onDesk = (order: Pick<Order, "status" | "attention_note" | "failed_refunds" | "settled">): boolean =>
  order.attention_note !== undefined || order.failed_refunds !== undefined || (order.status === "attention" && order.settled === undefined);

/** Since when an order has been on the desk. */
export const deskSince = (order: Pick<Order, "desk_place">): string | undefined => order.desk_place?.split(" ")[0];

/** The change, and with it the place on the desk that the order has afterwards. Who is there already keeps the place. */
export const withDesk = (order: Order, { set, remove = [] }: Change<Order>, at: Instant): Change<Order> => {
  const gone = Object.fromEntries(remove.map((attribute) => [attribute, undefined]));
  const place = onDesk({ ...order, ...set, ...gone }) ? (order.desk_place ?? `${at} ${order.id}`) : undefined;
  if (place === order.desk_place) return { ...(set && { set }), ...(remove.length > 0 && { remove }) };
  return place === undefined
    ? { ...(set && { set }), remove: [...remove, "desk_of", "desk_place"] }
    : { set: { ...set, desk_of: order.merchant_id, desk_place: place }, ...(remove.length > 0 && { remove }) };
};
