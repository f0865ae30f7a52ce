// Which step a payment's disputes ask for. Pure, over the provider's own word of this moment; what has ended for us is never moved back.
import type { AttentionNote, Order } from "../orders/index.ts";
import type { DisputeFact, Payment } from "../payments/index.ts";

/** Undefined: nothing to do. The settled money of any earlier step stays settled. */
export const nextDispute = (order: Pick<Order, "dispute">, disputes: readonly DisputeFact[]): DisputeFact | undefined => {
  const known = order.dispute;
  if (known?.status === "lost") return undefined;
  // It ends, or what was a question becomes a dispute; never the other way round.
  if (known?.status === "open")
    return disputes.find(({ id, status, inquiry }) => id === known.id && (status !== "open" || (known.inquiry && !inquiry)));
  const others = disputes.filter(({ id }) => id !== known?.id);
  // A won one restores what is not frozen: only worth recording where nothing is recorded yet.
  const wanted = known ? (["open", "lost"] as const) : (["open", "lost", "won"] as const);
  for (const status of wanted) {
    const dispute = others.find((each) => each.status === status);
    if (dispute) return dispute;
  }
  return undefined;
};

/** The dispute that had ended here and stands otherwise at the provider now, where nobody was told of that yet: an appeal, or a word taken back. */
export const movedSince = ({ dispute }: Pick<Order, "dispute">, disputes: readonly DisputeFact[]): NonNullable<Order["dispute"]> | undefined => {
  if (dispute === undefined || dispute.status === "open") return undefined;
  const since = disputes.find(({ id }) => id === dispute.id)?.status;
  return since === undefined || since === (dispute.since ?? dispute.status) ? undefined : { ...dispute, since };
};

/** What a person is told, if there is something to do. @param payment whose money it is: a bank may take a part of it alone */
export const disputeNote = (
  { captured = 0, refunded = 0 }: Pick<Payment, "captured" | "refunded">,
  { id, status, inquiry, amount }: DisputeFact,
  at: string,
): AttentionNote | undefined => {
  if (status === "won") return undefined;
  const lost = amount < captured - refunded ? "lost_in_part" : "dispute_lost";
  return { reason: status === "lost" ? lost : inquiry ? "inquiry" : "disputed", subject: id, at };
};
