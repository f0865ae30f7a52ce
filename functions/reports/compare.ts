// The comparison itself: two records in, a verdict out. Nothing is read or written here.
import type { Instant } from "../../platform/clock/clock.ts";
import type { Order } from "../orders/index.ts";
import type { ListedDispute, ListedRefund, ListedSession, Payment, Refund } from "../payments/index.ts";
import { type Difference, type DifferenceKind, differences, type Evidence, type Verdict } from "./difference.ts";

export interface Comparing {
  /** The connection's owner: what claims another merchant, or none, is not ours to judge. */
  readonly merchant_id: string;
  readonly connection_id: string;
  /** What changed after this instant may still be on its way to the other side. */
  readonly quiet: Instant;
}
export interface Ours {
  readonly order: Order | undefined;
  readonly payment: Payment | undefined;
}

const same: Verdict = { kind: "same" };

const verdict = (fresh: boolean, difference: Omit<Difference, "heals"> & { readonly heals?: boolean }): Verdict => ({
  kind: fresh ? "moving" : "differs",
  difference: { ...difference, heals: difference.heals ?? differences[difference.kind].heals === true },
});

export const compareSession = (session: ListedSession, { order, payment }: Ours, at: Comparing): Verdict => {
  const differs = (kind: DifferenceKind, fresh: boolean, heals?: boolean): Verdict =>
    verdict(fresh, {
      kind,
      object_id: session.session_id,
      happened_at: session.created_at,
      ...(session.order_id && { order_id: session.order_id }),
      ...(heals !== undefined && { heals }),
      theirs: sessionEvidence(session),
      ours: evidenceOf(order, payment),
    });
  const changedLately = (payment?.updated_at ?? "") > at.quiet;
  switch (session.state) {
    case "settled": {
      const fresh = session.paid_at > at.quiet || changedLately;
      if (!order || !payment) return differs("paid_unknown", fresh);
      const another = payment.connection_id !== at.connection_id || (payment.session_id !== undefined && payment.session_id !== session.session_id);
      if (payment.captured === undefined) return another ? differs("paid_unknown", fresh) : differs("paid_not_delivered", fresh);
      if (another) return differs("captured_twice", fresh);
      const equal = session.amount === payment.captured && session.currency === payment.captured_currency;
      return equal ? same : differs("amount_differs", fresh);
    }
    case "open": {
      const over = order?.status !== "awaiting_payment" || order.hold_until <= at.quiet;
      // The workflow closes the session of an order that waits, or has ended unpaid. It knows of no other.
      const closable = (order?.status === "awaiting_payment" || order?.status === "expired") && payment?.session_id === session.session_id;
      return over ? differs("session_outlives_order", changedLately || session.created_at > at.quiet, closable) : same;
    }
    case "dead": {
      const waits = payment?.session_id === session.session_id && (payment.status === "created" || payment.status === "pending");
      return waits ? differs("session_dead", payment.session_expires_at > at.quiet) : same;
    }
    case "pending":
      return same;
  }
};

export const compareRefund = (listed: ListedRefund, refund: Refund | undefined, at: Comparing): Verdict => {
  const differs = (kind: DifferenceKind, fresh: boolean, heals: boolean): Verdict =>
    verdict(fresh, {
      kind,
      object_id: listed.provider_refund_id,
      happened_at: listed.created_at,
      ...(listed.order_id && { order_id: listed.order_id }),
      heals,
      theirs: refundEvidence(listed),
      ours: refund ? ourRefundEvidence(refund) : {},
    });
  const another = refund?.provider_refund_id !== undefined && refund.provider_refund_id !== listed.provider_refund_id;
  if (!refund || another) return listed.status === "failed" ? same : differs("refund_unknown", listed.created_at > at.quiet, false);
  const equal =
    listed.amount === refund.amount &&
    listed.currency === refund.currency &&
    (listed.intent_id === undefined || listed.intent_id === refund.intent_id) &&
    listed.status === endOf(refund);
  // Ours can still end as theirs did: what is on its way in any way, what had succeeded by coming back.
  const open = endOf(refund) === "pending" || (refund.status === "succeeded" && listed.status === "failed");
  return equal ? same : differs("refund_differs", refund.updated_at > at.quiet, open);
};

/** An order names one dispute: the last one that moved something. */
export const compareDispute = (listed: ListedDispute, { order, payment }: Ours, at: Comparing): Verdict => {
  const differs = (kind: DifferenceKind, heals: boolean): Verdict =>
    verdict(listed.created_at > at.quiet, {
      kind,
      object_id: listed.dispute_id,
      happened_at: listed.created_at,
      ...(listed.order_id && { order_id: listed.order_id }),
      heals,
      theirs: disputeEvidence(listed),
      ours: { ...evidenceOf(order, payment), ...(order?.dispute && ourDisputeEvidence(order.dispute)) },
    });
  const known = order?.dispute;
  if (known?.id === listed.dispute_id) {
    if (known.status === "open" && listed.status !== "open") return differs("dispute_missing", true);
    return known.status === listed.status && known.amount === listed.amount ? same : differs("dispute_differs", false);
  }
  // Money that was lost cannot be quarrelled about again, and what a won one would give back is not taken.
  if (known && (known.status === "lost" || listed.status === "won")) return same;
  // The workflow asks about the money that the order was paid with, and about no other.
  const its = payment === undefined || (payment.connection_id === at.connection_id && (payment.intent_id ?? listed.intent_id) === listed.intent_id);
  return differs("dispute_missing", order !== undefined && its);
};

/** Disputed in our books since `line_at`, and the provider knows of no such dispute. */
export const disputeAbsent = (order: Order, lineAt: string, at: Comparing): Verdict =>
  verdict(lineAt > at.quiet, {
    kind: "dispute_absent",
    object_id: order.dispute?.id ?? order.id,
    happened_at: lineAt,
    order_id: order.id,
    theirs: {},
    ours: { ...evidenceOf(order, undefined), ...(order.dispute && ourDisputeEvidence(order.dispute)) },
  });

/** Captured in our books at `line_at`, and the provider's answer about its session is not that it was paid. */
export const captureMissing = (order: Order, payment: Payment, lineAt: string, found: ListedSession | undefined, at: Comparing): Verdict =>
  verdict(payment.updated_at > at.quiet, {
    kind: "capture_missing",
    object_id: payment.session_id ?? payment.id,
    happened_at: lineAt,
    order_id: order.id,
    theirs: found ? sessionEvidence(found) : {},
    ours: evidenceOf(order, payment),
  });

export const refundMissing = (refund: Refund, at: Comparing): Verdict =>
  verdict(refund.updated_at > at.quiet, {
    kind: "refund_missing",
    object_id: refund.provider_refund_id ?? refund.id,
    happened_at: refund.requested_at,
    order_id: refund.order_id,
    theirs: {},
    ours: ourRefundEvidence(refund),
  });

/** Ours said in the provider's three words: whatever has not ended is on its way. */
export const endOf = ({ status }: Pick<Refund, "status">): ListedRefund["status"] =>
  status === "succeeded" || status === "failed" ? status : "pending";

const sessionEvidence = (session: ListedSession): Evidence => ({
  session_id: session.session_id,
  state: session.state,
  created_at: session.created_at,
  ...(session.order_id && { order_id: session.order_id }),
  ...(session.state === "settled" && { amount: session.amount, currency: session.currency, intent_id: session.intent_id, paid_at: session.paid_at }),
});

const evidenceOf = (order: Order | undefined, payment: Payment | undefined): Evidence => ({
  ...(order && { order_id: order.id, order_status: order.status }),
  ...(payment && {
    payment_id: payment.id,
    payment_status: payment.status,
    planned: payment.amount,
    currency: payment.captured_currency ?? payment.currency,
    ...(payment.captured !== undefined && { captured: payment.captured }),
    ...(payment.session_id && { session_id: payment.session_id }),
    ...(payment.intent_id && { intent_id: payment.intent_id }),
  }),
});

const refundEvidence = (listed: ListedRefund): Evidence => ({
  provider_refund_id: listed.provider_refund_id,
  status: listed.status,
  amount: listed.amount,
  currency: listed.currency,
  created_at: listed.created_at,
  ...(listed.intent_id && { intent_id: listed.intent_id }),
});

const disputeEvidence = (listed: ListedDispute): Evidence => ({
  dispute_id: listed.dispute_id,
  status: listed.status,
  amount: listed.amount,
  currency: listed.currency,
  created_at: listed.created_at,
  ...(listed.intent_id && { intent_id: listed.intent_id }),
});

const ourDisputeEvidence = ({ id, status, amount }: NonNullable<Order["dispute"]>): Evidence => ({
  dispute_id: id,
  dispute_status: status,
  dispute_amount: amount,
});

const ourRefundEvidence = (refund: Refund): Evidence => ({
  refund_id: refund.id,
  status: refund.status,
  amount: refund.amount,
  currency: refund.currency,
  intent_id: refund.intent_id,
  ...(refund.provider_refund_id && { provider_refund_id: refund.provider_refund_id }),
});
