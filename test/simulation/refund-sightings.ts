// Rare situations of refunds, recognised as they happen.
import type { Commit } from "../../platform/table/memory.ts";
import type { World } from "./world-model.ts";

type Item = Readonly<Record<string, unknown>>;
const going = new WeakMap<World, Map<string, number>>();

/** Somebody asks for a refund now. What comes back is told how it was answered. */
export const sawRefundAsked = (world: World, { order_id }: { readonly order_id: string }) => {
  const counts = going.get(world) ?? new Map<string, number>();
  going.set(world, counts);
  const others = counts.get(order_id) ?? 0;
  counts.set(order_id, others + 1);
  if (others > 0) world.reach.saw("two people refund one order at once");
  const message = [...world.twin.snapshot.records("MESSAGE")].find(({ item }) => item.order_id === order_id)?.item;
  return (answer: { readonly kind: string } | undefined): void => {
    counts.set(order_id, (counts.get(order_id) ?? 1) - 1);
    if (answer?.kind !== "ok") return;
    if (message === undefined) world.reach.saw("refunded before the text was begun");
    if (message?.status === "sending") world.reach.saw("refunded while the text was being sent");
  };
};

export const sawRefundCommit = (world: World, { changes }: Commit): void => {
  const { reach } = world;
  for (const { key, before, after } of changes) {
    if (!after) continue;
    if (key.pk.startsWith("REFUND#")) sawRefund(reach, before, after);
    if (key.pk.startsWith("REFUND#") && !before && isBetween(world, String(after.order_id)))
      reach.saw("refunded after a text that nobody heard was sent");
    if (key.pk.startsWith("ORDER#")) sawOrder(reach, before, after);
  }
};

/** The text is out, and our record of it says that it is still being sent. */
const isBetween = ({ texts, twin }: World, order_id: string): boolean =>
  texts.messages.some(({ callback_url }) => callback_url.includes(`.${order_id}.`)) &&
  [...twin.snapshot.records("MESSAGE")].some(({ item }) => item.order_id === order_id && item.status === "sending");

const sawRefund = (reach: World["reach"], before: Item | undefined, after: Item): void => {
  const lines = after.lines as readonly { readonly quantity: number; readonly units: readonly string[] }[];
  if (!before && lines.some(({ units }) => units.length > 0)) reach.saw("numbers were taken back");
  if (!before && lines.some(({ quantity }) => quantity === 0)) reach.saw("money was given back, and no piece");
  if (!before && lines.some(({ quantity, units }) => quantity > units.length)) reach.saw("pieces were refunded whose numbers were worthless already");
  if (before && before.status !== after.status) reach.saw(`a refund went from ${before.status} to ${after.status}`);
  if (before?.sent_at !== undefined && after.keys_spent !== before.keys_spent && after.sent_at !== undefined)
    reach.saw("a refund was asked for anew under another key");
};

const sawOrder = (reach: World["reach"], before: Item | undefined, after: Item): void => {
  const count = Number(after.refund_count ?? 0);
  const open = Number(after.refunds_open ?? 0);
  if (count > Number(before?.refund_count ?? 0) && open > 1) reach.saw("a refund was claimed while another was under way");
  if (count > Number(before?.refund_count ?? 0) && before?.failed_refunds !== undefined && after.failed_refunds !== undefined)
    reach.saw("a refund left part of what had come to nothing owed");
  if (after.status === "refunded" && before?.status !== "refunded" && count > 1) reach.saw("the last of several refunds ended the order");
  if (before?.status === "refunded" && after.status === "paid") reach.saw("a refunded order was paid again: its refund came back");
  if (before?.status === "attention" && after.status === "refund_pending") reach.saw("money that never fitted went back");
  if (before?.status === "refund_pending" && after.status === "paid") reach.saw("a full refund came to nothing");
};
