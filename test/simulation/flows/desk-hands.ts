// A hand at the desk: looks, picks one of the ends that are offered, sends it; and what careless hands send besides.
import { sawEnds, sawSent } from "../desk-sightings.ts";
import type { CommandAnswered, History } from "../history.ts";
import type { World } from "../world-model.ts";
import { type Hand, type Matter, type Slip, settledReasons, type Wish } from "./desk-cast.ts";
import { orderIn, readDesk, type Shown, waits } from "./desk-look.ts";
import { operate } from "./operator.ts";
import { together } from "./sale.ts";

type Body = Readonly<Record<string, unknown>> & { readonly merchant_id: string; readonly order_id: string };
type Answer = { readonly kind: "ok"; readonly result: unknown; readonly repeated?: boolean } | { readonly kind: "refused"; readonly refusal: string };
interface Command {
  readonly name: Wish;
  readonly body: Body;
}

const isWish = (name: string): name is Wish => name === "giveUnits" || name === "refundOrder" || name === "settleException";

/** One of the verbs that a hand may send, with its ports. What the desk offers is a body of the command that it names. */
const sentTo = (world: World, { name, body }: Command) => {
  const { verbs, ports, fulfilOrder } = world;
  return (asked: { readonly key: string; readonly principal: { readonly type: "operator"; readonly id: string } }): Promise<Answer> => {
    switch (name) {
      case "giveUnits":
        return verbs.giveUnits({ ...asked, body: body as Parameters<typeof verbs.giveUnits>[0]["body"] }, ports);
      case "settleException":
        return verbs.settleException({ ...asked, body: body as Parameters<typeof verbs.settleException>[0]["body"] }, ports);
      case "refundOrder":
        return verbs.refundOrder({ ...asked, body: body as Parameters<typeof verbs.refundOrder>[0]["body"] }, { ...ports, fulfilOrder });
    }
  };
};

const counts = new WeakMap<World, number>();

export const handsOf = (world: World, history: History, matter: Matter | undefined, order_id: string) => {
  const { scheduler, shop, profile } = world;
  const dice = world.dice.fork(`hands of ${matter?.name ?? "nobody"}`);
  const ref = { merchant_id: shop.merchant, order_id };
  const keyOf = (by: string): string => {
    const count = (counts.get(world) ?? 0) + 1;
    counts.set(world, count);
    return `end-${by.replaceAll(" ", "-")}-${count}`;
  };
  const send = (by: string, key: string, command: Command): Promise<Answer | undefined> => {
    const saw = sawSent(world, command.body.order_id);
    return operate<Body, Answer>(world, history, { name: command.name, by, key, body: command.body }, ({ body, ...asked }) =>
      sentTo(world, { name: command.name, body })(asked as never),
    ).then((answer) => saw(command.name, answer));
  };

  const captured = (): number => {
    const payment = [...world.twin.snapshot.records("PAYMENT")].find(({ item }) => item.order_id === order_id)?.item;
    return Number(payment?.captured ?? 0);
  };
  const commandOf = (slip: Slip): Command => {
    switch (slip) {
      case "no_amount":
        return { name: "giveUnits", body: ref };
      case "other_amount":
        return { name: "giveUnits", body: { ...ref, accept_amount: captured() + dice.pick([-1, 1, 100]) } };
      case "strangers":
        return { name: "giveUnits", body: { merchant_id: "stranger", order_id } };
      case "give":
        return { name: "giveUnits", body: { ...ref, accept_amount: captured() } };
      case "any_reason":
        return { name: "settleException", body: { ...ref, reason: dice.pick(settledReasons) } };
      case "refund":
        return { name: "refundOrder", body: { ...ref, reason: "other" } };
      case "refund_and_settle":
        return { name: "refundOrder", body: { ...ref, reason: "other", amount: 100 } };
      default:
        return { name: "settleException", body: { ...ref, reason: slip } };
    }
  };
  const slip = async (by: string, slips: readonly Slip[]): Promise<void> => {
    for (const one of slips) {
      await send(by, keyOf(by), commandOf(one));
      if (one === "refund_and_settle") await send(by, keyOf(by), commandOf("written_off"));
    }
  };

  /** One of the ends that are offered: the wished for, if it is among them. */
  const pick = (shown: Shown, wish: Wish): Command | undefined => {
    const wished = shown.ends.filter(({ command }) => command === wish);
    if (shown.ends.length === 0) return undefined;
    const { command, body } = dice.pick(wished.length > 0 ? wished : shown.ends);
    return isWish(command) ? { name: command, body: body as Body } : undefined;
  };
  /** Another end than this, for the same key: what it brings about must not be both. */
  const otherThan = ({ name, body }: Command): Command => {
    if (name === "settleException") return { name, body: { ...body, reason: body.reason === "written_off" ? "given_elsewhere" : "written_off" } };
    return { name, body: { ...body, note: "another note" } };
  };

  const end = async (hand: Hand, command: Command): Promise<Answer | undefined> => {
    const key = keyOf(hand.name);
    const first = () => send(hand.name, key, command);
    if (hand.again === "no") return first();
    if (hand.again === "at_once") {
      let answer: Answer | undefined;
      const once = async () => {
        answer = (await first()) ?? answer;
      };
      await together(world, hand.name, [once, once]);
      return answer;
    }
    const answer = await first();
    await scheduler.sleep(dice.pick([0, 300, 40_000]), "sends it again");
    await send(hand.name, key, hand.again === "later" ? command : otherThan(command));
    return answer;
  };

  let picked = 0;
  /** Whoever acts together waits a moment for the other. */
  const allHavePicked = async (): Promise<void> => {
    picked += 1;
    for (let times = 0; times < 12 && matter?.together && picked < matter.hands.length; times += 1) await scheduler.sleep(3, "reads the list again");
  };
  const look = async (hand: Hand): Promise<void> => {
    const seen = orderIn(world, order_id);
    const shown = (await readDesk(world, history, hand.name, profile.faultRate === 0))?.find((one) => one.order_id === order_id);
    if (!shown) return;
    const command = pick(shown, hand.wish);
    if (!command) {
      history.broken.push(
        ...(noEndFits(seen) || orderIn(world, order_id) !== seen ? [] : [`order ${order_id} waits for a person, and no end is offered`]),
      );
      return;
    }
    sawEnds(world, order_id, shown);
    await allHavePicked();
    const answer = await end(hand, command);
    const nobodyElse = orderIn(world, order_id) === seen;
    if (nobodyElse && answer?.kind === "refused" && answer.refusal !== "out_of_stock")
      history.broken.push(`${command.name} of order ${order_id} was offered and refused (${answer.refusal}), and nobody was faster`);
    if (answer?.kind === "ok" && command.body.reason === "refunded_elsewhere" && dice.chance(0.5)) await slip(hand.name, ["refund"]);
  };

  /** Without trying again: nothing goes wrong any more. */
  const once = async (command: Command, by: string, key: string): Promise<Answer | undefined> => {
    const asked = { key, principal: { type: "operator" as const, id: by } };
    const ended = await world.invoke(`operator ${command.name}`, () => sentTo(world, command)(asked), ["operator"]);
    return ended.kind === "answered" ? ended.value : undefined;
  };

  return {
    /** A command of a person and a key that nobody used before. */
    ask: (name: Wish, body: Body) => once({ name, body }, "auditor", keyOf("auditor")),
    /** Exactly what was sent before. */
    resend: ({ name, by, key, body }: CommandAnswered) =>
      isWish(name) ? once({ name, body: JSON.parse(body) as Body }, by, key) : Promise.resolve(undefined),
    careless: (slips: readonly Slip[]) => slip(`careless of ${matter?.name ?? "nobody"}`, slips),
    async serve(hand: Hand): Promise<void> {
      await scheduler.sleep(hand.comesMs, "goes to the desk");
      await slip(hand.name, hand.before);
      for (let times = 0; times < hand.looks; times += 1) {
        if (waits(orderIn(world, order_id))) await look(hand);
        await scheduler.sleep(dice.pick([0, 500, 120_000]), "does something else");
      }
      await slip(hand.name, hand.after);
    },
  };
};

/** While a refund is on its way nothing can be decided; nor, while the payer quarrels, about money that is owed whatever the bank says. */
const noEndFits = (order: Readonly<Record<string, unknown>> | undefined): boolean => {
  const { status: dispute } = (order?.dispute ?? {}) as { readonly status?: string };
  return Number(order?.refunds_open ?? 0) > 0 || (dispute === "open" && (order?.status === "attention" || order?.failed_refunds !== undefined));
};
