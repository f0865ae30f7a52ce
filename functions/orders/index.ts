// What higher rows may use of orders.

export {
  awaitNews,
  beginRefund,
  closeDispute,
  completeRefund,
  markGiven,
  markSettled,
  noteMoved,
  openDispute,
  restOrder,
  undoRefund,
} from "./after-sale-table.ts";
export { deskSince, onDesk } from "./desk.ts";
export { paymentIdOf, plannedPayment } from "./open-checkout.ts";
export { type AttentionNote, dueShards, grossOf, isDisputed, type Order, totalOf, unitIdsOf } from "./order.ts";
export {
  lookAgain,
  markAttention,
  markExpired,
  markPaid,
  markPaidOtherwise,
  markRefundPending,
  orders,
  replaceUnits,
} from "./order-table.ts";
export { readOrder } from "./read-order.ts";
export { orderToken, orderUrl } from "./token.ts";
