// What the simulated Twilio remembers of a message, in its API's own field names.
import type { Kind } from "../store/store.ts";
import { kind } from "../store/store.ts";

export type MessageStatus = "accepted" | "queued" | "sent" | "delivered" | "undelivered" | "failed";

export interface Message {
  readonly sid: string;
  readonly account_sid: string;
  readonly to: string;
  readonly from: string | null;
  readonly messaging_service_sid: string | null;
  readonly body: string;
  readonly status: MessageStatus;
  readonly error_code: number | null;
  readonly error_message: string | null;
  readonly num_segments: number;
  readonly status_callback: string | null;
  /** ms since the epoch */
  readonly created_at: number;
  readonly updated_at: number;
  readonly sent_at: number | null;
  /** The status it takes by itself, and when. */
  readonly next: { readonly status: MessageStatus; readonly at: number } | null;
}

export const messageKind: Kind<Message> = kind("twilio_message");
