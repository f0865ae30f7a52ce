// What tests of the exceptions desk share: orders that a person must look at, and the commands as an operator gives them.
import type * as z from "zod";
import type {
  giveUnits as giveContract,
  listExceptions as listContract,
  settleException as settleContract,
} from "../../functions/fulfilment/contract.ts";
import { giveUnits } from "../../functions/fulfilment/give-units.ts";
import { listExceptions } from "../../functions/fulfilment/list-exceptions.ts";
import { sendGiven } from "../../functions/fulfilment/send.ts";
import { settleException } from "../../functions/fulfilment/settle-exception.ts";
import type { Order } from "../../functions/orders/order.ts";
import type { DisputeFact } from "../../functions/payments/provider-after-sale.ts";
import type { MemoryTableOptions } from "../../platform/table/memory.ts";
import { openShop, operator } from "../support/shop.ts";
import { type Ref, refund, type Shop } from "./after-sale.ts";

type GiveBody = z.output<typeof giveContract.body>;
type SettleBody = z.output<typeof settleContract.body>;
type ListBody = z.output<typeof listContract.body>;

export const give = (shop: Shop, ref: Ref, more: Partial<GiveBody> = {}, key = "give-key-1", by = operator) =>
  giveUnits({ body: { ...ref, ...more }, key, principal: by }, shop.ports);
export const settle = (shop: Shop, ref: Ref, reason: SettleBody["reason"], more: Partial<SettleBody> = {}, key = "settle-key-1") =>
  settleException({ body: { ...ref, reason, ...more }, key, principal: operator }, shop.ports);
export const list = async (shop: Shop, more: Partial<ListBody> = {}) => {
  const answer = await listExceptions(
    { body: { merchant_id: "lees", first: "oldest", ...more }, key: "list-key-1", principal: operator },
    shop.ports,
  );
  if (answer.kind !== "ok") throw new Error("the desk was refused");
  return answer.result;
};
/** The one order on the desk. */
export const onlyOne = async (shop: Shop) => {
  const { exceptions } = await list(shop);
  const [only, ...others] = exceptions;
  if (!only || others.length > 0) throw new Error(`${exceptions.length} orders on the desk`);
  return only;
};
export const ends = async (shop: Shop): Promise<string[]> =>
  (await onlyOne(shop)).ends.map(({ command, body }) => (command === "settleException" ? `settle: ${String(body.reason)}` : command));

/** Money that is not as planned, for an order that waits for it. */
export const mismatched = async (seed: string, other: Parameters<Shop["provider"]["pay"]>[1] = { amount: 5000 }, quantity = 1) => {
  const shop = await openShop(seed, 4);
  const { ref, token } = await shop.buy(1, { lines: [{ item: "CW-60", quantity }] });
  shop.provider.pay(ref.order_id, other);
  await shop.fulfil(ref);
  return { shop, ref, token };
};

/** Money after the hold for which no unit was left, and whose refund came to nothing. `rival` has the last unit. */
export const lateAndUnpaid = async (seed: string, options: Partial<MemoryTableOptions> = {}) => {
  const shop = await openShop(seed, 1, options);
  const { ref, token } = await shop.buy(1);
  shop.pass(34 * 60);
  await shop.fulfil(ref);
  const { ref: rival } = await shop.buy(2);
  shop.provider.pay(ref.order_id);
  shop.provider.refunding = { kind: "failed", reason: "insufficient_funds" };
  await shop.fulfil(ref);
  return { shop, ref, token, rival };
};

/** A delivered order whose whole refund took the units and then came to nothing. */
export const stripped = async (seed: string, sold: { readonly shop: Shop; readonly ref: Ref; readonly token: string }) => {
  const { shop, ref } = sold;
  await refund(shop, ref, {}, `strip-${seed}`);
  shop.provider.refunding = { kind: "failed", reason: "lost_or_stolen_card" };
  await shop.fulfil(ref);
  return sold;
};

/** On the index exactly the orders that a person must look at: what the list is made from is never wrong. */
export const indexHolds = (shop: Shop): void => {
  for (const order of shop.of<Order>("ORDER")) {
    const noted = order.attention_note !== undefined || order.failed_refunds !== undefined;
    const waits = noted || (order.status === "attention" && order.settled === undefined);
    const listed = order.desk_of === order.merchant_id && order.desk_place?.endsWith(` ${order.id}`) === true;
    if (waits !== listed || (!waits && (order.desk_of ?? order.desk_place) !== undefined))
      throw new Error(`order ${order.id} is ${order.status}, waits: ${waits}, listed: ${listed}`);
  }
};

/** The provider says how the payer's quarrel stands, and its event comes. */
export const dispute = (shop: Shop, ref: Ref, status: DisputeFact["status"], id = "dp_1") => {
  shop.provider.disputes = { kind: "known", disputes: [{ id, status, amount: 6000 }] };
  return shop.fulfil({ ...ref, news: "dispute" });
};
type Operation = { id: string; kind: string; subject: string; merchant_id: string; details: Record<string, unknown> };
export const operations = (shop: Shop, kind: string): Operation[] => shop.of<Operation>("OP").filter((op) => op.kind === kind);
/** What the outbox does with units that were given. */
export const tell = async (shop: Shop): Promise<void> => {
  for (const { id, merchant_id, subject } of operations(shop, "units_given")) await sendGiven({ merchant_id, order_id: subject, id }, shop.ports);
};
