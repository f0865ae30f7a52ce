// Bugs that somebody could write. The checker must see every one of them: what it does not see would live in the product just as well.
import { commandBugs } from "./planted/commands.ts";
import { moneyBugs } from "./planted/money.ts";
import { isOperation, isToken, type PlantedBug, unguarded } from "./planted/planting.ts";
import { stockBugs } from "./planted/stock.ts";
import { textBugs } from "./planted/texts.ts";
import type { Planting } from "./world-model.ts";

export type { PlantedBug };

export const plantedBugs: readonly PlantedBug[] = [...stockBugs, ...moneyBugs, ...commandBugs, ...textBugs];

/** Guards that another one stands behind: dropping one alone changes nothing that anybody could see, and the run stays green. */
export const maskedGuards: readonly { readonly name: string; readonly behind: string; readonly profile: string; readonly planting: Planting }[] = [
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
    name: "the unit's guard on the delivery",
    behind: "a held unit leaves its order by nothing but the delivery, which its order's own guard lets through once",
    profile: "storm",
    planting: { evaluate: unguarded("unit_not_held") },
  },
  {
    name: "the guard of the inbox",
    behind: "an event's record says the same whoever writes it, and nothing counts it",
    profile: "storm",
    planting: { evaluate: unguarded("seen_before") },
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
