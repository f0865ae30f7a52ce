// Paying back: every refund of the order was recorded before. The provider is asked with its stored key, then the answer is recorded. After no answer
// the refund is looked for by our name of it before it is asked for again; what had succeeded is looked at too, because a bank may send it back days later. A run asks as long as its time allows.
import { type Clock, type Instant, secondsBetween } from "../../platform/clock/clock.ts";
import type { Table } from "../../platform/table/model.ts";
import { ProviderUnknown } from "../../platform/workflow/again.ts";
import { awaitNews, isDisputed, type Order, orders, restOrder } from "../orders/index.ts";
import {
  type ConnectionPorts,
  type FoundRefund,
  type OpenConnection,
  openConnection,
  type PaymentProvider,
  type Refund,
  type RefundAnswer,
  recordRefund,
  refundAsked,
  refundsOf,
  refuseRefund,
  sendRefund,
  spendRefundKey,
} from "../payments/index.ts";
import { callTime } from "./call-time.ts";
import type { OrderRef } from "./confirm.ts";
import { endRefund } from "./end-refund.ts";

export interface PayBackPorts extends ConnectionPorts {
  readonly table: Table;
  readonly clock: Clock;
}
/**
 * Of all refunds of the order, the news of this run. `pending`: the provider has it; asked again later. `disputed`: the provider refuses because
 * the payer quarrels, of which we had not heard: the dispute is to be weighed, and the refund waits for its end, or fails where none shows. A provider that gave no answer that
 * counts is a fault (`ProviderUnknown`), once the other refunds were seen: the workflow asks again, and the order stays due.
 */
export type PaidBack = { readonly refund: "refunded" | "pending" | "failed" | "disputed" | "nothing_owed" };

/** As long after the first asking a request that got lost is repeated with its key, once the refund was looked for. */
export const repeatMinutesMax = 5;
/**
 * From then on it is looked for only, so that no call with this key is under way any more when it is asked for with another: a provider that had
 * failed repeats that to the same key for a day.
 */
export const keyMinutesMax = 15;

/** How often a provider may refuse a refund for a quarrel that it does not show. */
export const refusalsMax = 10;

export const payBack = async (ref: OrderRef, ports: PayBackPorts): Promise<PaidBack> => {
  const mayCall = callTime(ports.clock);
  const order = await ports.table.get(orders, ref, { consistent: true });
  if (!order?.refund_count) return rest(ref, [], ports);
  const connections = openOnce(ports);
  const turns = inTurn(await refundsOf(ports.table, ref));
  const seen: Fate[] = [];
  for (const refund of turns) {
    if (!mayCall()) break;
    seen.push(await see(order, refund, await connections(refund.connection_id), mayCall, ports));
  }
  if (seen.length === turns.length) return rest(ref, seen, ports);
  // No time for all: those whose turn it was step back, and the others count as unanswered.
  for (const refund of turns.slice(0, seen.length)) await ports.table.write(refundAsked(refund, ports.clock.now()));
  return rest(ref, [...seen, "silent"], ports);
};

/** Whoever waits longest for being asked about comes first, and of those what is still owed. */
const inTurn = (refunds: readonly Refund[]): readonly Refund[] => {
  const place = ({ asked_at = "", status, id }: Refund) => [asked_at, status === "succeeded" ? "ended" : "awaited", id].join();
  return refunds.filter(({ status }) => status !== "failed").sort((a, b) => (place(a) < place(b) ? -1 : 1));
};

/** Each connection is opened once in a run. */
const openOnce = (ports: PayBackPorts): ((connection_id: string) => Promise<OpenConnection | undefined>) => {
  const opened = new Map<string, Promise<OpenConnection | undefined>>();
  return (connection_id) => {
    const open = opened.get(connection_id) ?? openConnection(ports, connection_id);
    opened.set(connection_id, open);
    return open;
  };
};

/** `silent`: the provider did not say. `same`: as it was. */
type Fate = "refunded" | "failed" | "pending" | "disputed" | "silent" | "same";

const see = async (order: Order, refund: Refund, open: OpenConnection | undefined, mayCall: () => boolean, ports: PayBackPorts): Promise<Fate> => {
  const answer = open ? await ask(order, refund, open.provider, mayCall, ports) : { kind: "unknown" as const };
  switch (answer.kind) {
    case "unknown":
      return "silent";
    case "waits":
      return "pending";
    case "disputed":
      // No quarrel to wait for, and a refusal all the same each time, as beside a question of the bank that hides another's quarrel: a person is told.
      if ((refund.refusals ?? 0) + 1 >= refusalsMax && !isDisputed(order)) {
        await endRefund(refund, { status: "failed", failure: "charge_disputed" }, ports);
        return "failed";
      }
      await ports.table.write(refuseRefund(refund, ports.clock.now()));
      return "disputed";
    case "pending":
      if (refund.status === "requested") {
        await ports.table.write(recordRefund(refund, { status: "pending", provider_refund_id: answer.provider_refund_id }, ports.clock.now()));
      }
      return refund.status === "succeeded" ? "same" : "pending";
    case "succeeded":
      if (refund.status === "succeeded") return "same";
      await endRefund(refund, { status: "succeeded", provider_refund_id: answer.provider_refund_id }, ports);
      return "refunded";
    case "failed":
      await endRefund(refund, { status: "failed", failure: answer.reason }, ports);
      return "failed";
  }
};

type Said = Exclude<FoundRefund, { kind: "none" }> | RefundAnswer | { readonly kind: "waits" };

const ask = async (order: Order, refund: Refund, provider: PaymentProvider, mayCall: () => boolean, ports: PayBackPorts): Promise<Said> => {
  const { id: refund_id, intent_id, provider_refund_id, keys_spent = 0, sent_at } = refund;
  if (provider_refund_id) return provider.lookUpRefund(provider_refund_id);
  const disputed = isDisputed(order);
  // Whatever may have been asked for before, now or under a key that was given up, is looked for first.
  if (disputed || keys_spent > 0 || sent_at !== undefined) {
    const found = await provider.recoverRefund({ intent_id, refund_id });
    if (found.kind !== "none") return found;
    // Never refunded and disputed both: what the provider has not heard of waits for the end, and is not sent any more once the money is lost.
    if (disputed) return order.dispute?.status === "lost" ? { kind: "failed", reason: "disputed" } : { kind: "waits" };
    if (!mayCall()) return { kind: "unknown" };
  }
  const sent = await send(refund, ports);
  if (!sent) return { kind: "waits" };
  const { provider_key, amount, merchant_id, order_id } = sent;
  return provider.refund({ provider_key, refund_id, intent_id, amount, merchant_id, order_id });
};

/** The refund as it may be asked for now, noted before; undefined while it may not, or when another run does so. */
const send = async (refund: Refund, { table, clock }: PayBackPorts): Promise<Refund | undefined> => {
  const now = clock.now();
  if (refund.sent_at === undefined) return (await table.write(sendRefund(refund, now))).kind === "refused" ? undefined : refund;
  const seconds = secondsBetween(refund.sent_at as Instant, now);
  if (seconds < repeatMinutesMax * 60) return refund;
  if (seconds < keyMinutesMax * 60) return undefined;
  const { write, next } = spendRefundKey(refund, now);
  return (await table.write(write)).kind === "refused" ? undefined : next;
};

/** Nothing is awaited any more: the sweep lets go. Without an answer it keeps, or takes, the order. A refusal calls its person before a silence. */
const rest = async (ref: OrderRef, seen: readonly Fate[], { table, clock }: PayBackPorts): Promise<PaidBack> => {
  const order = await table.get(orders, ref, { consistent: true });
  if (order && order.status !== "awaiting_payment" && order.status !== "expired") {
    const silent = seen.includes("silent");
    const write = silent ? (order.due_at === undefined ? awaitNews(order, clock.now()) : undefined) : restOrder(order);
    if (write) await table.write(write);
  }
  if (seen.includes("failed")) return { refund: "failed" };
  if (seen.includes("silent")) throw new ProviderUnknown("the provider did not say how a refund stands");
  for (const refund of ["disputed", "pending", "refunded"] as const) if (seen.includes(refund)) return { refund };
  return { refund: "nothing_owed" };
};
