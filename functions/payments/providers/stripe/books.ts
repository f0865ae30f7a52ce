// Stripe's lists of sessions, refunds and disputes: pages of a hundred, newest first, each object with the payment intent it stands for.
import Stripe from "stripe";
import { type Instant, instant } from "../../../../platform/clock/clock.ts";
import type { BooksEntry, BooksPage, BooksWindow, Claim, ListedDispute, ListedRefund, ListedSession, ProviderBooks } from "../../provider-books.ts";
import { disputeOf, refundedOf, settlementOf, unixSeconds } from "./mapping.ts";

/** The most that Stripe puts on a page. */
const pageSize = 100;

const intentOf = "payment_intent.latest_charge";

export const stripeBooks = (stripe: Stripe): ProviderBooks => ({
  listSessions: (window, cursor) =>
    pageOf(() => stripe.checkout.sessions.list({ ...asked(window, cursor), expand: [`data.${intentOf}`] }), listedSession),
  listRefunds: (window, cursor) => pageOf(() => stripe.refunds.list({ ...asked(window, cursor), expand: ["data.payment_intent"] }), listedRefund),
  listDisputes: (window, cursor) => pageOf(() => stripe.disputes.list({ ...asked(window, cursor), expand: ["data.payment_intent"] }), listedDispute),
  findSession: (id) => entryOf(() => stripe.checkout.sessions.retrieve(id, { expand: [intentOf] }), listedSession),
  findRefund: (id) => entryOf(() => stripe.refunds.retrieve(id, { expand: ["payment_intent"] }), listedRefund),
  findDispute: (id) => entryOf(() => stripe.disputes.retrieve(id, { expand: ["payment_intent"] }), listedDispute),
});

const asked = ({ from, to }: BooksWindow, cursor: string | undefined) => ({
  limit: pageSize,
  created: { gte: unixSeconds(from), lt: unixSeconds(to) },
  ...(cursor !== undefined && { starting_after: cursor }),
});

const pageOf = async <S extends { id: string }, T>(call: () => Promise<Stripe.ApiList<S>>, listed: (object: S) => T): Promise<BooksPage<T>> => {
  try {
    const { data, has_more } = await call();
    const last = data.at(-1);
    return { kind: "page", items: data.map(listed), ...(has_more && last && { next: last.id }) };
  } catch {
    return { kind: "unknown" };
  }
};

const entryOf = async <S, T>(call: () => Promise<S>, listed: (object: S) => T): Promise<BooksEntry<T>> => {
  try {
    return { kind: "found", item: listed(await call()) };
  } catch (error) {
    // Stripe never deletes these: an id that it does not know is not on this account.
    return error instanceof Stripe.errors.StripeInvalidRequestError && error.code === "resource_missing" ? { kind: "absent" } : { kind: "unknown" };
  }
};

const at = (seconds: number): Instant => instant(seconds * 1000);
const expanded = <T extends object>(value: string | T | null | undefined): T | undefined =>
  typeof value === "object" && value !== null ? value : undefined;

const claimOf = (metadata: Stripe.Metadata | null | undefined): Claim => {
  const { merchant_id, order_id, payment_id } = metadata ?? {};
  return { ...(merchant_id && { merchant_id }), ...(order_id && { order_id }), ...(payment_id && { payment_id }) };
};

export const listedSession = (session: Stripe.Checkout.Session): ListedSession => {
  const about = { session_id: session.id, created_at: at(session.created), ...claimOf(session.metadata) };
  const settlement = settlementOf(session);
  switch (settlement.kind) {
    case "settled": {
      const intent = expanded(session.payment_intent);
      const charge = expanded(intent?.latest_charge);
      const { currency, intent_id, mode } = settlement.facts;
      // What came in, whatever went back since: refunds are listed by themselves.
      const amount = intent?.amount_received ?? settlement.facts.amount;
      return { ...about, state: "settled", amount, currency, intent_id, mode, paid_at: at(charge?.created ?? session.created) };
    }
    case "failed":
      return { ...about, state: "dead" };
    default:
      return { ...about, state: session.status === "open" ? "open" : "pending" };
  }
};

/** Whose money it was says the payment intent, also for a refund made by hand. */
export const listedRefund = (refund: Stripe.Refund): ListedRefund => {
  const intent = expanded(refund.payment_intent);
  const refunded = refundedOf(refund).kind;
  const intentId = intent?.id ?? (typeof refund.payment_intent === "string" ? refund.payment_intent : undefined);
  return {
    provider_refund_id: refund.id,
    created_at: at(refund.created),
    amount: refund.amount,
    currency: refund.currency.toUpperCase(),
    status: refunded === "succeeded" || refunded === "failed" ? refunded : "pending",
    ...claimOf(refund.metadata),
    ...claimOf(intent?.metadata),
    ...(intentId && { intent_id: intentId }),
    ...(refund.metadata?.refund_id && { refund_id: refund.metadata.refund_id }),
  };
};

export const listedDispute = (dispute: Stripe.Dispute): ListedDispute => {
  const intent = expanded(dispute.payment_intent);
  const { id, status, amount } = disputeOf(dispute);
  return {
    dispute_id: id,
    created_at: at(dispute.created),
    status,
    amount,
    currency: dispute.currency.toUpperCase(),
    ...claimOf(intent?.metadata),
    ...(intent && { intent_id: intent.id }),
  };
};
