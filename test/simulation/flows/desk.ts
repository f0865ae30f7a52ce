// The exceptions desk: money that is not as planned, that came too late, whose refund came to nothing, or that the payer quarrels about; and
// shop hands who look at the desk and send one of the ends that it offers, at once, twice, or another end at the same moment.
import { chargeKind, intentKind, sessionKind } from "../../../local/simulators/stripe/records.ts";
import { sawMatter } from "../desk-sightings.ts";
import type { History } from "../history.ts";
import type { Stock } from "../shop.ts";
import type { World } from "../world-model.ts";
import { bankOf, intentOfOrder } from "./bank.ts";
import { counterOf } from "./counter.ts";
import { castOf, deskItem, deskPrice, type Matter, unitsOf } from "./desk-cast.ts";
import { handsOf } from "./desk-hands.ts";
import { orderIn, readDesk, waits } from "./desk-look.ts";
import type { Flow } from "./flow.ts";
import { revive } from "./lapse.ts";
import { askForOrder, orderOf, together } from "./sale.ts";

const second = 1_000;
const minute = 60 * second;
/** As the shop's words say: so long are units held. */
const holdMs = 33 * minute;

/** Waits until it is so, for a while. */
const until = async (world: World, so: () => boolean, label: string, looks: number, everyMs: number): Promise<boolean> => {
  for (let look = 0; look < looks && !so(); look += 1) await world.scheduler.sleep(everyMs, label);
  return so();
};

interface Placed {
  readonly order_id: string;
  readonly url: string;
}
const place = async (world: World, history: History, who: { name: string; phone: string }, quantity: number): Promise<Placed | undefined> => {
  for (let attempt = 0; attempt < 5; attempt += 1) {
    const { name, phone } = who;
    const ended = await askForOrder(world, history, { principal: name, key: `key-of-${name}`, body: "first", item: deskItem, quantity, phone });
    if (ended.kind === "answered" && ended.value.kind === "placed" && ended.value.placed.checkout_url)
      return { order_id: orderOf(ended.value.placed.token), url: ended.value.placed.checkout_url };
    await world.scheduler.sleep(3 * second, "tries again");
  }
  return undefined;
};

/** What the provider has of a page that was paid is something else than was asked for. Answers whether it had been paid. */
export const capturesOtherwise = (
  { store }: World,
  session: string,
  { amount, currency }: { amount?: (asked: number) => number; currency?: string },
): boolean => {
  const intentId = store.get(sessionKind, session)?.object.payment_intent;
  const intent = typeof intentId === "string" ? store.get(intentKind, intentId) : undefined;
  const charge = store.get(chargeKind, String(intent?.object.latest_charge));
  if (!intent || !charge) return false;
  const sum = amount?.(intent.object.amount) ?? intent.object.amount;
  const money = currency ?? intent.object.currency;
  const made = { ...intent.object, amount_received: sum, currency: money };
  store.put(intentKind, intent.object.id, { ...intent, object: made }, { by: intent.account });
  const taken = { ...charge.object, amount_captured: sum, currency: money };
  store.put(chargeKind, charge.object.id, { ...charge, object: taken }, { by: charge.account });
  return true;
};

/** Pays; what the provider then has is another sum, or in another currency, for some. */
const pay = async (world: World, { trouble, difference }: Pick<Matter, "trouble" | "difference">, url: string): Promise<boolean> => {
  const { scheduler, stripe, courier } = world;
  const session = url.split("/").at(-1) ?? "";
  await scheduler.turn("presses Pay");
  const { kind } = stripe.pay(session, { card: "4242424242424242" });
  scheduler.note(`pays: ${kind}`);
  if (kind === "paid")
    capturesOtherwise(world, session, {
      amount: (asked) => (trouble === "nothing_came" ? 0 : asked + difference),
      ...(trouble === "other_currency" && { currency: "usd" }),
    });
  courier.look();
  return kind === "paid";
};

/** Money on the dead page of a hold that is over, when somebody else may have the units. */
const payLate = async (world: World, history: History, matter: Matter, { order_id, url }: Placed): Promise<boolean> => {
  const { scheduler } = world;
  await scheduler.sleep(holdMs - 5 * second, "leaves the page open");
  const lapsed = (): boolean => orderIn(world, order_id)?.status === "expired";
  if (!(await until(world, lapsed, "leaves the page open", 15, 20 * second))) return false;
  if (matter.rival !== "none") {
    const rival = { name: `rival of ${matter.name}`, phone: `${matter.phone.slice(0, -1)}9` };
    const free = [...world.twin.snapshot.records("POOL")].filter(({ key }) => key.pk.includes(deskItem)).length;
    const bought = free > 0 ? await place(world, history, rival, free) : undefined;
    if (bought && matter.rival === "pays") await pay(world, { trouble: "disputed", difference: 0 }, bought.url);
  }
  return revive(world, url) && (await pay(world, matter, url));
};

/** A clerk gives money back, and the bank does not take it: now, or when it had come. */
const strip = async (world: World, history: History, matter: Matter, order_id: string): Promise<void> => {
  const { stripe, courier, scheduler } = world;
  const counter = counterOf(world, history, { order_id, item: deskItem, name: matter.name });
  if (matter.partIsBack) await counter.refund_of_money();
  const answer = await counter[matter.asked]();
  if (answer?.kind !== "ok") return;
  const made = () => stripe.truth().refunds.find(({ metadata }) => metadata?.refund_id === answer.result.refund_id);
  if (!(await until(world, () => made() !== undefined, "waits for the money", 30, 2 * second))) return;
  await scheduler.sleep(world.dice.fork(matter.name).pick([0, 400, 30 * second]), "the bank thinks");
  stripe.endRefund(String(made()?.id), "fails");
  courier.look();
};

/** The owner gives money back at the provider, all of it or a part, and tells nobody; a clerk then asks for all of it here. */
const goneBack = async (world: World, history: History, matter: Matter, order_id: string): Promise<void> => {
  const { stripe, store, scheduler } = world;
  const charge = store.get(chargeKind, String(store.get(intentKind, intentOfOrder(world, order_id) ?? "")?.object.latest_charge));
  if (!charge) return;
  await scheduler.turn("the owner gives money back at the provider");
  const amount = matter.partIsBack ? 700 : charge.object.amount_captured;
  history.refundedByHand.add(stripe.refundByHand(charge.object.id, amount).id);
  await counterOf(world, history, { order_id, item: deskItem, name: matter.name }).refund_of_all();
};

/** From the shop to the desk. Answers the order that a person must look at. */
const bring = async (world: World, history: History, matter: Matter): Promise<string | undefined> => {
  const { scheduler } = world;
  const dice = world.dice.fork("flow").fork(matter.name);
  await scheduler.sleep(dice.below(20 * second), "comes to the shop");
  const placed = await place(world, history, matter, matter.quantity);
  if (!placed) return undefined;
  const { order_id } = placed;
  const late = matter.trouble === "late" || matter.trouble === "late_other_sum";
  if (!late) await scheduler.sleep(dice.between(50, 5 * second), "types the card number");
  if (!(await (late ? payLate(world, history, matter, placed) : pay(world, matter, placed.url)))) return undefined;
  if (/stripped|gone_back|disputed/.test(matter.trouble)) {
    if (!(await until(world, () => orderIn(world, order_id)?.status === "paid", "waits for the order", 60, 2 * second))) return undefined;
    if (matter.trouble === "stripped") await strip(world, history, matter, order_id);
    if (matter.trouble === "gone_back") await goneBack(world, history, matter, order_id);
  }
  return order_id;
};

const live = async (world: World, history: History, matter: Matter): Promise<void> => {
  const order_id = await bring(world, history, matter);
  if (order_id === undefined) return;
  const intent = intentOfOrder(world, order_id);
  const quarrel =
    intent !== undefined && matter.bank
      ? bankOf(world, intent, world.dice.fork("flow").fork(matter.name).fork("bank")).quarrel(matter.bank)
      : undefined;
  const onDesk = (): boolean => waits(orderIn(world, order_id));
  const stands = await until(world, onDesk, "waits until somebody is told", 40, 2 * second);
  // The end of a refund may take its time.
  if (stands || (await until(world, onDesk, "waits until somebody is told", 35, 30 * second))) {
    sawMatter(world, order_id, matter);
    const at = handsOf(world, history, matter, order_id);
    await at.careless(matter.careless);
    await together(
      world,
      matter.name,
      matter.hands.map((hand) => () => at.serve(hand)),
    );
  }
  await quarrel;
};

const ofRun = (dice: World["dice"]): readonly Matter[] => castOf(dice.fork("cast"));

export const desk: Flow = {
  name: "desk",
  about: "money that a person must look at, and hands who give for it, refund it or settle it elsewhere, one end each",
  percent: 25,
  stock: (dice): readonly Stock[] => [{ item: deskItem, price: deskPrice, units: unitsOf(ofRun(dice), dice.fork("shelf")) }],

  begin(world, history) {
    const matters = ofRun(world.dice.fork("flow").fork("desk"));
    let inside = matters.length;
    for (const matter of matters) {
      world.scheduler.spawn(matter.name, async () => {
        await live(world, history, matter);
        inside -= 1;
      });
    }
    return () => inside === 0;
  },

  /** The desk shows who waits; an order that waits for nobody is given nothing and settled by nobody; what was done is answered the same again. */
  async afterwards(world, history) {
    const { shop } = world;
    await readDesk(world, history, "auditor", true);
    const done = history.commands.filter(({ name, kind }) => kind === "ok" && (name === "giveUnits" || name === "settleException"));
    const at = handsOf(world, history, undefined, "");
    for (const command of done.slice(0, 4)) {
      const answer = await at.resend(command);
      if (answer?.kind !== "ok" || JSON.stringify(answer.result) !== JSON.stringify(command.kind === "ok" && command.result))
        history.broken.push(`the ${command.name} of ${command.by} is not answered again`);
    }
    const strangers = await at.ask("giveUnits", { merchant_id: "stranger", order_id: String(done[0] && JSON.parse(done[0].body).order_id) });
    if (strangers?.kind !== "refused") history.broken.push("units of another merchant's order were not refused");
    for (const { item: order } of [...world.twin.snapshot.records("ORDER")].slice(0, 6)) {
      if (waits(order)) continue;
      const ref = { merchant_id: shop.merchant, order_id: String(order.id) };
      for (const answer of [await at.ask("giveUnits", ref), await at.ask("settleException", { ...ref, reason: "written_off" })])
        if (answer?.kind !== "refused" || answer.refusal !== "not_on_desk")
          history.broken.push(`order ${ref.order_id} waits for nobody, and an end of the desk was not refused`);
    }
  },
};
