// A refund: first the claim, in one transaction with everything that it changes; the provider is asked after that, by the workflow.
import type { Clock } from "../../platform/clock/clock.ts";
import type { CommandAnswer, CommandRequest } from "../../platform/edge/operator.ts";
import { hashId } from "../../platform/ids/ids.ts";
import type { Log } from "../../platform/log/log.ts";
import { commanded } from "../../platform/operation/command.ts";
import { contentOf, type Operation, operationId } from "../../platform/operation/operation.ts";
import type { Table } from "../../platform/table/model.ts";
import type { Workflow } from "../../platform/workflow/workflow.ts";
import { releaseUnit, revokeUnit, type Unit } from "../inventory/index.ts";
import { beginRefund, type Order, orders } from "../orders/index.ts";
import { type Payment, type Refund, refundKey, refunds, requestRefund, reserveRefund } from "../payments/index.ts";
import type { OrderRef } from "./confirm.ts";
import type * as contract from "./contract.ts";
import { poolOf } from "./engine.ts";
import { loadMatter } from "./load-matter.ts";
import { onOrder } from "./order-command.ts";
import { decideRefund, linesAfter, type PlannedRefund, type RefundDecision } from "./refund-decision.ts";

export interface RefundPorts {
  readonly table: Table;
  readonly clock: Clock;
  readonly log: Log;
  readonly fulfilOrder: Workflow<OrderRef>;
}
type Request = CommandRequest<typeof contract.refundOrder>;
type Answer = CommandAnswer<typeof contract.refundOrder>;
type PreviewAnswer = CommandAnswer<typeof contract.previewRefund>;

const kind = "refund_requested";

/** What the refund would be at this moment; nothing is written and nobody is asked. */
export const previewRefund = async (
  { body }: CommandRequest<typeof contract.previewRefund>,
  { table }: Pick<RefundPorts, "table">,
): Promise<PreviewAnswer> => {
  const order = await table.get(orders, body, { consistent: true });
  if (!order) return { kind: "refused", refusal: "order_unknown" };
  const { decision, held } = await decide(body, order, table);
  return decision.kind === "refund" ? { kind: "ok", result: planOf(decision.refund, held) } : said(decision);
};

/** Reserves, then has the workflow ask the provider; a start that fails is made good by the sweep. */
export const refundOrder = async (request: Request, ports: RefundPorts): Promise<Answer> => {
  const answer = await onOrder<Answer>(
    {
      order: request.body,
      operation: operationIdOf(request),
      attempt: (order) => attempt(request, order, ports),
      replayed: (before) => replayed(before, request, ports),
    },
    ports.table,
  );
  if (answer.kind === "ok" && !answer.repeated) await startPayBack(request.body, ports);
  return answer;
};

const operationIdOf = ({ principal, key }: Request): string => operationId(principal, kind, key);

const attempt = async (request: Request, order: Order, ports: RefundPorts): Promise<Answer | "moved"> => {
  const { body, principal, key } = request;
  const { table, clock } = ports;
  const opId = operationIdOf(request);
  const { decision, payment, held } = await decide(body, order, table);
  if (decision.kind === "refused") return said(decision);
  if (!payment) throw new Error("a refund of no payment");

  const now = clock.now();
  const plan = decision.refund;
  const refund = refundOf(order, payment, plan, { id: hashId("refund", opId), reason: body.reason, at: now });
  const inquiry = order.dispute?.inquiry ? order.dispute.id : undefined;
  const outcome = await table.transact([
    beginRefund(order, { lines: linesAfter(order, plan, 1), amount: plan.amount, full: plan.full, short: plan.short }, now),
    reserveRefund(payment, plan.amount, now),
    requestRefund(refund),
    ...held.filter(({ id }) => plan.lines.some((line) => line.units.includes(id))).map((unit) => revokeUnit(unit, order.id, inquiry, opId, now)),
    ...plan.released.flatMap((unit_id) => releaseUnit(poolOf(order), unit_id, order.id, now)),
    commanded({ kind, principal, key, body, merchant_id: order.merchant_id, subject: order.id, details: journal(order, refund, plan) }, now),
  ]);
  switch (outcome.kind) {
    case "committed":
      return { kind: "ok", result: resultOf(refund, plan.full) };
    case "repeated":
      return replayed(outcome.operation as Operation, request, ports);
    case "refused":
      return "moved";
  }
};

/** Order, payment and units as they stand, and what they allow. */
const decide = async (
  body: Request["body"],
  order: Order,
  table: Table,
): Promise<{ decision: RefundDecision; payment: Payment | undefined; held: readonly Unit[] }> => {
  const { payment, units: held } = await loadMatter(order, table);
  return { decision: decideRefund(body, order, payment, held), payment, held };
};

const planOf = ({ amount, currency, full, lines, released }: PlannedRefund, held: readonly Unit[]) => ({
  amount,
  currency,
  full,
  lines: lines.map((line) => ({
    ...line,
    serial_numbers: line.units.flatMap((id) => held.flatMap((unit) => (unit.id === id ? [unit.serial_number] : []))),
  })),
  released: [...released],
});

const said = ({ refusal, left }: Extract<RefundDecision, { kind: "refused" }>) => ({
  kind: "refused" as const,
  refusal,
  ...(left !== undefined && { context: { left } }),
});

const refundOf = (
  order: Order,
  payment: Payment,
  plan: PlannedRefund,
  { id, reason, at }: { readonly id: string; readonly reason: Refund["reason"]; readonly at: string },
): Refund => ({
  id,
  merchant_id: order.merchant_id,
  order_id: order.id,
  payment_id: payment.id,
  // The way it came, also where that was not the way that was planned.
  connection_id: payment.evidence?.connection?.id ?? payment.connection_id,
  amount: plan.amount,
  currency: plan.currency,
  intent_id: payment.intent_id ?? "",
  reason,
  lines: [...plan.lines],
  status: "requested",
  provider_key: refundKey(order.merchant_id, id),
  requested_at: at,
  updated_at: at,
});

/** What the journal keeps: amounts, tax reversed, units, references. */
const journal = (order: Order, refund: Refund, plan: PlannedRefund): Record<string, unknown> => ({
  order_id: order.id,
  refund_id: refund.id,
  payment_id: refund.payment_id,
  connection_id: refund.connection_id,
  reason: refund.reason,
  amount: refund.amount,
  currency: refund.currency,
  full: plan.full,
  lines: refund.lines,
  ...(plan.released.length > 0 && { released: plan.released }),
});

const resultOf = (refund: Refund, full: boolean) => {
  const { id, status, amount, currency, lines } = refund;
  return { refund_id: id, status, amount, currency, full, lines };
};

/** The same command again: its refund, and how it fares by now. */
const replayed = async (before: Operation, { body }: Request, { table }: RefundPorts): Promise<Answer> => {
  if (before.content !== contentOf(body)) return { kind: "refused", refusal: "key_reused" };
  const { refund_id, full } = before.details;
  const ref = { merchant_id: before.merchant_id, order_id: before.subject, refund_id: String(refund_id) };
  const refund = await table.get(refunds, ref, { consistent: true });
  if (!refund) throw new Error("an operation without its refund");
  return { kind: "ok", repeated: true, result: resultOf(refund, full === true) };
};

const startPayBack = async ({ merchant_id, order_id }: Request["body"], { fulfilOrder, log }: RefundPorts): Promise<void> =>
  fulfilOrder.start({ merchant_id, order_id }).catch(() => log("warn", "fulfilment_not_started", { merchant_id, order_id }));
