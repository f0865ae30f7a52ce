// Somebody who is not the provider knocks at the webhook: forged, tampered, stale, and another merchant's own true signature.
import { stripeSignature } from "../../../local/simulators/stripe/core.ts";
import { endpointKind } from "../../../local/simulators/stripe/records.ts";
import type { History } from "../history.ts";
import type { World } from "../world-model.ts";
import type { Flow } from "./flow.ts";

const forgeries = ["no signature", "a wrong secret", "a changed body", "an old signature", "the stranger's secret", "v0 only"] as const;
/** Truly signed, and of no money that is ours: live events are for live connections. */
const otherMode = "the other mode";
type Forgery = (typeof forgeries)[number] | typeof otherMode;

/** The signing secret of an account's webhook. */
export const signingSecret = (world: World, account: string): string => {
  const [endpoint] = world.store.newest(endpointKind, { limit: 1, by: account });
  if (!endpoint) throw new Error(`${account} has no webhook`);
  return endpoint.secret;
};

/** An event as the provider would write it. */
export const eventOf = (id: string, order: { readonly merchant_id: string; readonly order_id: string }, livemode = false): string =>
  JSON.stringify({
    id,
    object: "event",
    type: "checkout.session.completed",
    livemode,
    data: { object: { object: "checkout.session", payment_status: "paid", metadata: order } },
  });

const signed = (body: string, secret: string, world: World, ageSeconds = 0): string =>
  stripeSignature(body, secret, Math.floor(world.scheduler.now / 1000) - ageSeconds);

export const forge = async (world: World, history: History, what: Forgery, order_id: string): Promise<void> => {
  const body = eventOf(`evt_forged_${what.replaceAll(" ", "_")}`, { merchant_id: world.shop.merchant, order_id }, what === otherMode);
  const own = signingSecret(world, "acct_lees");
  const signatures: Readonly<Record<typeof what, string>> = {
    "no signature": "",
    "a wrong secret": signed(body, "whsec_of_nobody", world),
    "a changed body": signed(body.replace(order_id, "another"), own, world),
    "an old signature": signed(body, own, world, 3_600),
    "the stranger's secret": signed(body, signingSecret(world, "acct_stranger"), world),
    "v0 only": signed(body, own, world).replace("v1=", "v0="),
    [otherMode]: signed(body, own, world),
  };
  const status = await world.postWebhook({ connection_id: world.shop.connection, body, signature: signatures[what] }, ["forged"]);
  history.forged.push({ what, status });
  if (status === 400) world.reach.saw("forged event refused");
};

/** A merchant of this platform names another's order in an event that his own provider account truly signed. */
export const trespass = async (world: World, order_id: string): Promise<void> => {
  const body = eventOf(`evt_trespass_${order_id}`, { merchant_id: world.shop.merchant, order_id });
  const signature = signed(body, signingSecret(world, "acct_stranger"), world);
  const status = await world.postWebhook({ connection_id: world.shop.strangersConnection, body, signature }, ["stranger"]);
  if (status === 200) world.reach.saw("stranger's event named another's order");
};

export const forgery: Flow = {
  name: "forgery",
  about: "forged and trespassing events while others buy",
  percent: 60,
  stock: () => [],

  begin(world, history) {
    const dice = world.dice.fork("flow").fork("forgery");
    let left = dice.between(0, 3);
    const count = left;
    for (let visit = 0; visit < count; visit += 1) {
      world.scheduler.spawn("somebody", async () => {
        await world.scheduler.sleep(dice.between(50, 40_000), "waits for an order to name");
        const orders = [...world.twin.snapshot.records("ORDER")];
        const order_id = orders.length > 0 ? String(dice.pick(orders).item.id) : "0000000000000000";
        if (dice.chance(0.35)) await trespass(world, order_id);
        else await forge(world, history, dice.pick(forgeries), order_id);
        left -= 1;
      });
    }
    return () => left === 0;
  },

  /** When all is quiet, every forgery in turn: the table stays as it is to the last byte (the checker compares). */
  async afterwards(world, history) {
    const [order] = [...world.twin.snapshot.records("ORDER")];
    for (const what of [...forgeries, otherMode] as const) await forge(world, history, what, String(order?.item.id ?? "0000000000000000"));
  },
};
