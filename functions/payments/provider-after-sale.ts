// What a provider is asked about money that had come in: refunds by our own name, disputes, whose payment it is. Only where to look comes from events.

/** What an event may be about besides a payment coming in. */
export type News = "refund" | "dispute";

export interface RefundRequest {
  /** Our key, stored before the call: a repeat is the same refund. */
  readonly provider_key: string;
  /** Our record of it: the provider keeps it beside the refund, so that its books can be compared with ours. */
  readonly refund_id: string;
  readonly intent_id: string;
  /** Minor units of the payment's currency. */
  readonly amount: number;
  readonly merchant_id: string;
  readonly order_id: string;
}
export type Refunded =
  | { readonly kind: "succeeded"; readonly provider_refund_id: string }
  /** On its way; the provider tells later how it ended. */
  | { readonly kind: "pending"; readonly provider_refund_id: string }
  | { readonly kind: "failed"; readonly reason: string }
  | { readonly kind: "unknown" };

/** A refund's failure, in one word for all providers: money of the payment went back over there without us, so that this would be too much. */
export const refundedAtProvider = "refunded_at_provider";

/** `disputed`: the payer quarrels at the bank, or has won there. Nothing was refunded, and nothing can be unless that ends well for the seller. */
export type RefundAnswer = Refunded | { readonly kind: "disputed" };

/** A refund by our own name for it. `none`: the provider has never heard of it. */
export type FoundRefund = Refunded | { readonly kind: "none" };

/** A payer's quarrel with a payment at their bank, as the provider holds it to be now. */
export interface DisputeFact {
  readonly id: string;
  readonly status: "open" | "won" | "lost";
  /** The bank only asks, and has taken nothing: the money can still go back, and then it does not become a dispute. */
  readonly inquiry?: boolean | undefined;
  /** Minor units of the payment's currency. */
  readonly amount: number;
}
export type Disputes = { readonly kind: "known"; readonly disputes: readonly DisputeFact[] } | { readonly kind: "unknown" };

/** Whose payment it is, as we told the provider when it was made. */
export type PaymentOwner =
  | { readonly kind: "known"; readonly merchant_id: string; readonly order_id: string }
  | { readonly kind: "none" }
  | { readonly kind: "unknown" };

export interface ProviderAfterSale {
  /** Whether a refund whose answer was lost was made: asked before a key is used again after its life. */
  recoverRefund(request: Pick<RefundRequest, "intent_id" | "refund_id">): Promise<FoundRefund>;
  /** All disputes of a payment, with their status of this moment. */
  lookUpDisputes(intentId: string): Promise<Disputes>;
  /** Which order a payment was for. */
  lookUpOwner(intentId: string): Promise<PaymentOwner>;
}
