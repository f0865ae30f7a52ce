// Events as the provider tells them: recorded, told again by us with the endpoint's own signature, in any order and under other ids.
import { rng } from "../support/random.ts";
import type { StripeEvent } from "./outside-world.ts";
import type { Platform } from "./platform.ts";
import { registeredEndpoint, signed } from "./stripe-signer.ts";

/** The events that our endpoint asked for; the others are never sent. */
const ours = /^(checkout\.session\.|refund\.(updated|failed)|charge\.refund\.updated|charge\.dispute\.)/;

/** Everything that was told about these payments, or would have been, oldest first. */
export async function eventsAbout({ world }: Pick<Platform, "world">, orderIds: ReadonlySet<string>): Promise<readonly StripeEvent[]> {
  const truth = await world.truth();
  const intents = new Set(truth.payment_intents.filter(({ metadata }) => orderIds.has(metadata.order_id ?? "")).map(({ id }) => id));
  const about = ({ metadata, payment_intent }: StripeEvent["data"]["object"]): boolean =>
    orderIds.has(metadata?.order_id ?? "") || intents.has(payment_intent ?? "");
  return truth.events.filter(({ type, data }) => ours.test(type) && about(data.object)).reverse();
}

/** Each of them twice, shuffled together, half under another id; some at once, as a provider that catches up would. @param seed of the order */
export async function tellAgain({ shop, dataDir }: Pick<Platform, "shop" | "dataDir">, events: readonly StripeEvent[], seed: string): Promise<void> {
  const random = rng(seed);
  const { secret, path } = registeredEndpoint(dataDir);
  const twice = [...events, ...events].map((event, at) => ({ body: bodyOf(event, at % 2 === 1), place: random() }));
  const told = twice.sort((a, b) => a.place - b.place).map(({ body }) => body);
  for (let from = 0; from < told.length; from += atOnce) {
    const answers = await Promise.all(
      told
        .slice(from, from + atOnce)
        .map((body) =>
          fetch(shop.url + path, { method: "POST", body, headers: { "content-type": "application/json", "stripe-signature": signed(body, secret) } }),
        ),
    );
    const refused = answers.find(({ status }) => status !== 200);
    if (refused !== undefined) throw new Error(`an event was answered with ${refused.status}`);
  }
}

const atOnce = 3;

const bodyOf = (event: StripeEvent, renamed: boolean): string =>
  JSON.stringify(renamed ? { ...event, id: event.id.replace("evt_1", "evt_2") } : event, null, 2);
