// The journal is written behind the sale, from the operations that the sale recorded anyway: nothing of it is on a buyer's path.
import { businessDate, type Instant, plusMinutes } from "../../platform/clock/clock.ts";
import { dayStart, plusDays } from "../../platform/clock/day.ts";
import { type Operation, operations } from "../../platform/operation/operation.ts";
import type { Table } from "../../platform/table/model.ts";
import { addLine, firstNight, type JournalLine, nightShard } from "./journal-table.ts";
import { zoneOf } from "./zone.ts";

export interface JournalPorts {
  readonly table: Table;
}

/** A day is compared this long after its end: every checkout that began in it is over by then. */
export const afterMidnightMinutes = 90;

/** When a merchant's day may be compared. */
export const nightAfter = (date: string, zone: string): Instant => plusMinutes(dayStart(plusDays(date, 1), zone), afterMidnightMinutes);

/** Enters an operation that moved money; begins the nights of a new connection. Everything else is no business of the books. Safe to repeat. */
export const enter = async (operation_id: string, { table }: JournalPorts): Promise<void> => {
  const operation = await table.get(operations, { id: operation_id });
  if (!operation) throw new Error("an operation that is not there yet");
  if (operation.kind === "provider_connected") return beginNights(operation, table);
  const line = lineOf(operation);
  if (line) await table.write(addLine(line));
};

/** Money moved where the operation says what was captured, or names a refund; a dispute is about money that had come in before. */
export const lineOf = ({ id, kind, at, merchant_id, subject, details }: Operation): JournalLine | undefined => {
  const { order_id, captured: said, refund_id, dispute_id, amount, currency } = details;
  const captured = dispute_id === undefined ? said : undefined;
  if (typeof captured !== "number" && typeof refund_id !== "string" && typeof dispute_id !== "string") return undefined;
  return {
    id,
    kind,
    at,
    merchant_id,
    order_id: typeof order_id === "string" ? order_id : subject,
    ...(typeof captured === "number" && { captured }),
    ...(typeof refund_id === "string" && { refund_id }),
    ...(typeof dispute_id === "string" && { dispute_id }),
    ...(typeof amount === "number" && { amount }),
    ...(typeof currency === "string" && { currency }),
  };
};

const beginNights = async ({ merchant_id, subject, at }: Operation, table: Table): Promise<void> => {
  const zone = await zoneOf(table, merchant_id);
  const date = businessDate(at as Instant, zone);
  const due = { due_shard: nightShard, due_at: nightAfter(date, zone) };
  await table.write(firstNight({ merchant_id, connection_id: subject, next_date: date, next_from: dayStart(date, zone), ...due }));
};
