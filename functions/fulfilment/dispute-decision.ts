// Which step a payment's disputes ask for. Pure, over the provider's own word of this moment; what has ended for us is never moved back.
import type { AttentionNote, Order } from "../orders/index.ts";
import type { DisputeFact } from "../payments/index.ts";

/** Undefined: nothing to do. The settled money of any earlier step stays settled. */
export const nextDispute = (order: Pick<Order, "dispute">, disputes: readonly DisputeFact[]): DisputeFact | undefined => {
  const known = order.dispute;
  if (known?.status === "lost") return undefined;
  if (known?.status === "open") return disputes.find(({ id, status }) => id === known.id && status !== "open");
  const others = disputes.filter(({ id }) => id !== known?.id);
  // A won one restores what is not frozen: only worth recording where nothing is recorded yet.
  const wanted = known ? (["open", "lost"] as const) : (["open", "lost", "won"] as const);
  for (const status of wanted) {
    const dispute = others.find((each) => each.status === status);
    if (dispute) return dispute;
  }
  return undefined;
};

/** What a person is told, if there is something to do. */
export const disputeNote = ({ id, status }: DisputeFact, at: string): AttentionNote | undefined =>
  status === "won" ? undefined : { reason: status === "open" ? "disputed" : "dispute_lost", subject: id, at };
