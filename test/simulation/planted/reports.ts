// Bugs of the journal and of comparing books.
import { orders } from "../../../functions/orders/order-table.ts";
import type { ListedSession } from "../../../functions/payments/provider-books.ts";
import { type Instant, instant, plusMinutes, secondsBetween } from "../../../platform/clock/clock.ts";
import { change, type Table, type Write } from "../../../platform/table/model.ts";
import type { Nemesis } from "../faults.ts";
import type { World } from "../world-model.ts";
import { type PlantedBug, provider, withVerbs } from "./planting.ts";

const closedBooks: Nemesis = { at: /Stripe's (sessions|refunds|disputes|books)/, fault: "break", chance: 0.5 };
const isFinding = (write: Write): boolean => write.entity.prefix === "FINDING";

/** The books as they would be if they told what is left of a payment. */
const lessRefunds = (session: ListedSession, world: World): ListedSession => {
  if (session.state !== "settled") return session;
  const charge = world.stripe.truth().charges.find(({ payment_intent }) => payment_intent === session.intent_id);
  return { ...session, amount: session.amount - (charge?.amount_refunded ?? 0) };
};

/** As if the day had been found in order: the shop's days end at eight. */
const nextDay = (now: Instant) => ({
  next_date: now.slice(0, 10),
  next_from: `${now.slice(0, 10)}T08:00:00.000000Z`,
  due_at: plusMinutes(now, 24 * 60),
});

export const reportBugs: readonly PlantedBug[] = [
  {
    name: "silence taken for absence",
    about: "what the provider does not answer counts as not there",
    breaks: ["I14"],
    flow: "night",
    profile: "storm",
    nemesis: [closedBooks],
    planting: {
      providers: provider((real) => ({
        async listSessions(window, cursor) {
          const page = await real.listSessions(window, cursor);
          return page.kind === "unknown" ? { kind: "page", items: [] } : page;
        },
        async findSession(id) {
          const entry = await real.findSession(id);
          return entry.kind === "unknown" ? { kind: "absent" } : entry;
        },
      })),
    },
  },
  {
    name: "comparison mends by itself",
    about: "who compares writes the order's next look, instead of leaving it to the workflow",
    breaks: ["I14", "I32"],
    flow: "night",
    profile: "calm",
    planting: {
      verbs: withVerbs(({ reconcileNow }, world) => ({
        async reconcileNow(request, ports) {
          const [order] = world.twin.snapshot.records("ORDER");
          const { merchant_id = "", id = "" } = (order?.item ?? {}) as { merchant_id?: string; id?: string };
          if (id) await ports.table.write(change(orders, { merchant_id, order_id: id }, { set: { payment_intent_id: "mended" } }));
          return reconcileNow(request, ports);
        },
      })),
    },
  },
  {
    name: "differences are only written down",
    about: "late money that the comparison finds is noted, and the workflow is not set on it",
    breaks: ["I6", "I37"],
    flow: "lapse",
    profile: "webhooks-lost",
    planting: {
      verbs: withVerbs(({ reconcileNow, reconcileNights }) => ({
        reconcileNow: (request, ports) => reconcileNow(request, { ...ports, fulfilOrder: { start: async () => undefined } }),
        reconcileNights: (ports) => reconcileNights({ ...ports, fulfilOrder: { start: async () => undefined } }),
      })),
    },
  },
  {
    name: "the night advances past what it has not seen healed",
    about: "a day is done as soon as it was looked at once, whatever was found and given to the workflow",
    breaks: ["I6", "I14"],
    flow: "lapse",
    profile: "webhooks-lost",
    planting: {
      verbs: withVerbs(({ reconcileNights }) => ({
        reconcileNights: (ports) => {
          const write = (write: Write) =>
            ports.table.write(
              write.op === "change" && "looks" in (write.change.set ?? {}) ? { ...write, change: { set: nextDay(ports.clock.now()) } } : write,
            );
          return reconcileNights({ ...ports, table: { ...ports.table, write: write as Table["write"] } });
        },
      })),
    },
  },
  {
    name: "refunds are looked at on their own day only",
    about: "what is older than the compared day is not listed",
    breaks: ["I6", "I7", "I14"],
    flow: "refund",
    profile: "webhooks-lost",
    planting: {
      providers: provider((real) => ({
        listRefunds: async (window, cursor) =>
          secondsBetween(window.from, window.to) > 2 * 86_400 ? { kind: "page", items: [] } : real.listRefunds(window, cursor),
      })),
    },
  },
  {
    name: "findings never close",
    about: "a difference that was ended stays on the list",
    breaks: ["I14"],
    flow: "lapse",
    profile: "webhooks-lost",
    planting: {
      table: (table): Table => ({
        ...table,
        write: ((write: Write) =>
          isFinding(write) && write.op === "change" ? Promise.resolve({ kind: "committed" }) : table.write(write)) as Table["write"],
      }),
    },
  },
  {
    name: "what went back counts as never come",
    about: "the listed payment is less its refunds, and ours is what was captured",
    breaks: ["I14"],
    flow: "night",
    profile: "webhooks-lost",
    planting: {
      providers: provider((real, world) => ({
        async listSessions(window, cursor) {
          const page = await real.listSessions(window, cursor);
          return page.kind === "unknown" ? page : { ...page, items: page.items.map((session) => lessRefunds(session, world)) };
        },
      })),
    },
  },
  {
    name: "yesterday's delay is today's difference",
    about: "what was paid a moment ago is judged already",
    breaks: ["I14"],
    flow: "night",
    profile: "starts-fail",
    planting: {
      verbs: withVerbs(({ reconcileNow }, world) => ({
        reconcileNow: (request, ports) => {
          const clock = { now: () => instant(world.scheduler.now + 15 * 60_000) };
          return reconcileNow(request, { ...ports, clock });
        },
      })),
    },
  },
  {
    name: "journal leaves out refunds",
    about: "only captures are entered into the journal",
    breaks: ["I35"],
    flow: "night",
    profile: "webhooks-lost",
    planting: {
      verbs: withVerbs(({ enter }, world) => ({
        enter: async (id, ports) => {
          const operation = [...world.twin.snapshot.records("OP")].find(({ item }) => item.id === id)?.item;
          if (operation?.kind !== "refund_requested") await enter(id, ports);
        },
      })),
    },
  },
  {
    name: "journal's place moves on first",
    about: "an operation that could not be entered is passed over",
    breaks: ["I35"],
    flow: "night",
    profile: "storm",
    nemesis: [{ at: /JOURNAL/, fault: "refuse", chance: 0.5 }],
    planting: { verbs: withVerbs(({ enter }) => ({ enter: (id, ports) => enter(id, ports).catch(() => undefined) })) },
  },
];
