// What has happened before executions meet, and who they are.
import { askForOrder } from "./flows/sale.ts";
import type { Case } from "./orders.ts";
import {
  type Bought,
  delivers,
  hasBought,
  holdEnds,
  item,
  pays,
  paysOnDeadPage,
  paysTooLittle,
  quarrels,
  refunds,
  releases,
  type Stage,
  statusOf,
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
/** The hold is over, the page is not: sessions outlive holds. */
export const holdIsOver: Case["before"] = async (stage) => {
  const bought = await hasBought(stage, "buyer");
  holdEnds(stage, bought);
  return [bought];
};
export const onePaid: Case["before"] = async (stage) => {
  const bought = await hasBought(stage, "buyer");
  await pays(stage, bought);
  return [bought];
};
export const oneHas: Case["before"] = async (stage) => {
  const bought = first(await onePaid(stage));
  await delivers(stage, bought);
  if (statusOf(stage, bought) !== "paid") throw new Error("the sale was not settled");
  return [bought];
};
/** … and whose refund is claimed, and not yet asked for at the provider. */
export const refundIsOwed: Case["before"] = async (stage) => {
  const [bought] = await oneHas(stage);
  await refunds({ ...stage, world: { ...stage.world, fulfilOrder: { start: async () => undefined } } }, bought as Bought, "operator");
  return [bought as Bought];
};
export const quarrelling: Case["before"] = async (stage) => {
  const bought = first(await oneHas(stage));
  await quarrels(stage, bought);
  return [bought];
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

/** A request for an order and nothing else. Equal keys are two taps of one buyer. */
export const asks =
  (key: string, quantity = 1): Case["executions"][number] =>
  ({ world, history }) => {
    const phone = `+1604555${2000 + key.charCodeAt(0)}`;
    return askForOrder(world, history, { principal: key, key: `key-of-${key}`, body: String(quantity), item, quantity, phone });
  };
