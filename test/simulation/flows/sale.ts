// The sale: several buyers on one pool, each with a temper of his own. They tap twice, try again, change their mind, pay or do not.
import type { PlaceOutcome, Placing } from "../../../functions/orders/place-order.ts";
import { intentKind, sessionKind } from "../../../local/simulators/stripe/records.ts";
import type { Dice } from "../dice.ts";
import type { Asked, History } from "../history.ts";
import type { Ended } from "../scheduler.ts";
import type { Stock } from "../shop.ts";
import { sawSoldOut } from "../sightings.ts";
import type { World } from "../world-model.ts";
import type { Flow } from "./flow.ts";

interface Buyer {
  readonly name: string;
  readonly phone: string;
  readonly quantity: number;
  /** Requests under one key at once. */
  readonly taps: number;
  /** Another body under the same key. */
  readonly otherBody: boolean;
  /** Requests after the first that brought no page to pay on. */
  readonly retries: number;
  readonly secondTab: boolean;
  readonly pays: "never" | "once" | "after_a_decline" | "after_the_bank_asked" | "twice_at_once";
  readonly comesAfterMs: number;
  readonly paysAfterMs: number;
  /** The provider captures another sum than was asked for. */
  readonly wrongSum: boolean;
}

const item = "CW-60";
/** Units on the shelf, and what each buyer wants. */
const shapes: readonly { readonly units: number; readonly wants: readonly number[] }[] = [
  { units: 1, wants: [1, 1, 1] },
  { units: 1, wants: [1, 1] },
  { units: 2, wants: [1, 1, 1, 1] },
  { units: 3, wants: [2, 2] },
  { units: 3, wants: [2, 1, 2] },
  { units: 4, wants: [2, 2, 2] },
  { units: 5, wants: [1, 2, 3] },
  { units: 6, wants: [1, 1, 2] },
];
const shapeOf = (dice: Dice): (typeof shapes)[number] => dice.fork("shape").pick(shapes);

const buyersOf = (dice: Dice): readonly Buyer[] => {
  const { wants } = shapeOf(dice.fork("sale"));
  const hurried = dice.chance(0.7);
  return wants.map((quantity, at): Buyer => {
    const late = dice.chance(0.15);
    return {
      name: `buyer ${at + 1}`,
      // Some are the same person at two phones of one number.
      phone: `+1604555${String(1000 + (dice.chance(0.2) ? 0 : at)).padStart(4, "0")}`,
      quantity,
      taps: dice.pick([1, 1, 1, 2, 2, 3]),
      otherBody: dice.chance(0.15),
      retries: dice.pick([0, 1, 2, 4]),
      secondTab: dice.chance(0.25),
      pays: dice.pick(["never", "once", "once", "once", "twice_at_once", "after_a_decline", "after_the_bank_asked"]),
      comesAfterMs: hurried ? dice.below(20) : dice.below(60_000),
      paysAfterMs: late ? dice.between(60_000, 32 * 60_000) : dice.pick([dice.between(50, 1_500), dice.between(100, 30_000)]),
      wrongSum: dice.chance(0.06),
    };
  });
};

export const orderOf = (token: string): string => token.split(".")[1] ?? "";

/** One request for an order, written down with its answer. */
export const askForOrder = async (world: World, history: History, asked: Asked): Promise<Ended<PlaceOutcome>> => {
  const { shop, ports, verbs, scheduler, twin } = world;
  const request: Placing = {
    body: { listing_id: shop.listing, lines: [{ item: asked.item, quantity: asked.quantity }], node: shop.node, phone: asked.phone },
    principal: { type: "buyer_session", id: asked.principal },
    key: asked.key,
    language: "en",
  };
  history.asked.push(asked);
  const askedAt = scheduler.now;
  const freeAtStart = [...twin.snapshot.records("POOL")].length;
  const ended = await world.invoke("orders", () => verbs.placeOrder(request, ports), [`key ${asked.key}`]);
  const committed = [...twin.snapshot.records("OP")].some(({ item: operation }) => operation.principal_id === asked.principal);
  const base = { ...asked, at: scheduler.now, committed };
  if (ended.kind !== "answered") {
    history.answers.push({ ...base, kind: "failed" });
    scheduler.note(`${asked.principal} gets no answer (${ended.kind}${ended.kind === "threw" ? `: ${(ended.error as Error).name}` : ""})`);
  } else if (ended.value.kind === "refused") {
    history.answers.push({ ...base, kind: "refused", refusal: ended.value.refusal });
    world.reach.saw(`refused: ${ended.value.refusal}`);
    if (ended.value.refusal === "out_of_stock") sawSoldOut(world, freeAtStart);
    scheduler.note(`${asked.principal} is refused: ${ended.value.refusal}`);
  } else {
    const { placed, repeated } = ended.value;
    const order_id = orderOf(placed.token);
    history.tokens.set(order_id, placed.token);
    history.answers.push({ ...base, kind: "placed", order_id, checkout_url: placed.checkout_url });
    if (placed.checkout_url !== null) history.shown.push({ order_id, url: placed.checkout_url, askedAt });
    if (repeated) world.reach.saw("replay found the operation");
    scheduler.note(`${asked.principal} has order ${order_id}${placed.checkout_url === null ? ", no page to pay on" : ""}`);
  }
  return ended;
};

/** From the order's page: on to the provider's. Answers the page's address. */
export const openCheckout = async (world: World, history: History, token: string): Promise<string | undefined> => {
  const { verbs, ports, scheduler } = world;
  const askedAt = scheduler.now;
  const ended = await world.invoke("orders", async () => {
    const order = await verbs.readOrder(token, ports);
    return order && verbs.openCheckoutOf(order, ports, { fresh: false });
  });
  if (ended.kind !== "answered" || ended.value?.kind !== "open") return undefined;
  history.shown.push({ order_id: orderOf(token), url: ended.value.url, askedAt });
  return ended.value.url;
};

const pay = async (world: World, buyer: Buyer, url: string): Promise<void> => {
  const { scheduler, stripe, store, courier, reach, dice } = world;
  const session = url.split("/").at(-1) ?? "";
  if (buyer.pays === "after_a_decline") {
    await scheduler.turn("pays with a card that is declined");
    stripe.pay(session, { card: "4000000000000002" });
  }
  const asked = buyer.pays === "after_the_bank_asked";
  const fault = await scheduler.turn("presses Pay", ["new_id"]);
  if (fault === "new_id") {
    stripe.setFaults({ duplicate_next: 1, duplicate_new_id: true, duplicate_copies: dice.between(1, 2) });
    reach.saw("one fact under two event ids");
  }
  let outcome = stripe.pay(session, { card: asked ? "4000002500003155" : "4242424242424242" });
  if (outcome.kind === "challenge") {
    courier.look();
    await scheduler.sleep(dice.between(500, 30_000), "asks the bank");
    outcome = stripe.authenticate(session, "complete");
  }
  scheduler.note(`pays: ${outcome.kind}`);
  reach.saw(`pays: ${outcome.kind}`);
  const intentId = store.get(sessionKind, session)?.object.payment_intent;
  const intent = typeof intentId === "string" ? store.get(intentKind, intentId) : undefined;
  if (outcome.kind === "paid" && buyer.wrongSum && intent) {
    store.put(
      intentKind,
      intent.object.id,
      { ...intent, object: { ...intent.object, amount_received: intent.object.amount - 1 } },
      { by: intent.account },
    );
    reach.saw("another sum was captured");
  }
  courier.look();
};

/** What a buyer has on the screen: the order's page, and pages of the provider to pay on. */
class Screen {
  token: string | undefined;
  readonly pages = new Set<string>();
  #onPage: () => void = () => undefined;
  /** The first page to pay on is there. */
  readonly opened = new Promise<void>((resolve) => {
    this.#onPage = resolve;
  });

  show(page: string): void {
    this.pages.add(page);
    this.#onPage();
  }
}

/** One tap on the button, and those after it that an unhappy answer calls for. */
const tap = async (world: World, history: History, buyer: Buyer, screen: Screen, request: Asked): Promise<void> => {
  for (let attempt = 0; attempt <= buyer.retries; attempt += 1) {
    const ended = await askForOrder(world, history, request);
    if (ended.kind === "answered" && ended.value.kind === "placed") {
      screen.token = ended.value.placed.token;
      if (ended.value.placed.checkout_url !== null) {
        screen.show(ended.value.placed.checkout_url);
        return;
      }
    } else if (ended.kind === "answered" && ended.value.kind === "refused" && ended.value.refusal !== "in_progress") return;
    await world.scheduler.sleep(world.dice.between(200, 40_000), "thinks about trying again");
  }
};

/** A buyer from the scan to the end. */
const visit = async (world: World, history: History, buyer: Buyer): Promise<void> => {
  const { scheduler, dice } = world;
  await scheduler.sleep(buyer.comesAfterMs, "comes to the shop");
  const screen = new Screen();
  const asked: Asked = { principal: buyer.name, key: `key-of-${buyer.name}`, body: "first", item, quantity: buyer.quantity, phone: buyer.phone };
  const changeMind = async (): Promise<void> => {
    await scheduler.sleep(dice.pick([0, 0, 5, 500, 20_000]), "changes the quantity and presses again");
    await tap(world, history, buyer, screen, { ...asked, body: "other", quantity: buyer.quantity === 1 ? 2 : 1 });
  };
  const taps = together(world, buyer.name, [
    ...Array.from({ length: buyer.taps }, () => () => tap(world, history, buyer, screen, asked)),
    ...(buyer.otherBody ? [changeMind] : []),
  ]);
  // Whoever sees a page pays on it; the other taps may still be at work.
  await Promise.race([screen.opened, taps]);

  if (screen.token && (buyer.secondTab || screen.pages.size === 0)) {
    const page = await openCheckout(world, history, screen.token);
    if (page) screen.show(page);
  }
  const paid = new Set<string>();
  const payAll = async (): Promise<void> => {
    const pages = [...screen.pages].filter((page) => !paid.has(page));
    if (buyer.pays === "never" || pages.length === 0) return;
    await scheduler.sleep(buyer.paysAfterMs, "types the card number");
    for (const page of pages) paid.add(page);
    const once = pages.map((page) => () => pay(world, buyer, page));
    await together(world, buyer.name, buyer.pays === "twice_at_once" ? [...once, ...once] : once);
  };
  await payAll();
  await taps;
  // Another page for the same order would be one too many: whoever has it pays there as well.
  await payAll();
};

/** Several things at once, each an actor of its own. */
export const together = async (world: World, name: string, works: readonly (() => Promise<void>)[]): Promise<void> => {
  let left = works.length;
  if (left === 0) return;
  await new Promise<void>((resolve, reject) => {
    for (const work of works) {
      world.scheduler.spawn(name, () =>
        work().then(() => {
          left -= 1;
          if (left === 0) resolve();
        }, reject),
      );
    }
  });
};

export const sale: Flow = {
  name: "sale",
  about: "reserve, checkout, webhook, deliver, send; with the outbox and the sweep behind them",
  percent: 100,

  stock(dice): readonly Stock[] {
    return [{ item, price: 6000, units: shapeOf(dice).units }];
  },

  begin(world, history) {
    const buyers = buyersOf(world.dice.fork("flow").fork("sale"));
    let inside = buyers.length;
    for (const buyer of buyers) {
      if (world.dice.chance(0.04)) world.texts.optedOut.add(buyer.phone);
      world.scheduler.spawn(buyer.name, async () => {
        await visit(world, history, buyer);
        inside -= 1;
      });
    }
    return () => inside === 0;
  },
};
