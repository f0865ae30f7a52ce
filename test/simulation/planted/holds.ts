// Bugs of holds that end, and of money that comes late.
import { openConnection, type Refund } from "../../../functions/payments/index.ts";
import type { PaymentProvider } from "../../../functions/payments/provider.ts";
import { instant } from "../../../platform/clock/clock.ts";
import type { Nemesis } from "../faults.ts";
import { nameOfWrites } from "../ports/table.ts";
import type { World } from "../world-model.ts";
import { isOperation, isToken, type PlantedBug, provider, transacting, withVerbs } from "./planting.ts";

/** The release believes another provider than there is. */
const releaseHears = (change: (real: PaymentProvider) => Partial<PaymentProvider>): PlantedBug["planting"] => ({
  verbs: withVerbs(({ releaseHold }) => ({
    releaseHold: (ref, ports) => {
      const providers: typeof ports.providers = (connection, secrets) => {
        const real = ports.providers(connection, secrets);
        return { ...real, ...change(real) };
      };
      return releaseHold(ref, { ...ports, providers });
    },
  })),
});
const payOut = async (world: World, refund: Pick<Refund, "connection_id" | "provider_key" | "intent_id" | "amount" | "merchant_id" | "order_id">) => {
  const { provider_key, intent_id, amount, merchant_id, order_id } = refund;
  const open = await openConnection(world.ports, refund.connection_id);
  await open?.provider.refund({ provider_key, refund_id: `planted-${order_id}`, intent_id, amount, merchant_id, order_id });
};
const twice: Nemesis = { at: /starts fulfil-order/, fault: "duplicate", chance: 0.7 };

/** How often the provider was asked for a session of each order. */
const silences = new WeakMap<World, Map<string, number>>();

/** Whoever asks whether a hold is over reads another clock than there is. @param aheadMs of the true one; told how far its machine's clock is off */
const holdsAhead = (aheadMs: (skewMs: number) => number): PlantedBug["planting"] => ({
  verbs: withVerbs(({ confirm, releaseHold }, world) => {
    const clock = { now: () => instant(world.scheduler.now + aheadMs(world.scheduler.current()?.skewMs ?? 0)) };
    return {
      confirm: (asked, ports) => confirm(asked, { ...ports, clock }),
      releaseHold: (ref, ports) => releaseHold(ref, { ...ports, clock }),
    };
  }),
});
const minute = 60_000;

export const holdBugs: readonly PlantedBug[] = [
  {
    flow: "lapse",
    name: "hold over early",
    about: "whoever hears of an order that nobody has paid yet ends its page and its hold",
    breaks: ["I4"],
    profile: "calm",
    planting: holdsAhead(() => 40 * minute),
  },
  {
    flow: "lapse",
    name: "a worker's skewed clock decides",
    about: "nobody keeps the machines' clocks together: one that is most of an hour fast ends holds",
    breaks: ["I38"],
    profile: "skew",
    planting: holdsAhead((skewMs) => skewMs * 600),
  },
  {
    flow: "lapse",
    name: "release without asking the provider",
    about: "units go back when the hold is over, whatever the provider would say",
    breaks: ["I4"],
    profile: "calm",
    planting: releaseHears(() => ({ lookUp: async () => ({ kind: "failed" }) })),
  },
  {
    flow: "lapse",
    name: "release before the page is dead",
    about: "units go back although nobody has ended the session",
    breaks: ["I4"],
    profile: "calm",
    planting: releaseHears(() => ({ closeCheckout: async () => ({ kind: "closed" }) })),
  },
  {
    flow: "lapse",
    name: "silence taken for closed",
    about: "a provider that does not say whether the session ended is taken at its best",
    breaks: ["I4"],
    profile: "storm",
    nemesis: [{ at: /asks Stripe to end a session/, fault: "lose_request", chance: 0.6 }],
    planting: releaseHears((real) => ({
      closeCheckout: async (id) => {
        const closing = await real.closeCheckout(id);
        return closing.kind === "unknown" ? { kind: "closed" } : closing;
      },
    })),
  },
  {
    flow: "lapse",
    name: "release without guards",
    about: "order, payment and units are written as released, whatever they are by now and whosever they are",
    breaks: ["I3", "I4", "I10", "I34"],
    profile: "storm",
    nemesis: [twice],
    planting: {
      evaluate: (write, _item, holds) =>
        holds ||
        ["unit_not_held", "not_awaiting_payment", "payment_moved"].includes(write.refusal ?? "") ||
        (isOperation(write) && write.op === "create" && write.item.kind === "hold_expired"),
    },
  },
  {
    flow: "lapse",
    name: "payment closed beside a session recorded meanwhile",
    about: "a hold without a session ends, and nobody asks whether it has one by now",
    breaks: ["I4"],
    profile: "storm",
    planting: {
      // The provider is silent until the buyer comes back near the end, and everybody takes their time between the look and the step.
      providers: provider((real, world) => ({
        openCheckout: async (request) => {
          const calls = (silences.get(world) ?? new Map<string, number>()).set(
            request.order_id,
            (silences.get(world)?.get(request.order_id) ?? 0) + 1,
          );
          silences.set(world, calls);
          return (calls.get(request.order_id) ?? 0) <= 4 ? { kind: "unknown" } : real.openCheckout(request);
        },
      })),
      table: (table, world) => {
        const late = transacting(async (writes, real) => {
          if (nameOfWrites(writes) === "hold_expired") await world.scheduler.sleep(120_000);
          return real.transact(writes);
        });
        const write = (async (one) => {
          if (one.refusal === "session_exists") await world.scheduler.sleep(90_000);
          return table.write(one);
        }) as typeof table.write;
        return { ...late(table, world), write };
      },
      evaluate: (write, _item, holds) =>
        holds || (write.op === "change" && write.entity.prefix === "PAYMENT" && (write.change.set as { status?: string })?.status === "cancelled"),
    },
  },
  {
    flow: "lapse",
    name: "page opened when the hold is over",
    about: "whoever comes back is sent to pay, although the units may go to somebody else at any moment",
    breaks: ["I4", "I37", "I38"],
    profile: "calm",
    planting: {
      verbs: withVerbs(({ openCheckoutOf }, world) => ({
        openCheckoutOf: (order, ports, hint) => openCheckoutOf({ ...order, hold_until: instant(world.scheduler.now + 40 * minute) }, ports, hint),
      })),
    },
  },
  {
    flow: "lapse",
    name: "token not given back",
    about: "the unit is free again and nobody can find it",
    breaks: ["I3"],
    profile: "calm",
    planting: {
      table: transacting((writes, table) =>
        table.transact(nameOfWrites(writes) === "hold_expired" ? writes.filter((write) => !isToken(write)) : writes),
      ),
    },
  },
  {
    flow: "lapse",
    name: "token given back twice",
    about: "a while after the release the token is put into the pool once more",
    breaks: ["I3", "I32"],
    profile: "calm",
    planting: {
      table: transacting(async (writes, table, world) => {
        const outcome = await table.transact(writes);
        if (nameOfWrites(writes) !== "hold_expired" || outcome.kind !== "committed") return outcome;
        await world.scheduler.sleep(150_000);
        await table.transact(writes.filter(isToken));
        return outcome;
      }),
    },
  },
  {
    flow: "lapse",
    name: "late money without guards",
    about: "whoever hears of late money answers it, whether it was answered already or not",
    breaks: ["I1", "I2", "I4", "I6", "I10", "I34"],
    profile: "storm",
    nemesis: [twice],
    planting: {
      evaluate: (write, _item, holds) =>
        holds ||
        ["not_unpaid", "payment_mismatch", "payment_not_open", "refund_exists"].includes(write.refusal ?? "") ||
        (isOperation(write) && write.op === "create" && ["order_paid", "refund_requested"].includes(String(write.item.kind))),
    },
  },
  {
    flow: "lapse",
    name: "late money takes the old units",
    about: "money after the hold is given the units that the order once had",
    breaks: ["I1", "I2", "I4", "I10"],
    profile: "calm",
    planting: {
      table: transacting((writes, table) =>
        table.transact(
          nameOfWrites(writes) === "order_paid" && writes.some((write) => write.refusal === "not_unpaid")
            ? writes.filter((write) => write.refusal !== "unit_taken")
            : writes,
        ),
      ),
    },
  },
  {
    flow: "lapse",
    name: "refund with a key of its own each time",
    about: "each attempt at a refund is a new one for the provider",
    breaks: ["I5", "I6", "I7", "I8", "I14"],
    profile: "storm",
    nemesis: [{ at: /asks Stripe for a refund/, fault: "abandon", chance: 0.6 }],
    planting: {
      providers: provider((real, world) => ({
        refund: (request) => real.refund({ ...request, provider_key: `${request.provider_key}-${world.scheduler.turns.length}` }),
      })),
    },
  },
  {
    flow: "lapse",
    name: "refund made before it is recorded",
    about: "the provider is asked to pay back, then the debt is written down",
    breaks: ["I6", "I8"],
    profile: "storm",
    nemesis: [{ at: /refund_requested/, fault: "refuse", chance: 0.7 }],
    planting: {
      table: transacting(async (writes, table, world) => {
        const debt = writes.find((write) => write.entity.prefix === "REFUND");
        if (nameOfWrites(writes) === "refund_requested" && debt?.op === "create") await payOut(world, debt.item as unknown as Refund);
        return table.transact(writes);
      }),
    },
  },
  {
    flow: "lapse",
    name: "refund although delivered",
    about: "late money goes back, also when other units were found",
    breaks: ["I6", "I8"],
    profile: "calm",
    planting: {
      verbs: withVerbs(({ deliver }, world) => ({
        deliver: async (ref, facts, ports) => {
          const order = [...world.twin.snapshot.records("ORDER")].find(({ item }) => item.id === ref.order_id)?.item;
          const outcome = await deliver(ref, facts, ports);
          if (order?.status === "expired" && outcome.delivered)
            await payOut(world, { ...ref, connection_id: world.shop.connection, provider_key: `late-${ref.order_id}`, ...facts });
          return outcome;
        },
      })),
    },
  },
];
