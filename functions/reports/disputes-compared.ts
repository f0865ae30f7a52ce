// Disputes on both sides: what the provider lists of a time with our orders, and what our journal says began or ended with what the provider holds.
import { type Order, orders, paymentIdOf } from "../orders/index.ts";
import { type ListedDispute, payments } from "../payments/index.ts";
import { compareDispute, disputeAbsent, type Ours } from "./compare.ts";
import type { Verdict } from "./difference.ts";
import type { JournalLine } from "./journal-table.ts";
import { isNeighbours, isOurs, type Reading } from "./reading.ts";

/** True when all was compared; false when the provider gave no answer that counts. */
export const compareDisputes = async (listed: readonly ListedDispute[], reading: Reading): Promise<boolean> => {
  const theirs = listed.filter((dispute) => isOurs(dispute, reading));
  const placed = await reading.table.getMany(theirs.map(({ order_id = "-" }) => [orders, { merchant_id: reading.merchant_id, order_id }] as const));
  const verdicts: Verdict[] = [];
  for (const [at, dispute] of theirs.entries()) {
    reading.seenDisputes.add(dispute.dispute_id);
    // Without its payment nothing can differ but the dispute itself: what does is read again, on both sides.
    let verdict = compareDispute(dispute, { order: placed[at], payment: undefined }, reading);
    if (verdict.kind !== "same") {
      const ours = await oursNow(dispute.order_id ?? "-", reading);
      if (await isNeighbours(ours.payment?.connection_id, reading)) {
        reading.tally.count("foreign");
        continue;
      }
      const again = await reading.provider.findDispute(dispute.dispute_id);
      if (again.kind === "unknown") return false;
      verdict = compareDispute(again.kind === "found" ? again.item : dispute, ours, reading);
    }
    reading.tally.count("disputes");
    verdicts.push(verdict);
  }
  await reading.note(verdicts);
  return true;
};

const oursNow = async (order_id: string, { table, merchant_id }: Reading): Promise<Ours> => {
  const order = await table.get(orders, { merchant_id, order_id }, { consistent: true });
  return { order, payment: order && (await table.get(payments, paymentIdOf(order), { consistent: true })) };
};

/** Ours → theirs: a dispute that began or ended here in this time and was not listed is looked up there, one by one. */
export const disputesGone = async (lines: readonly JournalLine[], reading: Reading): Promise<readonly Verdict[] | "unknown"> => {
  const { table, merchant_id, provider, seenDisputes } = reading;
  const about = lines.filter(({ dispute_id }) => dispute_id !== undefined && !seenDisputes.has(dispute_id));
  const placed = await table.getMany(about.map(({ order_id }) => [orders, { merchant_id, order_id }] as const));
  const verdicts: Verdict[] = [];
  for (const [at, line] of about.entries()) {
    const order = placed[at];
    if (!order?.dispute || order.dispute.id !== line.dispute_id || seenDisputes.has(order.dispute.id)) continue;
    seenDisputes.add(order.dispute.id);
    if (!(await paidHere(order, reading))) continue;
    const found = await provider.findDispute(order.dispute.id);
    if (found.kind === "unknown") return "unknown";
    verdicts.push(found.kind === "absent" ? disputeAbsent(order, line.at, reading) : await sinceThen(found.item, line, reading));
  }
  return verdicts;
};

/** Another connection's disputes are compared with that connection's books. */
const paidHere = async (order: Order, { table, connection_id }: Reading): Promise<boolean> =>
  (await table.get(payments, paymentIdOf(order)))?.connection_id === connection_id;

/** It began in another time than this; what differs is noted on the day on which it moved here. */
const sinceThen = async (found: ListedDispute, { order_id, at }: JournalLine, reading: Reading): Promise<Verdict> => {
  const verdict = compareDispute(found, await oursNow(order_id, reading), reading);
  return verdict.kind === "same" ? verdict : { ...verdict, difference: { ...verdict.difference, order_id, happened_at: at } };
};
