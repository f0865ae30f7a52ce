// What has happened before executions meet, and who they are.
import { TableBusy } from "../../platform/table/model.ts";
import { askForOrder, orderOf } from "./flows/sale.ts";
import type { Case } from "./orders.ts";
import {
  type Bought,
  decides,
  delivers,
  hasBought,
  holdEnds,
  item,
  lapse,
  pays,
  paysBack,
  paysBackUnheard,
  paysOnDeadPage,
  paysTooLittle,
  quarrels,
  refunds,
  refundsPart,
  releases,
  type Stage,
  sendsUnheard,
  statusOf,
  weighs,
} from "./scenes.ts";

/** The first who bought. */
export const first = (bought: readonly Bought[]): Bought => {
  const [one] = bought;
  if (!one) throw new Error("nobody bought");
  return one;
};
export const of =
  (work: (stage: Stage, bought: Bought) => Promise<unknown>): Case["executions"][number] =>
  (stage, bought) =>
    work(stage, first(bought));

export const nobody: Case["before"] = async () => [];
export const oneHolds: Case["before"] = async (stage) => [await hasBought(stage, "buyer")];
/** … and the provider failed when a session was asked for: there is no page. */
export const oneHoldsWithoutPage: Case["before"] = async ({ world, history }) => {
  world.stripe.setFaults({ api_break_next: 1, api_break_done: true });
  const ended = await askForOrder(world, history, { principal: "buyer", key: "key-of-buyer", body: "1", item, quantity: 1, phone: "+16045552000" });
  if (ended.kind !== "answered" || ended.value.kind !== "placed") throw new Error("the buyer could not hold");
  const { token } = ended.value.placed;
  return [{ name: "buyer", token, merchant_id: world.shop.merchant, order_id: orderOf(token), page: "" }];
};
/** The hold is over, the page is not: sessions outlive holds. */
export const holdIsOver: Case["before"] = async (stage) => {
  const bought = await hasBought(stage, "buyer");
  holdEnds(stage, bought);
  return [bought];
};
export const onePaid = async (stage: Stage, quantity = 1): Promise<readonly Bought[]> => {
  const bought = await hasBought(stage, "buyer", quantity);
  await pays(stage, bought);
  return [bought];
};
export const oneHas: Case["before"] = async (stage) => {
  const bought = first(await onePaid(stage));
  await delivers(stage, bought);
  if (statusOf(stage, bought) !== "paid") throw new Error("the sale was not settled");
  return [bought];
};
/** Where no command starts the workflow. */
const unheardOf = (stage: Stage): Stage => ({ ...stage, world: { ...stage.world, fulfilOrder: { start: async () => undefined } } });
const owedBy =
  (claim: typeof refunds): Case["before"] =>
  async (stage) => {
    const [bought] = await oneHas(stage);
    await claim(unheardOf(stage), bought as Bought, "operator");
    return [bought as Bought];
  };
/** … and whose refund is claimed, and not yet asked for at the provider. */
export const refundIsOwed = owedBy(refunds);
/** … or a part of it is with the payer, and nobody has heard. */
export const partIsBack: Case["before"] = async (stage) => {
  const bought = await owedBy(refundsPart)(stage);
  await paysBack(stage, first(bought));
  for (const { id } of stage.world.stripe.truth().refunds) stage.world.stripe.endRefund(id, "succeeds");
  return bought;
};
/** … or a part of it came to nothing, and nobody has heard. */
export const partFailed: Case["before"] = async (stage) => {
  const bought = await owedBy(refundsPart)(stage);
  await paysBack(stage, first(bought));
  for (const { id } of stage.world.stripe.truth().refunds) stage.world.stripe.endRefund(id, "fails");
  return bought;
};
export const partIsBackAndHeard: Case["before"] = async (stage) => {
  const bought = await partIsBack(stage);
  await paysBack(stage, first(bought));
  return bought;
};
/** … and once the provider did not say how it stands, so that the sweep looks after it. */
export const answeredAfterSilence: Case["before"] = async (stage) => {
  const bought = await partIsBackAndHeard(stage);
  await paysBackUnheard(stage, first(bought));
  return bought;
};
/** The text was begun long ago, and nobody knows whether it went out. */
export const textUnheard: Case["before"] = async (stage) => {
  const bought = await oneHas(stage);
  await sendsUnheard(stage, first(bought));
  lapse(stage, 60 * 60_000);
  return bought;
};
export const quarrelling: Case["before"] = async (stage) => {
  const bought = first(await oneHas(stage));
  await quarrels(stage, bought);
  return [bought];
};

/** The bank asks, the refund that answers it is claimed, and another quarrel about the same payment stands in its way. */
export const questionHidesQuarrel: Case["before"] = async (stage) => {
  const bought = first(await oneHas(stage));
  await quarrels(stage, bought, "warning_needs_response");
  await weighs(stage, bought);
  await refunds(unheardOf(stage), bought, "operator");
  await quarrels(stage, bought);
  return [bought];
};

/** The bank only asked, and has closed its question; nobody has heard that it did. */
export const questionClosed: Case["before"] = async (stage) => {
  const bought = first(await oneHas(stage));
  const question = await quarrels(stage, bought, "warning_needs_response");
  await weighs(stage, bought);
  await decides(stage, question, "warning_closed");
  return [bought];
};
/** The order stands, and whoever placed it died before a payment was planned. A moment of the hold is left. */
export const oneHoldsWithoutPayment: Case["before"] = async (stage) => {
  const { world } = stage;
  const write: typeof world.ports.table.write = (one) => {
    if (one.entity.prefix === "PAYMENT") throw new TableBusy("nobody plans a payment");
    return world.ports.table.write(one);
  };
  await asks("a")({ ...stage, world: { ...world, ports: { ...world.ports, table: { ...world.ports.table, write } } } }, []);
  const [order] = [...world.twin.snapshot.records("ORDER")];
  if (!order) throw new Error("the buyer could not hold");
  return [{ name: "a", token: "", merchant_id: world.shop.merchant, order_id: String(order.item.id), page: "" }];
};

/** A second before the end of the hold: whoever looks now may still open the page, and the release comes when it is over by a moment. */
export const aMomentLeft =
  (before: Case["before"]): Case["before"] =>
  async (stage) => {
    const bought = first(await before(stage));
    holdEnds(stage, bought);
    lapse(stage, -2_000);
    return [bought];
  };
export const endsAndReleases = async (stage: Stage, bought: Bought): Promise<void> => {
  await stage.world.scheduler.turn("the hold ends");
  holdEnds(stage, bought);
  await releases(stage, bought);
};
/** The hold was ended, its units are on the shelf again, and then the money came. */
export const paidLate: Case["before"] = async (stage) => {
  const bought = first(await holdIsOver(stage));
  await releases(stage, bought);
  await paysOnDeadPage(stage, bought);
  return [bought];
};
/** Another sum came: the order lies at the exceptions desk. */
export const onDesk: Case["before"] = async (stage) => {
  const bought = await hasBought(stage, "buyer");
  await paysTooLittle(stage, bought);
  await delivers(stage, bought);
  if (statusOf(stage, bought) !== "attention") throw new Error("nobody is asked to look at the order");
  return [bought];
};

/** … and has no units any more: the sum came after the hold. */
export const onDeskEmpty: Case["before"] = async (stage) => {
  const bought = first(await holdIsOver(stage));
  await releases(stage, bought);
  await paysOnDeadPage(stage, bought, paysTooLittle);
  await delivers(stage, bought);
  if (statusOf(stage, bought) !== "attention") throw new Error("nobody is asked to look at the order");
  return [bought];
};

/** A request for an order and nothing else. Equal keys are two taps of one buyer. */
export const asks =
  (key: string, quantity = 1): Case["executions"][number] =>
  ({ world, history }) => {
    const phone = `+1604555${2000 + key.charCodeAt(0)}`;
    return askForOrder(world, history, { principal: key, key: `key-of-${key}`, body: String(quantity), item, quantity, phone });
  };

/** So long ago that whoever looks at what waits too long sees it. */
export const longAgo =
  (before: Case["before"], ms: number): Case["before"] =>
  async (stage) => {
    const bought = await before(stage);
    lapse(stage, ms);
    return bought;
  };

export const by =
  (work: typeof refunds, who: string): Case["executions"][number] =>
  (stage, bought) =>
    of((at, one) => work(at, one, who))(stage, bought);
export const disputed = of(async (stage, bought) => {
  await quarrels(stage, bought);
  await weighs(stage, bought);
});
