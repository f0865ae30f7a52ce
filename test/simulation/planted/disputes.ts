// Bugs of disputes: what tells of them, what they freeze, and what may happen beside them.
import type { DisputeFact } from "../../../functions/payments/provider-after-sale.ts";
import type { Write } from "../../../platform/table/model.ts";
import { nameOfWrites } from "../ports/table.ts";
import type { Planting, World } from "../world-model.ts";
import { forgotten, misread, settledOne } from "./misread.ts";
import { isOperation, type PlantedBug, provider, transacting, withVerbs } from "./planting.ts";

interface Told {
  readonly type: string;
  readonly data: { readonly object: { readonly id: string; readonly status: string; readonly payment_intent: string } };
}
/** The events about a payment's disputes that have come in, in that order. */
const toldOf = (world: World, intentId: string): readonly Told[] =>
  world.courier.told.flatMap(({ body }) => {
    const told = JSON.parse(body) as Told;
    return told.type.startsWith("charge.dispute.") && told.data.object.payment_intent === intentId ? [told] : [];
  });

/** The provider's answer about disputes is another. */
const answersDisputes = (change: (dispute: DisputeFact, told: readonly Told[]) => DisputeFact["status"]): Planting => ({
  providers: provider((real, world) => ({
    async lookUpDisputes(intentId) {
      const answer = await real.lookUpDisputes(intentId);
      if (answer.kind === "unknown") return answer;
      const told = toldOf(world, intentId);
      const disputes = answer.disputes.map((dispute) => {
        const own = told.filter(({ data }) => data.object.id === dispute.id);
        return { ...dispute, status: change(dispute, own) };
      });
      return { kind: "known", disputes };
    },
  })),
});

/** A dispute's transaction without some of its writes. */
const stepWithout = (step: string, left: (write: Write) => boolean): Planting => ({
  table: transacting((writes, table) => table.transact(nameOfWrites(writes) === step ? writes.filter((write) => !left(write)) : writes)),
});
const ofUnit = (write: Write): boolean => write.entity.prefix === "UNIT";
export const disputeBugs: readonly PlantedBug[] = [
  {
    name: "funds reinstated read as won",
    hides: true,
    about: "the name of an event decides: money that came back is a dispute that was won",
    breaks: ["I14"],
    flow: "dispute",
    profile: "calm",
    planting: answersDisputes(({ status }, told) => (told.some(({ type }) => type === "charge.dispute.funds_reinstated") ? "won" : status)),
  },
  {
    name: "closed read as lost",
    about: "an event that a dispute was closed is taken for a loss",
    breaks: ["I14"],
    flow: "dispute",
    profile: "calm",
    planting: answersDisputes(({ status }, told) => (told.some(({ type }) => type === "charge.dispute.closed") ? "lost" : status)),
  },
  {
    name: "inquiry taken for nothing",
    about: "only a chargeback counts as a dispute; the question before it freezes nothing",
    breaks: ["I14", "I37"],
    flow: "dispute",
    profile: "calm",
    planting: {
      providers: provider((real, world) => ({
        async lookUpDisputes(intentId) {
          const answer = await real.lookUpDisputes(intentId);
          if (answer.kind === "unknown") return answer;
          const asked = new Set(world.stripe.truth().disputes.flatMap(({ id, status }) => (status.startsWith("warning_") ? [id] : [])));
          return { kind: "known", disputes: answer.disputes.filter(({ id }) => !asked.has(id)) };
        },
      })),
    },
  },
  {
    name: "question taken for a dispute",
    about: "a bank that only asks counts as one that has taken the money: no refund answers it",
    breaks: ["I14"],
    flow: "dispute",
    profile: "calm",
    planting: {
      providers: provider((real) => ({
        async lookUpDisputes(intentId) {
          const answer = await real.lookUpDisputes(intentId);
          return answer.kind === "unknown" ? answer : { kind: "known", disputes: answer.disputes.map(({ inquiry: _, ...dispute }) => dispute) };
        },
      })),
    },
  },
  {
    name: "question that became a dispute is not heard of",
    about: "what an open quarrel is once, it stays until it ends",
    breaks: ["I14", "I37"],
    flow: "dispute",
    profile: "calm",
    planting: {
      providers: provider((real, world) => ({
        async lookUpDisputes(intentId) {
          const answer = await real.lookUpDisputes(intentId);
          if (answer.kind === "unknown") return answer;
          const asked = new Set(toldOf(world, intentId).flatMap(({ data }) => (data.object.status.startsWith("warning_") ? [data.object.id] : [])));
          return {
            kind: "known",
            disputes: answer.disputes.map((dispute) =>
              dispute.status === "open" && asked.has(dispute.id) ? { ...dispute, inquiry: true } : dispute,
            ),
          };
        },
      })),
    },
  },
  {
    name: "dispute's body believed",
    about: "what the last event says is the dispute's status; nobody asks how it stands",
    breaks: ["I10", "I14", "I37"],
    flow: "dispute",
    profile: "storm",
    nemesis: [{ at: /brings charge\.dispute/, fault: "late", chance: 0.5 }],
    planting: answersDisputes((dispute, told) => {
      const status = told.at(-1)?.data.object.status ?? dispute.status;
      return status === "won" || status === "warning_closed" ? "won" : status === "lost" ? "lost" : "open";
    }),
  },
  {
    name: "every telling is a new dispute",
    about: "a dispute that is told of again is begun again, whatever became of it",
    breaks: ["I10", "I34"],
    flow: "dispute",
    profile: "storm",
    planting: {
      verbs: withVerbs(({ weighDispute }) => ({
        weighDispute: (ref, ports) => weighDispute(ref, { ...ports, table: misread(ports.table, forgotten) }),
      })),
      evaluate: (write, _item, holds) =>
        holds || (isOperation(write) && write.op === "create" && String(write.item.kind).startsWith("dispute_")) || write.refusal === "order_moved",
    },
  },
  {
    name: "open freezes nothing",
    about: "the order names its dispute, its units go on as if nothing was",
    breaks: ["I6"],
    flow: "dispute",
    profile: "calm",
    planting: stepWithout("dispute_opened", ofUnit),
  },
  {
    name: "won gives one unit back",
    about: "of several frozen units the first is the buyer's again",
    breaks: ["I6"],
    flow: "dispute",
    profile: "calm",
    planting: {
      table: transacting((writes, table) => {
        const frozen = writes.filter(ofUnit).slice(1);
        return table.transact(nameOfWrites(writes) === "dispute_won" ? writes.filter((write) => !frozen.includes(write)) : writes);
      }),
    },
  },
  {
    name: "lost leaves the number",
    about: "the money is lost, and the buyer keeps what it bought",
    breaks: ["I2", "I6"],
    flow: "dispute",
    profile: "calm",
    planting: stepWithout("dispute_lost", ofUnit),
  },
  {
    name: "lost leaves the payment",
    about: "the bank has taken the money, and the payment says that it is there",
    breaks: ["I6"],
    flow: "dispute",
    profile: "calm",
    planting: stepWithout("dispute_lost", (write) => write.entity.prefix === "PAYMENT"),
  },
  {
    name: "dispute in two steps",
    about: "the order names its dispute first, its units follow",
    breaks: ["I6", "I14"],
    flow: "dispute",
    profile: "storm",
    planting: {
      table: transacting(async (writes, table) => {
        if (!nameOfWrites(writes).startsWith("dispute_")) return table.transact(writes);
        await table.transact(writes.filter((write) => !ofUnit(write)));
        const units = writes.filter(ofUnit);
        return units.length > 0 ? table.transact(units) : { kind: "committed" };
      }),
    },
  },
  {
    name: "dispute leaves no operation",
    about: "a dispute's steps are written down on the order alone",
    breaks: ["I14"],
    flow: "dispute",
    profile: "calm",
    planting: {
      table: transacting((writes, table) =>
        table.transact(nameOfWrites(writes).startsWith("dispute_") ? writes.filter((write) => !isOperation(write)) : writes),
      ),
    },
  },
  {
    name: "nothing looks after an open dispute",
    about: "a dispute's end is heard of by its news alone",
    breaks: ["I6"],
    flow: "dispute",
    profile: "calm",
    planting: {
      table: transacting((writes, table) =>
        table.transact(
          writes.map((write) =>
            nameOfWrites(writes) === "dispute_opened" && write.op === "change" && write.entity.prefix === "ORDER"
              ? ({ ...write, change: { ...write.change, set: { ...write.change.set, due_at: undefined, due_shard: undefined } } } as unknown as Write)
              : write,
          ),
        ),
      ),
    },
  },
  {
    name: "sweep looks and does not ask",
    hides: true,
    about: "an order whose dispute is open is due, and without news there is nothing to do",
    breaks: ["I6", "I37"],
    flow: "dispute",
    profile: "storm",
    nemesis: [{ at: /brings charge\.dispute\.(closed|funds_reinstated)/, fault: "drop", chance: 0.9 }],
    planting: {
      verbs: withVerbs(({ confirm }) => ({ confirm: (asked, ports) => confirm(asked, { ...ports, table: misread(ports.table, settledOne) }) })),
    },
  },
  {
    name: "news of a dispute is no news",
    about: "an order that is paid is done, whatever its event was about",
    breaks: ["I6", "I37"],
    flow: "dispute",
    profile: "calm",
    planting: { verbs: withVerbs(({ confirm }) => ({ confirm: ({ news: _, ...ref }, ports) => confirm(ref, ports) })) },
  },
  {
    name: "news taken although nothing began",
    about: "the workflow did not start, and the provider is told that all is well",
    breaks: ["I37"],
    flow: "dispute",
    profile: "storm",
    nemesis: [{ at: /starts fulfil-order/, fault: "refuse", chance: 0.3 }],
    planting: {
      verbs: withVerbs(({ receiveWebhook }) => ({
        receiveWebhook: async (delivery, ports) => {
          const outcome = await receiveWebhook(delivery, ports);
          return outcome.kind === "refused" && outcome.refusal === "provider_down" ? { kind: "received" } : outcome;
        },
      })),
    },
  },
  {
    name: "whose dispute it is, not asked twice",
    about: "the provider did not say whose payment it is: then it is nobody's",
    breaks: ["I37"],
    flow: "dispute",
    profile: "storm",
    nemesis: [{ at: /asks Stripe whose a payment is/, fault: "break", chance: 0.5 }],
    planting: {
      providers: provider((real) => ({
        async lookUpOwner(intentId) {
          const owner = await real.lookUpOwner(intentId);
          return owner.kind === "unknown" ? { kind: "none" } : owner;
        },
      })),
    },
  },
  {
    name: "news seen before is dropped",
    about: "an event that is in the inbox was dealt with, although its first delivery started nothing",
    breaks: ["I37"],
    flow: "dispute",
    profile: "storm",
    nemesis: [{ at: /starts fulfil-order/, fault: "refuse", chance: 0.4 }],
    planting: {
      verbs: withVerbs(({ receiveWebhook }, world) => ({
        receiveWebhook: async (delivery, ports) => {
          const { id } = JSON.parse(delivery.raw.toString("utf8")) as { id: string };
          for (const { item } of world.twin.snapshot.records("INBOX")) if (item.event_id === id) return { kind: "received" };
          return receiveWebhook(delivery, ports);
        },
      })),
    },
  },
];
