// Bugs of the exceptions desk: who stands on it, what is given for which money, and what a person's word ends.
import type { Write } from "../../../platform/table/model.ts";
import type { Nemesis } from "../faults.ts";
import type { Planting } from "../world-model.ts";
import { giveSees, refundSees, settleSees, unlooked } from "./desk-reads.ts";
import { type PlantedBug, withVerbs } from "./planting.ts";
import { but, type Item, instead, setting, without } from "./rewritten.ts";

const flow = "desk";
const slowEnds: Nemesis = { at: /^transact (units_given|exception_settled|refund_requested)/, fault: "slow", chance: 0.5 };

const unsettled = (order: Item): Item => but(order, "settled");
const unquarrelled = (order: Item): Item => but(order, "dispute");
/** Left where it stands when the matter has ended. */
const stays = (name: string): Planting => ({
  table: instead(name, (writes) =>
    writes.map((write) =>
      write.op === "change" && write.entity.prefix === "ORDER"
        ? { ...write, change: { ...write.change, remove: (write.change.remove ?? []).filter((attribute) => !attribute.startsWith("desk_")) } }
        : write,
    ),
  ),
});
/** Never put where a person looks. */
const unlisted = (name: string): Planting => setting(name, "ORDER", (set) => but(set, "desk_of", "desk_place"));

/** The order's part of one end: what it sets besides its count. */
const isEnd = (write: Write, set: "settled" | "payment_intent_id"): boolean =>
  write.op === "change" && write.refusal === "order_moved" && write.entity.prefix === "ORDER" && set in (write.change.set ?? {});

const bug = (name: string, about: string, breaks: readonly string[], planting: Planting, nemesis?: readonly Nemesis[]): PlantedBug => ({
  name,
  about,
  breaks,
  flow,
  profile: nemesis ? "storm" : "calm",
  planting,
  ...(nemesis && { nemesis }),
});

const given: readonly PlantedBug[] = [
  bug("given to one who was settled", "units are given whether anybody waits for them or not", ["I6", "I37", "I13"], giveSees({ ORDER: unsettled })),
  bug("given beside a quarrel", "units are given although the payer quarrels at the bank", ["I6"], giveSees({ ORDER: unquarrelled })),
  bug(
    "given for nothing",
    "a payment that captured nothing counts as money",
    ["I5"],
    unlooked(
      giveSees({
        ORDER: (order) => ({ ...order, accepted: order.accepted ?? { amount: 1 } }),
        PAYMENT: (payment) => (payment.captured === 0 ? { ...payment, captured: 1 } : payment),
      }),
    ),
  ),
  bug(
    "given beside a refund",
    "units are given for money that is back or on its way",
    ["I6"],
    unlooked(
      giveSees({
        ORDER: (order) => ({ ...order, refunded: 0, refunds_open: 0 }),
        PAYMENT: (payment) => ({ ...payment, refunded: 0, refund_reserved: 0 }),
      }),
    ),
  ),
  bug(
    "given for money that is gone at the provider",
    "that the provider refused a refund since money went back over there is forgotten",
    ["I6"],
    setting("refund_failed", "ORDER", (set) => but(set, "refunded_at_provider")),
  ),
  bug(
    "given for another currency",
    "an amount is an amount, in whatever it is",
    ["I5"],
    unlooked(giveSees({ PAYMENT: (payment) => ({ ...payment, captured_currency: payment.currency }) })),
  ),
  bug("given for a sum that nobody named", "what came counts as accepted by whoever gives", ["I5"], {
    verbs: withVerbs(({ giveUnits }, world) => ({
      giveUnits: (request, ports) => {
        const payment = [...world.twin.snapshot.records("PAYMENT")].find(({ item }) => item.order_id === request.body.order_id)?.item;
        const accept_amount = payment?.evidence === undefined ? request.body.accept_amount : Number(payment.captured);
        return giveUnits({ ...request, body: { ...request.body, ...(accept_amount !== undefined && { accept_amount }) } }, ports);
      },
    })),
  }),
  bug(
    "given to one who has all",
    "a buyer who has every unit is given others in their place",
    ["I2", "I6"],
    giveSees({ UNIT: (unit) => (unit.status === "sold" ? { ...unit, status: "archived" } : unit) }),
  ),
  bug("accepted and not recorded", "units are given for another sum, and nothing says who accepted it", ["I5"], {
    table: setting("units_given", "ORDER", (set) => but(set, "accepted")).table as NonNullable<Planting["table"]>,
  }),
  bug(
    "given on an order that has moved",
    "units are given for the order as it was read",
    ["I6", "I2", "I10", "I1"],
    {
      evaluate: (write, _item, holds) => holds || isEnd(write, "payment_intent_id"),
    },
    [slowEnds],
  ),
  bug("given's key not looked at", "units that are given again are others", ["I11", "I37"], {
    verbs: withVerbs(({ giveUnits }, world) => ({
      giveUnits: (request, ports) => giveUnits({ ...request, key: `${request.key}-${world.scheduler.turns.length}` }, ports),
    })),
  }),
  bug("given and not told", "units are given, and their numbers are told to nobody", ["I26"], {
    verbs: withVerbs(() => ({ sendGiven: () => Promise.resolve() })),
  }),
  bug("given like a sale", "new numbers are told by the text of the sale, which was sent before", ["I26"], {
    verbs: withVerbs(({ send }) => ({ sendGiven: ({ merchant_id, order_id }, ports) => send({ merchant_id, order_id }, ports) })),
  }),
];

const settled: readonly PlantedBug[] = [
  bug("settled twice", "a matter that was settled is settled again", ["I6", "I37", "I13"], settleSees({ ORDER: unsettled })),
  bug(
    "settled while its payer quarrels",
    "a matter is settled although the bank has not decided",
    ["I6"],
    settleSees({ ORDER: unquarrelled }, (reason) => reason !== "dispute_answered"),
  ),
  bug(
    "settled while a refund is under way",
    "a person's word ends what still ends by itself",
    ["I6"],
    settleSees({ ORDER: (order) => ({ ...order, refunds_open: 0 }) }),
  ),
  bug(
    "answered a quarrel that is over",
    "a dispute counts as answered although the bank has decided",
    ["I6"],
    settleSees(
      { ORDER: (order) => (order.dispute ? { ...order, dispute: { ...(order.dispute as Item), status: "open" } } : order) },
      (reason) => reason === "dispute_answered",
    ),
  ),
  bug(
    "no money, and there it is",
    "a matter is settled for want of money that was captured",
    ["I6"],
    settleSees({ PAYMENT: (payment) => ({ ...payment, captured: 0 }) }),
  ),
  bug(
    "settled with its units",
    "units that are kept for the order stay kept",
    ["I4", "I6"],
    settleSees({ UNIT: (unit) => (unit.status === "reserved" ? { ...unit, status: "available" } : unit) }),
  ),
  bug(
    "settled without giving back",
    "a matter is settled, and its units are free for nobody",
    ["I4", "I6"],
    without("exception_settled", ({ entity }) => entity.prefix === "UNIT" || entity.prefix === "POOL"),
  ),
  bug(
    "settled on an order that has moved",
    "a matter is settled as it was read, although another end was faster",
    ["I6", "I10"],
    {
      evaluate: (write, _item, holds) => holds || isEnd(write, "settled"),
    },
    [slowEnds],
  ),
  bug("settled's key not looked at", "what is settled again is another matter", ["I11", "I37"], {
    verbs: withVerbs(({ settleException }, world) => ({
      settleException: (request, ports) => settleException({ ...request, key: `${request.key}-${world.scheduler.turns.length}` }, ports),
    })),
  }),
  bug("refunded here and elsewhere", "money is paid back although a person has recorded that it is back", ["I6"], refundSees({ ORDER: unsettled })),
];

const listed: readonly PlantedBug[] = [
  bug("money that nobody is told of", "money that is not as planned is parked, and no desk shows it", ["I6"], unlisted("order_needs_attention")),
  bug("failed refund that nobody is told of", "a refund comes to nothing, and no desk shows it", ["I6"], unlisted("refund_failed")),
  bug("quarrel that nobody is told of", "a dispute opens, and no desk shows it", ["I6"], unlisted("dispute_opened")),
  bug("given and still on the desk", "whoever has got units waits on", ["I6"], stays("units_given")),
  bug("settled and still on the desk", "a matter that is settled waits on", ["I6"], stays("exception_settled")),
  bug("refunded and still on the desk", "money goes back, and its matter waits on", ["I6"], stays("refund_requested")),
  bug("evidence not kept", "money that is not as planned leaves no trace of what was", ["I14"], {
    table: setting("order_needs_attention", "PAYMENT", (set) => but(set, "evidence")).table as NonNullable<Planting["table"]>,
  }),
  bug("first on the desk forgotten", "the list leaves out who has waited longest", ["I37"], {
    verbs: withVerbs(({ listExceptions }) => ({
      async listExceptions(request, ports) {
        const answer = await listExceptions(request, ports);
        return answer.kind === "ok" ? { ...answer, result: { ...answer.result, exceptions: answer.result.exceptions.slice(1) } } : answer;
      },
    })),
  }),
  bug("an end that does not fit", "the list offers to settle what only money can end", ["I37"], {
    verbs: withVerbs(({ listExceptions }) => ({
      async listExceptions(request, ports) {
        const answer = await listExceptions(request, ports);
        if (answer.kind !== "ok") return answer;
        const exceptions = answer.result.exceptions.map((one) => ({
          ...one,
          ends: one.ends.map((end) => (end.command === "settleException" ? { ...end, body: { ...end.body, reason: "no_money" } } : end)),
        }));
        return { ...answer, result: { ...answer.result, exceptions } };
      },
    })),
  }),
];

export const deskBugs: readonly PlantedBug[] = [...given, ...settled, ...listed];
