// What higher rows may use of orders.
export { dueShards, type Order, totalOf, unitIdsOf } from "./order.ts";
export { lookAgain, markAttention, markPaid, orders } from "./order-table.ts";
export { readOrder } from "./read-order.ts";
export { orderToken, orderUrl } from "./token.ts";
