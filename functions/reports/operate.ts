// What an operator asks of the books: compare now, show what was found, and enter what the journal lacks.
import { datesBetween, dayStart, plusDays } from "../../platform/clock/day.ts";
import type { CommandAnswer, CommandRequest } from "../../platform/edge/operator.ts";
import { operations } from "../../platform/operation/operation.ts";
import type { Table } from "../../platform/table/model.ts";
import { connectionFor } from "../payments/index.ts";
import * as contract from "./contract.ts";
import { type Finding, findingPartition, findings, type Reconciliation, reconciliationPartition, reconciliations } from "./finding-table.ts";
import { enter } from "./journal.ts";
import { type Night, nights } from "./journal-table.ts";
import { after } from "./note-findings.ts";
import { type ReconcilePorts, reconcile } from "./reconcile.ts";
import { zoneOf } from "./zone.ts";

/** Findings shown at once, and far more than a merchant has connections, or a day has comparisons with different results. */
const shownMax = 100;

export const reconcileNow = async (
  { body, principal }: CommandRequest<typeof contract.reconcileNow>,
  ports: ReconcilePorts,
): Promise<CommandAnswer<typeof contract.reconcileNow>> => {
  const { merchant_id, from, to } = body;
  const zone = await zoneOf(ports.table, merchant_id);
  if (from > to || datesBetween(from, to).length > contract.daysMax || dayStart(from, zone) >= ports.clock.now())
    return { kind: "refused", refusal: "window_invalid" };
  const window = { from: dayStart(from, zone), to: dayStart(plusDays(to, 1), zone) };
  const results: Reconciliation[] = [];
  const refusals: ("window_invalid" | "books_closed")[] = [];
  for (const connection_id of await connectionsOf(ports.table, merchant_id)) {
    const outcome = await reconcile({ merchant_id, connection_id, zone }, window, principal, ports);
    if (outcome.kind === "reconciled") results.push(outcome.result);
    else refusals.push(outcome.refusal === "window_invalid" ? "window_invalid" : "books_closed");
  }
  // One that stays closed keeps no other from being compared.
  const [refusal] = refusals;
  if (refusal) return { kind: "refused", refusal };
  return results.length === 0 ? { kind: "refused", refusal: "nothing_connected" } : { kind: "ok", result: { reconciliations: results.map(shown) } };
};

/** Also those that take no payments any more: their money can still differ. */
const connectionsOf = async (table: Table, merchant_id: string): Promise<readonly string[]> => {
  const { items } = await table.query<Night>(nights, nights.key({ merchant_id, connection_id: "-" }).pk, { limit: shownMax });
  const current = await connectionFor(table, merchant_id);
  return [...new Set([...items.map(({ connection_id }) => connection_id), ...(current ? [current] : [])])];
};

export const listFindings = async (
  { body: { merchant_id, date, after: shownBefore } }: CommandRequest<typeof contract.listFindings>,
  { table }: Pick<ReconcilePorts, "table">,
): Promise<CommandAnswer<typeof contract.listFindings>> => {
  const from = after(shownBefore);
  const page = await table.query<Finding>(findings, findingPartition(merchant_id, date), { limit: shownMax, ...(from && { from }) });
  const shownNow = page.items.map(({ merchant_id: _merchant, date: _date, ...finding }) => finding);
  const next = page.more ? page.items.at(-1)?.id : undefined;
  const { items } = await table.query<Reconciliation>(reconciliations, reconciliationPartition(merchant_id, date), { limit: shownMax });
  return { kind: "ok", result: { findings: shownNow, ...(next && { next }), reconciliations: items.map(shown) } };
};

const shown = ({ merchant_id: _merchant, date: _date, digest: _digest, ...view }: Reconciliation) => view;

export const enterOperation = async (
  { body: { operation_id } }: CommandRequest<typeof contract.enterOperation>,
  { table }: Pick<ReconcilePorts, "table">,
): Promise<CommandAnswer<typeof contract.enterOperation>> => {
  if (!(await table.get(operations, { id: operation_id }))) return { kind: "refused", refusal: "operation_unknown" };
  await enter(operation_id, { table });
  return { kind: "ok", result: { operation_id } };
};
