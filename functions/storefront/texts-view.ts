// What became of an order's text messages, as its page says it. The page shows the number whatever became of them.
import { type Message, nothingToTell } from "../notifications/index.ts";
import type { Order } from "../orders/index.ts";

export type TextState = "pending" | "sent" | "delivered" | "failed" | "none";
export interface TextsView {
  readonly state: TextState;
  /** `late`: not taken so far, pending for longer than it should be, or sent and nothing was heard of it. `opted_out`: the phone takes no texts from us. */
  readonly why?: "late" | "opted_out" | undefined;
}

const stateOf = { sending: "pending", not_sent: "pending", sent: "sent", delivered: "delivered", undelivered: "failed", failed: "failed" } as const;
/** What the buyer must hear of first. */
const worstFirst = ["failed", "pending", "sent"] as const;
/** Twilio's word for a phone that answered STOP. */
const optedOut = "21610";
/** Handed over within seconds as a rule; carriers report within minutes, or never. */
const lateMs = { pending: 60_000, sent: 300_000 } as const;

/** @param messages all that the order owed so far, in any order @param now as in the order's instants */
export const textsView = (order: Pick<Order, "status" | "paid_at">, messages: readonly Message[], now: string): TextsView => {
  if (messages.length === 0) {
    if (order.status !== "paid") return { state: "none" };
    return isLate("pending", order.paid_at, now) ? { state: "pending", why: "late" } : { state: "pending" };
  }
  const owed = messages.filter(({ error_code }) => error_code !== nothingToTell);
  if (owed.length === 0) return { state: "none" };
  const state = worstFirst.find((each) => owed.some(({ status }) => stateOf[status] === each)) ?? "delivered";
  const ofState = owed.filter(({ status }) => stateOf[status] === state);
  if (state === "failed") return ofState.some(({ error_code }) => error_code === optedOut) ? { state, why: "opted_out" } : { state };
  const waits = state !== "delivered" && ofState.some(({ status, claimed_at }) => status === "not_sent" || isLate(state, claimed_at, now));
  return waits ? { state, why: "late" } : { state };
};

const isLate = (state: "pending" | "sent", since: string | undefined, now: string): boolean =>
  since !== undefined && Date.parse(now) - Date.parse(since) >= lateMs[state];
