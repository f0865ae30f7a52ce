// The provider's books as a port: what it lists of a time, in pages, and what it holds of one object. Read for comparing, never for settling.
import type { Instant } from "../../platform/clock/clock.ts";

/** Objects created from `from` up to, not including, `to`; whole seconds. */
export interface BooksWindow {
  readonly from: Instant;
  readonly to: Instant;
}

/** What our metadata on a provider's object says it is for. Absent: it is not ours. */
export interface Claim {
  readonly merchant_id?: string;
  readonly order_id?: string;
  readonly payment_id?: string;
}

/** `settled`: money was captured. `open`: it can still be paid. `dead`: it cannot be any more. `pending`: every other word. */
export type ListedSession = Claim & {
  readonly session_id: string;
  readonly created_at: Instant;
} & (
    | {
        readonly state: "settled";
        /** Minor units really captured, and the ISO code in capitals. */
        readonly amount: number;
        readonly currency: string;
        readonly intent_id: string;
        readonly mode: "test" | "live";
        readonly paid_at: Instant;
      }
    | { readonly state: "open" | "dead" | "pending" }
  );

export interface ListedRefund extends Claim {
  readonly provider_refund_id: string;
  readonly created_at: Instant;
  /** Minor units, and the ISO code in capitals. */
  readonly amount: number;
  readonly currency: string;
  readonly status: "pending" | "succeeded" | "failed";
  readonly intent_id?: string;
  /** Our record of it, where we asked for it; a refund made at the provider by hand names none. */
  readonly refund_id?: string;
}

/** A payer's quarrel; whose money it is about says its payment. */
export interface ListedDispute extends Claim {
  readonly dispute_id: string;
  readonly created_at: Instant;
  readonly status: "open" | "won" | "lost";
  /** Minor units, and the ISO code in capitals. */
  readonly amount: number;
  readonly currency: string;
  readonly intent_id?: string;
}

/** `unknown`: no answer that counts; nothing may be concluded from what is missing. */
export type BooksPage<T> = { readonly kind: "page"; readonly items: readonly T[]; readonly next?: string } | { readonly kind: "unknown" };
export type BooksEntry<T> = { readonly kind: "found"; readonly item: T } | { readonly kind: "absent" } | { readonly kind: "unknown" };

export interface ProviderBooks {
  /** Checkout sessions of a time, newest first. @param cursor `next` of the page before */
  listSessions(window: BooksWindow, cursor?: string): Promise<BooksPage<ListedSession>>;
  listRefunds(window: BooksWindow, cursor?: string): Promise<BooksPage<ListedRefund>>;
  listDisputes(window: BooksWindow, cursor?: string): Promise<BooksPage<ListedDispute>>;
  findSession(sessionId: string): Promise<BooksEntry<ListedSession>>;
  findRefund(providerRefundId: string): Promise<BooksEntry<ListedRefund>>;
  findDispute(disputeId: string): Promise<BooksEntry<ListedDispute>>;
}
