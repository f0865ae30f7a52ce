// What one comparison has in hand while it reads both sides, and what it counts and has seen so far.
import type { Instant } from "../../platform/clock/clock.ts";
import type { Table } from "../../platform/table/model.ts";
import { type BooksPage, type BooksWindow, type Claim, connections, type PaymentProvider } from "../payments/index.ts";
import type { Verdict } from "./difference.ts";
import type { Tally } from "./tally.ts";

export interface Reading {
  readonly merchant_id: string;
  readonly connection_id: string;
  readonly window: BooksWindow;
  readonly quiet: Instant;
  readonly account: string;
  readonly mode: "test" | "live";
  readonly table: Table;
  readonly provider: PaymentProvider;
  readonly tally: Tally;
  /** Sessions that the provider listed as paid, refunds and disputes that it listed at all, and what of our journal was looked up there. */
  readonly seenSessions: Set<string>;
  readonly seenRefunds: Set<string>;
  readonly seenDisputes: Set<string>;
  /** Other connections that our records name, and whether they are to the same account. */
  readonly neighbours: Map<string, boolean>;
  readonly note: (verdicts: readonly Verdict[]) => Promise<void>;
}

/** Money of the account that does not claim to be this merchant's order is other business of the merchant. */
export const isOurs = ({ merchant_id, order_id }: Claim, reading: Reading): boolean => {
  const ours = merchant_id === reading.merchant_id && order_id !== undefined;
  if (!ours) reading.tally.count("foreign");
  return ours;
};

/**
 * An account lists its money to every connection to it. What our record says came through another one is that one's to judge: here it would be a
 * second payment, and the end of that is a refund of the only one.
 * @param connection_id of our payment or refund; absent: we have none
 */
export const isNeighbours = async (connection_id: string | undefined, reading: Reading): Promise<boolean> => {
  if (connection_id === undefined || connection_id === reading.connection_id) return false;
  const { neighbours, table, account, mode } = reading;
  const known = neighbours.get(connection_id);
  if (known !== undefined) return known;
  const other = await table.get(connections, { connection_id });
  const is = other?.account === account && other.mode === mode;
  neighbours.set(connection_id, is);
  return is;
};

/** Each page is compared before the next is asked for. False as soon as the provider gives no answer that counts. */
export const eachPage = async <T>(
  page: (cursor: string | undefined) => Promise<BooksPage<T>>,
  compare: (items: readonly T[]) => Promise<boolean>,
): Promise<boolean> => {
  for (let cursor: string | undefined; ; ) {
    const listed = await page(cursor);
    if (listed.kind === "unknown" || !(await compare(listed.items))) return false;
    if (listed.next === undefined) return true;
    cursor = listed.next;
  }
};
