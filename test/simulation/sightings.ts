// Rare situations, recognised as they happen. What no run has met, no run has tested.
import type { Commit } from "../../platform/table/memory.ts";
import { sawDisputeCommit, sawDisputeNews } from "./dispute-sightings.ts";
import { sawRefundCommit } from "./refund-sightings.ts";
import { sawLeave } from "./replacement-sightings.ts";
import type { Execution } from "./scheduler.ts";
import type { World } from "./world-model.ts";

const operationOf = (commit: Commit): string | undefined => {
  const made = commit.changes.find(({ key }) => key.pk.startsWith("OP#"));
  return made?.after && String(made.after.kind);
};

export const sawCommit = (world: World, commit: Commit, by: Execution | undefined): void => {
  const { reach } = world;
  const operation = operationOf(commit);
  if (operation) reach.saw(`committed ${operation}`);
  if (operation === "hold_expired" && by?.tags.has("sweep")) reach.saw("sweep ended a hold");
  const closed = commit.changes.find(({ key, after }) => key.pk.startsWith("PAYMENT#") && after?.status === "cancelled")?.after;
  if (closed && closed.session_id === undefined) reach.saw("a hold ended without a session");
  soldAgain(world, commit);
  sawLeave(world, commit, by);
  sawRefundCommit(world, commit);
  sawDisputeCommit(world, commit, by);
  if (operation === "order_paid" && by?.tags.has("sweep")) reach.saw("sweep rescued an order");
  if (by?.tags.has("abandoned")) reach.saw("a function that nobody waits for wrote");
  for (const { key, before, after } of commit.changes) {
    if (key.pk.startsWith("INBOX#") && before?.due_at !== undefined && after?.due_at !== before.due_at) reach.saw("news was heard again");
    if (key.pk.startsWith("FINDING#") && after) reach.saw(before ? `a difference was ${after.state}` : "a difference was noted");
    if (!key.pk.startsWith("MESSAGE#") || !after) continue;
    if (before && after.attempt === 2 && before.attempt === 1) reach.saw("second attempt at a text");
    if (after.error_code === "nothing_to_tell") reach.saw("nothing was left to tell");
    if (before?.status === "not_sent" && after.status === "sending") reach.saw("text tried again that was not taken");
    if (before?.status === "sending" && (after.status === "delivered" || after.status === "undelivered"))
      reach.saw("delivery reported before the text was noted as sent");
  }
};

const soldAgain = (world: World, commit: Commit): void => {
  const { reach } = world;
  const released = world.released;
  const operation = operationOf(commit);
  for (const { key, before, after } of commit.changes) {
    if (key.pk.startsWith("UNIT#") && operation === "hold_expired") released.add(key.pk);
    if (key.pk.startsWith("UNIT#") && operation === "order_placed" && released.has(key.pk)) reach.saw("unit held again after its release");
    if (!key.pk.startsWith("ORDER#")) continue;
    if (operation === "order_paid" && before?.status === "expired") reach.saw("late money took another unit");
    if (operation === "order_needs_attention" && after) reach.saw(`a person is needed: ${String(after.reason)}`);
  }
};

/** Money and the end of the hold: who was first. */
export const sawPayment = (world: World, orderId: string, kind: string): void => {
  world.reach.saw(`pays near the end: ${kind}`);
  if (kind !== "paid") return;
  for (const { item } of world.twin.snapshot.records("ORDER")) {
    if (item.id !== orderId || Date.parse(String(item.hold_until)) > world.scheduler.now) continue;
    world.reach.saw(item.status === "awaiting_payment" ? "payment crossed the end of the hold" : "money after the hold");
  }
};

/** Deaths that leave an outcome open. */
const deaths: readonly (readonly [RegExp, string])[] = [
  [/^hears from Stripe$/, "died between the session's creation and its record"],
  [/^write change PAYMENT or session_exists$/, "died between the session's creation and its record"],
  [/^transact order_placed$/, "died around the hold"],
  [/^transact order_paid$/, "died around the delivery"],
  [/^hears from Stripe that a session ended$|^transact hold_expired$/, "died around the release"],
  [/^hears from Stripe of a refund$|^transact order_refunded$/, "died around a refund"],
  [/^transact refund_requested$/, "died around the debt"],
  [/^transact dispute_|^asks Stripe for disputes$/, "died while a dispute was weighed"],
  [/^transact unit_replaced$/, "died around a replacement"],
  [/^transact batch_recalled$/, "died around a recall"],
  [/^transact unit_retired$/, "died around a retirement"],
  [/^hears from Twilio$/, "died between a text and its record"],
  [/^sends a batch of events/, "dispatcher died"],
  [/^starts fulfil-order$/, "died around the start of the workflow"],
];
export const sawDeath = (world: World, label: string): void => {
  for (const [pattern, situation] of deaths) if (pattern.test(label)) world.reach.saw(situation);
};

/** An event about an order that is paid already. */
export const sawWebhook = (world: World, body: string): void => {
  if (body.includes('"charge.dispute.')) sawDisputeNews(world, body);
  for (const { item } of world.twin.snapshot.records("ORDER")) {
    if (item.status === "paid" && body.includes(String(item.id))) world.reach.saw("event after the order was paid");
  }
};

/** Confirm answers "pending" while the provider holds the money: it read an old payment, or none. */
export const sawConfirmation = (world: World, orderId: string, settlement: string): void => {
  if (settlement === "done") world.reach.saw("workflow of an order that was finished");
  if (settlement !== "pending") return;
  const paid = world.stripe.truth().payment_intents.some((intent) => intent.status === "succeeded" && intent.metadata.order_id === orderId);
  if (paid) world.reach.saw("confirm did not see the session yet");
};

/** Somebody is told "sold out" who came while there was stock. */
export const sawSoldOut = (world: World, freeAtStart: number): void => {
  if (freeAtStart > 0) world.reach.saw("sold out to a buyer who came while there was stock");
};

/** The end of a hold: it came about, or something stood against it. */
export const sawRelease = (world: World, release: { readonly released: boolean; readonly reason?: string }): void => {
  world.reach.saw(release.released ? "hold released" : `release refused: ${release.reason}`);
};
