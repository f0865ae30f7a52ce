// A buyer's unit is defective: it leaves them and another one takes its place on the same line, in one transaction. Never two, never none.
import { takeUnits } from "../../kernel/allocation.ts";
import type { Clock } from "../../platform/clock/clock.ts";
import type { CommandAnswer, CommandRequest } from "../../platform/edge/operator.ts";
import { commanded } from "../../platform/operation/command.ts";
import { contentOf, type Operation, operationId } from "../../platform/operation/operation.ts";
import type { Random } from "../../platform/random/random.ts";
import { type Table, TableBusy } from "../../platform/table/model.ts";
import { markDefective, type PoolId, poolReader, sellUnit, unitIdOf, units } from "../inventory/index.ts";
import { type Order, replaceUnits } from "../orders/index.ts";
import type * as contract from "./contract.ts";
import { poolOf } from "./engine.ts";
import { onOrder } from "./order-command.ts";

export interface ReplacePorts {
  readonly table: Table;
  readonly clock: Clock;
  readonly random: Random;
}
type Request = CommandRequest<typeof contract.replaceUnit>;
type Answer = CommandAnswer<typeof contract.replaceUnit>;

const kind = "unit_replaced";

export const replaceUnit = (request: Request, ports: ReplacePorts): Promise<Answer> =>
  onOrder<Answer>(
    {
      order: request.body,
      operation: operationIdOf(request),
      attempt: (order) => attempt(request, order, ports),
      replayed: (before) => replayed(before, request, ports),
    },
    ports.table,
  );

const attempt = async (request: Request, order: Order, ports: ReplacePorts): Promise<Answer | "moved"> => {
  const { body } = request;
  const { table, random } = ports;
  if (order.status !== "paid") return { kind: "refused", refusal: "order_not_paid", context: { status: order.status } };
  const place = placeOf(order, body.serial_number);
  if (!place) return { kind: "refused", refusal: await whyNotThere(order, body.serial_number, ports) };

  const unit = await table.get(units, { merchant_id: order.merchant_id, unit_id: place.unit_id }, { consistent: true });
  if (unit?.frozen_by !== undefined) return { kind: "refused", refusal: "unit_disputed", context: { dispute_id: unit.frozen_by } };
  if (unit?.status !== "sold")
    return {
      kind: "refused",
      refusal: "unit_not_sold",
      context: { status: unit?.status, ...(unit?.status_reason && { reason: unit.status_reason }) },
    };

  const taken = await takeUnits<{ unit_id: string }, Answer | "moved">(poolReader(table, place.pool), 1, random.number, async ([token]) => {
    if (!token) throw new Error("a pick of nothing");
    return commit(request, order, place, token.unit_id, ports);
  });
  if (taken.kind === "busy") throw new TableBusy("every unit tried was taken by someone faster");
  if (taken.kind === "answered") return taken.answer;
  // Ready to be sent: the money for this unit, and this unit with it.
  const lines = [{ line: order.lines.indexOf(place.line), quantity: 1, serial_numbers: [body.serial_number] }];
  return { kind: "refused", refusal: "out_of_stock", context: { next: "refundOrder", lines } };
};

interface Place {
  readonly line: Order["lines"][number];
  readonly unit_id: string;
  readonly pool: PoolId;
}

/** The one transaction: old unit out, new unit in, the order's line, the operation that owes the text. */
const commit = async (
  request: Request,
  order: Order,
  { line, unit_id, pool }: Place,
  replacement: string,
  ports: ReplacePorts,
): Promise<{ kind: "taken" } | { kind: "answered"; answer: Answer | "moved" }> => {
  const { body } = request;
  const now = ports.clock.now();
  const lines = order.lines.map((each) => (each === line ? { ...line, units: line.units.map((id) => (id === unit_id ? replacement : id)) } : each));
  const outcome = await ports.table.transact([
    replaceUnits(order, lines),
    markDefective(order.merchant_id, unit_id, order.id, { reason: body.reason, operation: operationIdOf(request) }, now),
    ...sellUnit(pool, replacement, order, now),
    commanded(
      {
        kind,
        principal: request.principal,
        key: request.key,
        body,
        merchant_id: order.merchant_id,
        subject: order.id,
        details: { listing_item_id: line.listing_item_id, defective: unit_id, replacement, reason: body.reason },
      },
      now,
    ),
  ]);
  switch (outcome.kind) {
    case "committed":
      return { kind: "answered", answer: { kind: "ok", result: await resultOf(order, unit_id, replacement, ports) } };
    case "repeated":
      return { kind: "answered", answer: await replayed(outcome.operation as Operation, request, ports) };
    case "refused":
      return outcome.refusal === "unit_taken" ? { kind: "taken" } : { kind: "answered", answer: "moved" };
  }
};

const operationIdOf = ({ principal, key }: Request): string => operationId(principal, kind, key);
const unitOfLine = (order: Order, line: Order["lines"][number], serial: string): string =>
  unitIdOf(order.merchant_id, line.listing_item_id, order.location_id, serial);

/** The line that has the unit now. */
const placeOf = (order: Order, serial: string): Place | undefined => {
  const line = order.lines.find((each) => each.units.includes(unitOfLine(order, each, serial)));
  return line && { line, unit_id: unitOfLine(order, line, serial), pool: poolOf(order, line) };
};

const whyNotThere = async (order: Order, serial: string, { table }: ReplacePorts): Promise<"already_replaced" | "unit_not_on_order"> => {
  const once = await table.getMany(
    order.lines.map((line) => [units, { merchant_id: order.merchant_id, unit_id: unitOfLine(order, line, serial) }] as const),
    { consistent: true },
  );
  return once.some((unit) => unit?.order_id === order.id) ? "already_replaced" : "unit_not_on_order";
};

const resultOf = async (
  order: { readonly merchant_id: string; readonly id: string },
  defective_unit_id: string,
  unit_id: string,
  { table }: ReplacePorts,
) => {
  const unit = await table.get(units, { merchant_id: order.merchant_id, unit_id }, { consistent: true });
  if (!unit) throw new Error("a replacement that is not there");
  return { order_id: order.id, defective_unit_id, unit_id, serial_number: unit.serial_number };
};

const replayed = async (before: Operation, { body }: Request, ports: ReplacePorts): Promise<Answer> => {
  if (before.content !== contentOf(body)) return { kind: "refused", refusal: "key_reused" };
  const { defective, replacement } = before.details;
  const result = await resultOf({ merchant_id: before.merchant_id, id: before.subject }, String(defective), String(replacement), ports);
  return { kind: "ok", repeated: true, result };
};
