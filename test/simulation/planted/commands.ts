// Bugs of keys, operations, events and of looking again.
import type { PlaceOutcome } from "../../../functions/orders/place-order.ts";
import { instant } from "../../../platform/clock/clock.ts";
import { operationId } from "../../../platform/operation/operation.ts";
import type { Table, Write } from "../../../platform/table/model.ts";
import { nameOfWrites } from "../ports/table.ts";
import type { World } from "../world-model.ts";
import { isOperation, type PlantedBug, transacting, withVerbs } from "./planting.ts";

export const commandBugs: readonly PlantedBug[] = [
  {
    name: "no operation",
    about: "a hold leaves no operation: nothing to repeat, to audit or to publish",
    breaks: ["I32"],
    profile: "calm",
    planting: {
      table: transacting((writes, table) =>
        table.transact(nameOfWrites(writes) === "order_placed" ? writes.filter((write) => !isOperation(write)) : writes),
      ),
    },
  },
  {
    name: "key not looked at",
    about: "every request is a new one, whatever key it bears",
    breaks: ["I11"],
    profile: "calm",
    planting: {
      verbs: withVerbs(({ placeOrder }, world) => ({
        placeOrder: (request, ports) => placeOrder({ ...request, key: `${request.key}-${world.scheduler.turns.length}` }, ports),
      })),
    },
  },
  {
    name: "sold out to the second tap",
    about: "an empty pool is the answer even when the same key's first request has just emptied it",
    breaks: ["I11"],
    profile: "calm",
    planting: {
      table: (table) => ({
        ...table,
        get: ((entity, id, options) => (entity.prefix === "OP" ? Promise.resolve(undefined) : table.get(entity, id, options))) as Table["get"],
      }),
    },
  },
  {
    name: "answer remembered by key alone",
    about: "another body under a known key is given the first one's order",
    breaks: ["I11"],
    profile: "calm",
    planting: {
      verbs: withVerbs(({ placeOrder }) => {
        const remembered = new Map<string, PlaceOutcome>();
        return {
          placeOrder: async (request, ports) => {
            const id = operationId(request.principal, "order_placed", request.key);
            const known = remembered.get(id);
            if (known) return known;
            const outcome = await placeOrder(request, ports);
            if (outcome.kind === "placed") remembered.set(id, outcome);
            return outcome;
          },
        };
      }),
    },
  },
  {
    name: "sweep forgets",
    about: "an order that was looked at once is not on the index any more",
    breaks: ["I6", "I14", "I37"],
    profile: "webhooks-lost",
    planting: {
      table: (table) => ({
        ...table,
        write: ((write: Write) =>
          table.write(
            write.refusal === "moved" && write.op === "change" ? { ...write, change: { remove: ["due_at", "due_shard"] } } : write,
          )) as Table["write"],
      }),
    },
  },
  {
    name: "sweep looks too seldom",
    about: "after its first look at an order the sweep lets an hour pass",
    breaks: ["I4", "I6"],
    profile: "sweep-alone",
    planting: {
      table: (table, world) => ({
        ...table,
        write: ((write: Write) =>
          table.write(
            write.refusal === "moved" && write.op === "change"
              ? { ...write, change: { set: { due_at: instant(world.scheduler.now + 3_600_000) } } }
              : write,
          )) as Table["write"],
      }),
    },
  },
  {
    name: "outbox marks first",
    about: "the dispatcher moves its place in the stream before it hands the batch over",
    breaks: ["I35", "I26"],
    profile: "storm",
    planting: { forgetfulOutbox: true },
  },
  {
    name: "published before the commit",
    about: "the event goes out when the transaction is asked for",
    breaks: ["I35"],
    profile: "calm",
    planting: {
      table: transacting((writes, table, world) => {
        const made = writes.find(isOperation);
        if (made?.op === "create" && world.scheduler?.current()) world.outbox.publish(made.item as Parameters<World["outbox"]["publish"]>[0]);
        return table.transact(writes);
      }),
    },
  },
];
