// Bugs of what may not happen beside a dispute: refunds, and commands about its units.
import type { Table, Write } from "../../../platform/table/model.ts";
import type { Nemesis } from "../faults.ts";
import type { Planting } from "../world-model.ts";
import { type Change, forgotten, misread } from "./misread.ts";
import { type PlantedBug, provider, withVerbs } from "./planting.ts";

/** Paying back believes another order than there is. */
const payBackReads = (change: Change): Planting => ({
  verbs: withVerbs(({ payBack }) => ({ payBack: (ref, ports) => payBack(ref, { ...ports, table: misread(ports.table, change, 1) }) })),
});

/** Guards of one kind of record always hold. */
const careless =
  (prefix: string, refusal: string): NonNullable<Planting["evaluate"]> =>
  (write, _item, holds) =>
    holds || (write.entity.prefix === prefix && write.refusal === refusal);

const slowStep: Nemesis = { at: /^transact dispute_/, fault: "slow", chance: 0.6 };
const slowRefund: Nemesis = { at: /^transact refund_requested/, fault: "slow", chance: 0.8 };

export const besideDisputeBugs: readonly PlantedBug[] = [
  {
    name: "refund sent beside a dispute",
    about: "what was claimed is paid back, whether its payer quarrels or not",
    breaks: ["I8"],
    flow: "dispute",
    profile: "calm",
    planting: payBackReads((order) => (order.dispute?.status === "open" ? forgotten(order) : order)),
  },
  {
    name: "refund that waits while the bank only asks",
    about: "what would answer the bank's question waits until the question is closed",
    breaks: ["I14", "I37"],
    flow: "dispute",
    profile: "calm",
    planting: {
      verbs: withVerbs(({ payBack }) => ({
        payBack: (ref, ports) =>
          payBack(ref, {
            ...ports,
            table: misread(ports.table, (order) => (order.dispute ? { ...order, dispute: { ...order.dispute, inquiry: false } } : order), 1),
          }),
      })),
    },
  },
  {
    name: "refund sent after the loss",
    about: "what was claimed is paid back, although the bank has taken the money",
    breaks: ["I8"],
    flow: "dispute",
    profile: "calm",
    planting: payBackReads((order) => (order.dispute?.status === "lost" ? forgotten(order) : order)),
  },
  {
    name: "refund given up for an open dispute",
    about: "a refund that the provider has not heard of fails at once when its payer quarrels",
    breaks: ["I8"],
    flow: "dispute",
    profile: "calm",
    planting: payBackReads((order) => (order.dispute?.status === "open" ? { ...order, dispute: { ...order.dispute, status: "lost" } } : order)),
  },
  {
    name: "refund given up for a refusal",
    about: "the provider refuses because the payer quarrels, and the refund is taken for failed",
    breaks: ["I8"],
    flow: "dispute",
    profile: "calm",
    planting: {
      providers: provider((real) => ({
        async refund(request) {
          const answer = await real.refund(request);
          return answer.kind === "disputed" ? { kind: "failed", reason: "charge_disputed" } : answer;
        },
      })),
    },
  },
  {
    name: "refused for ever",
    inCase: "paying back beside a question that hides a quarrel",
    about: "a refund that the provider refuses each time, beside a question of the bank, is asked for without end",
    breaks: ["I6", "I14", "I37"],
    flow: "dispute",
    profile: "calm",
    planting: {
      table: (table) => ({
        ...table,
        write: ((write: Write) =>
          table.write(
            write.op === "change" && write.change.set?.refusals !== undefined
              ? { ...write, change: { ...write.change, set: { ...write.change.set, refusals: 0 } } }
              : write,
          )) as Table["write"],
      }),
    },
  },
  {
    name: "refund not looked for",
    about: "what nobody heard of was not made: the provider is not asked whether it knows the refund",
    breaks: ["I5", "I6", "I8", "I14"],
    flow: "dispute",
    profile: "storm",
    nemesis: [{ at: /hears from Stripe of a refund/, fault: "lose_response", chance: 0.9 }],
    planting: { providers: provider(() => ({ recoverRefund: async () => ({ kind: "none" }) })) },
  },
  {
    name: "refund decided without the dispute",
    about: "whoever asks for a refund has it claimed, quarrel or not",
    breaks: ["I8"],
    flow: "dispute",
    profile: "calm",
    planting: {
      verbs: withVerbs(({ refundOrder }) => ({
        refundOrder: (request, ports) => refundOrder(request, { ...ports, table: misread(ports.table, forgotten) }),
      })),
    },
  },
  {
    name: "refund and dispute without the order's guard",
    about: "a refund is claimed on the order as it was read, although a dispute has come since",
    breaks: ["I2", "I6", "I8", "I14", "I20"],
    flow: "dispute",
    profile: "storm",
    nemesis: [slowRefund, slowStep],
    planting: { evaluate: careless("ORDER", "order_moved") },
  },
  {
    name: "replaced although it is frozen",
    about: "a buyer who quarrels is given another unit: neither who decides nor the write asks for the dispute",
    breaks: ["I6", "I37"],
    flow: "dispute",
    profile: "calm",
    planting: {
      evaluate: careless("UNIT", "unit_not_sold"),
      verbs: withVerbs(({ replaceUnit }) => ({
        replaceUnit: (request, ports) => {
          const thawed = (item: unknown): unknown =>
            item && typeof item === "object" && "frozen_by" in item ? { ...item, frozen_by: undefined } : item;
          const get = async (entity: never, id: never, options: never): Promise<unknown> => thawed(await ports.table.get(entity, id, options));
          return replaceUnit(request, { ...ports, table: { ...ports.table, get: get as Table["get"] } });
        },
      })),
    },
  },
];

/** As in `maskedGuards`: another one stands behind each of these. */
export const maskedDisputeGuards: readonly {
  readonly name: string;
  readonly behind: string;
  readonly profile: string;
  readonly planting: Planting;
}[] = [
  {
    name: "the next look at a dispute that the provider is silent about",
    behind: "its next event asks again, and the night's comparison finds what no event told",
    profile: "storm",
    planting: {
      table: (table) => ({
        ...table,
        write: (async (write: Write) =>
          write.refusal === "order_moved" &&
          write.op === "change" &&
          write.change.set?.due_at !== undefined &&
          write.change.set.after_sale === undefined
            ? { kind: "committed" }
            : table.write(write)) as Table["write"],
      }),
    },
  },
];
