// What the product's functions are, and what they are given: their verbs, and all their ports in one.
import { confirm } from "../../functions/fulfilment/confirm.ts";
import { deliver } from "../../functions/fulfilment/deliver.ts";
import { giveUnits } from "../../functions/fulfilment/give-units.ts";
import { listExceptions } from "../../functions/fulfilment/list-exceptions.ts";
import { payBack } from "../../functions/fulfilment/pay-back.ts";
import { refundOrder } from "../../functions/fulfilment/refund-order.ts";
import { releaseHold } from "../../functions/fulfilment/release-hold.ts";
import { replaceUnit } from "../../functions/fulfilment/replace-unit.ts";
import { send, sendGiven, sendReplacement } from "../../functions/fulfilment/send.ts";
import { settleException } from "../../functions/fulfilment/settle-exception.ts";
import { sweep } from "../../functions/fulfilment/sweep.ts";
import { weighDispute } from "../../functions/fulfilment/weigh-dispute.ts";
import { recallBatch } from "../../functions/inventory/recall-batch.ts";
import { retireUnit } from "../../functions/inventory/retire-unit.ts";
import { recordDelivery } from "../../functions/notifications/record-delivery.ts";
import type { TextingOf } from "../../functions/notifications/texting.ts";
import { openCheckoutOf } from "../../functions/orders/open-checkout.ts";
import { placeOrder } from "../../functions/orders/place-order.ts";
import { readOrder } from "../../functions/orders/read-order.ts";
import type { Providers } from "../../functions/payments/provider.ts";
import { receiveWebhook } from "../../functions/payments/receive-webhook.ts";
import { enter } from "../../functions/reports/journal.ts";
import { reconcileNights } from "../../functions/reports/night.ts";
import { reconcileNow } from "../../functions/reports/operate.ts";
import { orderView } from "../../functions/storefront/order-view.ts";
import type { Clock } from "../../platform/clock/clock.ts";
import type { Sealer } from "../../platform/crypto/sealer.ts";
import type { Log } from "../../platform/log/log.ts";
import type { Table } from "../../platform/table/model.ts";
import type { Dice } from "./dice.ts";

/** The product's verbs; a planted bug puts another in the place of one. */
export const verbs = {
  placeOrder,
  openCheckoutOf,
  readOrder,
  receiveWebhook,
  confirm,
  deliver,
  releaseHold,
  payBack,
  weighDispute,
  send,
  sendReplacement,
  sendGiven,
  sweep,
  recordDelivery,
  refundOrder,
  replaceUnit,
  recallBatch,
  retireUnit,
  listExceptions,
  giveUnits,
  settleException,
  orderView,
  enter,
  reconcileNow,
  reconcileNights,
};
export type Verbs = typeof verbs;

export const publicOrigin = "https://shop.example";
export const linkSecretText = "the-link-secret-of-the-simulated-stage";

export const portsOf = (table: Table, clock: Clock, dice: Dice, sealer: Sealer, providers: Providers, textingOf: TextingOf, log: Log) => ({
  table,
  clock,
  random: { number: dice.next, secret: () => Buffer.from(dice.bytes(16)).toString("base64url") },
  sealer,
  providers,
  textingOf,
  publicOrigin,
  linkSecret: () => Promise.resolve(linkSecretText),
  log,
});
export type Ports = ReturnType<typeof portsOf>;
