// Bugs of paying back and of what is told: the provider's words heard otherwise, ends of refunds written down wrongly, texts after a refund.
import type { PaymentProvider } from "../../../functions/payments/provider.ts";
import type { Planting, World } from "../world-model.ts";
import { type PlantedBug, provider, withVerbs } from "./planting.ts";
import { but, type Item, instead, setting, without } from "./rewritten.ts";

const flow = "refund";

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

export const payBackBugs: readonly PlantedBug[] = [
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
    breaks: ["I5", "I7", "I8", "I14"],
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
    name: "asked for anew unseen",
    about: "a refund without an answer is asked for again under another key, and never looked for by its name",
    breaks: ["I5", "I6", "I7", "I8", "I14"],
    profile: "storm",
    planting: { providers: provider(() => ({ recoverRefund: async () => ({ kind: "none" }) })) },
  },
  {
    flow,
    name: "a refund's key that failed is believed to repair itself",
    about: "a provider that failed once is asked with the same key, however long it repeats that",
    breaks: ["I5", "I6", "I7", "I8", "I14", "I37"],
    profile: "storm",
    nemesis: [{ at: /asks Stripe for a refund/, fault: "fail_inside", chance: 0.3 }],
    planting: {
      providers: provider((real) => ({ refund: (request) => real.refund({ ...request, provider_key: `refund-of-${request.refund_id}` }) })),
    },
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
    planting: setting("refund_failed", "ORDER", (set) => but(set, "failed_refunds")),
  },
  {
    flow,
    name: "small refund wipes a larger one off the desk",
    about: "any refund makes good what came to nothing before, however little it is",
    breaks: ["I6"],
    profile: "calm",
    planting: {
      table: instead("refund_requested", (writes) =>
        writes.map((write) =>
          write.op === "change" && write.entity.prefix === "ORDER"
            ? {
                ...write,
                change: { set: but(write.change.set ?? {}, "failed_refunds"), remove: ["failed_refunds", "settled", "desk_of", "desk_place"] },
              }
            : write,
        ),
      ),
    },
  },
  {
    flow,
    name: "text tells what was taken back",
    hides: true,
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
    hides: true,
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
