// A person records how a matter ended outside of this system. No money moves; units that were still kept for the order go back to stock.
import type { Clock } from "../../platform/clock/clock.ts";
import type { CommandAnswer, CommandRequest } from "../../platform/edge/operator.ts";
import { commanded } from "../../platform/operation/command.ts";
import { contentOf, type Operation, operationId } from "../../platform/operation/operation.ts";
import type { Table } from "../../platform/table/model.ts";
import { releaseUnit } from "../inventory/index.ts";
import { markSettled, type Order } from "../orders/index.ts";
import type * as contract from "./contract.ts";
import { decideSettlement, type Matter } from "./desk-decision.ts";
import { poolOf } from "./engine.ts";
import { loadMatter } from "./load-matter.ts";
import { onOrder } from "./order-command.ts";

export interface SettlePorts {
  readonly table: Table;
  readonly clock: Clock;
}
type Request = CommandRequest<typeof contract.settleException>;
type Answer = CommandAnswer<typeof contract.settleException>;

const kind = "exception_settled";

export const settleException = (request: Request, ports: SettlePorts): Promise<Answer> =>
  onOrder<Answer>(
    {
      order: request.body,
      operation: operationId(request.principal, kind, request.key),
      attempt: (order) => attempt(request, order, ports),
      replayed: (before) => replayed(before, request.body),
    },
    ports.table,
  );

const attempt = async ({ body, principal, key }: Request, order: Order, { table, clock }: SettlePorts): Promise<Answer | "moved"> => {
  const matter = await loadMatter(order, table);
  const decision = decideSettlement(matter, body.reason);
  if (decision.kind === "refused") return decision;

  const now = clock.now();
  const { released } = decision;
  const outcome = await table.transact([
    markSettled(order, body.reason, now),
    ...released.flatMap((unit_id) => releaseUnit(poolOf(order), unit_id, order.id, now)),
    commanded(
      { kind, principal, key, body, merchant_id: order.merchant_id, subject: order.id, details: journal(order, matter, released, body) },
      now,
    ),
  ]);
  switch (outcome.kind) {
    case "committed":
      return { kind: "ok", result: { order_id: order.id, reason: body.reason, released: [...released] } };
    case "repeated":
      return replayed(outcome.operation as Operation, body);
    case "refused":
      return "moved";
  }
};

/** What stood on the desk, and the person's words for its end. */
const journal = (order: Order, { payment }: Matter, released: readonly string[], { reason, note }: Request["body"]): Record<string, unknown> => ({
  order_id: order.id,
  status: order.status,
  about: order.attention_note?.reason ?? order.reason,
  reason,
  released,
  payment_id: payment?.id,
  ...(payment?.captured !== undefined && {
    money: { amount: payment.captured, back: payment.refunded ?? 0, currency: payment.captured_currency ?? payment.currency },
  }),
  ...(note !== undefined && { note }),
});

const replayed = (before: Operation, body: Request["body"]): Answer => {
  if (before.content !== contentOf(body)) return { kind: "refused", refusal: "key_reused" };
  const released = before.details.released as readonly string[];
  return { kind: "ok", repeated: true, result: { order_id: before.subject, reason: body.reason, released: [...released] } };
};
