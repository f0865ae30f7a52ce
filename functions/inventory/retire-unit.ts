// One unit leaves the sale, or its books are closed. The state and its token move in one transaction; a person may do less than the declared life allows.
import type { Clock } from "../../platform/clock/clock.ts";
import type { CommandAnswer, CommandRequest } from "../../platform/edge/operator.ts";
import { commanded } from "../../platform/operation/command.ts";
import { contentOf, type Operation, operationId, operations } from "../../platform/operation/operation.ts";
import { type Table, TableBusy } from "../../platform/table/model.ts";
import type * as contract from "./contract.ts";
import { type UnitStatus, unitIdOf, whyNotRetired } from "./unit.ts";
import { moveUnit, units, withdrawUnit } from "./unit-table.ts";

export interface RetirePorts {
  readonly table: Table;
  readonly clock: Clock;
}
type Answer = CommandAnswer<typeof contract.retireUnit>;

const kind = "unit_retired";
/** How often a unit may change under our eyes before the operator is asked to repeat. */
const looksMax = 4;

export const retireUnit = async ({ body, ...by }: CommandRequest<typeof contract.retireUnit>, ports: RetirePorts): Promise<Answer> => {
  const { table, clock } = ports;
  const id = { merchant_id: body.merchant_id, unit_id: unitIdOf(body.merchant_id, body.listing_item_id, body.location_id, body.serial_number) };
  const operation = operationId(by.principal, kind, by.key);
  for (let look = 0; look < looksMax; look++) {
    const [unit, before] = await table.getMany(
      [
        [units, id],
        [operations, { id: operation }],
      ],
      { consistent: true },
    );
    if (before) return replayed(before, body);
    if (!unit) return { kind: "refused", refusal: "unit_unknown" };
    const refusal = whyNotRetired(unit, body.to);
    if (refusal) {
      // The unit may be where it is by this very command, sent twice at once: a batch of reads is no snapshot.
      const first = await table.get(operations, { id: operation }, { consistent: true });
      if (first) return replayed(first, body);
      return { kind: "refused", refusal, context: { status: unit.status, ...(unit.order_id && { order_id: unit.order_id }) } };
    }

    const now = clock.now();
    const leave = { reason: body.reason, operation };
    const details = {
      from: unit.status,
      to: body.to,
      reason: body.reason,
      ...(unit.status_operation && { before: unit.status_operation }),
      ...(unit.order_id && { order_id: unit.order_id }),
    };
    const outcome = await table.transact([
      ...(unit.status === "available" ? withdrawUnit(unit, body.to, leave, now) : [moveUnit(unit, unit.status, body.to, leave, now)]),
      commanded({ kind, ...by, body, merchant_id: body.merchant_id, subject: unit.id, details }, now),
    ]);
    if (outcome.kind === "repeated") return replayed(outcome.operation as Operation, body);
    if (outcome.kind === "committed") return { kind: "ok", result: { unit_id: unit.id, from: unit.status, to: body.to } };
  }
  throw new TableBusy("the unit changes faster than it can be retired");
};

const replayed = (before: Operation, body: CommandRequest<typeof contract.retireUnit>["body"]): Answer =>
  before.content === contentOf(body)
    ? { kind: "ok", result: { unit_id: before.subject, from: before.details.from as UnitStatus, to: body.to }, repeated: true }
    : { kind: "refused", refusal: "key_reused" };
