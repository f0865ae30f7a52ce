// Bugs of calling batches back and of retiring single units.
import { operations } from "../../../platform/operation/operation.ts";
import type { Table, Write } from "../../../platform/table/model.ts";
import { nameOfWrites } from "../ports/table.ts";
import { byKeyAlone, changed, flow, late } from "./at-the-counter.ts";
import { isOperation, isToken, type PlantedBug, type Transaction, unguarded, withVerbs } from "./planting.ts";

export const recallBugs: readonly PlantedBug[] = [
  {
    flow,
    name: "recall takes what a buyer just took",
    hides: true,
    about: "the chunk is written as it was read, tokens and states unasked",
    breaks: ["I2", "I3", "I4", "I10"],
    profile: "storm",
    nemesis: [late("batch_recalled")],
    planting: { evaluate: unguarded("unit_moved") },
  },
  {
    flow,
    name: "one operation for all chunks",
    about: "every handful of a recall goes by the same operation: the second is taken for a repeat of the first",
    breaks: ["I3"],
    profile: "calm",
    planting: {
      table: (table) => {
        const first = new Map<string, string>();
        const transact = ((writes: Transaction) => {
          if (nameOfWrites(writes) !== "batch_recalled") return table.transact(writes);
          return table.transact(
            writes.map((write) => {
              if (write.op !== "create" || !isOperation(write)) return write;
              const { id, principal_id, content } = write.item as { id: string; principal_id: string; content: string };
              const name = `${principal_id} ${content}`;
              if (!first.has(name)) first.set(name, id);
              const known = first.get(name) ?? id;
              return { ...write, key: operations.key({ id: known }), item: { ...write.item, id: known } };
            }),
          );
        }) as Table["transact"];
        return { ...table, transact };
      },
    },
  },
  {
    flow,
    name: "recall counted anew",
    about: "whoever repeats a recall is told of the stock of now",
    breaks: ["I3", "I11", "I13"],
    profile: "storm",
    planting: {
      verbs: withVerbs(({ recallBatch }, world) => ({
        recallBatch: (request, ports) => recallBatch({ ...request, key: `${request.key}-${world.scheduler.turns.length}` }, ports),
      })),
    },
  },
  {
    flow,
    name: "recall's operation written over",
    about: "two runs of one recall both write the chunk down",
    breaks: ["I34"],
    profile: "storm",
    nemesis: [late("batch_recalled")],
    planting: { evaluate: (write, _item, holds) => holds || (isOperation(write) && write.op === "create" && write.item.kind === "batch_recalled") },
  },
  {
    flow,
    name: "recall without its token",
    about: "units are called back and can still be had from the pool",
    breaks: ["I3"],
    profile: "calm",
    planting: { table: changed("batch_recalled", (writes, table) => table.transact(writes.filter((write) => !isToken(write)))) },
  },
  {
    flow,
    name: "recall by SKU",
    about: "all units of the item are called back, whichever batch they came in",
    breaks: ["I3"],
    profile: "calm",
    planting: {
      table: (table, world) => ({
        ...table,
        get: (async (entity, id, options) => {
          const found = await table.get(entity, id, options);
          if (entity.prefix !== "BATCH" || found === undefined) return found;
          const { listing_item_id } = found as unknown as { readonly listing_item_id: string };
          const units = [...world.twin.snapshot.records("BATCH")].flatMap(({ item }) =>
            item.listing_item_id === listing_item_id ? (item.units as readonly string[]) : [],
          );
          return { ...found, units };
        }) as Table["get"],
      }),
    },
  },
  {
    flow,
    name: "recall stops where it broke off",
    about: "a recall whose first handful is written down counts as done",
    breaks: ["I3"],
    profile: "storm",
    nemesis: [{ at: /^transact batch_recalled$/, fault: "crash_after", chance: 0.5 }],
    planting: {
      table: (table) => ({
        ...table,
        getMany: (async (wanted, options) => {
          const found = await table.getMany(wanted, options);
          const chunks = found.length > 0 && wanted.every(([entity]) => entity.prefix === "OP");
          return chunks && (found[0] as { kind?: string } | undefined)?.kind === "batch_recalled" ? found.map((each) => each ?? found[0]) : found;
        }) as Table["getMany"],
      }),
    },
  },
  {
    flow,
    name: "retired whatever it is by now",
    hides: true,
    about: "a unit that is out already, sold or held is written as the hand saw it",
    breaks: ["I2", "I4", "I10"],
    profile: "storm",
    nemesis: [late("unit_retired")],
    planting: { evaluate: unguarded("unit_moved") },
  },
  {
    flow,
    name: "retired from a buyer's hands",
    about: "a hand may move any unit, also one that somebody holds or has",
    breaks: ["I2", "I10", "I37"],
    profile: "calm",
    planting: {
      verbs: withVerbs(({ retireUnit }) => ({
        retireUnit: (request, ports) => {
          const real = ports.table;
          const getMany = (async (wanted, options) => {
            const [unit, ...rest] = await real.getMany(wanted, options);
            const { status, serial_number } = (unit ?? {}) as { status?: string; serial_number?: string };
            const posed =
              serial_number !== undefined && (status === "reserved" || status === "sold") ? { ...(unit as object), status: "expired" } : unit;
            return [posed, ...rest];
          }) as Table["getMany"];
          const transact = ((writes: Transaction) =>
            real.transact(
              writes.map((write) => (write.refusal === "unit_moved" && !isToken(write) ? { ...write, guard: { is: "present" } } : write) as Write),
            )) as Table["transact"];
          return retireUnit(request, { ...ports, table: { ...real, getMany, transact } });
        },
      })),
    },
  },
  {
    flow,
    name: "retired in a quarrel",
    about: "nobody is told that the unit's payer has a dispute open",
    breaks: ["I37"],
    profile: "calm",
    planting: {
      verbs: withVerbs(({ retireUnit }) => ({
        retireUnit: (request, ports) => {
          const getMany = (async (wanted, options) => {
            const found = await ports.table.getMany(wanted, options);
            return found.map((each) => (each === undefined ? each : { ...(each as object), frozen_by: undefined }));
          }) as Table["getMany"];
          return retireUnit(request, { ...ports, table: { ...ports.table, getMany } });
        },
      })),
    },
  },
  {
    flow,
    name: "retirement without operation",
    about: "a unit is out, and nobody knows who did it",
    breaks: ["I2", "I32"],
    profile: "calm",
    planting: { table: changed("unit_retired", (writes, table) => table.transact(writes.filter((write) => !isOperation(write)))) },
  },
  {
    flow,
    name: "retired with its token",
    about: "a unit is out and can still be had from the pool",
    breaks: ["I3"],
    profile: "calm",
    planting: { table: changed("unit_retired", (writes, table) => table.transact(writes.filter((write) => !isToken(write)))) },
  },
  {
    flow,
    name: "retirement remembered by key alone",
    about: "another body under a known key hears the first one's answer",
    breaks: ["I37"],
    profile: "calm",
    planting: { verbs: (verbs, world) => byKeyAlone("retireUnit")(verbs, world) },
  },
];
