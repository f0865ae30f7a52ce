// What the recount reads of stored records, and how it complains.

/** Says the sentence where something does not hold. */
export type Claim = (holds: boolean, sentence: string) => void;

export interface Unit {
  readonly id: string;
  readonly merchant_id: string;
  readonly listing_item_id: string;
  readonly provider_id: string;
  readonly serial_number: string;
  readonly status: string;
  readonly order_id?: string;
  readonly frozen_by?: string;
}
export interface Order {
  readonly id: string;
  readonly status: string;
  readonly reason?: string;
  readonly total: number;
  readonly currency: string;
  readonly lines: readonly { readonly listing_item_id: string; readonly quantity: number; readonly units: readonly string[] }[];
  readonly payment_intent_id?: string;
  readonly due_at?: string;
  /** Claimed by refunds that have not failed, minor units. */
  readonly refunded?: number;
  readonly refunds_open?: number;
  readonly dispute?: { readonly id: string; readonly status: string };
}
export interface Refund {
  readonly id: string;
  readonly order_id: string;
  readonly status: string;
  readonly amount: number;
}
export interface Payment {
  readonly order_id: string;
  readonly status: string;
  readonly amount: number;
  readonly captured?: number;
  readonly captured_currency?: string;
  readonly intent_id?: string;
  readonly session_id?: string;
}
export interface Operation {
  readonly kind: string;
  readonly subject: string;
}
