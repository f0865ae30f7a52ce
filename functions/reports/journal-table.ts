import * as z from "zod";
import type { Instant } from "../../platform/clock/clock.ts";
import { type Change, change, create, entity, guarded, type Write, when } from "../../platform/table/model.ts";

export const JournalLine = z.object({
  /** The operation it tells of. */
  id: z.string(),
  kind: z.string(),
  at: z.string(),
  merchant_id: z.string(),
  order_id: z.string(),
  /** Present where money was captured: minor units. */
  captured: z.int().optional(),
  /** Present where money goes or went back. */
  refund_id: z.string().optional(),
  /** Present where a dispute began or ended. */
  dispute_id: z.string().optional(),
  amount: z.int().optional(),
  currency: z.string().optional(),
});
export type JournalLine = z.infer<typeof JournalLine>;

/** Where a line stands: the day is UTC's, so that a line's place never depends on a merchant's settings. */
export const journalPartition = (merchant_id: string, utcDate: string): string => `JOURNAL#${merchant_id}#${utcDate}`;

export const journalLines = entity({
  name: "journal_line",
  prefix: "JOURNAL",
  about:
    "A movement of money, or a dispute of it, by merchant and UTC day, in order of time: what our books say happened. Written behind the sale, from its operation.",
  schema: JournalLine,
  key: (line: { merchant_id: string; at: string; id: string }) => ({
    pk: journalPartition(line.merchant_id, line.at.slice(0, 10)),
    sk: `${line.at}#${line.id}`,
  }),
});

export const addLine = (line: JournalLine): Write<"known"> => guarded("known", create(journalLines, line, line));

export const Night = z.object({
  merchant_id: z.string(),
  connection_id: z.string(),
  /** The first business date of the merchant that has not been compared yet. */
  next_date: z.string(),
  /** The first instant that has not been compared: where the last day ended, whatever zone the merchant has now. Absent: where that date begins. */
  next_from: z.string().optional(),
  /** How often that date was looked at and left differences that another look had to tell of; absent: never. */
  looks: z.int().optional(),
  due_shard: z.string(),
  due_at: z.string(),
});
export type Night = z.infer<typeof Night>;

/** Shard of the `due` index on which connections wait for their night. */
export const nightShard = "nights";

export const nights = entity({
  name: "night",
  prefix: "NIGHT",
  about: "Up to which day a connection's books have been compared with ours; on the `due` index for the next night.",
  schema: Night,
  key: (id: { merchant_id: string; connection_id: string }) => ({ pk: `NIGHT#${id.merchant_id}`, sk: id.connection_id }),
});

export const firstNight = (night: Night): Write<"known"> => guarded("known", create(nights, night, night));

/** The day is done. */
export const nextNight = (night: Night, next: Required<Pick<Night, "next_date" | "next_from" | "due_at">>): Write<"moved"> =>
  moveNight(night, { set: next, remove: ["looks"] });

/** Whoever compares takes the connection's turn first: should that run end early, the others come before it the next time. */
export const takeTurn = (night: Night, due_at: Instant): Write<"moved"> => moveNight(night, { set: { due_at } });

/** The same day once more. */
export const lookAgain = (night: Night, due_at: Instant): Write<"moved"> => moveNight(night, { set: { due_at, looks: (night.looks ?? 0) + 1 } });

/** Only from where it was read: two runs at once move it once. */
const moveNight = (night: Night, move: Change<Night>): Write<"moved"> =>
  guarded("moved", change(nights, night, move, when.all(when.equals("next_date", night.next_date), when.equals("due_at", night.due_at))));
