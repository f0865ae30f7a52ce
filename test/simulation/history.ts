// What people were told: every request for an order with its answer, in the order of the answers.

export interface Asked {
  /** The session that sent it; one per idempotency key. */
  readonly principal: string;
  readonly key: string;
  /** Which of the bodies sent under this key: equal names are equal bodies. */
  readonly body: string;
  readonly item: string;
  readonly quantity: number;
  readonly phone: string;
}
export interface Answer extends Asked {
  readonly at: number;
  readonly kind: "placed" | "refused" | "failed";
  readonly order_id?: string;
  readonly checkout_url?: string | null;
  readonly refusal?: string;
  /** Did the operation of this key stand when the answer was given? */
  readonly committed: boolean;
}
/** A command by a person behind the counter. */
export interface CommandAsked {
  readonly name: string;
  readonly by: string;
  readonly key: string;
  readonly body: string;
}
export type CommandAnswered = CommandAsked & {
  /** Did the operation of this key stand when the answer was given? */
  readonly committed: boolean;
  /** Which try this was an answer to, from 0: an earlier one may still be at work. */
  readonly attempt: number;
} & ({ readonly kind: "ok"; readonly result: unknown } | { readonly kind: "refused"; readonly refusal: string });

/** What the order's own page showed. */
export interface PageSeen {
  readonly order_id: string;
  readonly serials: readonly string[];
  /** From when to when it was made. */
  readonly since: number;
  readonly at: number;
}

/** A page of the provider that somebody was sent to. */
export interface Shown {
  readonly order_id: string;
  readonly url: string;
  /** When the buyer asked for it, by the true clock, milliseconds. */
  readonly askedAt: number;
}

export class History {
  readonly asked: Asked[] = [];
  readonly answers: Answer[] = [];
  readonly shown: Shown[] = [];
  readonly pages: PageSeen[] = [];
  /** What opens an order's page, by order. */
  readonly tokens = new Map<string, string>();
  readonly commands: CommandAnswered[] = [];
  /** Refunds that the shop's owner made at the provider by hand, by the provider's ids. */
  readonly refundedByHand = new Set<string>();
  /** The books were compared when all was quiet. */
  compared = false;
  /** Also those that were never answered. */
  readonly commandsSent: CommandAsked[] = [];
  /** Answers to requests that must be refused: what was sent, and the status. */
  readonly forged: { readonly what: string; readonly status: number | undefined }[] = [];
  /** Requests that should have worked when nothing went wrong any more, and did not. */
  readonly broken: string[] = [];
}
