// Hands behind the counter and what they do to units. Each sends his command until it is answered; who sends two commands has two names,
// so that what became of a name's key can be told.
import type { History } from "../history.ts";
import type { World } from "../world-model.ts";
import { operate } from "./operator.ts";
import { together } from "./sale.ts";

/** What this flow sells. */
export const replaceItem = "CR-30";

/** `frozen`: the payer quarrels, and we know. */
export type When = "paid" | "texting" | "told" | "frozen";
type Retirement = "defective" | "expired" | "archived";
export type Deed =
  | {
      readonly does: "replace";
      readonly guest: number;
      readonly when: When;
      readonly afterMs: number;
      readonly how: "once" | "one key at once" | "two hands" | "another body" | "both units";
      /** How often the replacement is replaced in its turn. */
      readonly again: number;
      readonly reason: string;
    }
  | {
      readonly does: "retire";
      /** Whose unit, while it is being replaced; default: one from the shelf. */
      readonly guest?: number;
      readonly afterMs: number;
      readonly to: Retirement;
      /** Which of the units, from 0 to 1. */
      readonly picks: number;
      readonly of: "any" | "available" | "reserved" | "sold" | "out" | "frozen";
      readonly how: "one" | "one key at once" | "two hands";
    }
  | { readonly does: "recall"; readonly afterMs: number; readonly to: Retirement; readonly hands: "one" | "one key at once" | "two hands" }
  /** @property pieces undefined: all that is left */
  | { readonly does: "refund"; readonly guest: number; readonly when: When; readonly afterMs: number; readonly pieces: number | undefined }
  | {
      readonly does: "dispute";
      readonly guest: number;
      readonly when: When;
      readonly afterMs: number;
      readonly ends: "won" | "lost" | undefined;
      readonly endsMs: number;
    };
type Item = Readonly<Record<string, unknown>>;
type Doing<D extends Deed["does"]> = Extract<Deed, { does: D }>;

const recordsOf = (world: World, prefix: string): readonly Item[] => [...world.twin.snapshot.records(prefix)].map(({ item }) => item);
const order = (world: World, id: string): Item | undefined => recordsOf(world, "ORDER").find((item) => item.id === id);
const unitsOn = (world: World, id: string): readonly string[] =>
  ((order(world, id)?.lines ?? []) as readonly { readonly units: readonly string[] }[]).flatMap(({ units }) => units);
export const serialsOn = (world: World, id: string): readonly string[] => {
  const serials = new Map(recordsOf(world, "UNIT").map((unit) => [unit.id, String(unit.serial_number)]));
  return unitsOn(world, id).map((unit) => serials.get(unit) ?? "");
};
const firstText = (world: World, id: string): Item | undefined =>
  recordsOf(world, "MESSAGE").find((message) => message.order_id === id && message.kind === "order_paid");

/** Looks now and then, ever more seldom. Answers whether it came about. */
const until = async (world: World, what: string, cameAbout: () => boolean, looks: number, everyMs: number, growth: number): Promise<boolean> => {
  for (let look = 0; look < looks; look += 1) {
    if (cameAbout()) return true;
    await world.scheduler.sleep(everyMs * growth ** look, what);
  }
  return cameAbout();
};
const moment = async (world: World, id: string, when: When): Promise<boolean> => {
  const paid = await until(world, "waits for the order", () => order(world, id)?.status !== "awaiting_payment", 24, 8, 1.5);
  if (!paid || order(world, id)?.status !== "paid") return false;
  if (when === "texting") await until(world, "waits for the text to begin", () => firstText(world, id) !== undefined, 30, 4, 1.1);
  if (when === "told")
    await until(world, "waits for the text", () => !["sending", undefined].includes(firstText(world, id)?.status as string), 10, 50, 2);
  if (when === "frozen") await until(world, "hears of a quarrel", () => order(world, id)?.dispute !== undefined, 14, 20, 1.7);
  return true;
};

/** Looks at the order's page, as the buyer does beside the counter. */
const look = async (world: World, history: History, order_id: string): Promise<void> => {
  const { verbs, ports, scheduler } = world;
  const token = history.tokens.get(order_id);
  if (token === undefined) return;
  const since = scheduler.now;
  const visit = { token, language: undefined, back: false };
  const ended = await world.invoke("storefront", () => verbs.orderView(visit, { ...ports, checkoutOrigin: "https://pay.example" }));
  if (ended.kind !== "answered" || !ended.value) return;
  history.pages.push({ order_id, serials: ended.value.units.map(({ serial }) => serial), since, at: scheduler.now });
};

const replaceOnce = (world: World, history: History, by: string, key: string, body: { order_id: string; serial_number: string; reason: string }) =>
  operate(world, history, { name: "replaceUnit", by, key, body: { merchant_id: world.shop.merchant, ...body } }, (command) =>
    world.verbs.replaceUnit(command, world.ports),
  );
type Replaced = Awaited<ReturnType<typeof replaceOnce>>;

type Pieces = { readonly line: number; readonly quantity: number; readonly serial_numbers?: string[] }[];
/** @param pieces undefined: all that is left */
const refund = async (world: World, history: History, by: string, order_id: string, pieces: Pieces | undefined): Promise<void> => {
  const { shop, verbs, ports, fulfilOrder } = world;
  const body = { merchant_id: shop.merchant, order_id, reason: "not_working" as const, ...(pieces && { lines: pieces }) };
  await operate(world, history, { name: "refundOrder", by, key: `refund-of-${by}`, body }, (command) =>
    verbs.refundOrder(command, { ...ports, fulfilOrder }),
  );
};

const replaceUnit = async (world: World, history: History, by: string, deed: Doing<"replace">, order_id: string): Promise<void> => {
  if (!(await moment(world, order_id, deed.when))) return;
  await world.scheduler.sleep(deed.afterMs, "brings the unit back");
  let [serial_number, beside] = serialsOn(world, order_id);
  for (let round = 0; round <= deed.again && serial_number !== undefined; round += 1) {
    const name = round === 0 ? by : `${by}-again-${round}`;
    const body = { order_id, serial_number, reason: deed.reason };
    const answers: Replaced[] = [];
    const send =
      (who: string, over: Partial<typeof body> = {}) =>
      async (): Promise<void> => {
        answers.push(await replaceOnce(world, history, who, `replace-of-${who}`, { ...body, ...over }));
      };
    const others: Readonly<Record<Doing<"replace">["how"], readonly (() => Promise<void>)[]>> = {
      once: [],
      "one key at once": [send(name)],
      "two hands": [send(`${name}-too`)],
      "another body": [send(name, { reason: "another reason" })],
      "both units": beside === undefined ? [] : [send(`${name}-beside`, { serial_number: beside })],
    };
    await together(world, name, [send(name), ...others[deed.how], () => look(world, history, order_id)]);
    const done = answers.find((answer) => answer?.kind === "ok");
    if (deed.how === "two hands" && done && answers.some((answer) => answer?.kind === "refused" && answer.refusal === "already_replaced"))
      world.reach.saw("two hands replaced one unit at once");
    const soldOut = answers.find((answer) => answer?.kind === "refused" && answer.refusal === "out_of_stock");
    if (soldOut?.kind === "refused" && !done) {
      world.reach.saw("nothing left to replace with: refunded instead");
      if (serialsOn(world, order_id).length > 1) world.reach.saw("one of two units was refunded by its number");
      await refund(world, history, `${name}-cashier`, order_id, soldOut.context?.lines as Pieces);
    }
    beside = undefined;
    serial_number = done?.kind === "ok" ? done.result.serial_number : undefined;
    await look(world, history, order_id);
  }
};

const out: readonly unknown[] = ["defective", "expired", "archived"];
/** Units that are as the hand would have them. */
const shelf = (world: World, of: Doing<"retire">["of"]): readonly Item[] => {
  const fits: Readonly<Record<typeof of, (unit: Item) => boolean>> = {
    any: () => true,
    available: ({ status }) => status === "available",
    reserved: ({ status }) => status === "reserved",
    sold: ({ status }) => status === "sold",
    out: ({ status }) => out.includes(status),
    frozen: ({ frozen_by }) => frozen_by !== undefined,
  };
  return recordsOf(world, "UNIT").filter((unit) => unit.listing_item_id === replaceItem && fits[of](unit));
};

const retireUnit = async (world: World, history: History, by: string, deed: Doing<"retire">, order_id?: string): Promise<void> => {
  const { shop, verbs, ports, scheduler } = world;
  if (order_id !== undefined) await moment(world, order_id, "paid");
  await scheduler.sleep(deed.afterMs, "goes to the shelf");
  if (deed.of === "frozen") await until(world, "hears of a quarrel", () => shelf(world, "frozen").length > 0, 14, 20, 1.7);
  const wanted = shelf(world, deed.of);
  const among = wanted.length > 0 ? wanted : shelf(world, "any");
  const unit = among.find((each) => order_id !== undefined && each.order_id === order_id) ?? among[Math.floor(deed.picks * among.length)];
  const body = {
    merchant_id: shop.merchant,
    listing_item_id: replaceItem,
    location_id: "main",
    serial_number: String(unit?.serial_number),
    to: deed.to,
  };
  const send = (who: string) => async (): Promise<void> => {
    const command = { name: "retireUnit", by: who, key: `retire-of-${who}`, body: { ...body, reason: `counted by ${who}` } };
    await operate(world, history, command, (request) => verbs.retireUnit(request, ports));
  };
  const others = { one: [], "one key at once": [send(by)], "two hands": [send(`${by}-too`)] }[deed.how];
  await together(world, by, [send(by), ...others]);
};

/** Recalls the first batch, again with the same key, and once more with another when every hold has ended: that one finds nothing. */
const recallBatch = async (world: World, history: History, by: string, deed: Doing<"recall">): Promise<void> => {
  const { shop, verbs, ports, scheduler } = world;
  await scheduler.sleep(deed.afterMs, "reads the supplier's letter");
  const batch = recordsOf(world, "BATCH").find(({ listing_item_id }) => listing_item_id === replaceItem);
  const batch_id = String(batch?.id);
  const answers: Recalled[] = [];
  const send = (who: string) => async (): Promise<void> => {
    const body = { merchant_id: shop.merchant, batch_id, to: deed.to, reason: `recall by ${who}` };
    const answer = await operate(world, history, { name: "recallBatch", by: who, key: `recall-of-${who}`, body }, (command) =>
      verbs.recallBatch(command, ports),
    );
    if (answer?.kind !== "ok") return;
    answers.push(answer.result);
    if (!answer.repeated && answer.result.reserved.length > 0) world.reach.saw("recall met a reservation");
  };
  const others = { one: [], "one key at once": [send(by)], "two hands": [send(`${by}-too`)] }[deed.hands];
  await together(world, by, [send(by), ...others]);
  const isWaiting = (): boolean =>
    recordsOf(world, "ORDER").some(({ id, status }) => status === "awaiting_payment" && hasUnitOf(world, id, batch_id));
  if (!(await until(world, "waits for the holds to end", () => !isWaiting(), 24, 120_000, 1))) return;
  await send(by)();
  const done = answers.length;
  await send(`${by}-later`)();
  for (const { recalled, reserved } of done > 0 ? answers.slice(done) : [])
    if (recalled + reserved.length > 0) history.broken.push(`a second recall of a batch found ${recalled} units free and ${reserved.length} held`);
};
type Recalled = { readonly recalled: number; readonly reserved: readonly unknown[] };
const hasUnitOf = (world: World, order_id: unknown, batch_id: string): boolean =>
  recordsOf(world, "UNIT").some((unit) => unit.order_id === order_id && unit.batch_id === batch_id);

const dispute = async (world: World, deed: Doing<"dispute">, order_id: string): Promise<void> => {
  const { stripe, scheduler, courier, reach } = world;
  if (!(await moment(world, order_id, deed.when))) return;
  await scheduler.sleep(deed.afterMs, "calls the bank");
  const opened = stripe.dispute(String(order(world, order_id)?.payment_intent_id));
  if (!opened) return;
  reach.saw("payer of a unit quarrels");
  courier.look();
  if (deed.ends === undefined) return;
  await scheduler.sleep(deed.endsMs, "waits for the bank");
  stripe.moveDispute(opened.id, deed.ends);
  courier.look();
};

/** @param bought the order that the deed is about, when its buyer has gone */
export const doDeed = async (
  world: World,
  history: History,
  by: string,
  deed: Deed,
  bought: Promise<string | undefined> | undefined,
): Promise<void> => {
  const order_id = await bought;
  switch (deed.does) {
    case "retire":
      return retireUnit(world, history, by, deed, order_id);
    case "recall":
      return recallBatch(world, history, by, deed);
  }
  if (order_id === undefined) return;
  switch (deed.does) {
    case "replace":
      return replaceUnit(world, history, by, deed, order_id);
    case "refund":
      if (await moment(world, order_id, deed.when)) {
        await world.scheduler.sleep(deed.afterMs, "asks for the money");
        await refund(world, history, by, order_id, deed.pieces === undefined ? undefined : [{ line: 0, quantity: deed.pieces }]);
      }
      return;
    case "dispute":
      return dispute(world, deed, order_id);
  }
};
