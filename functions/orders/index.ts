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
export { checkoutRequest, paymentIdOf, plannedPayment } from "./open-checkout.ts";
export { type AttentionNote, dueShards, grossOf, isDisputed, type Order, totalOf, unitIdsOf } from "./order.ts";
export {
  lookAgain,
  markAttention,
  markExpired,
  markPaid,
  markPaidLate,
  markRefundPending,
  orders,
  replaceUnits,
} from "./order-table.ts";
export { readOrder } from "./read-order.ts";
export { orderToken, orderUrl } from "./token.ts";
