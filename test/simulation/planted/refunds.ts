// Bugs of refunds: of claiming, of paying back, of what is told.
import type { PaymentProvider } from "../../../functions/payments/provider.ts";
import type { Write } from "../../../platform/table/model.ts";
import type { Nemesis } from "../faults.ts";
import { nameOfWrites } from "../ports/table.ts";
import type { Planting, World } from "../world-model.ts";
import { isOperation, type PlantedBug, provider, type Transaction, transacting, withVerbs } from "./planting.ts";

type Item = Readonly<Record<string, unknown>>;
const flow = "refund";
const twice: Nemesis = { at: /starts fulfil-order/, fault: "duplicate", chance: 0.7 };

/** Guards of one kind of record that say "somebody was faster". */
const overtaken =
  (...prefixes: readonly string[]): NonNullable<Planting["evaluate"]> =>
  (write, _item, holds) =>
    holds || (write.refusal === "order_moved" && prefixes.includes(write.entity.prefix));

/** Is this the part of order or payment in a refund's end, not in its beginning? */
const endsOneOf = (write: Write, item: Item | undefined): boolean => {
  const set: Item = write.op === "change" ? (write.change.set ?? {}) : {};
  if (write.entity.prefix === "ORDER") return set.refunds_open !== undefined && set.refund_count === undefined;
  return write.entity.prefix === "PAYMENT" && (set.refunded !== undefined || Number(set.refund_reserved) < Number(item?.refund_reserved));
};

/** The transactions of one name are written otherwise. */
const instead = (name: string, change: (writes: Transaction) => Transaction): NonNullable<Planting["table"]> =>
  transacting((writes, table) => table.transact(nameOfWrites(writes) === name ? change(writes) : writes));
const without = (name: string, dropped: (write: Write) => boolean): Planting => ({
  table: instead(name, (writes) => writes.filter((write) => !dropped(write))),
});
/** A change of one kind of record sets something else. */
const setting = (name: string, prefix: string, change: (set: Item) => Item): Planting => ({
  table: instead(name, (writes) =>
    writes.map((write) =>
      write.op === "change" && write.entity.prefix === prefix
        ? { ...write, change: { ...write.change, set: change(write.change.set ?? {}) } }
        : write,
    ),
  ),
});
const but = (item: Item, ...names: readonly string[]): Item => Object.fromEntries(Object.entries(item).filter(([name]) => !names.includes(name)));
const changeOf = (writes: Transaction, prefix: string): Item => {
  const found = writes.find((write) => write.op === "change" && write.entity.prefix === prefix);
  return found?.op === "change" ? (found.change.set ?? {}) : {};
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

/** What the provider says of a refund, heard otherwise. */
type Answer = Awaited<ReturnType<PaymentProvider["lookUpRefund"]>>;
const heard = (change: (answer: Answer, world: World, id: string) => Answer): NonNullable<Planting["providers"]> =>
  provider((real, world) => ({
    refund: async (request) => {
      const answer = await real.refund(request);
      return answer.kind === "disputed" ? answer : change(answer, world, request.refund_id);
    },
    lookUpRefund: async (id) => change(await real.lookUpRefund(id), world, id),
  }));

const told = new WeakMap<World, Set<string>>();
const toldOf = (world: World): Set<string> => {
  const known = told.get(world) ?? new Set();
  told.set(world, known);
  return known;
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
    breaks: ["I8", "I14", "I20", "I2", "I10"],
    profile: "calm",
    planting: { evaluate: overtaken("ORDER", "PAYMENT") },
  },
  {
    flow,
    name: "paying back ends twice",
    about: "whoever hears of a refund's end writes it, though another run has written it meanwhile",
    breaks: ["I10", "I14", "I34", "I20"],
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
    breaks: ["I11", "I37"],
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
  {
    flow,
    name: "on its way taken for there",
    about: "a refund that the provider has begun counts as back",
    breaks: ["I14", "I7", "I8"],
    profile: "calm",
    planting: { providers: heard((answer) => (answer.kind === "pending" ? { ...answer, kind: "succeeded" } : answer)) },
  },
  {
    flow,
    name: "silence about a refund taken for no",
    about: "a provider that does not answer has refused",
    breaks: ["I7", "I8", "I14"],
    profile: "storm",
    nemesis: [{ at: /hears from Stripe of a refund/, fault: "lose_response", chance: 0.5 }],
    planting: { providers: heard((answer) => (answer.kind === "unknown" ? { kind: "failed", reason: "no_answer" } : answer)) },
  },
  {
    flow,
    name: "silence about a refund taken for yes",
    about: "a provider that does not answer has done it",
    breaks: ["I7", "I14", "I6"],
    profile: "storm",
    nemesis: [{ at: /asks Stripe for a refund/, fault: "lose_request", chance: 0.5 }],
    planting: {
      providers: heard((answer, _world, id) => (answer.kind === "unknown" ? { kind: "succeeded", provider_refund_id: `re_of_${id}` } : answer)),
    },
  },
  {
    flow,
    name: "event's name taken for the refund's end",
    about: "news of a refund counts as its success; nobody looks what it says",
    breaks: ["I6", "I7", "I14", "I8"],
    profile: "calm",
    planting: {
      verbs: withVerbs(({ receiveWebhook }, world) => ({
        receiveWebhook: (delivery, ports) => {
          const { type, data } = JSON.parse(delivery.raw.toString("utf8")) as { type: string; data: { object: { id: string } } };
          if (type.startsWith("refund.")) toldOf(world).add(data.object.id);
          return receiveWebhook(delivery, ports);
        },
      })),
      providers: provider((real, world) => ({
        lookUpRefund: async (id) => (toldOf(world).has(id) ? { kind: "succeeded", provider_refund_id: id } : real.lookUpRefund(id)),
      })),
    },
  },
  {
    flow,
    name: "what has come is not looked at again",
    about: "a refund that succeeded once is never asked about",
    breaks: ["I6", "I7", "I14"],
    profile: "calm",
    planting: {
      providers: provider((real, world) => ({
        lookUpRefund: async (id) => {
          const known = [...world.twin.snapshot.records("REFUND")].some(({ item }) => item.provider_refund_id === id && item.status === "succeeded");
          return known ? { kind: "succeeded", provider_refund_id: id } : real.lookUpRefund(id);
        },
      })),
    },
  },
  {
    flow,
    name: "key used after its life",
    about: "a refund without an answer is asked for again for ever, and never looked for by its name",
    breaks: ["I7", "I8", "I14", "I6"],
    profile: "storm",
    planting: { providers: provider(() => ({ recoverRefund: async () => ({ kind: "none" }) })) },
  },
  {
    flow,
    name: "claim kept by a refund that failed",
    about: "the order is told that a refund came to nothing, and the payment is not",
    breaks: ["I14"],
    profile: "calm",
    planting: without("refund_failed", (write) => write.entity.prefix === "PAYMENT"),
  },
  {
    flow,
    name: "counted as back although it bounced",
    about: "a refund that failed after it had come stays in what is back",
    breaks: ["I14"],
    profile: "calm",
    planting: setting("refund_failed", "PAYMENT", (set) => but(set, "refunded")),
  },
  {
    flow,
    name: "lines of a failed refund left as they are",
    about: "what a refund that came to nothing had claimed of the lines stays claimed",
    breaks: ["I14", "I20"],
    profile: "calm",
    planting: setting("refund_failed", "ORDER", (set) => but(set, "lines")),
  },
  {
    flow,
    name: "nobody told of a refund that failed",
    about: "the order goes on as if nothing had been asked of it",
    breaks: ["I6"],
    profile: "calm",
    planting: setting("refund_failed", "ORDER", (set) => but(set, "attention_note")),
  },
  {
    flow,
    name: "text tells what was taken back",
    about: "a text after a refund names all numbers that the order ever had",
    breaks: ["I26"],
    profile: "storm",
    nemesis: [{ at: /write create MESSAGE/, fault: "crash_before", chance: 0.5 }],
    planting: {
      verbs: withVerbs(({ send }) => ({
        send: (ref, ports) => {
          const getMany = (async (wanted, options) => {
            const items = (await ports.table.getMany(wanted, options)) as readonly (Item | undefined)[];
            return items.map((item) => (item?.status === "archived" ? { ...item, status: "sold" } : item));
          }) as typeof ports.table.getMany;
          return send(ref, { ...ports, table: { ...ports.table, getMany } });
        },
      })),
    },
  },
  {
    flow,
    name: "text looked for by the words of now",
    about: "whether the first text went out is asked with the words that would be sent now",
    breaks: ["I26"],
    profile: "storm",
    nemesis: [{ at: /hears from Twilio/, fault: "lose_response", chance: 0.7 }],
    planting: {
      table: (table) => ({
        ...table,
        get: (async (entity, id, options) => {
          const item = await table.get(entity, id, options);
          return entity.prefix === "MESSAGE" && item ? but(item as Item, "words") : item;
        }) as typeof table.get,
      }),
    },
  },
];
