// What higher rows may use of orders.

export { checkoutRequest, paymentIdOf, plannedPayment } from "./open-checkout.ts";
export { dueShards, type Order, totalOf, unitIdsOf } from "./order.ts";
export {
  lookAgain,
  markAttention,
  markExpired,
  markPaid,
  markPaidLate,
  markRefunded,
  markRefundPending,
  orders,
  replaceUnits,
} from "./order-table.ts";
export { readOrder } from "./read-order.ts";
export { orderToken, orderUrl } from "./token.ts";
