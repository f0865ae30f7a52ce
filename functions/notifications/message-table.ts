// A message: at most one per order and kind, or per operation where an order can have several of a kind; sent at most twice (the second time only
// after an unknown outcome that a look-up did not clear).
import * as z from "zod";
import { lifecycle, sourcesOf } from "../../kernel/lifecycle.ts";
import type { Instant } from "../../platform/clock/clock.ts";
import { change, create, entity, type Guard, guarded, type Write, when } from "../../platform/table/model.ts";

export const messageLife = lifecycle("message", "sending", {
  sending: ["sending", "not_sent", "sent", "delivered", "undelivered", "failed"],
  // Nobody is sending it, and it is still owed.
  not_sent: ["sending", "sent", "delivered", "undelivered", "failed"],
  sent: ["delivered", "undelivered"],
  delivered: [],
  undelivered: [],
  failed: [],
});
export type MessageStatus = keyof typeof messageLife.next;

export const MessageKind = z.enum(["order_paid", "unit_replaced"]);
export const Message = z.object({
  merchant_id: z.string(),
  order_id: z.string(),
  kind: MessageKind,
  /** Which of several of its kind, by the operation that owes it. */
  about: z.string().optional(),
  channel_id: z.string(),
  /** The account that the last attempt was made from. */
  account_sid: z.string().optional(),
  status: z.enum(Object.keys(messageLife.next) as [MessageStatus, ...MessageStatus[]]),
  /** Attempts that may have sent it, 1 or 2: what the provider refused to take is not counted. */
  attempt: z.int(),
  /** Who is sending, or was last: an attempt of its own, so that two never record as one. */
  claim: z.string(),
  claimed_at: z.string(),
  /** Fingerprint of the words of this attempt: by the next one a number may be taken back or replaced. Links make it unguessable. */
  words: z.string().optional(),
  sid: z.string().optional(),
  error_code: z.string().optional(),
  updated_at: z.string(),
});
export type Message = z.infer<typeof Message>;
export interface MessageId {
  readonly merchant_id: string;
  readonly order_id: string;
  readonly kind: Message["kind"];
  /** Where an order can have several of the kind: the id of the operation that owes it. */
  readonly about?: string | undefined;
}

export const messages = entity({
  name: "message",
  prefix: "MESSAGE",
  about: "A text to a buyer: claimed before it is sent, then what became of it. Holds no number and no words.",
  schema: Message,
  key: (id: MessageId) => ({ pk: `MESSAGE#${id.merchant_id}#${id.order_id}`, sk: id.about === undefined ? id.kind : `${id.kind}#${id.about}` }),
});

/** The right to send: whoever makes the record sends. */
export const claim = (message: Message): Write<"claimed"> => guarded("claimed", create(messages, message, message));

/** The next attempt takes over a claim that its holder never finished, or gave back. */
export const reclaim = (stale: Message, next: Message): Write<"claimed"> =>
  guarded(
    "claimed",
    change(
      messages,
      stale,
      {
        set: {
          status: "sending",
          attempt: next.attempt,
          claim: next.claim,
          claimed_at: next.claimed_at,
          ...(next.account_sid !== undefined && { account_sid: next.account_sid }),
          updated_at: next.updated_at,
          ...(next.words !== undefined && { words: next.words }),
        },
        remove: ["error_code"],
      },
      when.all(when.equals("status", stale.status), when.equals("claim", stale.claim)),
    ),
  );

/** Nothing was taken: the claim goes back, and whoever sends next has as many attempts as this one had. */
export const giveBack = (held: Message, code: string, at: Instant): Write<"taken_over"> =>
  guarded(
    "taken_over",
    change(
      messages,
      held,
      { set: { status: "not_sent", error_code: code, updated_at: at } },
      when.all(when.equals("status", "sending"), when.equals("claim", held.claim)),
    ),
  );

/** Reason of a text that failed because all that it was to tell was taken back before it went out. */
export const nothingToTell = "nothing_to_tell";

export interface Fate {
  readonly status: MessageStatus;
  readonly sid?: string;
  readonly error_code?: string;
}
/** What became of it; late news never moves a message back. */
export const recordFate = (id: MessageId, fate: Fate, at: Instant): Write<"too_late"> =>
  guarded("too_late", change(messages, id, { set: { ...fate, updated_at: at } }, canBecome(fate.status)));

/** What the carrier says of one text. Where the record names a text, only of that one; where there may have been two and none is named, no bad news. */
export const recordReport = (id: MessageId, { sid, status, ...reason }: Fate & { readonly sid: string }, at: Instant): Write<"not_its_news"> => {
  const nameless = status === "undelivered" ? when.all(when.missing("sid"), when.equals("attempt", 1)) : when.missing("sid");
  const itsNews = when.all(canBecome(status), when.any(when.equals("sid", sid), nameless));
  return guarded("not_its_news", change(messages, id, { set: { sid, status, ...reason, updated_at: at } }, itsNews));
};

const canBecome = (status: MessageStatus): Guard => when.oneOf("status", sourcesOf(messageLife, status));
