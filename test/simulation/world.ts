// The whole platform in one thread: the product's own verbs over ports that wait for their turn. Functions are invoked as their triggers
// would invoke them; what the outside sees (answers, provider's books, texts) is written down for the checker.
import { confirm } from "../../functions/fulfilment/confirm.ts";
import { DeliverInput, OrderRefInput } from "../../functions/fulfilment/contract.ts";
import { deliver } from "../../functions/fulfilment/deliver.ts";
import { send } from "../../functions/fulfilment/send.ts";
import { sweep } from "../../functions/fulfilment/sweep.ts";
import { recordDelivery } from "../../functions/notifications/record-delivery.ts";
import type { TextingOf } from "../../functions/notifications/texting.ts";
import { openCheckoutOf } from "../../functions/orders/open-checkout.ts";
import { placeOrder } from "../../functions/orders/place-order.ts";
import { readOrder } from "../../functions/orders/read-order.ts";
import type { Providers } from "../../functions/payments/provider.ts";
import { receiveWebhook } from "../../functions/payments/receive-webhook.ts";
import { memoryStore } from "../../local/simulators/store/memory.ts";
import type { Store } from "../../local/simulators/store/store.ts";
import { createStripe, type Stripe } from "../../local/simulators/stripe/core.ts";
import { type Clock, instant } from "../../platform/clock/clock.ts";
import type { Sealer } from "../../platform/crypto/sealer.ts";
import { queueEntry } from "../../platform/edge/queue.ts";
import { stepEntry } from "../../platform/edge/step.ts";
import { jsonLog } from "../../platform/log/log.ts";
import { OutboxEvent } from "../../platform/outbox/event.ts";
import type { Commit, MemoryTable, Snapshot } from "../../platform/table/memory.ts";
import type { Table, Write } from "../../platform/table/model.ts";
import type { Dice } from "./dice.ts";
import type { Policy } from "./faults.ts";
import { reportDelivery } from "./ports/carrier.ts";
import { type Courier, courierOf, type Told } from "./ports/courier.ts";
import { simulatedSealer } from "./ports/kms.ts";
import { type OutboxPort, outboxPort } from "./ports/outbox.ts";
import { stripePort } from "./ports/stripe.ts";
import { tablePort } from "./ports/table.ts";
import { type TextBooks, type TextMessage, twilioPort } from "./ports/twilio.ts";
import { type WorkflowPort, workflowPort } from "./ports/workflow.ts";
import type { Profile } from "./profiles.ts";
import type { Reach } from "./reach.ts";
import { type Ended, type Execution, Scheduler } from "./scheduler.ts";
import { openShop, type Shop, type Stock, stripeAccounts, stripeKeys } from "./shop.ts";
import { sawConfirmation, sawWebhook } from "./sightings.ts";

/** The product's verbs; a planted bug puts another in the place of one. */
export const verbs = { placeOrder, openCheckoutOf, readOrder, receiveWebhook, confirm, deliver, send, sweep, recordDelivery };
export type Verbs = typeof verbs;

/** Where a bug can be planted: around ports and in place of verbs, never inside product code. */
export interface Planting {
  readonly evaluate?: (write: Write, item: Readonly<Record<string, unknown>> | undefined, holds: boolean) => boolean;
  readonly table?: (table: Table, world: World) => Table;
  readonly providers?: (providers: Providers, world: World) => Providers;
  readonly textingOf?: (textingOf: TextingOf) => TextingOf;
  readonly verbs?: (verbs: Verbs, world: World) => Verbs;
  readonly forgetfulOutbox?: boolean;
}

export interface WorldOptions {
  readonly dice: Dice;
  readonly profile: Profile;
  readonly policy: Policy;
  readonly stock: readonly Stock[];
  readonly reach: Reach;
  readonly planting: Planting;
  readonly choose?: (count: number) => number;
  /** Steps that take a turn, for enumerations of a few. Default: all. */
  readonly takesTurn?: (label: string) => boolean;
  readonly commits: (commit: Commit, snapshot: Snapshot, by: Execution | undefined, world: World) => void;
}

export interface World {
  readonly scheduler: Scheduler;
  readonly dice: Dice;
  readonly profile: Profile;
  readonly reach: Reach;
  readonly twin: MemoryTable;
  readonly stripe: Stripe;
  readonly store: Store;
  readonly texts: TextBooks;
  readonly workflow: WorkflowPort;
  readonly outbox: OutboxPort;
  readonly courier: Courier;
  readonly shop: Shop;
  readonly clock: Clock;
  readonly verbs: Verbs;
  readonly logLines: readonly string[];
  /** Texts whose delivery the carrier has not reported yet. */
  readonly reports: { open: number };
  /** The ports of the functions, all in one. */
  readonly ports: Ports;
  /** Runs a function as its trigger would. */
  invoke<T>(name: string, work: () => Promise<T>, tags?: readonly string[]): Promise<Ended<T>>;
  /** Posts to the payment webhook. Answers the HTTP status, undefined when none came. */
  postWebhook(told: Told, tags?: readonly string[]): Promise<number | undefined>;
  /** Starts what runs by itself: the schedule of the sweep. */
  begin(): void;
}

/** 2026-11-21T12:00:00Z */
const startMs = Date.UTC(2026, 10, 21, 12);
const sweepEveryMs = 60_000;
/** The shop was set up long ago: no read still misses it. */
const settledMs = 3_600_000;
export const publicOrigin = "https://shop.example";
export const linkSecretText = "the-link-secret-of-the-simulated-stage";

const portsOf = (
  table: Table,
  clock: Clock,
  dice: Dice,
  sealer: Sealer,
  providers: Providers,
  textingOf: TextingOf,
  log: ReturnType<typeof jsonLog>,
) => ({
  table,
  clock,
  random: { number: dice.next, secret: () => Buffer.from(dice.bytes(16)).toString("base64url") },
  sealer,
  providers,
  textingOf,
  publicOrigin,
  linkSecret: () => Promise.resolve(linkSecretText),
  log,
});
type Ports = ReturnType<typeof portsOf>;

export const buildWorld = async (options: WorldOptions): Promise<World> => {
  const { dice, profile, reach, planting } = options;
  const schedule = dice.fork("schedule");
  const scheduler = new Scheduler({
    startMs,
    choose: options.choose ?? schedule.below,
    delays: dice.fork("delays").next,
    ...(options.takesTurn && { takesTurn: options.takesTurn }),
  });
  const clock: Clock = { now: () => instant(scheduler.now + (scheduler.current()?.skewMs ?? 0)) };
  const skews = dice.fork("skews");
  const logLines: string[] = [];
  const log = jsonLog("info", (line) => logLines.push(line));

  const invoke = <T>(name: string, work: () => Promise<T>, tags: readonly string[] = []): Promise<Ended<T>> => {
    const skewMs = profile.skewMs === 0 ? 0 : skews.between(-profile.skewMs, profile.skewMs);
    return scheduler.invoke(name, work, { skewMs, tags });
  };

  const store = memoryStore();
  const bytes = dice.fork("stripe").bytes;
  const stripe = createStripe({
    store,
    ports: { now: () => scheduler.now, random: bytes },
    checkoutOrigin: "https://pay.example",
    keys: stripeKeys,
    accounts: stripeAccounts,
  });

  const { table: plainTable, twin } = tablePort({
    scheduler,
    dice: dice.fork("table"),
    reach,
    ...(planting.evaluate && { evaluate: planting.evaluate }),
    commits: (commit, snapshot, by) => {
      outbox.committed(commit);
      options.commits(commit, snapshot, by, world);
    },
  });
  const accepted = (message: TextMessage): void => onText(message);
  let onText: (message: TextMessage) => void = () => undefined;
  const twilio = twilioPort(scheduler, reach, accepted);
  const textingOf = planting.textingOf?.(twilio.textingOf) ?? twilio.textingOf;
  const sealer = simulatedSealer(scheduler, dice.fork("keys"));

  // The world is named before it is whole: what is planted looks at it only when a run is on.
  const world = {} as { -readonly [K in keyof World]: World[K] };
  const table = planting.table?.(plainTable, world) ?? plainTable;
  const realProviders = stripePort({ scheduler, reach, stripe });
  const providers = planting.providers?.(realProviders, world) ?? realProviders;
  const ports = portsOf(table, clock, dice.fork("product"), sealer, providers, textingOf, log);
  const product = planting.verbs?.(verbs, world) ?? verbs;

  const workflow = workflowPort({
    scheduler,
    reach,
    random: dice.fork("workflow").next,
    invoke,
    steps: {
      ConfirmFunctionArn: stepEntry("confirm", OrderRefInput, log, async (ref) => {
        const confirmation = await product.confirm(ref, ports);
        sawConfirmation(world, ref.order_id, confirmation.settlement);
        return confirmation;
      }),
      DeliverFunctionArn: stepEntry("deliver", DeliverInput, log, ({ facts, ...ref }) => product.deliver(ref, facts, ports)),
      SendFunctionArn: stepEntry("send", OrderRefInput, log, async (ref) => {
        await product.send(ref, ports);
        return { sent: true };
      }),
    },
  });
  const consume = queueEntry(OutboxEvent, log, async (event) => {
    if (event.kind === "order_paid") await product.send({ merchant_id: event.merchant_id, order_id: event.subject }, ports);
  });
  const outbox = outboxPort({ scheduler, reach, works: profile.outbox, forgetful: planting.forgetfulOutbox ?? false, consume, invoke });

  const postWebhook: World["postWebhook"] = async ({ connection_id, body, signature }, tags = []) => {
    const delivery = { connection_id, raw: Buffer.from(body), signature };
    sawWebhook(world, body);
    const ended = await invoke(
      "payments-webhook",
      () => product.receiveWebhook(delivery, { ...ports, fulfilOrder: workflow.startedBy(profile.starts) }),
      [...tags, `connection ${connection_id}`],
    );
    if (ended.kind === "answered") return ended.value.kind === "received" ? 200 : 400;
    return ended.kind === "threw" ? 500 : undefined;
  };
  const late = dice.fork("late");
  const courier = courierOf({ scheduler, reach, stripe, delivers: profile.webhooks, post: postWebhook, late: () => late.between(500, 400_000) });

  const shop = await openShop(ports, options.stock);
  twin.catchUpDue();
  scheduler.now += settledMs;

  const sweepNow = async (): Promise<void> => {
    const ended = await invoke("fulfil-sweep", () => product.sweep({ ...ports, fulfilOrder: workflow.startedBy(true) }), ["sweep"]);
    if (ended.kind === "answered" && ended.value.looked > 0) scheduler.note(`the sweep looked at ${ended.value.looked}`);
  };
  /** A sweep that would find nothing is left out: it reads four empty pages. */
  const somethingDue = (): boolean => {
    const latest = instant(scheduler.now + profile.skewMs);
    for (const { item } of twin.snapshot.records("ORDER")) if (typeof item.due_at === "string" && item.due_at <= latest) return true;
    return twin.dueLag() > 0;
  };
  const begin = (): void => {
    if (!profile.sweep) return;
    scheduler.spawn("schedule", async () => {
      for (;;) {
        await scheduler.sleep(sweepEveryMs, "until the next minute");
        if (!somethingDue()) continue;
        const fault = await scheduler.turn("starts the sweep", ["drop", "duplicate"]);
        if (fault !== "drop") scheduler.spawn("schedule's call", sweepNow);
        if (fault === "duplicate") scheduler.spawn("schedule's second call", sweepNow);
      }
    });
  };

  Object.assign(world, {
    scheduler,
    dice,
    profile,
    reach,
    twin,
    stripe,
    store,
    texts: twilio.books,
    workflow,
    outbox,
    courier,
    shop,
    clock,
    verbs: product,
    logLines,
    reports: { open: 0 },
    ports,
    invoke,
    postWebhook,
    begin,
  } satisfies World);
  scheduler.policy = options.policy;
  onText = (message) => reportDelivery(world, message);
  return world;
};
