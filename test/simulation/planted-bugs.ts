// Bugs that somebody could write. The checker must see every one of them: what it does not see would live in the product just as well.
import { TableBusy, type Write } from "../../platform/table/model.ts";
import { besideDisputeBugs, maskedDisputeGuards } from "./planted/beside-disputes.ts";
import { calledBackBugs } from "./planted/called-back.ts";
import { commandBugs } from "./planted/commands.ts";
import { deskBugs } from "./planted/desk.ts";
import { disputeBugs } from "./planted/disputes.ts";
import { holdBugs } from "./planted/holds.ts";
import { keysDrawnAnew, moneyBugs } from "./planted/money.ts";
import { payBackBugs } from "./planted/pay-back.ts";
import { type PlantedBug, withVerbs } from "./planted/planting.ts";
import { recallBugs } from "./planted/recalls.ts";
import { refundDecisionBugs } from "./planted/refund-decisions.ts";
import { refundBugs } from "./planted/refunds.ts";
import { replacementTextBugs } from "./planted/replacement-texts.ts";
import { replacementBugs } from "./planted/replacements.ts";
import { reportBugs } from "./planted/reports.ts";
import { but } from "./planted/rewritten.ts";
import { stockBugs } from "./planted/stock.ts";
import { textBugs } from "./planted/texts.ts";
import type { Planting } from "./world-model.ts";

export type { PlantedBug };

export const plantedBugs: readonly PlantedBug[] = [
  ...stockBugs,
  ...holdBugs,
  ...moneyBugs,
  ...refundBugs,
  ...refundDecisionBugs,
  ...disputeBugs,
  ...besideDisputeBugs,
  ...deskBugs,
  ...payBackBugs,
  ...commandBugs,
  ...textBugs,
  ...reportBugs,
  ...replacementBugs,
  ...recallBugs,
  ...calledBackBugs,
  ...replacementTextBugs,
];

/** Safety nets that another one stands behind: without one alone nothing changes that anybody could see. Single guards of writes are in `guards.ts`. */
export const maskedGuards: readonly {
  readonly name: string;
  readonly behind: string;
  /** The flow that it lives in; default: the sale. */
  readonly flow?: string;
  readonly profile: string;
  readonly planting: Planting;
}[] = [
  ...maskedDisputeGuards.map((guard) => ({ ...guard, flow: "dispute" })),
  {
    name: "one key for all attempts at a session",
    behind: "the session that was recorded first is the only one that anybody is sent to",
    profile: "storm",
    planting: { providers: keysDrawnAnew },
  },
  {
    name: "the end of the hold in the order's guard",
    behind: "no hold is renewed: an order that waits for money has one end",
    profile: "storm",
    planting: {
      evaluate: (write, item, holds) =>
        holds ||
        (write.refusal === "not_awaiting_payment" &&
          write.op === "change" &&
          write.change.set?.status === "expired" &&
          item?.status === "awaiting_payment"),
    },
  },
  {
    name: "the next look of a delivery that was overtaken",
    behind: "the workflow asks again for what was busy, and the sweep after it",
    profile: "storm",
    planting: {
      verbs: withVerbs(({ deliver }) => ({
        deliver: (ref, facts, ports) => {
          let tried = false;
          const transact = (async (writes: readonly Write[]) => {
            if (tried && writes.some((write) => write.refusal === "not_awaiting_payment")) throw new TableBusy("overtaken");
            tried = true;
            return ports.table.transact(writes);
          }) as typeof ports.table.transact;
          return deliver(ref, facts, { ...ports, table: { ...ports.table, transact } });
        },
      })),
    },
  },
  {
    name: "the second look at an order whose numbers are being told",
    behind: "a text may tell what the buyer had while it was written, and whatever came instead has a text of its own",
    flow: "replace",
    profile: "storm",
    planting: {
      verbs: withVerbs(({ send }) => ({
        send: (ref, ports) => {
          let first: unknown;
          const get = (async (entity, id, options) => {
            if (entity.prefix !== "ORDER") return ports.table.get(entity, id, options);
            first ??= await ports.table.get(entity, id, options);
            return first;
          }) as typeof ports.table.get;
          return send(ref, { ...ports, table: { ...ports.table, get } });
        },
      })),
    },
  },
  {
    name: "the guard of which text a report is about",
    behind: "a look-up here finds every text that was taken, so no message ever has two",
    flow: "replace",
    profile: "storm",
    planting: {
      evaluate: (write, item, holds) => holds || (write.refusal === "not_its_news" && ["sending", "not_sent", "sent"].includes(String(item?.status))),
    },
  },
  {
    name: "news heard again",
    behind: "the sweep asks about refunds and disputes that it knows of, and the night's comparison finds what it does not",
    flow: "refund",
    profile: "storm",
    planting: {
      table: (table) => ({
        ...table,
        write: ((write: Write) =>
          table.write(
            write.entity.prefix === "INBOX" && write.op === "create" ? { ...write, item: but(write.item, "due_at", "due_shard") } : write,
          )) as typeof table.write,
      }),
    },
  },
];
