// Which step a payment's disputes ask for. Pure, over the provider's own word of this moment; what has ended for us is never moved back.
import type { AttentionNote, Order } from "../orders/index.ts";
import type { DisputeFact } from "../payments/index.ts";

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

/** What a person is told, if there is something to do. */
export const disputeNote = ({ id, status, inquiry }: DisputeFact, at: string): AttentionNote | undefined =>
  status === "won" ? undefined : { reason: status === "lost" ? "dispute_lost" : inquiry ? "inquiry" : "disputed", subject: id, at };
