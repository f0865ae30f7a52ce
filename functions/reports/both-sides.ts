// Reading both sides: a page of the provider's books with our records of it, and our journal with what the provider holds of it.
import { datesBetween } from "../../platform/clock/day.ts";
import type { Table } from "../../platform/table/model.ts";
import { orders, paymentIdOf } from "../orders/index.ts";
import { type BooksWindow, type ListedRefund, type ListedSession, payments, refunds } from "../payments/index.ts";
import { captureMissing, compareRefund, compareSession, endOf, type Ours, refundMissing } from "./compare.ts";
import type { Verdict } from "./difference.ts";
import { disputesGone } from "./disputes-compared.ts";
import { type JournalLine, journalLines, journalPartition } from "./journal-table.ts";
import { after } from "./note-findings.ts";
import { isNeighbours, isOurs, type Reading } from "./reading.ts";

/** Lines of the journal, and records, read at once. */
const readMax = 100;

/** True when all was compared; false when the provider gave no answer that counts. */
export const compareSessions = async (listed: readonly ListedSession[], reading: Reading): Promise<boolean> => {
  const sessions = listed.filter((session) => isOurs(session, reading) && (session.state !== "settled" || session.mode === reading.mode));
  const ours = await oursOf(sessions, reading, false);
  const verdicts: Verdict[] = [];
  for (const [at, session] of sessions.entries()) {
    let mine = ours[at] as Ours;
    if (await isNeighbours(mine.payment?.connection_id, reading)) {
      reading.tally.count("foreign");
      continue;
    }
    reading.tally.count("sessions");
    let verdict = compareSession(session, mine, reading);
    if (verdict.kind !== "same") {
      const again = await lookAgain(session, reading);
      if (again === "unknown") return false;
      if (again === "moved") continue;
      [mine = { order: undefined, payment: undefined }] = await oursOf([session], reading, true);
      verdict = compareSession(session, mine, reading);
    }
    verdicts.push(verdict);
    addSums(session, mine, reading);
  }
  await reading.note(verdicts);
  return true;
};

/** Paid stays paid; a session that could still be paid when it was listed may have moved on since. */
const lookAgain = async (session: ListedSession, { provider }: Reading): Promise<"stands" | "moved" | "unknown"> => {
  if (session.state === "settled") return "stands";
  const again = await provider.findSession(session.session_id);
  if (again.kind === "unknown") return "unknown";
  return again.kind === "found" && again.item.state === session.state ? "stands" : "moved";
};

const addSums = (session: ListedSession, { payment }: Ours, { tally, seenSessions }: Reading): void => {
  if (session.state === "settled") {
    seenSessions.add(session.session_id);
    tally.add("theirs", "captured", session.amount, session.currency);
  }
  if (session.state === "settled" && payment?.session_id === session.session_id && payment.captured !== undefined)
    tally.add("ours", "captured", payment.captured, payment.captured_currency ?? payment.currency);
};

/** Eventual first, at half the price: only what differs is read again, consistently. */
const oursOf = async (sessions: readonly ListedSession[], { table, merchant_id }: Reading, consistent: boolean): Promise<readonly Ours[]> => {
  const [ordersRead, paymentsRead] = await Promise.all([
    table.getMany(
      sessions.map(({ order_id = "-" }) => [orders, { merchant_id, order_id }] as const),
      { consistent },
    ),
    table.getMany(
      sessions.map(({ payment_id = "-" }) => [payments, { merchant_id, payment_id }] as const),
      { consistent },
    ),
  ]);
  return sessions.map((_, at) => ({ order: ordersRead[at], payment: paymentsRead[at] }));
};

export const compareRefunds = async (listed: readonly ListedRefund[], reading: Reading): Promise<boolean> => {
  const { table, merchant_id, tally } = reading;
  const theirs = listed.filter((refund) => isOurs(refund, reading));
  const wanted = theirs.map((refund) => [refunds, ourRefund(refund, merchant_id)] as const);
  const ours = await table.getMany(wanted);
  const verdicts: Verdict[] = [];
  for (const [at, refund] of theirs.entries()) {
    let mine = ours[at];
    if (await isNeighbours(mine ? mine.connection_id : await payersConnection(refund, reading), reading)) {
      tally.count("foreign");
      continue;
    }
    tally.count("refunds");
    reading.seenRefunds.add(refund.provider_refund_id);
    let verdict = compareRefund(refund, mine, reading);
    if (verdict.kind !== "same") {
      mine = await table.get(refunds, ourRefund(refund, merchant_id), { consistent: true });
      verdict = compareRefund(refund, mine, reading);
    }
    verdicts.push(verdict);
    if (refund.status !== "failed") tally.add("theirs", "refunded", refund.amount, refund.currency);
    const known = mine?.provider_refund_id === undefined || mine.provider_refund_id === refund.provider_refund_id;
    if (mine && known && endOf(mine) !== "failed") tally.add("ours", "refunded", mine.amount, mine.currency);
  }
  await reading.note(verdicts);
  return true;
};

/** Where our record of it would be; a refund that we never asked for names none. */
const ourRefund = ({ order_id = "-", refund_id = "-" }: ListedRefund, merchant_id: string) => ({ merchant_id, order_id, refund_id });

/** Of a refund that we never asked for. */
const payersConnection = async ({ payment_id }: ListedRefund, { table, merchant_id }: Reading): Promise<string | undefined> =>
  payment_id === undefined ? undefined : (await table.get(payments, { merchant_id, payment_id }))?.connection_id;

/** Our side: what the journal says of the time and the provider did not list is looked up there, one by one. */
export const compareJournal = async (reading: Reading): Promise<boolean> => {
  const { window, merchant_id, tally } = reading;
  for (const date of datesBetween(window.from.slice(0, 10), window.to.slice(0, 10))) {
    for await (const lines of linesOf(reading.table, merchant_id, date, window)) {
      for (const _ of lines) tally.count("journal_lines");
      const verdicts = [await captures(lines, reading), await refundsGone(lines, reading), await disputesGone(lines, reading)];
      if (verdicts.includes("unknown")) return false;
      await reading.note(verdicts.flat() as readonly Verdict[]);
    }
  }
  return true;
};

async function* linesOf(table: Table, merchant_id: string, date: string, { from, to }: BooksWindow): AsyncGenerator<readonly JournalLine[]> {
  for (let start: string | undefined = from; start !== undefined; ) {
    const page: { items: readonly JournalLine[]; more: boolean } = await table.query<JournalLine>(journalLines, journalPartition(merchant_id, date), {
      from: start,
      limit: readMax,
    });
    yield page.items.filter(({ at }) => at < to);
    const last = page.items.at(-1);
    start = page.more && last && last.at < to ? after(journalLines.key(last).sk) : undefined;
  }
}

const captures = async (lines: readonly JournalLine[], reading: Reading): Promise<readonly Verdict[] | "unknown"> => {
  const { table, merchant_id, provider, tally } = reading;
  const captured = lines.filter((line) => line.captured !== undefined);
  const placed = await table.getMany(captured.map(({ order_id }) => [orders, { merchant_id, order_id }] as const));
  const known = captured.flatMap((line, at) => {
    const order = placed[at];
    return order ? [{ line, order }] : [];
  });
  const paid = await table.getMany(known.map(({ order }) => [payments, paymentIdOf(order)] as const));
  const verdicts: Verdict[] = [];
  for (const [at, { line, order }] of known.entries()) {
    const payment = paid[at];
    if (payment?.connection_id !== reading.connection_id || payment.captured === undefined) continue;
    const seenAs = payment.session_id ?? payment.id;
    if (reading.seenSessions.has(seenAs)) continue;
    reading.seenSessions.add(seenAs);
    const found = payment.session_id === undefined ? ({ kind: "absent" } as const) : await provider.findSession(payment.session_id);
    if (found.kind === "unknown") return "unknown";
    // Paid, but begun outside this time: the comparison of that time has it.
    if (found.kind === "found" && found.item.state === "settled") continue;
    verdicts.push(captureMissing(order, payment, line.at, found.kind === "found" ? found.item : undefined, reading));
    tally.add("ours", "captured", payment.captured, payment.captured_currency ?? payment.currency);
  }
  return verdicts;
};

const refundsGone = async (lines: readonly JournalLine[], reading: Reading): Promise<readonly Verdict[] | "unknown"> => {
  const { table, merchant_id, provider, tally } = reading;
  // A refund has a line when it is asked for and one when it ends: it is looked at once.
  const orderOf = new Map(lines.flatMap(({ refund_id, order_id }) => (refund_id === undefined ? [] : [[refund_id, order_id] as const])));
  const kept = await table.getMany([...orderOf].map(([refund_id, order_id]) => [refunds, { merchant_id, order_id, refund_id }] as const));
  const verdicts: Verdict[] = [];
  for (const refund of kept) {
    if (refund?.connection_id !== reading.connection_id || refund.provider_refund_id === undefined || refund.status === "failed") continue;
    if (reading.seenRefunds.has(refund.provider_refund_id)) continue;
    reading.seenRefunds.add(refund.provider_refund_id);
    const found = await provider.findRefund(refund.provider_refund_id);
    if (found.kind === "unknown") return "unknown";
    if (found.kind === "found") continue;
    verdicts.push(refundMissing(refund, reading));
    tally.add("ours", "refunded", refund.amount, refund.currency);
  }
  return verdicts;
};
