// A person records how a matter ended outside of this system. No money moves; units that were still kept for the order go back to stock.
import type { Clock } from "../../platform/clock/clock.ts";
import type { CommandAnswer, CommandRequest } from "../../platform/edge/operator.ts";
import { commanded } from "../../platform/operation/command.ts";
import { contentOf, type Operation, operationId, operations } from "../../platform/operation/operation.ts";
import { type Table, TableBusy } from "../../platform/table/model.ts";
import { releaseUnit } from "../inventory/index.ts";
import { markSettled, type Order, orders } from "../orders/index.ts";
import type * as contract from "./contract.ts";
import { decideSettlement, type Matter } from "./desk-decision.ts";
import { poolOf } from "./engine.ts";
import { loadMatter } from "./load-matter.ts";

export interface SettlePorts {
  readonly table: Table;
  readonly clock: Clock;
}
type Request = CommandRequest<typeof contract.settleException>;
type Answer = CommandAnswer<typeof contract.settleException>;

const kind = "exception_settled";
/** How often an order may change under our eyes before the operator is asked to repeat. */
const looksMax = 4;

export const settleException = async (request: Request, ports: SettlePorts): Promise<Answer> => {
  for (let look = 0; look < looksMax; look++) {
    const answer = await attempt(request, ports);
    if (answer !== "moved") return answer;
  }
  throw new TableBusy("the order changes faster than it can be settled");
};

const attempt = async ({ body, principal, key }: Request, { table, clock }: SettlePorts): Promise<Answer | "moved"> => {
  const [order, before] = await table.getMany(
    [
      [orders, { merchant_id: body.merchant_id, order_id: body.order_id }],
      [operations, { id: operationId(principal, kind, key) }],
    ],
    { consistent: true },
  );
  if (before) return replayed(before, body);
  if (!order) return { kind: "refused", refusal: "order_unknown" };
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
