// Bugs of calling back what a buyer is paying for, and of what becomes of his order.
import type { Table, Write } from "../../../platform/table/model.ts";
import { nameOfWrites } from "../ports/table.ts";
import { flow, late, statusSet } from "./at-the-counter.ts";
import { type PlantedBug, transacting, withVerbs } from "./planting.ts";
import { instead, without } from "./rewritten.ts";

/** Takes a unit out of a hold. */
const callsBack = (write: Write): boolean => write.refusal === "unit_moved" && JSON.stringify(write.guard).includes('"reserved"');
/** Asks that the unit still waits for the order. */
const asksForHeld = (write: Write, to: "sold" | "available"): boolean => write.refusal === "unit_not_held" && statusSet(write) === to;
/** The debt of an order of which nothing is left to give. */
const owesForRecalled = (write: Write): write is Extract<Write, { readonly op: "create" }> =>
  write.op === "create" && write.entity.prefix === "REFUND" && write.item.reason === "stock_gone";
type Line = { readonly units: readonly string[] };

export const calledBackBugs: readonly PlantedBug[] = [
  {
    flow,
    name: "held units passed over by a recall",
    about: "units that somebody is paying for are named as called back, and are sold to him",
    breaks: ["I3"],
    profile: "calm",
    planting: without("batch_recalled", callsBack),
  },
  {
    flow,
    name: "recall takes what was paid that moment",
    hides: true,
    about: "the chunk is written as it was read: what was held then is out, and its buyer has paid for it",
    breaks: ["I2", "I3", "I4", "I10"],
    profile: "storm",
    nemesis: [late("batch_recalled")],
    planting: { evaluate: (write, _item, holds) => holds || callsBack(write) },
  },
  {
    flow,
    name: "recalled unit delivered",
    about: "the delivery hands over what the order lists, whatever has become of it",
    breaks: ["I10", "I3"],
    profile: "calm",
    planting: { evaluate: (write, _item, holds) => holds || asksForHeld(write, "sold") },
  },
  {
    flow,
    name: "recalled unit released",
    about: "the end of a hold frees what the order lists, whatever has become of it",
    breaks: ["I10", "I3", "I4"],
    profile: "calm",
    planting: { evaluate: (write, _item, holds) => holds || asksForHeld(write, "available") },
  },
  {
    flow,
    name: "hold that lost a unit never ends",
    about: "a hold of which a unit was called back cannot end: the others are kept for ever",
    breaks: ["I4", "I37"],
    profile: "calm",
    planting: {
      verbs: withVerbs(({ releaseHold }) => ({
        releaseHold: (ref, ports) => {
          const getMany = (async (wanted, options) => {
            const found = await ports.table.getMany(wanted, options);
            return found.map((each, at) => (wanted[at]?.[0].prefix === "UNIT" ? undefined : each));
          }) as Table["getMany"];
          return releaseHold(ref, { ...ports, table: { ...ports.table, getMany } });
        },
      })),
    },
  },
  {
    flow,
    name: "order that lost a unit waits for a person",
    about: "money for a unit that was called back lies at the desk, although other units are there",
    breaks: ["I6"],
    profile: "calm",
    planting: {
      verbs: withVerbs(({ deliver }) => ({
        deliver: (ref, facts, ports) => {
          const getMany = (async (wanted, options) => {
            const found = await ports.table.getMany(wanted, options);
            return found.map((each, at) => (wanted[at]?.[0].prefix === "UNIT" ? undefined : each));
          }) as Table["getMany"];
          return deliver(ref, facts, { ...ports, table: { ...ports.table, getMany } });
        },
      })),
    },
  },
  {
    flow,
    name: "old number stays on the line",
    about: "another unit is sold to the order, which lists the one that was called back",
    breaks: ["I2", "I4"],
    profile: "calm",
    planting: {
      table: transacting((writes, table, world) => {
        if (nameOfWrites(writes) !== "order_paid") return table.transact(writes);
        const lined = writes.map((write) => {
          if (write.op !== "change" || write.entity.prefix !== "ORDER" || write.change.set?.lines === undefined) return write;
          const order = [...world.twin.snapshot.records("ORDER")].find(({ key }) => key.pk === write.key.pk)?.item;
          const old = (order?.lines as readonly Line[]) ?? [];
          return order?.status === "awaiting_payment" ? { ...write, change: { ...write.change, set: { ...write.change.set, lines: old } } } : write;
        });
        return table.transact(lined);
      }),
    },
  },
  {
    flow,
    name: "refund keeps the other held units",
    about: "money for a unit that was called back goes back, and what was kept beside it stays held",
    breaks: ["I4"],
    profile: "calm",
    planting: {
      table: instead("refund_requested", (writes) =>
        writes.some(owesForRecalled) ? writes.filter((write) => write.refusal !== "unit_not_held") : writes,
      ),
    },
  },
  {
    flow,
    name: "money back for a recalled unit taken for a sale's",
    about: "when it cannot be paid back the order counts as paid, and has no unit",
    breaks: ["I2"],
    profile: "calm",
    planting: {
      table: instead("refund_requested", (writes) =>
        writes.map((write) => (owesForRecalled(write) ? { ...write, item: { ...write.item, reason: "other" } } : write)),
      ),
    },
  },
];
