// A payer's quarrel with a charge: opened and decided by the control page, a test card or the merchant who gives in. What is decided stays so.
import type Stripe from "stripe";
import * as z from "zod";
import { letters } from "../wire/wire.ts";
import type { Context } from "./context.ts";
import { invalid, missing } from "./errors.ts";
import { byItself, type Cause, emit, seconds } from "./events.ts";
import { page } from "./params.ts";
import { chargeKind, disputeKind, intentKind, type Owned } from "./records.ts";

export const DisputeList = z.strictObject({ ...page, payment_intent: z.string().optional(), charge: z.string().optional() });

/** Words that a dispute can begin with: a chargeback, or an inquiry before one. */
export const openings = ["needs_response", "warning_needs_response"] as const;
/** Words that it can move to. */
export const moves = ["under_review", "warning_under_review", "needs_response", "won", "lost", "warning_closed"] as const;
const decided = ["won", "lost", "warning_closed"];

const inquiry = (status: string): boolean => status.startsWith("warning_");

const evidence: Stripe.Dispute.Evidence = {
  access_activity_log: null,
  billing_address: null,
  cancellation_policy: null,
  cancellation_policy_disclosure: null,
  cancellation_rebuttal: null,
  customer_communication: null,
  customer_email_address: null,
  customer_name: null,
  customer_purchase_ip: null,
  customer_signature: null,
  duplicate_charge_documentation: null,
  duplicate_charge_explanation: null,
  duplicate_charge_id: null,
  enhanced_evidence: {},
  product_description: null,
  receipt: null,
  refund_policy: null,
  refund_policy_disclosure: null,
  refund_refusal_explanation: null,
  service_date: null,
  service_documentation: null,
  shipping_address: null,
  shipping_carrier: null,
  shipping_date: null,
  shipping_documentation: null,
  shipping_tracking_number: null,
  uncategorized_file: null,
  uncategorized_text: null,
};
const answerWithinSeconds = 7 * 86_400;

const save = (context: Context, account: string, object: Stripe.Dispute): Stripe.Dispute => {
  context.store.put(disputeKind, object.id, { account, object }, { by: account });
  return object;
};

/** Undefined when the payment has no money to quarrel about. */
export const openDispute = (
  context: Context,
  intentId: string,
  { status = "needs_response", amount }: { status?: (typeof openings)[number] | undefined; amount?: number | undefined } = {},
): Stripe.Dispute | undefined => {
  const { store, ports } = context;
  const intent = store.get(intentKind, intentId);
  const charge = intent && store.get(chargeKind, String(intent.object.latest_charge));
  if (!charge?.object.paid) return undefined;
  const { account, object } = charge;
  const dispute = save(context, account, {
    id: `du_1${letters(ports, 23)}`,
    object: "dispute",
    amount: amount ?? object.amount_captured,
    balance_transactions: [],
    charge: object.id,
    created: seconds(context),
    currency: object.currency,
    enhanced_eligibility_types: [],
    evidence,
    evidence_details: {
      due_by: seconds(context) + answerWithinSeconds,
      enhanced_eligibility: {},
      has_evidence: false,
      past_due: false,
      submission_count: 0,
      submission_method: "manual",
    },
    intended_submission_method: null,
    is_charge_refundable: inquiry(status),
    livemode: false,
    metadata: {},
    payment_intent: intentId,
    reason: "fraudulent",
    status,
  });
  store.put(chargeKind, object.id, { account, object: { ...object, disputed: true } }, { by: account });
  emit(context, account, "charge.dispute.created", dispute);
  if (!inquiry(status)) emit(context, account, "charge.dispute.funds_withdrawn", dispute);
  return dispute;
};

/** Undefined when there is no such dispute, or it is decided already. */
export const moveDispute = (context: Context, id: string, status: (typeof moves)[number], cause: Cause = byItself): Stripe.Dispute | undefined => {
  const record = context.store.get(disputeKind, id);
  if (!record || decided.includes(record.object.status)) return undefined;
  const { account, object } = record;
  const dispute = save(context, account, { ...object, status, is_charge_refundable: inquiry(status) });
  const escalated = inquiry(object.status) && !inquiry(status);
  if (escalated) emit(context, account, "charge.dispute.funds_withdrawn", dispute, cause);
  emit(context, account, decided.includes(status) ? "charge.dispute.closed" : "charge.dispute.updated", dispute, cause);
  if (status === "won") emit(context, account, "charge.dispute.funds_reinstated", dispute, cause);
  return dispute;
};

/** The merchant gives in. */
export const concedeDispute = (context: Context, account: string, id: string, cause: Cause): Stripe.Dispute => {
  const record: Owned<Stripe.Dispute> | undefined = context.store.get(disputeKind, id);
  if (record?.account !== account) throw missing("dispute", id, "dispute");
  const dispute = moveDispute(context, id, "lost", cause);
  if (!dispute) throw invalid("This dispute is already closed.", { param: "dispute" });
  return dispute;
};
