// Stripe after the sale: disputes and refunds of a payment, looked up and never taken from an event.
import Stripe from "stripe";
import type { Disputes, FoundRefund, PaymentOwner, ProviderAfterSale } from "../../provider-after-sale.ts";
import { disputeOf, refundedOf } from "./mapping.ts";

/** Objects of one list: more than one payment ever has. */
const listMax = 100;

export const stripeAfterSale = (stripe: Stripe): ProviderAfterSale => ({
  async recoverRefund({ intent_id, refund_id }): Promise<FoundRefund> {
    try {
      const { data, has_more } = await stripe.refunds.list({ payment_intent: intent_id, limit: listMax });
      const refund = data.find(({ metadata }) => metadata?.refund_id === refund_id);
      if (refund) return refundedOf(refund);
      return has_more ? { kind: "unknown" } : { kind: "none" };
    } catch {
      return { kind: "unknown" };
    }
  },
  async lookUpDisputes(intentId): Promise<Disputes> {
    try {
      const { data } = await stripe.disputes.list({ payment_intent: intentId, limit: listMax });
      return { kind: "known", disputes: data.map(disputeOf) };
    } catch {
      return { kind: "unknown" };
    }
  },
  async lookUpOwner(intentId): Promise<PaymentOwner> {
    try {
      const { merchant_id, order_id } = (await stripe.paymentIntents.retrieve(intentId)).metadata;
      return merchant_id !== undefined && order_id !== undefined ? { kind: "known", merchant_id, order_id } : { kind: "none" };
    } catch (error) {
      return error instanceof Stripe.errors.StripeInvalidRequestError && error.statusCode === 404 ? { kind: "none" } : { kind: "unknown" };
    }
  },
});
