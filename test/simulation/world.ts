// The whole platform in one thread: the product's own verbs over ports that wait for their turn. Functions are invoked as their triggers
// would invoke them; what the outside sees (answers, provider's books, texts) is written down for the checker.
import { ConfirmInput, DeliverInput, OrderRefInput } from "../../functions/fulfilment/inputs.ts";
import { memoryStore } from "../../local/simulators/store/memory.ts";
import { createStripe } from "../../local/simulators/stripe/core.ts";
import { refundKind } from "../../local/simulators/stripe/records.ts";
import { type Clock, instant } from "../../platform/clock/clock.ts";
import { queueEntry } from "../../platform/edge/queue.ts";
import { stepEntry } from "../../platform/edge/step.ts";
import { operationStreamEntry } from "../../platform/edge/stream.ts";
import { jsonLog } from "../../platform/log/log.ts";
import { OutboxEvent } from "../../platform/outbox/event.ts";
import { keptUntil, watchedStore } from "./kept-truth.ts";
import { reportDelivery } from "./ports/carrier.ts";
import { courierOf } from "./ports/courier.ts";
import { journalPort } from "./ports/journal.ts";
import { simulatedSealer } from "./ports/kms.ts";
import { outboxPort } from "./ports/outbox.ts";
import { quarrelsOf } from "./ports/quarrels.ts";
import { refundFates } from "./ports/refund-fates.ts";
import { stripePort } from "./ports/stripe.ts";
import { tablePort } from "./ports/table.ts";
import { type TextMessage, twilioPort } from "./ports/twilio.ts";
import { workflowPort } from "./ports/workflow.ts";
import { portsOf, verbs } from "./product.ts";
import { sawText } from "./replacement-sightings.ts";
import { type Ended, Scheduler } from "./scheduler.ts";
import { openShop, stripeAccounts, stripeKeys } from "./shop.ts";
import { sawConfirmation, sawRelease, sawWebhook } from "./sightings.ts";
import type { World, WorldOptions } from "./world-model.ts";

/** 2026-11-21T12:00:00Z */
const startMs = Date.UTC(2026, 10, 21, 12);
const sweepEveryMs = 60_000;
/** The shop was set up long ago: no read still misses it. */
const settledMs = 3_600_000;

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

  const store = watchedStore(memoryStore());
  const bytes = dice.fork("stripe").bytes;
  const simulated = createStripe({
    store,
    ports: { now: () => scheduler.now, random: bytes },
    checkoutOrigin: "https://pay.example",
    keys: stripeKeys,
    accounts: stripeAccounts,
  });
  const stripe = { ...simulated, truth: keptUntil(store.version, simulated.truth) };

  const { table: plainTable, twin } = tablePort({
    scheduler,
    dice: dice.fork("table"),
    reach,
    ...(planting.evaluate && { evaluate: planting.evaluate }),
    commits: (commit, snapshot, by) => {
      outbox.committed(commit);
      journal.committed(commit);
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
  const realProviders = stripePort({
    scheduler,
    reach,
    stripe,
    fates: refundFates({
      store,
      stripe,
      now: () => scheduler.now,
      dice: dice.fork("refunds"),
      reach,
      mayBeSilent: profile.sweep && profile.faultRate > 0,
    }),
    news: () => {
      if (stripe.deliveries.nextDue() !== undefined || store.nextDue(refundKind) !== undefined) courier.look();
    },
  });
  const quarrels = quarrelsOf({
    scheduler,
    snapshot: () => twin.snapshot,
    starts: () => workflow.starts,
    orderOf: (intent) => stripe.truth().payment_intents.find(({ id }) => id === intent)?.metadata.order_id,
  });
  const watched = quarrels.watched(realProviders);
  const providers = planting.providers?.(watched, world) ?? watched;
  const ports = portsOf(table, clock, dice.fork("product"), sealer, providers, textingOf, log);
  const product = planting.verbs?.(verbs, world) ?? verbs;

  const workflow = workflowPort({
    scheduler,
    reach,
    random: dice.fork("workflow").next,
    invoke,
    steps: {
      ConfirmFunctionArn: stepEntry("confirm", ConfirmInput, log, async (asked) => {
        const confirmation = await product.confirm(asked, ports);
        sawConfirmation(world, asked.order_id, confirmation.settlement);
        return confirmation;
      }),
      DeliverFunctionArn: stepEntry("deliver", DeliverInput, log, ({ facts, ...ref }) => product.deliver(ref, facts, ports)),
      ReleaseFunctionArn: stepEntry("release", OrderRefInput, log, async (ref) => {
        const release = await product.releaseHold(ref, ports);
        sawRelease(world, release);
        return release;
      }),
      DisputeFunctionArn: stepEntry("dispute", OrderRefInput, log, (ref) => product.weighDispute(ref, ports)),
      PayBackFunctionArn: stepEntry("pay-back", OrderRefInput, log, (ref) => {
        quarrels.looksAt(ref.order_id);
        return product.payBack(ref, ports);
      }),
      SendFunctionArn: stepEntry("send", OrderRefInput, log, async (ref) => {
        await product.send(ref, ports);
        return { sent: true };
      }),
    },
  });
  const consume = queueEntry(OutboxEvent, log, async ({ kind, id, merchant_id, subject: order_id }) => {
    if (kind === "order_paid") await product.send({ merchant_id, order_id }, ports);
    if (kind === "unit_replaced") await product.sendReplacement({ id, merchant_id, order_id }, ports);
    if (kind === "units_given") await product.sendGiven({ id, merchant_id, order_id }, ports);
  });
  const outbox = outboxPort({ scheduler, reach, works: profile.outbox, forgetful: planting.forgetfulOutbox ?? false, consume, invoke });

  const journal = journalPort({ scheduler, reach, consume: operationStreamEntry(log, (id) => product.enter(id, ports)), invoke });

  const postWebhook: World["postWebhook"] = async ({ connection_id, body, signature }, tags = []) => {
    const delivery = { connection_id, raw: Buffer.from(body), signature };
    sawWebhook(world, body);
    return quarrels.delivered(body, async () => {
      const ended = await invoke(
        "payments-webhook",
        () => product.receiveWebhook(delivery, { ...ports, fulfilOrder: workflow.startedBy(profile.starts) }),
        [...tags, `connection ${connection_id}`],
      );
      if (ended.kind === "answered") return ended.value.kind === "received" ? 200 : 400;
      return ended.kind === "threw" ? 500 : undefined;
    });
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
  /** A sweep that would find nothing is left out: it reads five empty pages. */
  const somethingDue = (): boolean => {
    const latest = instant(scheduler.now + profile.skewMs);
    const isDue = ({ due_at }: Readonly<Record<string, unknown>>): boolean => typeof due_at === "string" && due_at <= latest;
    for (const kind of ["ORDER", "INBOX"]) for (const { item } of twin.snapshot.records(kind)) if (isDue(item)) return true;
    return twin.dueLag() > 0;
  };
  let looksAt = Number.NEGATIVE_INFINITY;
  const begin = (): void => {
    if (!profile.sweep) return;
    scheduler.spawn("schedule", async () => {
      for (;;) {
        looksAt = scheduler.now + sweepEveryMs;
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
    journal,
    quarrels,
    courier,
    shop,
    clock,
    verbs: product,
    logLines,
    reports: { open: 0 },
    released: new Set(),
    ports,
    invoke,
    postWebhook,
    fulfilOrder: workflow.startedBy(profile.starts),
    looksAt: () => looksAt,
    begin,
  } satisfies World);
  scheduler.policy = options.policy;
  onText = (message) => {
    sawText(world, message);
    reportDelivery(world, message);
  };
  return world;
};
