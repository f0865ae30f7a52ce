// Reconciliation: the provider's books of a time against ours, in both directions, page by page. What differs is noted; what the workflow
// can end is given to the workflow. It writes no money and no stock.
import { businessDate, plusMinutes } from "../../platform/clock/clock.ts";
import { datesBetween } from "../../platform/clock/day.ts";
import { commanded } from "../../platform/operation/command.ts";
import type { Principal } from "../../platform/operation/operation.ts";
import { type BooksWindow, type ConnectionPorts, openConnection } from "../payments/index.ts";
import { compareJournal, compareRefunds, compareSessions } from "./both-sides.ts";
import type { Verdict } from "./difference.ts";
import { compareDisputes } from "./disputes-compared.ts";
import { type Finding, type Reconciliation, reconciliations, saveReconciliation } from "./finding-table.ts";
import { type Books, closeGone, type NotePorts, noteFindings } from "./note-findings.ts";
import { eachPage, type Reading } from "./reading.ts";
import { Tally } from "./tally.ts";
import { compareTrail } from "./trail.ts";

export interface ReconcilePorts extends ConnectionPorts, NotePorts {}

/** How long a change may take from one side to the other before it counts as a difference (I14). */
export const quietMinutes = 15;

export type Reconciled =
  /** `awaited`: differences that are too young, or were given to the workflow; another look says what became of them. */
  | { readonly kind: "reconciled"; readonly result: Reconciliation; readonly awaited: number }
  /** Nothing is concluded from half a book; the next run of the same time begins anew and notes the same. */
  | { readonly kind: "refused"; readonly refusal: "connection_unknown" | "provider_down" | "window_invalid" };

/**
 * @param window what began in it is compared; what is younger than `quietMinutes` waits for another look
 * @param principal who asked: the night or an operator
 */
export const reconcile = async (books: Books, window: BooksWindow, principal: Principal, ports: ReconcilePorts): Promise<Reconciled> => {
  const begun = ports.clock.now();
  const quiet = plusMinutes(begun, -quietMinutes);
  const { from } = window;
  const to = earlier(window.to, quiet);
  if (from >= to) return { kind: "refused", refusal: "window_invalid" };
  const open = await openConnection(ports, books.connection_id);
  if (open?.connection.owner !== books.merchant_id) return { kind: "refused", refusal: "connection_unknown" };

  const tally = new Tally();
  // What it counts is not of this time; what it finds is told with the rest.
  const older = new Tally();
  const opened = { ...books, account: open.connection.account };
  const reading: Reading = {
    ...books,
    window: { from, to },
    quiet,
    account: open.connection.account,
    mode: open.connection.mode,
    table: ports.table,
    provider: open.provider,
    tally,
    seenSessions: new Set(),
    seenRefunds: new Set(),
    seenDisputes: new Set(),
    neighbours: new Map(),
    note: (verdicts) => noteFindings(verdicts, opened, tally, ports),
  };
  const { provider } = open;
  const listed =
    (await eachPage(
      (cursor) => provider.listSessions(reading.window, cursor),
      (items) => compareSessions(items, reading),
    )) &&
    (await eachPage(
      (cursor) => provider.listRefunds(reading.window, cursor),
      (items) => compareRefunds(items, reading),
    )) &&
    (await eachPage(
      (cursor) => provider.listDisputes(reading.window, cursor),
      (items) => compareDisputes(items, reading),
    ));
  if (!listed) return { kind: "refused", refusal: "provider_down" };
  const trail = { ...reading, tally: older, note: (verdicts: readonly Verdict[]) => noteFindings(verdicts, opened, older, ports) };
  const olderDates = await compareTrail(trail, books.zone, ports.log);
  if (!olderDates || !(await compareJournal(reading))) return { kind: "refused", refusal: "provider_down" };

  tally.tellOf(older);
  const dates = datesBetween(businessDate(from, books.zone), businessDate(to, books.zone));
  // All that began in this time was compared; of what is older only that which was listed.
  const compared = ({ happened_at, object_id }: Finding): boolean =>
    happened_at >= from ? happened_at < to : reading.seenRefunds.has(object_id) || reading.seenDisputes.has(object_id);
  // What another run has seen since this one began is that one's to close.
  const isGone = (finding: Finding): boolean => compared(finding) && !tally.seen.has(finding.id) && (finding.seen_at ?? finding.found_at) <= begun;
  await closeGone([...new Set([...dates, ...olderDates])], isGone, books, ports);
  return { kind: "reconciled", result: await conclude(books, reading.window, tally, principal, ports), awaited: tally.awaited };
};

const earlier = <T extends string>(a: T, b: T): T => (a < b ? a : b);

/** The result with its operation; the same result of the same time is recorded once. */
const conclude = async (
  { merchant_id, connection_id, zone }: Books,
  { from, to }: BooksWindow,
  tally: Tally,
  principal: Principal,
  { table, clock }: ReconcilePorts,
): Promise<Reconciliation> => {
  const now = clock.now();
  const result: Reconciliation = { merchant_id, connection_id, date: businessDate(from, zone), from, to, ...tally.result(), finished_at: now };
  const before = await table.get(reconciliations, result, { consistent: true });
  if (before?.digest === result.digest) return before;
  const { found, sums, digest } = result;
  const outcome = await table.transact([
    saveReconciliation(result),
    commanded(
      {
        kind: "window_reconciled",
        principal,
        // A result that comes back after others is recorded again: what it followed, and when that was, is part of the key.
        key: [merchant_id, connection_id, from, to, before?.finished_at ?? "first", digest].join("."),
        body: { connection_id, from, to },
        merchant_id,
        subject: connection_id,
        details: { from, to, found, sums },
      },
      now,
    ),
  ]);
  // Another run of the same hand followed the same result with the same: its word stands.
  return outcome.kind === "repeated" ? ((await table.get(reconciliations, result, { consistent: true })) ?? result) : result;
};
