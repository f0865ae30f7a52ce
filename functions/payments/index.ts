// What higher rows may use of payments.
export { type ConnectionPorts, connectionFor, type OpenConnection, openConnection } from "./connection.ts";
export { connections } from "./connection-table.ts";
export { hearLater, inbox, newsHeard, newsShard } from "./inbox-table.ts";
export type { Evidence, Payment } from "./payment.ts";
export {
  cancelPayment,
  captureAsItIs,
  checkoutKey,
  createPayment,
  losePayment,
  payments,
  releaseRefund,
  reserveRefund,
  sessionOpened,
  settle,
  settleRefund,
  spendCheckoutKey,
  standsWhole,
} from "./payment-table.ts";
export type { CheckoutRequest, ConfirmedFacts, PaymentProvider } from "./provider.ts";
export { type DisputeFact, type FoundRefund, type News, type RefundAnswer, refundedAtProvider } from "./provider-after-sale.ts";
export type { BooksPage, BooksWindow, Claim, ListedDispute, ListedRefund, ListedSession } from "./provider-books.ts";
export { brisk, patient, providersOf } from "./providers/all.ts";
export {
  isOfNothing,
  type Refund,
  type RefundLine,
  recordRefund,
  refundAsked,
  refundKey,
  refunds,
  refundsOf,
  refundsPerOrderMax,
  refuseRefund,
  requestRefund,
  sendRefund,
  spendRefundKey,
} from "./refund-table.ts";
