// The port to an SMS provider. The call takes no idempotency key, so an unknown outcome is looked up before anything is sent again.
import type { Instant } from "../../platform/clock/clock.ts";

export interface Text {
  readonly to: string;
  readonly body: string;
  /** Where delivery is reported. */
  readonly callback_url: string;
}
export type Sent =
  | { readonly kind: "accepted"; readonly sid: string }
  /** The provider said no for good: not a mobile number, opted out. */
  | { readonly kind: "rejected"; readonly code: string }
  /** The provider took nothing, and not because of the recipient: our account, our sender, too much at once. It may take the same text later. */
  | { readonly kind: "not_sent"; readonly code: string }
  | { readonly kind: "unknown" };
/** A text that may have been sent. */
export interface Sought {
  readonly to: string;
  readonly isIt: (body: string) => boolean;
}
export type Found = { readonly kind: "found"; readonly sid: string } | { readonly kind: "none" } | { readonly kind: "unknown" };

export interface Texting {
  send(text: Text): Promise<Sent>;
  /** A message to this number sent at or after `since`, by its words. */
  find(sought: Sought, since: Instant): Promise<Found>;
}
/** Builds the adapter of a channel. */
export type TextingOf = (
  channel: { readonly account_sid: string; readonly from: string; readonly endpoint: "official" | "simulated" },
  authToken: string,
) => Texting;
