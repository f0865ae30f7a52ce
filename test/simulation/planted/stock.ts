// Bugs of holding and handing over.
import type { Write } from "../../../platform/table/model.ts";
import { nameOfWrites } from "../ports/table.ts";
import { isOperation, isToken, type PlantedBug, transacting, unguarded } from "./planting.ts";

export const stockBugs: readonly PlantedBug[] = [
  {
    name: "hold without guards",
    about: "the hold asks neither for the token nor for the unit's state",
    breaks: ["I1", "I2", "I4"],
    profile: "calm",
    planting: { evaluate: unguarded("unit_taken") },
  },
  {
    name: "token left behind",
    about: "the hold reserves the unit and forgets to take its token away",
    breaks: ["I3"],
    profile: "calm",
    planting: { table: transacting((writes, table) => table.transact(writes.filter((write) => !(isToken(write) && write.op === "erase")))) },
  },
  {
    name: "half an order",
    about: "when one of two units is gone, the order is made with what is left of them",
    breaks: ["I1", "I2", "I4"],
    profile: "calm",
    planting: {
      table: transacting(async (writes, table) => {
        const outcome = await table.transact(writes);
        if (outcome.kind !== "refused" || outcome.refusal !== "unit_taken" || writes.filter(isToken).length < 2) return outcome;
        const gone = Math.floor(outcome.at / 2) * 2;
        return table.transact(writes.filter((_, at) => at !== gone && at !== gone + 1));
      }),
    },
  },
  {
    name: "hold in two steps",
    about: "the order is written in one transaction, its units and its operation in a second",
    breaks: ["I2", "I32"],
    profile: "storm",
    planting: {
      table: transacting(async (writes, table) => {
        if (nameOfWrites(writes) !== "order_placed") return table.transact(writes);
        const order = writes.filter((write) => write.entity.prefix === "ORDER");
        await table.transact(order);
        return table.transact(writes.filter((write) => !order.includes(write)));
      }),
    },
  },
  {
    name: "delivery in two steps",
    about: "the order is marked paid first; units, payment and operation follow",
    breaks: ["I2", "I32"],
    profile: "storm",
    planting: {
      table: transacting(async (writes, table) => {
        if (nameOfWrites(writes) !== "order_paid") return table.transact(writes);
        const [first, ...rest] = writes;
        await table.transact([first as Write]);
        return table.transact(rest);
      }),
    },
  },
  {
    name: "delivery without guards",
    about: "paid is written whatever the order, the payment and the units are by now, and whether it was done before",
    breaks: ["I10", "I34"],
    profile: "storm",
    nemesis: [{ at: /starts fulfil-order/, fault: "duplicate", chance: 0.6 }],
    planting: {
      evaluate: (write, _item, holds) =>
        holds ||
        ["not_awaiting_payment", "payment_mismatch", "unit_not_held"].includes(write.refusal ?? "") ||
        (isOperation(write) && write.op === "create" && write.item.kind === "order_paid"),
    },
  },
  {
    name: "order written over",
    about: "a hold writes order and operation whether they stand already or not",
    breaks: ["I2", "I4", "I9", "I10", "I34"],
    profile: "storm",
    planting: { evaluate: (write, _item, holds) => holds || isOperation(write) || (write.op === "create" && write.entity.prefix === "ORDER") },
  },
];
