// Bugs that somebody could write. The checker must see every one of them: what it does not see would live in the product just as well.
import { TableBusy, type Write } from "../../platform/table/model.ts";
import { besideDisputeBugs, maskedDisputeGuards } from "./planted/beside-disputes.ts";
import { calledBackBugs } from "./planted/called-back.ts";
import { commandBugs } from "./planted/commands.ts";
import { deskBugs, maskedDeskGuards } from "./planted/desk.ts";
import { disputeBugs } from "./planted/disputes.ts";
import { holdBugs } from "./planted/holds.ts";
import { keysDrawnAnew, moneyBugs } from "./planted/money.ts";
import { payBackBugs } from "./planted/pay-back.ts";
import { isOperation, isToken, type PlantedBug, unguarded, withVerbs } from "./planted/planting.ts";
import { maskedUnitGuards, recallBugs } from "./planted/recalls.ts";
import { isTakenBack, refundBugs } from "./planted/refunds.ts";
import { replacementTextBugs } from "./planted/replacement-texts.ts";
import { replacementBugs } from "./planted/replacements.ts";
import { reportBugs } from "./planted/reports.ts";
import { hasSet } from "./planted/rewritten.ts";
import { stockBugs } from "./planted/stock.ts";
import { textBugs } from "./planted/texts.ts";
import type { Planting } from "./world-model.ts";

export type { PlantedBug };

export const plantedBugs: readonly PlantedBug[] = [
  ...stockBugs,
  ...holdBugs,
  ...moneyBugs,
  ...refundBugs,
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

/** Guards that another one stands behind: dropping one alone changes nothing that anybody could see, and the run stays green. */
export const maskedGuards: readonly {
  readonly name: string;
  readonly behind: string;
  /** The flow that it lives in; default: the sale. */
  readonly flow?: string;
  readonly profile: string;
  readonly planting: Planting;
}[] = [
  ...maskedUnitGuards.map((guard) => ({ ...guard, flow: "replace" })),
  ...maskedDeskGuards,
  ...maskedDisputeGuards.map((guard) => ({ ...guard, flow: "dispute" })),
  {
    name: "one key for all attempts at a session",
    behind: "the session that was recorded first is the only one that anybody is sent to",
    profile: "storm",
    planting: { providers: keysDrawnAnew },
  },
  {
    name: "the token's guard on the hold",
    behind: "the unit's own state is asked for in the same transaction",
    profile: "calm",
    planting: { evaluate: (write, _item, holds) => holds || (isToken(write) && write.op === "erase") },
  },
  {
    name: "the unit's guard on the hold",
    behind: "the token is asked for in the same transaction, and it exists exactly while the unit is available",
    profile: "calm",
    planting: { evaluate: (write, _item, holds) => holds || (write.refusal === "unit_taken" && !isToken(write)) },
  },
  {
    name: "the order's guard on paid",
    behind: "the operation of the delivery can be made once only, and the payment can be captured once only",
    profile: "storm",
    planting: { evaluate: unguarded("not_awaiting_payment") },
  },
  {
    name: "the payment's guard on settle",
    behind: "the amounts are compared before the transaction, the operation can be made once only",
    profile: "storm",
    planting: { evaluate: unguarded("payment_mismatch") },
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
    name: "the order's guard on late money",
    behind: "the payment can be captured once only",
    profile: "storm",
    planting: { evaluate: unguarded("not_unpaid") },
  },
  {
    name: "the payment's guard on a claim and on its end",
    behind: "whatever claims or ends a refund counts on the order in the same transaction, and asks for that count",
    flow: "refund",
    profile: "storm",
    planting: {
      evaluate: (write, _item, holds) => holds || (write.refusal === "order_moved" && hasSet(write, "PAYMENT", "refund_reserved", "refunded")),
    },
  },
  {
    name: "the unit's guard when its number is taken back",
    behind: "what takes a unit from its buyer counts on the order, and asks for that count",
    flow: "refund",
    profile: "storm",
    planting: { evaluate: (write, _item, holds) => holds || (write.refusal === "order_moved" && isTakenBack(write)) },
  },
  {
    name: "the unit's guard when it is replaced",
    behind: "what takes a unit from its buyer counts on the order, and the replacement asks for that count",
    flow: "replace",
    profile: "storm",
    planting: { evaluate: unguarded("unit_not_sold") },
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
    name: "the guard of a claim that is given back",
    behind: "a claim outlives the function that holds it: who still hears the provider's answer still has it",
    flow: "replace",
    profile: "storm",
    planting: { evaluate: unguarded("taken_over") },
  },
  {
    name: "the guard of the inbox",
    behind: "an event's record says the same whoever writes it, and nothing counts it",
    profile: "storm",
    planting: { evaluate: unguarded("seen_before") },
  },
  {
    name: "the journal's guard",
    behind: "a line derives from its operation, which never changes: it says the same whoever writes it",
    profile: "storm",
    planting: { evaluate: unguarded("known") },
  },
  {
    name: "the guard of the next look",
    behind: "a second look only starts a workflow that finds nothing to do",
    profile: "storm",
    planting: { evaluate: unguarded("moved") },
  },
  {
    name: "the operation's guard",
    behind: "the order stands under the same key, and a delivery is let through by its order once",
    profile: "storm",
    planting: { evaluate: (write, _item, holds) => holds || isOperation(write) },
  },
];
