// Bugs of replacing units.
import type { Table } from "../../../platform/table/model.ts";
import { serialsOn } from "../flows/shop-hands.ts";
import { byKeyAlone, changed, flow, late, statusSet } from "./at-the-counter.ts";
import { isOperation, isToken, type PlantedBug, transacting, unguarded, withVerbs } from "./planting.ts";

export const replacementBugs: readonly PlantedBug[] = [
  {
    flow,
    name: "replacement over a changed order",
    hides: true,
    about: "the order's lines are written as they were read, whatever a second hand or a refund has done since",
    breaks: ["I1", "I2", "I7", "I20"],
    profile: "storm",
    nemesis: [late("unit_replaced")],
    planting: { evaluate: unguarded("order_changed") },
  },
  {
    flow,
    name: "replacement by a unit that is gone",
    hides: true,
    about: "neither token nor state of the new unit is asked for",
    breaks: ["I1", "I2", "I3", "I4"],
    profile: "storm",
    nemesis: [late("unit_replaced")],
    planting: {
      evaluate: (write, _item, holds) =>
        holds || (write.refusal === "unit_taken" && (statusSet(write) === "sold" || (isToken(write) && write.op === "erase"))),
    },
  },
  {
    flow,
    name: "replacement in two steps",
    about: "the defective unit leaves the order first, its successor follows",
    breaks: ["I1", "I2", "I32"],
    profile: "calm",
    planting: {
      table: changed("unit_replaced", async (writes, table) => {
        const first = writes.filter((write) => write.entity.prefix === "ORDER" || statusSet(write) === "defective");
        await table.transact(first);
        return table.transact(writes.filter((write) => !first.includes(write)));
      }),
    },
  },
  {
    flow,
    name: "replaced unit stays on the order",
    about: "the new unit is sold to the order, and the order does not know of it",
    breaks: ["I1", "I2", "I4"],
    profile: "calm",
    planting: { table: changed("unit_replaced", (writes, table) => table.transact(writes.filter((write) => write.entity.prefix !== "ORDER"))) },
  },
  {
    flow,
    name: "token of the replacement left behind",
    about: "the new unit is given and can still be had from the pool",
    breaks: ["I3"],
    profile: "calm",
    planting: { table: changed("unit_replaced", (writes, table) => table.transact(writes.filter((write) => !isToken(write)))) },
  },
  {
    flow,
    name: "replacement without operation",
    about: "nothing to repeat, to audit, to tell the buyer by",
    breaks: ["I32"],
    profile: "calm",
    planting: { table: changed("unit_replaced", (writes, table) => table.transact(writes.filter((write) => !isOperation(write)))) },
  },
  {
    flow,
    name: "replacement for every tap",
    about: "each request replaces the unit that the order has now, whatever key it bears",
    breaks: ["I11", "I37"],
    profile: "storm",
    nemesis: [{ at: /^transact unit_replaced$/, fault: "crash_after", chance: 0.6 }],
    planting: {
      verbs: withVerbs(({ replaceUnit }, world) => ({
        replaceUnit: (request, ports) => {
          const [serial_number = ""] = serialsOn(world, request.body.order_id);
          return replaceUnit({ ...request, body: { ...request.body, serial_number }, key: `${request.key}-${world.scheduler.turns.length}` }, ports);
        },
      })),
    },
  },
  {
    flow,
    name: "replacement remembered by key alone",
    about: "another body under a known key hears the first one's answer",
    breaks: ["I11", "I37"],
    profile: "calm",
    planting: { verbs: (verbs, world) => byKeyAlone("replaceUnit")(verbs, world) },
  },
  {
    flow,
    name: "replacement refused to the second tap",
    hides: true,
    about: "what stands in the way is the answer, even when the same key's first request has just put it there",
    breaks: ["I11"],
    profile: "storm",
    planting: {
      verbs: withVerbs(({ replaceUnit }) => ({
        replaceUnit: (request, ports) => {
          const get = ((entity, id, options) =>
            entity.prefix === "OP" ? Promise.resolve(undefined) : ports.table.get(entity, id, options)) as Table["get"];
          return replaceUnit(request, { ...ports, table: { ...ports.table, get } });
        },
      })),
    },
  },
  {
    flow,
    name: "refund takes another unit than the one named",
    about: "the money for a unit that does not work goes back, and the last one on the line is taken: the one that works",
    breaks: ["I6"],
    profile: "calm",
    planting: {
      verbs: withVerbs(({ refundOrder }) => ({
        refundOrder: ({ body, ...request }, ports) => {
          const lines = body.lines?.map(({ line, quantity }) => ({ line, quantity }));
          return refundOrder({ ...request, body: { ...body, ...(lines && { lines }) } }, ports);
        },
      })),
    },
  },
  {
    flow,
    name: "defect without a reason",
    about: "nobody can say any more why a unit is out",
    breaks: ["I32"],
    profile: "calm",
    planting: {
      table: transacting((writes, table) =>
        table.transact(
          writes.map((write) => {
            if (write.op !== "change" || statusSet(write) !== "defective") return write;
            const { status_reason: _, ...set } = write.change.set ?? {};
            return { ...write, change: { ...write.change, set } };
          }),
        ),
      ),
    },
  },
];
