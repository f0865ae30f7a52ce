// What the provider says of refunds and disputes, held against our records of them. Part of the recount: knows stored fields and nothing more.
import type { StripeTruth } from "./outside-world.ts";
import type { Claim, Order, Refund } from "./stored.ts";

export interface AfterSale {
  readonly truth: StripeTruth;
  readonly byOrder: ReadonlyMap<string, Order>;
  readonly refunds: readonly Refund[];
  /** News of an end may be on its way while things are not. */
  readonly settled: boolean;
}

export function checkAfterSale(books: AfterSale, claim: Claim): void {
  checkProvidersRefunds(books, claim);
  checkNothingTwice(books.truth, claim);
  if (books.settled) checkDisputes(books, claim);
}

/** What went back there was asked for here, once, with the same amount and end; what ended here has ended there. */
function checkProvidersRefunds({ truth, refunds, settled }: AfterSale, claim: Claim): void {
  const ours = new Map(refunds.map((refund) => [refund.id, refund]));
  const theirs = new Map(truth.refunds.map((refund) => [refund.metadata.refund_id, refund]));
  claim(theirs.size === truth.refunds.length, `I8: ${truth.refunds.length} refunds at the provider go by ${theirs.size} names`);
  for (const { id, amount, status, metadata } of truth.refunds) {
    const refund = ours.get(metadata.refund_id ?? "");
    claim(refund?.amount === amount, `I8: ${id} gives back ${amount}, our refund ${refund?.amount ?? "is not there"}`);
    if (settled && refund) claim(refund.status === status, `I14: ${id} is ${status}, our refund ${refund.id} ${refund.status}`);
  }
  for (const { id, status } of refunds)
    if (status === "succeeded") claim(theirs.has(id), `I8: refund ${id} succeeded, and the provider has never heard of it`);
}

/** Never more back than came in, whatever our books say. */
function checkNothingTwice(truth: StripeTruth, claim: Claim): void {
  const back = new Map<string, number>();
  for (const { payment_intent, amount, status } of truth.refunds)
    if (status !== "failed") back.set(payment_intent, (back.get(payment_intent) ?? 0) + amount);
  for (const { id, amount_received } of truth.payment_intents)
    claim((back.get(id) ?? 0) <= amount_received, `I8: ${id} took ${amount_received} and gave back ${back.get(id)}`);
}

/** An order says of its payer's quarrels what the provider says: lost before open before won. */
function checkDisputes({ truth, byOrder }: AfterSale, claim: Claim): void {
  const orderOf = new Map(truth.payment_intents.map(({ id, metadata }) => [id, byOrder.get(metadata.order_id ?? "")]));
  const standing = new Map<string, string>();
  for (const { payment_intent, status } of truth.disputes) {
    const ends = [standing.get(payment_intent) ?? "won", status === "won" || status === "lost" ? status : "open"];
    standing.set(payment_intent, ["lost", "open", "won"].find((one) => ends.includes(one)) ?? "won");
  }
  for (const [intent, status] of standing) {
    const order = orderOf.get(intent);
    claim(order?.dispute?.status === status, `I14: ${intent} is ${status}, order ${order?.id} says ${order?.dispute?.status ?? "nothing"}`);
  }
  const disputed = new Set([...standing.keys()].map((intent) => orderOf.get(intent)));
  for (const order of byOrder.values()) if (order.dispute) claim(disputed.has(order), `I14: order ${order.id} is disputed by nobody`);
}
