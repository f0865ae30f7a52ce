// Pieces of a plot, for stories that are told on purpose: one buyer, one step after another, nothing left to chance.

import { stripeSignature } from "../../local/simulators/stripe/core.ts";
import { type SessionRecord, sessionKind } from "../../local/simulators/stripe/records.ts";
import { saveSession } from "../../local/simulators/stripe/sessions.ts";
import { capturesOtherwise } from "./flows/desk.ts";
import { eventOf, signingSecret } from "./flows/forgery.ts";
import { operate } from "./flows/operator.ts";
import { askForOrder, openCheckout, orderOf } from "./flows/sale.ts";
import type { History } from "./history.ts";
import { storyDays } from "./night.ts";
import { type Stock, serialOf } from "./shop.ts";
import type { World } from "./world-model.ts";

/** Where a scene plays. */
export interface Stage {
  readonly world: World;
  readonly history: History;
}
/** What a buyer has in hand. */
export interface Bought {
  readonly name: string;
  readonly token: string;
  readonly merchant_id: string;
  readonly order_id: string;
  /** The provider's page. */
  readonly page: string;
}

export const item = "CW-60";
const price = 6000;
/** Minor units that do not come, and those that are given back of a sale. */
const shortBy = 700;
const part = 1_500;
export const shelf =
  (units: number, lots: readonly number[] = [units]) =>
  (): readonly Stock[] => [{ item, price, units, lots }];
const attemptsMax = 4;
const minute = 60_000;

/** Asks for an order until there is a page to pay on; as a buyer would, under one key. */
export const buys = async ({ world, history }: Stage, name: string, quantity = 1): Promise<Bought | undefined> => {
  let token: string | undefined;
  for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
    const place = name.charCodeAt(name.length - 1);
    const phone = `+1604555${String(1000 + place).padStart(4, "0")}`;
    const ended = await askForOrder(world, history, { principal: name, key: `key-of-${name}`, body: "first", item, quantity, phone });
    if (ended.kind === "answered" && ended.value.kind === "placed") {
      const { placed } = ended.value;
      token = placed.token;
      const page = placed.checkout_url ?? (await openCheckout(world, history, token));
      if (page) return { name, token, merchant_id: world.shop.merchant, order_id: orderOf(token), page };
    } else if (ended.kind === "answered" && ended.value.kind === "refused" && ended.value.refusal !== "in_progress") return undefined;
    await world.scheduler.sleep(3_000, "thinks about trying again");
  }
  return undefined;
};

/** As `buys`, where nothing can go wrong. */
export const hasBought = async (stage: Stage, name: string, quantity = 1): Promise<Bought> => {
  const bought = await buys(stage, name, quantity);
  if (!bought) throw new Error(`${name} could not buy`);
  return bought;
};

const sessionOf = ({ page }: Bought): string => page.split("/").at(-1) ?? "";

export const pays = async ({ world }: Stage, bought: Bought): Promise<void> => {
  await world.scheduler.turn("presses Pay");
  const { kind } = world.stripe.pay(sessionOf(bought), { card: "4242424242424242" });
  world.scheduler.note(`pays: ${kind}`);
  world.courier.look();
};

/** What comes is less than was asked for. */
export const paysTooLittle = async ({ world }: Stage, bought: Bought): Promise<void> => {
  await world.scheduler.turn("presses Pay");
  const { kind } = world.stripe.pay(sessionOf(bought), { card: "4242424242424242" });
  if (kind === "paid") capturesOtherwise(world, sessionOf(bought), { amount: (asked) => asked - shortBy });
  world.scheduler.note(`pays: ${kind}`);
  world.courier.look();
};

const orderItem = ({ world }: Stage, { order_id }: Bought) =>
  [...world.twin.snapshot.records("ORDER")].find(({ item: order }) => order.id === order_id)?.item;
export const statusOf = (stage: Stage, bought: Bought): unknown => orderItem(stage, bought)?.status;

/** Virtual time goes on without anybody's step. */
export const lapse = ({ world }: Stage, ms: number): void => {
  world.scheduler.now += ms;
};
/** To the moment after the end of the hold. */
export const holdEnds = (stage: Stage, bought: Bought): void => {
  const ends = Date.parse(String(orderItem(stage, bought)?.hold_until));
  stage.world.scheduler.now = Math.max(stage.world.scheduler.now, ends + 1_000);
};

/** Waits, look by look, until `done` or for an hour and a half. */
export const waitsUntil = async ({ world }: Stage, label: string, done: () => boolean): Promise<boolean> => {
  for (let look = 0; look < 90 && !done(); look += 1) await world.scheduler.sleep(minute, label);
  return done();
};

/** The provider takes money on a page that it had called dead. @param payment how it is paid */
export const paysOnDeadPage = async (stage: Stage, bought: Bought, payment = pays): Promise<void> => {
  const { store, scheduler } = stage.world;
  const record = store.get(sessionKind, sessionOf(bought));
  if (record?.object.status === "expired") {
    const expires_at = Math.floor(scheduler.now / 1000) + 3_600;
    const object: SessionRecord["object"] = { ...record.object, status: "open", url: bought.page, payment_intent: null, expires_at };
    saveSession({ store } as Parameters<typeof saveSession>[0], { ...record, object });
  }
  await payment(stage, bought);
};

const withStarts = (world: World) => ({ ...world.ports, fulfilOrder: world.fulfilOrder });

/** What the workflow does about money that came in: asks the provider, and hands the units over. */
export const delivers = async ({ world }: Stage, { merchant_id, order_id }: Bought): Promise<void> => {
  const { verbs, ports } = world;
  await world.invoke("Confirm and deliver", async () => {
    const confirmation = await verbs.confirm({ merchant_id, order_id }, ports);
    if (confirmation.settlement === "settled") await verbs.deliver({ merchant_id, order_id }, confirmation.facts, ports);
  });
};
export const releases = async ({ world }: Stage, { merchant_id, order_id }: Bought): Promise<void> => {
  await world.invoke("Release the hold", () => world.verbs.releaseHold({ merchant_id, order_id }, world.ports), ["sweep"]);
};
export const sends = async ({ world }: Stage, { merchant_id, order_id }: Bought): Promise<void> => {
  await world.invoke("Send", () => world.verbs.send({ merchant_id, order_id }, world.ports));
};
export const paysBack = async ({ world }: Stage, { merchant_id, order_id }: Bought): Promise<void> => {
  await world.invoke("Pay back", () => world.verbs.payBack({ merchant_id, order_id }, world.ports));
};
/** The provider does not say how a refund stands. */
export const paysBackUnheard = async ({ world }: Stage, { merchant_id, order_id }: Bought): Promise<void> => {
  const providers: typeof world.ports.providers = (connection, secrets) => ({
    ...world.ports.providers(connection, secrets),
    lookUpRefund: async () => ({ kind: "unknown" }),
  });
  await world.invoke("Pay back", () => world.verbs.payBack({ merchant_id, order_id }, { ...world.ports, providers }));
};
/** The call to the text provider is lost on its way. */
export const sendsUnheard = async ({ world }: Stage, { merchant_id, order_id }: Bought): Promise<void> => {
  const send = async ({ callback_url }: { readonly callback_url: string }) => {
    world.texts.asked.push(callback_url);
    return { kind: "unknown" as const };
  };
  const textingOf: typeof world.ports.textingOf = (channel, token) => ({ ...world.ports.textingOf(channel, token), send });
  await world.invoke("Send", () => world.verbs.send({ merchant_id, order_id }, { ...world.ports, textingOf }));
};
export const weighs = async ({ world }: Stage, { merchant_id, order_id }: Bought): Promise<void> => {
  await world.invoke("Weigh the dispute", () => world.verbs.weighDispute({ merchant_id, order_id }, world.ports));
};
export const sweeps = async ({ world }: Stage): Promise<void> => {
  await world.invoke("fulfil-sweep", () => world.verbs.sweep(withStarts(world)), ["sweep"]);
};
export const reopens = async ({ world, history }: Stage, { token }: Bought): Promise<void> => {
  await openCheckout(world, history, token);
};

const refundsOf = async ({ world, history }: Stage, { merchant_id, order_id }: Bought, by: string, amount?: number): Promise<void> => {
  const body = { merchant_id, order_id, reason: "customer_request" as const, ...(amount !== undefined && { amount }) };
  await operate(world, history, { name: "refundOrder", by, key: `refund-by-${by}`, body }, (command) =>
    world.verbs.refundOrder(command, withStarts(world)),
  );
};
/** @param by the operator; each has a key of his own */
export const refunds = (stage: Stage, bought: Bought, by: string): Promise<void> => refundsOf(stage, bought, by);
export const refundsPart = (stage: Stage, bought: Bought, by: string): Promise<void> => refundsOf(stage, bought, by, part);

/** The provider's refunds of an order that are not undone come back now. */
export const refundsComeBack = async ({ world }: Stage, { order_id }: Bought): Promise<void> => {
  await world.scheduler.turn("the bank sends it back");
  for (const { id, metadata, status } of world.stripe.truth().refunds)
    if (metadata?.order_id === order_id && status !== "failed") world.stripe.endRefund(id, "fails");
  world.courier.look();
};

/** At the exceptions desk: the order's units are given for what came. */
export const gives = async ({ world, history }: Stage, { merchant_id, order_id }: Bought, by: string): Promise<void> => {
  const body = { merchant_id, order_id, accept_amount: price - shortBy };
  await operate(world, history, { name: "giveUnits", by, key: `give-by-${by}`, body }, (command) => world.verbs.giveUnits(command, world.ports));
};
/** … or it is written down that it ended elsewhere. */
export const settlesElsewhere = async ({ world, history }: Stage, { merchant_id, order_id }: Bought, by: string): Promise<void> => {
  const body = { merchant_id, order_id, reason: "refunded_elsewhere" as const };
  await operate(world, history, { name: "settleException", by, key: `settle-by-${by}`, body }, (command) =>
    world.verbs.settleException(command, world.ports),
  );
};

const serialsOf = ({ world }: Stage, { order_id }: Bought): readonly string[] =>
  [...world.twin.snapshot.records("UNIT")].flatMap(({ item: unit }) => (unit.order_id === order_id ? [String(unit.serial_number)] : []));

export const replaces = async (stage: Stage, bought: Bought, by: string): Promise<void> => {
  const { world, history } = stage;
  const [serial_number = ""] = serialsOf(stage, bought);
  const body = { merchant_id: bought.merchant_id, order_id: bought.order_id, serial_number, reason: "does not open" };
  await operate(world, history, { name: "replaceUnit", by, key: `replace-by-${by}`, body }, (command) =>
    world.verbs.replaceUnit(command, world.ports),
  );
};

const takesOut = async ({ world, history }: Stage, serial_number: string, by: string): Promise<void> => {
  const { merchant: merchant_id } = world.shop;
  const place = { listing_item_id: item, location_id: "main", serial_number };
  const body = { merchant_id, ...place, to: "archived" as const, reason: "found in the bin" };
  await operate(world, history, { name: "retireUnit", by, key: `retire-by-${by}`, body }, (command) => world.verbs.retireUnit(command, world.ports));
};
/** One unit of the shelf is taken out by hand: the first. */
export const retires = (stage: Stage, by: string): Promise<void> => takesOut(stage, serialOf(item, 0), by);
/** … or the one that the buyer has, or had. */
export const retiresBought = (stage: Stage, bought: Bought, by: string): Promise<void> => takesOut(stage, serialsOf(stage, bought)[0] ?? "", by);

export const recalls = async ({ world, history }: Stage, by: string): Promise<void> => {
  const [batch] = [...world.twin.snapshot.records("BATCH")];
  const body = { merchant_id: world.shop.merchant, batch_id: String(batch?.item.id), to: "defective" as const, reason: "the supplier calls it back" };
  await operate(world, history, { name: "recallBatch", by, key: `recall-by-${by}`, body }, (command) =>
    world.verbs.recallBatch(command, world.ports),
  );
};

const intentOf = ({ world }: Stage, { order_id }: Bought): string =>
  world.stripe.truth().payment_intents.find(({ metadata }) => metadata.order_id === order_id)?.id ?? "";

/** The payer quarrels with the payment at his bank, or the bank only asks. Answers the dispute's name. */
export const quarrels = async (
  stage: Stage,
  bought: Bought,
  status: "needs_response" | "warning_needs_response" = "needs_response",
): Promise<string> => {
  const { scheduler, stripe, courier } = stage.world;
  await scheduler.turn("calls his bank");
  const dispute = stripe.dispute(intentOf(stage, bought), { status });
  courier.look();
  return dispute?.id ?? "";
};
export const decides = async ({ world }: Stage, dispute: string, status: "won" | "lost" | "warning_closed"): Promise<void> => {
  await world.scheduler.turn("the bank decides");
  world.stripe.moveDispute(dispute, status);
  world.courier.look();
};

/** The event that money came, delivered to the webhook now. @param name two names are two events of one fact */
export const hears = async ({ world }: Stage, { merchant_id, order_id }: Bought, name = "late"): Promise<void> => {
  const body = eventOf(`evt_${name}_${order_id}`, { merchant_id, order_id });
  const signature = stripeSignature(body, signingSecret(world, "acct_lees"), Math.floor(world.scheduler.now / 1000));
  await world.postWebhook({ connection_id: world.shop.connection, body, signature });
};
export const compares = async ({ world, history }: Stage, by: string): Promise<void> => {
  const body = { merchant_id: world.shop.merchant, from: storyDays.from, to: storyDays.from };
  await operate(world, history, { name: "reconcileNow", by, key: `compare-by-${by}`, body }, (command) =>
    world.verbs.reconcileNow(command, withStarts(world)),
  );
};
