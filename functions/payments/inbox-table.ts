// What providers told us: each verified event once. News of money that had come in, and of money that comes after its hold, is heard again later,
// because nothing else waits for it.
import * as z from "zod";
import { type Instant, plusMinutes } from "../../platform/clock/clock.ts";
import { change, create, entity, guarded, type Write, when } from "../../platform/table/model.ts";

export const InboxEvent = z.object({
  connection_id: z.string(),
  event_id: z.string(),
  type: z.string(),
  order_id: z.string().optional(),
  /** The payment it is about, where it did not name the order itself. */
  intent_id: z.string().optional(),
  merchant_id: z.string(),
  received_at: z.string(),
  /** What it is about besides a payment coming in: a refund, or a dispute. */
  news: z.enum(["refund", "dispute"]).optional(),
  /** How often it was heard again. */
  heard: z.int().optional(),
  /** When the sweep starts the workflow for it once more; gone once that was done often enough. */
  due_shard: z.string().optional(),
  due_at: z.string().optional(),
});
export type InboxEvent = z.infer<typeof InboxEvent>;

export const inbox = entity({
  name: "inbox_event",
  prefix: "INBOX",
  about: "A verified event of a payment provider, stored before it is answered. A hint: the truth is looked up.",
  schema: InboxEvent,
  key: (id: { connection_id: string; event_id: string }) => ({ pk: `INBOX#${id.connection_id}#${id.event_id}`, sk: "EVENT" }),
});

/** Shard of the `due` index on which news waits to be heard again. */
export const newsShard = "news";
/** From receipt to the first time that news is heard again, and from there to the next. A run that fails takes less. */
const firstMinutes = 2;
const nextMinutes = 8;
/** How often it is heard again. */
const hearingsMax = 2;

const dueFrom = (at: Instant) => ({ due_shard: newsShard, due_at: plusMinutes(at, firstMinutes) });

/** A payment on its way is looked after by its order; news of an order that is over is looked after by nobody but this. @param late money came after its hold */
export const receiveEvent = (event: Omit<InboxEvent, "due_shard" | "due_at" | "heard">, late: boolean): Write<"seen_before"> => {
  const owed = (event.news !== undefined || late) && event.order_id !== undefined;
  return guarded("seen_before", create(inbox, event, { ...event, ...(owed && dueFrom(event.received_at as Instant)) }));
};

/** Whose an event is was not known when it was stored, and is now. */
export const nameOrder = (event: InboxEvent, order_id: string, at: Instant): Write<"named_before"> =>
  guarded("named_before", change(inbox, event, { set: { order_id, ...(event.news && dueFrom(at)) } }, when.missing("order_id")));

/** The next time is written before the workflow is started: a start that fails is made good then. */
export const hearLater = (event: InboxEvent, now: Instant): Write<"moved"> =>
  guarded("moved", change(inbox, event, { set: { due_at: plusMinutes(now, nextMinutes) } }, when.equals("due_at", event.due_at ?? "")));

/** The workflow has started for it once more. What was heard often enough is not due any more. @param event as it was before */
export const newsHeard = (event: InboxEvent): Write<never> => {
  const heard = (event.heard ?? 0) + 1;
  return change(inbox, event, { set: { heard }, ...(heard >= hearingsMax && { remove: ["due_shard", "due_at"] }) }, when.present);
};
