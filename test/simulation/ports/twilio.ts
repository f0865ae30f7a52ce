// A text provider in process. It takes no idempotency key: what is sent twice arrives twice. Its own books are the checker's truth.
import type { Found, Sent, Sought, Text, Texting, TextingOf } from "../../../functions/notifications/texting.ts";
import { epochMs, type Instant } from "../../../platform/clock/clock.ts";
import type { Reach } from "../reach.ts";
import type { Scheduler } from "../scheduler.ts";

export interface TextMessage {
  readonly sid: string;
  readonly to: string;
  readonly body: string;
  readonly callback_url: string;
  /** When its sender began, when the call that made it was begun, and when it was taken. Milliseconds. */
  readonly since: number;
  readonly begunAt: number;
  readonly at: number;
}
export interface LookUp {
  readonly to: string;
  /** Would it have known a text by these words? */
  readonly isIt: (body: string) => boolean;
  readonly at: number;
  readonly found: boolean;
}
export interface TextBooks {
  readonly messages: TextMessage[];
  /** Every call to send, taken or not, by what it reports to. */
  readonly asked: string[];
  readonly lookUps: LookUp[];
  /** Texts that were not taken, by what they report to: for good, or for a reason that passes. */
  readonly refused: { readonly callback_url: string; readonly forGood: boolean }[];
  /** What the carrier told of texts. */
  readonly reported: { readonly sid: string; readonly status: string }[];
  /** Numbers that refuse texts for good. */
  readonly optedOut: Set<string>;
  /** Numbers whose next text is not taken, and not because of them. */
  readonly notTaken: Set<string>;
  /** Numbers whose next text is sent, and nobody hears that it was. */
  readonly unheard: Set<string>;
}

export interface TwilioPort {
  readonly textingOf: TextingOf;
  readonly books: TextBooks;
}

export const twilioPort = (scheduler: Scheduler, reach: Reach, accepted: (message: TextMessage) => void): TwilioPort => {
  const books: TextBooks = {
    messages: [],
    asked: [],
    lookUps: [],
    refused: [],
    reported: [],
    optedOut: new Set(),
    notTaken: new Set(),
    unheard: new Set(),
  };

  const send = async (text: Text): Promise<Sent> => {
    const begunAt = scheduler.now;
    books.asked.push(text.callback_url);
    const asked = await scheduler.turn("asks Twilio to send a text", ["crash_before", "lose_request", "refuse", "slow", "abandon"]);
    if (asked === "lose_request") return { kind: "unknown" };
    if (asked === "refuse" || books.notTaken.delete(text.to)) {
      reach.saw("text not taken");
      books.refused.push({ callback_url: text.callback_url, forGood: false });
      return { kind: "not_sent", code: "21606" };
    }
    if (books.optedOut.has(text.to)) {
      reach.saw("text rejected");
      books.refused.push({ callback_url: text.callback_url, forGood: true });
      return { kind: "rejected", code: "21610" };
    }
    const message: TextMessage = {
      sid: `SM${String(books.messages.length + 1).padStart(32, "0")}`,
      ...text,
      since: scheduler.current()?.since ?? begunAt,
      begunAt,
      at: scheduler.now,
    };
    books.messages.push(message);
    accepted(message);
    const heard = await scheduler.turn("hears from Twilio", ["crash_before", "lose_response", "slow", "abandon"]);
    if (heard === "lose_response" || books.unheard.delete(text.to)) {
      reach.saw("lost response of a text");
      return { kind: "unknown" };
    }
    return { kind: "accepted", sid: message.sid };
  };

  const find = async ({ to, isIt }: Sought, since: Instant): Promise<Found> => {
    const fault = await scheduler.turn("asks Twilio whether the text was sent", ["crash_before", "break", "slow", "abandon"]);
    if (fault === "break") return { kind: "unknown" };
    const message = books.messages.find((one) => one.to === to && isIt(one.body) && one.at >= epochMs(since) - 5_000);
    books.lookUps.push({ to, isIt, at: scheduler.now, found: message !== undefined });
    reach.saw(message ? "look-up found the text" : "look-up found no text");
    return message ? { kind: "found", sid: message.sid } : { kind: "none" };
  };

  const texting: Texting = { send, find };
  return { textingOf: () => texting, books };
};
