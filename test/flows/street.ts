// Those who come to a shop that may die at any moment: buyers, an operator who pays back, and a bank. Each does one thing until it is answered,
// with the same key, whoever died meanwhile. A gate holds them back while the books are counted.
import { setTimeout as pause } from "node:timers/promises";
import { newKey, newPhone, orderIdOf, orderOf, type Placed, type Problem, place } from "./buyer.ts";
import { type Operate, refundOrder } from "./operators.ts";
import { cards, outsideWorld, type StripeTruth, sessionOf } from "./outside-world.ts";

export interface Street {
  /** Orders that were answered with 201, by id. */
  readonly promised: ReadonlyMap<string, Placed>;
  /** Refunds that an operator was promised. */
  readonly refunds: () => number;
  /** Lets people in. @param at where the shop is in this life */
  open(at: { readonly url: string; readonly simulators: string; readonly operate: Operate }, truth: StripeTruth): void;
  /** Lets nobody in; resolves when those inside have their answer, or know that there is none. */
  shut(): Promise<void>;
  /** Everybody goes home. */
  close(): Promise<void>;
}

const items = ["CW-60", "CW-120", "CW-240"] as const;
const buyersAtOnce = 4;
/** Between two purchases of a buyer. */
const restMs = 250;
const retryMs = 50;
/** How often a buyer pays, and with what. */
const purses = [cards.plain, cards.plain, cards.plain, cards.plain, cards.refundPends, cards.refundBounces, cards.disputed, undefined] as const;
/** Who does not pay may leave the checkout open, or its time is over. */
const forgets = 0.7;

type Place = Parameters<Street["open"]>[0];

/** @param random in [0, 1): what people choose */
export function openStreet(random: () => number): Street {
  const promised = new Map<string, Placed>();
  const toRefund: string[] = [];
  let [now, truth]: [Place | undefined, StripeTruth | undefined] = [undefined, undefined];
  let [going, refunds, inside] = [true, 0, 0];
  const one = <T>(of: readonly T[]): T | undefined => of[Math.floor(random() * of.length)];

  /** Tries until it answers something; undefined when all go home. A shop that is dead breaks the connection, or nobody listens. */
  async function until<T>(attempt: (at: Place) => Promise<T | undefined>): Promise<T | undefined> {
    while (going) {
      if (now !== undefined) {
        inside++;
        const answer = await attempt(now).catch(() => undefined);
        inside--;
        if (answer !== undefined) return answer;
      }
      await pause(retryMs);
    }
    return undefined;
  }

  async function buyer(): Promise<void> {
    const body = orderOf({ phone: newPhone(), lines: [{ item: one(items), quantity: random() < 0.2 ? 2 : 1 }] });
    const headers = { "idempotency-key": newKey() };
    const placed = await until(async ({ url }) => {
      const answer = await place<Placed & Problem>(url, body, headers);
      if (answer.status === 409 && answer.body.code === "out_of_stock") return "sold_out";
      return answer.status === 201 ? answer.body : undefined;
    });
    if (placed === undefined || placed === "sold_out") return;
    promised.set(orderIdOf(placed.token), placed);
    const card = one(purses);
    if (!placed.checkout_url) return;
    if (card === undefined) {
      if (random() < forgets) await until(({ simulators }) => outsideWorld(simulators).expire(sessionOf(placed.checkout_url)).catch(settledAlready));
      return;
    }
    await until(({ simulators }) => outsideWorld(simulators).pay(sessionOf(placed.checkout_url), { card }));
    if (random() < 0.5) toRefund.push(orderIdOf(placed.token));
  }

  async function operator(): Promise<void> {
    const order_id = toRefund.shift();
    if (order_id === undefined) return;
    const wishes = [{}, { amount: 2000 }, { lines: [{ line: 0, quantity: 1 }] }];
    const [wish, key] = [one(wishes) ?? {}, newKey()];
    const answer = await until(async ({ operate }) => {
      const said = await refundOrder(operate, order_id, wish, key);
      return said.errorType === undefined ? said : undefined;
    });
    if (answer?.ok) refunds++;
    // Not paid yet as far as the shop knows: asked again later, as a person would.
    if (answer?.code === "not_refundable") toRefund.push(order_id);
  }

  /** Decides an old dispute or begins another, among what there was when the books were counted. */
  async function bank(): Promise<void> {
    const open = truth?.disputes.filter(({ status }) => status !== "won" && status !== "lost") ?? [];
    const payment = one(truth?.payment_intents.filter(({ status }) => status === "succeeded") ?? []);
    const disputed = truth?.disputes.some(({ payment_intent }) => payment_intent === payment?.id) ?? true;
    const [dispute, ending] = [one(open), random() < 0.5 ? "won" : "lost"] as const;
    truth = undefined;
    const world = ({ simulators }: Place) => outsideWorld(simulators);
    if (dispute) await until((at) => world(at).decide(dispute.id, ending).catch(settledAlready));
    if (payment && !disputed) await until((at) => world(at).dispute(payment.id).catch(settledAlready));
  }

  const again = async (person: () => Promise<void>): Promise<void> => {
    while (going) {
      if (now !== undefined) await person();
      await pause(restMs);
    }
  };
  const people = [...Array.from({ length: buyersAtOnce }, () => buyer), operator, operator, bank].map(again);
  return {
    promised,
    refunds: () => refunds,
    open(at, counted) {
      [now, truth] = [at, counted];
    },
    async shut() {
      now = undefined;
      while (inside > 0) await pause(10);
    },
    async close() {
      going = false;
      await Promise.all(people);
    },
  };
}

/** The first try had done it, and its answer was lost. */
const settledAlready = (error: unknown): "done" => {
  if (error instanceof Error && /: 409 /.test(error.message)) return "done";
  throw error;
};
