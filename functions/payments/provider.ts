// The port to payment providers: narrow, and refusing by default. An adapter is its calls and one status map; what it does not know is pending.
import type { Currency } from "../../kernel/money.ts";
import type { Instant } from "../../platform/clock/clock.ts";
import type { Language } from "../../platform/contract/problem.ts";
import type { Connection } from "./connection-table.ts";
import type { News, ProviderAfterSale, RefundAnswer, Refunded, RefundRequest } from "./provider-after-sale.ts";
import type { ProviderBooks } from "./provider-books.ts";

export interface CheckoutRequest {
  /** Our key, stored before the call: a repeat has the same answer, a session or a failure. */
  readonly provider_key: string;
  readonly merchant_id: string;
  readonly order_id: string;
  readonly payment_id: string;
  readonly amount: number;
  readonly currency: Currency;
  /** What the hosted page shows. */
  readonly description: string;
  readonly quantity: number;
  readonly language: Language;
  /** When the units are not kept any more. */
  readonly hold_until: Instant;
  /** When the session dies by itself; providers want at least 30 minutes. */
  readonly expires_at: Instant;
  readonly success_url: string;
  readonly cancel_url: string;
}

export type CheckoutOpened =
  | { readonly kind: "open"; readonly session_id: string; readonly url: string }
  /** The provider said no; nothing was opened. */
  | { readonly kind: "declined"; readonly reason: string }
  /** The same call is still being worked on over there. */
  | { readonly kind: "in_progress" }
  /** No answer that counts: it may or may not have been opened. */
  | { readonly kind: "unknown"; readonly reason?: string };

/** What the provider holds to be true of a session: the only source of "paid". */
export type Settlement =
  | { readonly kind: "settled"; readonly facts: SettledFacts }
  | { readonly kind: "pending" }
  | { readonly kind: "failed" }
  | { readonly kind: "unknown" };
export interface SettledFacts {
  /** Minor units really captured. */
  readonly amount: number;
  /** ISO code in capitals, as the provider says it: it may be one we never asked for. */
  readonly currency: string;
  readonly intent_id: string;
  readonly session_id: string;
  readonly mode: "test" | "live";
}

/** The same, with the connection that it was asked of. Absent where that was not noted: then it was the payment's own. */
export interface ConfirmedFacts extends SettledFacts {
  readonly connection?: { readonly id: string; readonly account: string; readonly mode: "test" | "live" } | undefined;
}

export type Verified =
  | {
      readonly kind: "verified";
      readonly event_id: string;
      readonly type: string;
      readonly mode: "test" | "live";
      readonly merchant_id?: string;
      readonly order_id?: string;
      /** The payment it is about, where the event does not name the order itself. */
      readonly intent_id?: string;
      /** Money came in, for what is kept until then. */
      readonly paid_hold_until?: string;
      /** What it may be about, when that is not a payment coming in. */
      readonly news?: News;
    }
  | { readonly kind: "forged" };

export type Probe = { readonly kind: "good"; readonly account: string } | { readonly kind: "invalid" } | { readonly kind: "unknown" };

/** `not_open`: it was paid or is over already; a look-up says which. */
export type CheckoutClosed = { readonly kind: "closed" } | { readonly kind: "not_open" } | { readonly kind: "unknown" };

export interface PaymentProvider extends ProviderBooks, ProviderAfterSale {
  openCheckout(request: CheckoutRequest): Promise<CheckoutOpened>;
  lookUp(sessionId: string): Promise<Settlement>;
  /** Ends a session that nobody has paid, so that nobody can any more. */
  closeCheckout(sessionId: string): Promise<CheckoutClosed>;
  /** Money back the way it came. */
  refund(request: RefundRequest): Promise<RefundAnswer>;
  /** How a refund fares that the provider took before. */
  lookUpRefund(providerRefundId: string): Promise<Refunded>;
  probe(): Promise<Probe>;
  /**
   * Whether our address is registered on the account of this key. `other`: it is, but not as the one whose secret we keep, or nothing is sent to it.
   * @param id of that one; undefined where it is not known: then any does
   */
  hasWebhook(url: string, id: string | undefined): Promise<"yes" | "other" | "no" | "unknown">;
  /** Registers our address for the events we act on; the answer is the signing secret, told once. */
  registerWebhook(
    url: string,
  ): Promise<
    { readonly kind: "registered"; readonly webhook_id: string; readonly signing_secret: string } | { readonly kind: "forbidden" | "unknown" }
  >;
  /** Raw bytes first, signature second, JSON third. */
  verify(raw: Buffer, signature: string | undefined, now: Instant): Verified;
}

export interface ProviderSecrets {
  readonly api_key: string;
  readonly signing_secret: string;
}
/** Builds the adapter of a connection. */
export type Providers = (connection: Pick<Connection, "provider" | "endpoint" | "api_version">, secrets: ProviderSecrets) => PaymentProvider;
