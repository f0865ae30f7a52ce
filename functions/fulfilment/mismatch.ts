// Is it the money that was planned? Pure: what differs, and what is kept of it as evidence.
import type { Instant } from "../../platform/clock/clock.ts";
import type { Order } from "../orders/index.ts";
import type { ConfirmedFacts, Evidence, Payment } from "../payments/index.ts";

/** In what the money differs from the plan, to the cent; nothing where it fits (I9). */
export const differencesOf = (
  payment: Pick<Payment, "amount" | "currency" | "session_id" | "connection_id">,
  order: Pick<Order, "total">,
  facts: ConfirmedFacts,
): Evidence["differs"] => [
  ...(facts.amount === payment.amount && payment.amount === order.total ? [] : (["amount"] as const)),
  ...(facts.currency === payment.currency ? [] : (["currency"] as const)),
  ...(facts.connection === undefined || facts.connection.id === payment.connection_id ? [] : (["connection"] as const)),
  ...(isReal(facts) ? [] : (["mode"] as const)),
  ...(facts.session_id === payment.session_id ? [] : (["session"] as const)),
];

/** Test money in a live connection, or the other way round, is no money: nothing can be given for it, and nothing given back. */
const isReal = ({ mode, connection }: ConfirmedFacts): boolean => connection === undefined || mode === connection.mode;

/** The facts as they count for the books. */
export const counted = (facts: ConfirmedFacts): ConfirmedFacts => (isReal(facts) ? facts : { ...facts, amount: 0 });

export const evidenceOf = (facts: ConfirmedFacts, differs: Evidence["differs"], at: Instant): Evidence => ({
  differs,
  amount: facts.amount,
  currency: facts.currency,
  intent_id: facts.intent_id,
  session_id: facts.session_id,
  mode: facts.mode,
  ...(facts.connection && { connection: facts.connection }),
  at,
});
