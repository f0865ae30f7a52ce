// What higher rows may use of payments.
export { type ConnectionPorts, connectionFor, openConnection } from "./connection.ts";
export type { Payment } from "./payment.ts";
export { cancelPayment, captureAsItIs, createPayment, payments, sessionOpened, settle } from "./payment-table.ts";
export type { CheckoutRequest, SettledFacts } from "./provider.ts";
export { brisk, patient, providersOf } from "./providers/all.ts";
export { type Refund, recordRefund, refunds, requestRefund } from "./refund-table.ts";
