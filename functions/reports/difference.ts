// The noun: a difference between the provider's books and ours. A closed list of kinds, each with the ways in which it can end.
import type { News } from "../payments/index.ts";

export const differences = {
  /** Paid there, while our order still awaits money. The workflow delivers or pays back. */
  paid_not_delivered: { heals: true, ends: ["deliver", "refund"] },
  /** Paid there with our name on it, for an order or a session that we do not have. */
  paid_unknown: { heals: false, ends: ["refund_at_provider", "find_order"] },
  /** Captured in our books; over there it was not paid, or is not at all. */
  capture_missing: { heals: false, ends: ["ask_provider", "take_back_unit"] },
  /** Both sides have the money, but not the same amount or currency. */
  amount_differs: { heals: false, ends: ["ask_provider", "refund_difference"] },
  /** A second payment for an order that is paid already. */
  captured_twice: { heals: false, ends: ["refund_second"] },
  /** Money went back over there without us. */
  refund_unknown: { heals: false, ends: ["ask_merchant", "settle_exception"] },
  /** Our books say that money goes or went back; over there is no such refund. */
  refund_missing: { heals: false, ends: ["refund_again", "ask_provider"] },
  /** The same refund with another amount, currency or end. While ours can still end so, the workflow looks it up. */
  refund_differs: { heals: "sometimes", ends: ["look_up_refund", "ask_provider"], news: "refund" },
  /** It can still be paid there, though our order is over. The workflow closes the session that the order knows of; another is for a person. */
  session_outlives_order: { heals: "sometimes", ends: ["close_session"] },
  /** Nobody can pay it any more, though our payment waits. */
  session_dead: { heals: true, ends: ["release_hold"] },
  /** A payer's dispute over there, or its end, that our order does not know of. The workflow looks it up. */
  dispute_missing: { heals: "sometimes", ends: ["weigh_dispute", "find_order"], news: "dispute" },
  /** It ended in our books, and otherwise over there; or it is about another amount. */
  dispute_differs: { heals: false, ends: ["ask_provider", "call_buyer"] },
  /** Our order says that it is disputed, or was; over there is no such dispute. */
  dispute_absent: { heals: false, ends: ["ask_provider"] },
} as const satisfies Record<string, Kind>;

interface Kind {
  /** Whether the workflow that fulfils orders can end it. */
  readonly heals: boolean | "sometimes";
  readonly ends: readonly string[];
  /** What the workflow is told that it is about, where that is not a payment coming in. */
  readonly news?: News;
}

export type DifferenceKind = keyof typeof differences;
export const newsOf = (kind: DifferenceKind): News | undefined => (differences[kind] as Kind).news;
export const differenceKinds = Object.keys(differences) as [DifferenceKind, ...DifferenceKind[]];

/** What one side's record says: references, states and amounts, nothing personal. */
export type Evidence = Readonly<Record<string, string | number>>;

export interface Difference {
  readonly kind: DifferenceKind;
  /** The provider's id of the object, the same whichever run finds it. */
  readonly object_id: string;
  /** When the object came to be: the finding's day. */
  readonly happened_at: string;
  readonly order_id?: string;
  /** Whether the workflow that fulfils orders can end it. */
  readonly heals: boolean;
  readonly theirs: Evidence;
  readonly ours: Evidence;
}
/** `moving`: the two sides differ, but one of them changed a moment ago; another look tells whether it was delay. */
export type Verdict = { readonly kind: "same" } | { readonly kind: "moving" | "differs"; readonly difference: Difference };
