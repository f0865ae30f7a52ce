// What a provider is asked about money that had come in: refunds by our own name, disputes, whose payment it is. Only where to look comes from events.
import type { Refunded, RefundRequest } from "./provider.ts";

/** What an event may be about besides a payment coming in. */
export type News = "refund" | "dispute";

/** A refund by our own name for it. `none`: the provider has never heard of it. */
export type FoundRefund = Refunded | { readonly kind: "none" };

/** A payer's quarrel with a payment at their bank, as the provider holds it to be now. */
export interface DisputeFact {
  readonly id: string;
  readonly status: "open" | "won" | "lost";
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
