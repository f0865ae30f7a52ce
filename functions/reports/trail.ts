// What is older than the compared time and may have ended since: a bank sends a refund back days after it was made, a dispute goes on for months.
// The event that tells of it is lost like any other, and nothing of it begins in the compared time.
import { businessDate, type Instant, plusMinutes } from "../../platform/clock/clock.ts";
import type { Log } from "../../platform/log/log.ts";
import type { BooksPage, BooksWindow } from "../payments/index.ts";
import { compareRefunds } from "./both-sides.ts";
import { compareDisputes } from "./disputes-compared.ts";
import { eachPage, type Reading } from "./reading.ts";

/** How long after it was made a refund may still come back, and a dispute may still move. */
const refundTrailDays = 30;
const disputeTrailDays = 120;

/** Pages of one trail, newest first. */
const pagesMax = 50;

/** Undefined when the provider gave no answer that counts; else the merchant's dates on which something was made that was looked at again. */
export const compareTrail = async (reading: Reading, zone: string, log: Log): Promise<ReadonlySet<string> | undefined> => {
  const dates = new Set<string>();
  const follow = <T extends { readonly created_at: Instant }>(
    what: string,
    days: number,
    list: (window: BooksWindow, cursor: string | undefined) => Promise<BooksPage<T>>,
    compare: (items: readonly T[], reading: Reading) => Promise<boolean>,
  ): Promise<boolean> => {
    const { from } = reading.window;
    const window = { from: plusMinutes(from, -days * 24 * 60), to: from };
    let pages = 0;
    return eachPage(
      async (cursor) => {
        const page = await list(window, cursor);
        if (++pages < pagesMax || page.kind === "unknown" || page.next === undefined) return page;
        const { merchant_id, connection_id } = reading;
        log("warn", `trail_of_${what}_cut_short`, { merchant_id, connection_id, count: pages });
        return { kind: "page", items: page.items };
      },
      (items) => {
        for (const { created_at } of items) dates.add(businessDate(created_at, zone));
        return compare(items, { ...reading, window });
      },
    );
  };
  const { provider } = reading;
  const whole =
    (await follow("refunds", refundTrailDays, (window, cursor) => provider.listRefunds(window, cursor), compareRefunds)) &&
    (await follow("disputes", disputeTrailDays, (window, cursor) => provider.listDisputes(window, cursor), compareDisputes));
  return whole ? dates : undefined;
};
