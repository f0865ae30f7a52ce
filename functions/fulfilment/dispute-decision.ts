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

/** What can be done when a refund came to nothing. Numbers that were taken back stay worthless. */
const refundFailedNote = (refund_id: string, at: string): AttentionNote => ({
  reason: "refund_failed",
  subject: refund_id,
  next: ["refund_again", "give_other_units", "call_the_buyer", "ask_the_provider"],
  at,
});

/** The refund that came to nothing and is not made good yet, also behind the matter that is noted now. */
export const failedRefund = ({ attention_note: note }: Pick<Order, "attention_note">): string | undefined =>
  note?.reason === "refund_failed" ? note.subject : note?.failed_refund;

/**
 * What a person is told of a refund that came to nothing. While the bank has not decided, its date comes first, and the refund is told again once the
 * seller has won; money that the bank took back is owed to nobody.
 * @param order with the refund's claim put back
 */
export const failureNote = (order: Pick<Order, "dispute" | "refunded">, refund_id: string, at: string): AttentionNote => {
  const failed = refundFailedNote(refund_id, at);
  const { dispute } = order;
  if (dispute === undefined || dispute.status === "won") return failed;
  return disputeNote({ ...order, attention_note: failed }, dispute, at) ?? failed;
};

/** What a person is told, if there is something to do. Money that went back and is quarrelled about may leave twice. */
export const disputeNote = (order: Pick<Order, "refunded" | "attention_note">, dispute: DisputeFact, at: string): AttentionNote | undefined => {
  const twice = (order.refunded ?? 0) > 0;
  const failed_refund = failedRefund(order);
  switch (dispute.status) {
    case "open":
      return {
        reason: twice ? "disputed_after_refund" : "disputed",
        subject: dispute.id,
        next: twice ? ["answer_the_dispute", "ask_the_provider"] : ["answer_the_dispute", "call_the_buyer"],
        at,
        ...(failed_refund !== undefined && { failed_refund }),
      };
    case "lost":
      return { reason: twice ? "disputed_after_refund" : "dispute_lost", subject: dispute.id, next: ["ask_the_provider", "call_the_buyer"], at };
    case "won":
      // The seller keeps the money: what was still owed for it before the quarrel is owed again.
      return order.attention_note?.subject === dispute.id && failed_refund !== undefined ? refundFailedNote(failed_refund, at) : undefined;
  }
};
