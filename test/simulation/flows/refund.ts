// Refunds: people who paid, and people behind the counter who give money back: pieces, amounts, all of it, two at once, with one key or two;
// before the sale is done, while its text goes out, and again when the provider sends it back. Also money that never fitted, and one who pays twice.
import { chargeKind, intentKind, sessionKind } from "../../../local/simulators/stripe/records.ts";
import type { History } from "../history.ts";
import { sawRefundAsked } from "../refund-sightings.ts";
import type { Stock } from "../shop.ts";
import type { World } from "../world-model.ts";
import type { Flow } from "./flow.ts";
import { operate } from "./operator.ts";
import { type Customer, castOf, type Operator, refundItem, refundPrice, type Step, unitsOf, type Wanted } from "./refund-cast.ts";
import { askForOrder, openCheckout, orderOf, together } from "./sale.ts";

const second = 1_000;
const minute = 60 * second;

interface Asking {
  readonly merchant_id: string;
  readonly order_id: string;
  readonly reason: "customer_request";
  readonly lines?: { readonly line: number; readonly quantity: number }[];
  readonly amount?: number;
}

const bodyOf = (world: World, order_id: string, quantity: number, wanted: Wanted): Asking => {
  const whole = { merchant_id: world.shop.merchant, order_id, reason: "customer_request" as const };
  const price = refundPrice * quantity;
  switch (wanted.what) {
    case "all":
      return whole;
    case "pieces":
      return { ...whole, lines: [{ line: 0, quantity: wanted.quantity }] };
    case "amount":
      return { ...whole, amount: Math.max(1, Math.floor((price * wanted.share) / 1000)) };
    case "more":
      return { ...whole, amount: price + 1 };
    case "more_pieces":
      return { ...whole, lines: [{ line: 0, quantity: quantity + 1 }] };
  }
};

const recordOf = (world: World, order_id: string) => [...world.twin.snapshot.records("ORDER")].find(({ item }) => item.id === order_id)?.item;
const statusOf = (world: World, order_id: string): unknown => recordOf(world, order_id)?.status;

/** Somebody asks for a refund with a key of his own. */
const refund = async (world: World, history: History, by: string, key: string, body: Asking): Promise<void> => {
  const before = sawRefundAsked(world, body);
  const answer = await operate(world, history, { name: "refundOrder", by, key, body }, (command) =>
    world.verbs.refundOrder(command, { ...world.ports, fulfilOrder: world.fulfilOrder }),
  );
  before(answer);
};

const take = async (world: World, history: History, operator: Operator, at: number, step: Step, order: { id: string; quantity: number }) => {
  const { scheduler } = world;
  await scheduler.sleep(step.waitMs, "thinks about a refund");
  const key = `${operator.name}-${at}`;
  const send = (wanted: Wanted) => () => refund(world, history, operator.name, key, bodyOf(world, order.id, order.quantity, wanted));
  const other: Wanted = step.wanted.what === "amount" ? { what: "all" } : { what: "amount", share: 137 };
  switch (step.again) {
    case "no":
      return send(step.wanted)();
    case "at_once":
      return together(world, operator.name, [send(step.wanted), send(step.wanted)]);
    case "other_body_at_once":
      return together(world, operator.name, [send(step.wanted), send(other)]);
    case "later":
    case "other_body":
      await send(step.wanted)();
      await scheduler.sleep(world.dice.pick([0, 200, 40 * second]), "sends it again");
      return send(step.again === "later" ? step.wanted : other)();
  }
};

const serve = async (world: World, history: History, operator: Operator, order: { id: string; quantity: number }): Promise<void> => {
  await world.scheduler.sleep(operator.comesMs, "comes to the counter");
  for (const [at, step] of operator.steps.entries()) await take(world, history, operator, at, step, order);
};

/** A refund came to nothing: somebody asks for what is left once more. */
const lookAfter = async (world: World, history: History, { name, looks }: Customer, order_id: string): Promise<void> => {
  for (let look = 1; look <= looks; look += 1) {
    await world.scheduler.sleep(world.dice.pick([2, 6, 16]) * minute, "looks at what waits for a person");
    const failed = recordOf(world, order_id)?.failed_refunds !== undefined;
    if (!failed && statusOf(world, order_id) !== "attention") continue;
    world.reach.saw("a refund that came to nothing was asked for again");
    await refund(world, history, `supervisor of ${name}`, `again-${look}`, bodyOf(world, order_id, 1, { what: "all" }));
  }
};

const pay = async (world: World, customer: Customer, url: string): Promise<void> => {
  const { scheduler, stripe, store, courier, reach } = world;
  const session = url.split("/").at(-1) ?? "";
  await scheduler.turn("presses Pay");
  const { kind } = stripe.pay(session, { card: "4242424242424242" });
  scheduler.note(`pays: ${kind}`);
  if (kind === "already_paid") reach.saw("paid on a second tab: already_paid");
  const intentId = store.get(sessionKind, session)?.object.payment_intent;
  const intent = typeof intentId === "string" ? store.get(intentKind, intentId) : undefined;
  const charge = store.get(chargeKind, String(intent?.object.latest_charge));
  if (kind === "paid" && customer.wrongSum && intent && charge) {
    // One cent less than was asked for: what was captured is the truth everywhere at the provider.
    const amount = intent.object.amount - 1;
    store.put(intentKind, intent.object.id, { ...intent, object: { ...intent.object, amount_received: amount } }, { by: intent.account });
    store.put(chargeKind, charge.object.id, { ...charge, object: { ...charge.object, amount_captured: amount } }, { by: charge.account });
    reach.saw("another sum was captured");
  }
  courier.look();
};

/** Buys and pays, on one tab or two. Answers the order. */
const buy = async (world: World, history: History, customer: Customer): Promise<string | undefined> => {
  const { scheduler } = world;
  const { name, phone, quantity } = customer;
  await scheduler.sleep(world.dice.fork(name).below(30 * second), "comes to the shop");
  for (let attempt = 0; attempt < 5; attempt += 1) {
    const ended = await askForOrder(world, history, { principal: name, key: `key-of-${name}`, body: "first", item: refundItem, quantity, phone });
    if (ended.kind === "answered" && ended.value.kind === "placed") {
      const { token, checkout_url } = ended.value.placed;
      const more = customer.tabs > 1 || checkout_url === null ? await openCheckout(world, history, token) : undefined;
      const pages = [checkout_url, more].flatMap((page) => (page ? [page] : []));
      if (pages.length > 0) {
        await scheduler.sleep(world.dice.fork(`${name} pays`).between(50, 20 * second), "types the card number");
        await together(
          world,
          name,
          pages.map((page) => () => pay(world, customer, page)),
        );
        return orderOf(token);
      }
    } else if (ended.kind === "answered" && ended.value.kind === "refused" && ended.value.refusal !== "in_progress") return undefined;
    await scheduler.sleep(3 * second, "tries again");
  }
  return undefined;
};

/** Waits until there is something to give back. Answers whether there is. */
const untilPaid = async (world: World, order_id: string, quickly: boolean): Promise<boolean> => {
  for (let look = 0; look < 90; look += 1) {
    const status = statusOf(world, order_id);
    if (status !== "awaiting_payment") return status === "paid" || status === "attention";
    await world.scheduler.sleep(quickly && look < 40 ? 60 : 25 * second, "waits for the sale");
  }
  return false;
};

const visit = async (world: World, history: History, customer: Customer): Promise<void> => {
  const order_id = await buy(world, history, customer);
  if (order_id === undefined) return;
  if (customer.unheard) world.texts.unheard.add(customer.phone);
  if (customer.counter === "too_early") {
    world.reach.saw(`refund asked for an order that is ${String(statusOf(world, order_id))}`);
    await refund(world, history, `hasty of ${customer.name}`, "too-early", bodyOf(world, order_id, customer.quantity, { what: "all" }));
  }
  if (!(await untilPaid(world, order_id, customer.counter !== "afterwards"))) return;
  if (customer.counter === "afterwards") await world.scheduler.sleep(world.dice.pick([20 * second, 4 * minute]), "uses it for a while");
  await together(
    world,
    customer.name,
    customer.operators.map((operator) => () => serve(world, history, operator, { id: order_id, quantity: customer.quantity })),
  );
  await lookAfter(world, history, customer, order_id);
};

const ofRun = (dice: Dice, world?: World): readonly Customer[] => castOf(dice.fork("cast"), (world?.profile.faultRate ?? 0) > 0);
type Dice = World["dice"];

export const refunds: Flow = {
  name: "refund",
  about: "money that goes back in pieces, in amounts, as a whole, by two people at once, and comes back from the bank",
  percent: 30,
  stock: (dice): readonly Stock[] => [{ item: refundItem, price: refundPrice, units: unitsOf(ofRun(dice), dice.fork("shelf")) }],

  begin(world, history) {
    const customers = ofRun(world.dice.fork("flow").fork("refund"), world);
    let inside = customers.length;
    for (const customer of customers) {
      world.scheduler.spawn(customer.name, async () => {
        await visit(world, history, customer);
        inside -= 1;
      });
    }
    return () => inside === 0;
  },

  /** What cannot be refunded is refused, what was done is answered the same again, and a preview says what is left; none of it changes anything. */
  async afterwards(world, history) {
    const { verbs, ports, fulfilOrder, shop } = world;
    const asked = async (by: string, key: string, body: Asking) => {
      const request = { body, key, principal: { type: "operator" as const, id: by } };
      const ended = await world.invoke("operator refundOrder", () => verbs.refundOrder(request, { ...ports, fulfilOrder }), ["operator"]);
      return ended.kind === "answered" ? ended.value : undefined;
    };
    const expectRefused = async (body: Asking, what: string): Promise<void> => {
      const answer = await asked("auditor", `refused ${what} of ${body.order_id}`, body);
      if (answer?.kind !== "refused") history.broken.push(`${what} was not refused`);
    };
    const done = history.commands.filter(({ name, kind }) => name === "refundOrder" && kind === "ok");
    for (const command of done.slice(0, 4)) {
      const answer = await asked(command.by, command.key, JSON.parse(command.body) as Asking);
      const known = command.kind === "ok" ? (command.result as { readonly refund_id: string }).refund_id : "";
      if (answer?.kind !== "ok" || answer.result.refund_id !== known) history.broken.push(`the refund of ${command.by} is not answered again`);
    }
    await expectRefused({ merchant_id: shop.merchant, order_id: "0000000000000000", reason: "customer_request" }, "a refund of nothing");
    const own = [...world.twin.snapshot.records("ORDER")].filter(({ item }) =>
      (item.lines as readonly { readonly listing_item_id: string }[]).some(({ listing_item_id }) => listing_item_id === refundItem),
    );
    for (const { item } of own) {
      const body: Asking = { merchant_id: shop.merchant, order_id: String(item.id), reason: "customer_request" };
      await expectRefused({ ...body, amount: 2 * Number(item.total) + 1 }, "more than the price");
      await expectRefused({ ...body, lines: [{ line: 7, quantity: 1 }] }, "a line that is not there");
      await expectRefused({ ...body, lines: [{ line: 0, quantity: 100 }] }, "more pieces than there are");
    }
  },
};
