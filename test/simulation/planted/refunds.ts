// Bugs of claiming a refund: what is asked for, taken and written down before anybody is paid.
import type { Write } from "../../../platform/table/model.ts";
import type { Nemesis } from "../faults.ts";
import type { Planting } from "../world-model.ts";
import { isOperation, type PlantedBug, type Transaction, withVerbs } from "./planting.ts";
import { but, changeOf, type Item, instead, setting, without } from "./rewritten.ts";

const flow = "refund";
const twice: Nemesis = { at: /starts fulfil-order/, fault: "duplicate", chance: 0.7 };

/** Guards of one kind of record that say "somebody was faster". */
export const overtaken =
  (...prefixes: readonly string[]): NonNullable<Planting["evaluate"]> =>
  (write, _item, holds) =>
    holds || (write.refusal === "order_moved" && prefixes.includes(write.entity.prefix));

/** Is this the part of order or payment in a refund's end, not in its beginning? */
const endsOneOf = (write: Write, item: Item | undefined): boolean => {
  const set: Item = write.op === "change" ? (write.change.set ?? {}) : {};
  if (write.entity.prefix === "ORDER") return set.refunds_open !== undefined && set.refund_count === undefined;
  return write.entity.prefix === "PAYMENT" && (set.refunded !== undefined || Number(set.refund_reserved) < Number(item?.refund_reserved));
};

interface Part {
  readonly line: number;
  readonly amount: number;
  readonly tax: readonly { readonly name: string; readonly amount: number }[];
}
/** Each refund's tax is its own share, rounded down by itself. */
const roundedAlone = (writes: Transaction): Transaction => {
  const lines = changeOf(writes, "ORDER").lines as readonly { readonly amount: number; readonly tax: Part["tax"] }[];
  const parts = (of: unknown): readonly Part[] =>
    (of as readonly Part[]).map((part) => {
      const line = lines[part.line];
      const tax = (line?.tax ?? []).map(({ name, amount }) => ({ name, amount: Math.floor((amount * part.amount) / (line?.amount ?? 1)) }));
      return { ...part, tax };
    });
  return writes.map((write) => {
    if (write.op !== "create") return write;
    if (write.entity.prefix === "REFUND") return { ...write, item: { ...write.item, lines: parts(write.item.lines) } };
    const details = write.item.details as Item;
    return isOperation(write) ? { ...write, item: { ...write.item, details: { ...details, lines: parts(details.lines) } } } : write;
  });
};

export const refundBugs: readonly PlantedBug[] = [
  {
    flow,
    name: "claim on an order that has moved",
    about: "a refund is written over what another has just claimed of the order",
    breaks: ["I14", "I20", "I2", "I6", "I8", "I10"],
    profile: "calm",
    planting: { evaluate: overtaken("ORDER") },
  },
  {
    flow,
    name: "two claims on the same money",
    about: "neither order nor payment are asked whether somebody else claims their money at this moment",
    breaks: ["I8", "I14", "I20", "I2", "I6", "I10"],
    profile: "calm",
    planting: { evaluate: overtaken("ORDER", "PAYMENT") },
  },
  {
    flow,
    name: "refund written whatever it is by now",
    about: "what the provider once answered is written to the refund, though it has ended since",
    breaks: ["I6", "I8", "I10", "I14"],
    profile: "storm",
    nemesis: [twice, { at: /hears from Stripe of a refund|looks a refund up/, fault: "slow", chance: 0.3 }],
    planting: { evaluate: (write, _item, holds) => holds || ["refund_exists", "refund_moved"].includes(write.refusal ?? "") },
  },
  {
    flow,
    name: "paying back ends twice",
    about: "whoever hears of a refund's end writes it, though another run has written it meanwhile",
    breaks: ["I6", "I10", "I14", "I20", "I34"],
    profile: "storm",
    nemesis: [twice],
    planting: {
      evaluate: (write, item, holds) =>
        holds ||
        (write.refusal === "order_moved" && endsOneOf(write, item)) ||
        write.refusal === "refund_moved" ||
        (isOperation(write) && write.op === "create" && ["order_refunded", "refund_failed"].includes(String(write.item.kind))),
    },
  },
  {
    flow,
    name: "refund without its operation",
    about: "money is claimed, and no journal says so",
    breaks: ["I32", "I20"],
    profile: "calm",
    planting: without("refund_requested", isOperation),
  },
  {
    flow,
    name: "numbers kept",
    about: "the money goes back, and the buyer keeps the numbers",
    breaks: ["I6", "I2"],
    profile: "calm",
    planting: without("refund_requested", (write) => write.entity.prefix === "UNIT" && write.refusal === "order_moved"),
  },
  {
    flow,
    name: "numbers sold again",
    about: "a number that a buyer has seen is free again when the money goes back",
    breaks: ["I1", "I3", "I6", "I10"],
    profile: "calm",
    planting: setting("refund_requested", "UNIT", (set) => (set.status === "archived" ? { ...set, status: "available" } : set)),
  },
  {
    flow,
    name: "never-shown numbers kept",
    about: "money that never fitted goes back, and its units stay held",
    breaks: ["I4"],
    profile: "calm",
    planting: without("refund_requested", (write) => write.refusal === "unit_not_held"),
  },
  {
    flow,
    name: "refunded and still paid",
    about: "all of the money goes back, and the order stays as it was",
    breaks: ["I2", "I6", "I14"],
    profile: "calm",
    planting: setting("refund_requested", "ORDER", (set) => but(set, "status")),
  },
  {
    flow,
    name: "refund that nobody looks after",
    about: "what is claimed is not put where the sweep looks",
    breaks: ["I14"],
    profile: "calm",
    planting: setting("refund_requested", "ORDER", (set) => but(set, "due_at", "due_shard")),
  },
  {
    flow,
    name: "looked after until the first has come",
    about: "the first refund that comes takes the order from the sweep, though another is on its way",
    breaks: ["I14"],
    profile: "calm",
    planting: {
      table: instead("order_refunded", (writes) =>
        writes.map((write) =>
          write.op === "change" && write.entity.prefix === "ORDER"
            ? { ...write, change: { ...write.change, remove: ["due_at", "due_shard"] } }
            : write,
        ),
      ),
    },
  },
  {
    flow,
    name: "tax of each refund rounded by itself",
    about: "what is reversed of the tax depends on how the refund was cut",
    breaks: ["I20"],
    profile: "calm",
    planting: { table: instead("refund_requested", roundedAlone) },
  },
  {
    flow,
    name: "refund's key not looked at",
    about: "a refund that is sent again is another one",
    breaks: ["I11", "I13", "I37"],
    profile: "calm",
    planting: {
      verbs: withVerbs(({ refundOrder }, world) => ({
        refundOrder: (request, ports) => refundOrder({ ...request, key: `${request.key}-${world.scheduler.turns.length}` }, ports),
      })),
    },
  },
  {
    flow,
    name: "refund remembered by its key alone",
    hides: true,
    about: "another body under a known key is answered with the first one's refund",
    breaks: ["I11"],
    profile: "calm",
    planting: {
      verbs: withVerbs(({ refundOrder }) => {
        const remembered = new Map<string, Awaited<ReturnType<typeof refundOrder>>>();
        return {
          refundOrder: async (request, ports) => {
            const id = `${request.principal.id} ${request.key}`;
            const known = remembered.get(id) ?? (await refundOrder(request, ports));
            if (known.kind === "ok") remembered.set(id, known);
            return known;
          },
        };
      }),
    },
  },
  {
    flow,
    name: "nothing left for the second of two equal commands",
    about: "a refund is refused for want of money that the same key's first request has just claimed",
    breaks: ["I11"],
    profile: "calm",
    planting: {
      table: (table) => ({
        ...table,
        get: ((entity, id, options) => (entity.prefix === "OP" ? Promise.resolve(undefined) : table.get(entity, id, options))) as typeof table.get,
      }),
    },
  },
];
