// What one comparison has in hand while it reads both sides, and what it counts and has seen so far.
import type { Instant } from "../../platform/clock/clock.ts";
import type { Table } from "../../platform/table/model.ts";
import type { BooksWindow, Claim, PaymentProvider } from "../payments/index.ts";
import type { Verdict } from "./difference.ts";
import type { Tally } from "./tally.ts";

export interface Reading {
  readonly merchant_id: string;
  readonly connection_id: string;
  readonly window: BooksWindow;
  readonly quiet: Instant;
  readonly mode: "test" | "live";
  readonly table: Table;
  readonly provider: PaymentProvider;
  readonly tally: Tally;
  /** Sessions that the provider listed as paid, refunds and disputes that it listed at all, and what of our journal was looked up there. */
  readonly seenSessions: Set<string>;
  readonly seenRefunds: Set<string>;
  readonly seenDisputes: Set<string>;
  readonly note: (verdicts: readonly Verdict[]) => Promise<void>;
}

/** Money of the account that does not claim to be this merchant's order is other business of the merchant. */
export const isOurs = ({ merchant_id, order_id }: Claim, reading: Reading): boolean => {
  const ours = merchant_id === reading.merchant_id && order_id !== undefined;
  if (!ours) reading.tally.count("foreign");
  return ours;
};
