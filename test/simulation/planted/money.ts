// Bugs of payments and of whom to believe.
import { connections } from "../../../functions/payments/connection-table.ts";
import { inbox } from "../../../functions/payments/inbox-table.ts";
import type { CheckoutRequest } from "../../../functions/payments/provider.ts";
import { create, type Write } from "../../../platform/table/model.ts";
import type { World } from "../world-model.ts";
import { type PlantedBug, provider, unguarded, withVerbs } from "./planting.ts";
import { but, hasSet, type Item } from "./rewritten.ts";

/** Each attempt at a checkout session has an idempotency key of its own. */
export const keysDrawnAnew = provider((real, world) => ({
  openCheckout: (request: CheckoutRequest) =>
    real.openCheckout({ ...request, provider_key: `${request.provider_key}-${world.scheduler.turns.length}` }),
}));

/** Orders for which the provider has failed. */
const failing = new WeakMap<World, Set<string>>();

export const moneyBugs: readonly PlantedBug[] = [
  {
    name: "each sent to a session of their own",
    about: "whoever comes back to the order's page opens another session, and is sent to it whichever was recorded",
    breaks: ["I5", "I7", "I9"],
    profile: "storm",
    planting: {
      providers: keysDrawnAnew,
      verbs: withVerbs(({ openCheckoutOf }) => ({
        openCheckoutOf: async (order, ports, hint) => {
          let own: string | undefined;
          const providers: typeof ports.providers = (connection, secrets) => {
            const real = ports.providers(connection, secrets);
            const openCheckout = async (request: CheckoutRequest) => {
              const opened = await real.openCheckout(request);
              own = opened.kind === "open" ? opened.url : undefined;
              return opened;
            };
            return { ...real, openCheckout };
          };
          let looked = false;
          const get = (async (entity, id, options) => {
            const found = (await ports.table.get(entity, id, options)) as Item | undefined;
            if (entity.prefix !== "PAYMENT" || looked || !found) return found;
            looked = true;
            return but(found, "checkout_url");
          }) as typeof ports.table.get;
          const checkout = await openCheckoutOf(order, { ...ports, providers, table: { ...ports.table, get } }, hint);
          return checkout.kind === "open" && own ? { ...checkout, url: own } : checkout;
        },
      })),
    },
  },
  {
    flow: "lapse",
    name: "a session's key that failed is believed to repair itself",
    about: "a provider that failed once is asked with the same key for the rest of the hold",
    breaks: ["I37"],
    profile: "calm",
    planting: {
      providers: provider((real, world) => ({
        openCheckout: (request: CheckoutRequest) => {
          const failed = failing.get(world) ?? new Set();
          failing.set(world, failed);
          if (!failed.has(request.order_id)) world.stripe.setFaults({ api_break_next: 1 });
          failed.add(request.order_id);
          return real.openCheckout(request);
        },
      })),
      evaluate: (write, _item, holds) => holds && !hasSet(write, "PAYMENT", "keys_spent"),
    },
  },
  {
    name: "payment planned anew",
    about: "whoever opens the checkout writes the payment, whether it stands already or not",
    breaks: ["I10"],
    profile: "storm",
    planting: { evaluate: unguarded("payment_exists") },
  },
  {
    name: "session recorded anew",
    about: "whoever hears of the session records it, whatever the payment has become",
    breaks: ["I10"],
    profile: "storm",
    nemesis: [{ at: /hears from Stripe/, fault: "slow", chance: 0.5 }],
    planting: { evaluate: unguarded("session_exists") },
  },
  {
    name: "asked for is taken for received",
    about: "the look-up answers the amount that was asked for, not the amount that was captured",
    breaks: ["I5", "I9"],
    profile: "calm",
    planting: {
      providers: provider((real, world) => ({
        async lookUp(sessionId) {
          const settlement = await real.lookUp(sessionId);
          if (settlement.kind !== "settled") return settlement;
          return { kind: "settled", facts: { ...settlement.facts, amount: world.stripe.session(sessionId)?.object.amount_total ?? 0 } };
        },
      })),
    },
  },
  {
    name: "event taken for payment",
    about: "an event about a session is enough; nobody asks whether it was paid",
    breaks: ["I5"],
    profile: "calm",
    planting: {
      providers: provider((real, world) => ({
        async lookUp(sessionId) {
          const settlement = await real.lookUp(sessionId);
          const amount = world.stripe.session(sessionId)?.object.amount_total ?? 0;
          return settlement.kind === "settled"
            ? settlement
            : { kind: "settled", facts: { amount, currency: "CAD", intent_id: "pi_of_nobody", session_id: sessionId, mode: "test" } };
        },
      })),
    },
  },
  {
    name: "signature not verified",
    about: "whatever is posted to the webhook is read as an event",
    breaks: ["I13"],
    profile: "calm",
    planting: {
      providers: provider(() => ({
        verify(raw) {
          const event = JSON.parse(raw.toString("utf8")) as {
            id: string;
            type: string;
            data: { object: { metadata?: { merchant_id?: string; order_id?: string } } };
          };
          const { merchant_id = "", order_id = "" } = event.data.object.metadata ?? {};
          return { kind: "verified", event_id: event.id, type: event.type, mode: "test", merchant_id, order_id };
        },
      })),
    },
  },
  {
    name: "event of the other mode believed",
    about: "a test connection hears of live money, and the other way round",
    breaks: ["I13"],
    flow: "forgery",
    profile: "calm",
    planting: {
      providers: provider((real) => ({
        verify(raw, signature, now) {
          const event = real.verify(raw, signature, now);
          return event.kind === "verified" ? { ...event, mode: "test" } : event;
        },
      })),
    },
  },
  {
    flow: "desk",
    name: "any currency taken for ours",
    about: "a sum is compared, and not in what it is",
    breaks: ["I5", "I9", "I14"],
    profile: "calm",
    planting: {
      providers: provider((real) => ({
        async lookUp(sessionId) {
          const settlement = await real.lookUp(sessionId);
          return settlement.kind === "settled" ? { kind: "settled", facts: { ...settlement.facts, currency: "CAD" } } : settlement;
        },
      })),
    },
  },
  {
    name: "event's merchant believed",
    about: "the tenant is the one that the event names, not the owner of the connection it came in by",
    breaks: ["I31"],
    profile: "calm",
    planting: {
      verbs: withVerbs(() => ({
        async receiveWebhook({ connection_id, raw, signature }, { table, sealer, providers, clock, fulfilOrder }) {
          const connection = await table.get(connections, { connection_id });
          if (!connection) return { kind: "refused", refusal: "connection_unknown" };
          const secrets = JSON.parse(await sealer.open("connection", "secrets", connection.secrets)) as { api_key: string; signing_secret: string };
          const event = providers(connection, secrets).verify(raw, signature, clock.now());
          if (event.kind === "forged") return { kind: "refused", refusal: "signature_invalid" };
          const { event_id, type, merchant_id = "", order_id = "" } = event;
          const stored = { connection_id, event_id, type, merchant_id, order_id, received_at: clock.now() };
          await table.write({ ...create(inbox, stored, stored), refusal: "seen_before" } as Write<"seen_before">);
          await fulfilOrder.start({ merchant_id, order_id }).catch(() => undefined);
          return { kind: "received" };
        },
      })),
    },
  },
];
