// Rare situations of disputes, recognised as they happen.
import type { Commit } from "../../platform/table/memory.ts";
import type { Execution } from "./scheduler.ts";
import type { World } from "./world-model.ts";

type Item = Readonly<Record<string, unknown>>;
const disputeOf = (order: Item | undefined) =>
  order?.dispute as { readonly id: string; readonly status: string; readonly inquiry?: boolean } | undefined;
const orderOf = (world: World, id: string): Item | undefined => [...world.twin.snapshot.records("ORDER")].find(({ item }) => item.id === id)?.item;

/** A payer goes to the bank. */
export const sawBank = (world: World, orderId: string, before: string): void => {
  const order = orderOf(world, orderId);
  if (order?.status === "awaiting_payment") world.reach.saw("dispute was faster than the sale");
  if (before === "another_unit" && order?.status === "paid") world.reach.saw("dispute of an order with another unit");
};

/** The provider's dispute moves. */
export const sawMove = (world: World, intent: string, id: string, to: string): void => {
  const others = world.stripe.truth().disputes.filter((each) => each.payment_intent === intent && each.id !== id);
  if (to === "warning_closed") world.reach.saw("inquiry closed");
  if (to === "warning_needs_response") world.reach.saw("inquiry opened");
  if (!/needs_response$/.test(to)) return;
  if (others.some(({ status }) => status === "won")) world.reach.saw("second dispute after a won one");
  if (others.some(({ status }) => !["won", "lost", "warning_closed"].includes(status))) world.reach.saw("two disputes at once");
};

/** Nothing more comes of the quarrel. */
export const sawQuarrelEnds = (world: World, orderId: string): void => {
  const order = orderOf(world, orderId);
  const refunds = [...world.twin.snapshot.records("REFUND")].filter(({ item }) => item.order_id === orderId);
  if (disputeOf(order)?.status === "open" && refunds.some(({ item }) => item.status === "requested"))
    world.reach.saw("a refund waits for the end of a dispute");
};

/** One commit of a dispute's step, or of a refund beside one. */
export const sawDisputeCommit = (world: World, commit: Commit, by: Execution | undefined): void => {
  const { reach } = world;
  const operation = commit.changes.find(({ key, before }) => key.pk.startsWith("OP#") && !before)?.after;
  const order = commit.changes.find(({ key }) => key.pk.startsWith("ORDER#"));
  if (operation?.kind === "refund_failed" && (operation.details as Item).failure === "disputed")
    reach.saw("a refund ended unsent with a lost dispute");
  if (operation?.kind === "order_refunded" && disputeOf(order?.after)?.status === "won") reach.saw("a refund came after a won dispute");
  const asks = disputeOf(order?.before);
  if (operation?.kind === "refund_requested" && asks?.status === "open" && asks.inquiry) reach.saw("a refund was asked for while the bank only asks");
  if (!order || !String(operation?.kind).startsWith("dispute_")) return;
  const from = disputeOf(order.before);
  const to = disputeOf(order.after);
  const waiting = Number(order.before?.refunds_open ?? 0);
  if (to?.status === "open") {
    if (waiting > 0) reach.saw("dispute opened while a refund was under way");
    else if (Number(order.before?.refunded ?? 0) > 0) reach.saw("dispute of money that went back in part");
    return;
  }
  if (from?.id !== to?.id) reach.saw("dispute had ended before it was known to be open");
  if (to?.status === "lost" && waiting > 0) reach.saw("dispute lost while a refund was claimed");
  if (by?.tags.has("sweep")) reach.saw("sweep found the end of a dispute");
};

/** News of a dispute as it comes in: of a state that is past already, or not taken. */
export const sawDisputeNews = (world: World, body: string): void => {
  const told = JSON.parse(body) as { readonly type: string; readonly data: { readonly object: { readonly id: string; readonly status: string } } };
  const now = world.stripe.truth().disputes.find(({ id }) => id === told.data.object.id);
  if (now && now.status !== told.data.object.status) world.reach.saw("news of a dispute was older than its state");
};
