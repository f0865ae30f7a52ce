// A person accepts money on the exceptions desk: it buys units after all, by the same writes as any delivery and in one transaction.
import { takeUnits } from "../../kernel/allocation.ts";
import type { Clock } from "../../platform/clock/clock.ts";
import type { CommandAnswer, CommandRequest } from "../../platform/edge/operator.ts";
import { commanded } from "../../platform/operation/command.ts";
import { contentOf, type Operation, operationId } from "../../platform/operation/operation.ts";
import type { Random } from "../../platform/random/random.ts";
import { type Table, TableBusy } from "../../platform/table/model.ts";
import { poolReader, units } from "../inventory/index.ts";
import { markGiven, type Order } from "../orders/index.ts";
import { standsWhole } from "../payments/index.ts";
import type * as contract from "./contract.ts";
import { decideGift, type Gift } from "./desk-decision.ts";
import { handOver, poolOf } from "./engine.ts";
import { loadMatter } from "./load-matter.ts";
import { onOrder } from "./order-command.ts";

export interface GivePorts {
  readonly table: Table;
  readonly clock: Clock;
  readonly random: Random;
}
type Request = CommandRequest<typeof contract.giveUnits>;
type Answer = CommandAnswer<typeof contract.giveUnits>;

const kind = "units_given";

export const giveUnits = (request: Request, ports: GivePorts): Promise<Answer> =>
  onOrder<Answer>(
    {
      order: request.body,
      operation: operationId(request.principal, kind, request.key),
      attempt: (order) => attempt(request, order, ports),
      replayed: (before) => replayed(before, request, ports),
    },
    ports.table,
  );

const attempt = async (request: Request, order: Order, ports: GivePorts): Promise<Answer | "moved"> => {
  const { table, random } = ports;
  const decision = decideGift(await loadMatter(order, table), request.body.accept_amount);
  if (decision.kind === "refused") return decision;
  const { gift } = decision;
  if (gift.missing === 0) return (await commit(request, order, gift, [], ports)).answer;

  const taken = await takeUnits(poolReader(table, poolOf(order)), gift.missing, random.number, async (tokens) => {
    const free = tokens.map(({ unit_id }) => unit_id);
    const { isTaken, answer } = await commit(request, order, gift, free, ports);
    return isTaken ? { kind: "taken" } : { kind: "answered", answer };
  });
  if (taken.kind === "busy") throw new TableBusy("every unit tried was taken by someone faster");
  return taken.kind === "answered" ? taken.answer : { kind: "refused", refusal: "out_of_stock", context: { next: "refundOrder" } };
};

/** The one transaction: order paid, units handed over, the money looked at again, the operation that owes the text. */
const commit = async (
  request: Request,
  order: Order,
  gift: Gift,
  free: readonly string[],
  ports: GivePorts,
): Promise<{ isTaken: boolean; answer: Answer | "moved" }> => {
  const { body, principal, key } = request;
  const now = ports.clock.now();
  const given = [...gift.held, ...free];
  const lines = order.lines.map((line, place) => (place === 0 ? { ...line, units: [...gift.kept, ...given] } : line));
  const accepted = gift.accepted && { ...gift.accepted, by: principal.id, at: now };
  const outcome = await ports.table.transact([
    ...handOver(order, { held: gift.held, free }, now),
    markGiven(order, { lines, intentId: gift.payment.intent_id, accepted }, now),
    standsWhole(gift.payment),
    commanded(
      { kind, principal, key, body, merchant_id: order.merchant_id, subject: order.id, details: journal(order, gift, given, body.note) },
      now,
    ),
  ]);
  switch (outcome.kind) {
    case "committed":
      return { isTaken: false, answer: { kind: "ok", result: await resultOf(order.merchant_id, order.id, given, ports) } };
    case "repeated":
      return { isTaken: false, answer: await replayed(outcome.operation as Operation, request, ports) };
    case "refused":
      return { isTaken: outcome.refusal === "unit_taken", answer: "moved" };
  }
};

/** The capture itself was entered when the money came; here is what became of it, and who took what for the price. */
const journal = (order: Order, { payment, accepted }: Gift, given: readonly string[], note: string | undefined): Record<string, unknown> => ({
  order_id: order.id,
  units: given,
  was: order.status,
  reason: order.attention_note?.reason ?? order.reason,
  payment_id: payment.id,
  money: { planned: order.total, amount: payment.captured, difference: accepted?.difference ?? 0, currency: order.currency },
  ...(note !== undefined && { note }),
});

const resultOf = async (merchant_id: string, order_id: string, unitIds: readonly string[], { table }: GivePorts) => {
  const found = await table.getMany(
    unitIds.map((unit_id) => [units, { merchant_id, unit_id }] as const),
    { consistent: true },
  );
  return { order_id, units: found.flatMap((unit) => (unit ? [{ unit_id: unit.id, serial_number: unit.serial_number }] : [])) };
};

const replayed = async (before: Operation, { body }: Request, ports: GivePorts): Promise<Answer> => {
  if (before.content !== contentOf(body)) return { kind: "refused", refusal: "key_reused" };
  const given = before.details.units as readonly string[];
  return { kind: "ok", repeated: true, result: await resultOf(before.merchant_id, before.subject, given, ports) };
};
