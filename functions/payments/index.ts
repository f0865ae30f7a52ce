// What higher rows may use of payments.
export { type ConnectionPorts, connectionFor, openConnection } from "./connection.ts";
export { type Payment, paymentLife } from "./payment.ts";
export { captureAsItIs, createPayment, payments, sessionOpened, settle } from "./payment-table.ts";
export { type CheckoutRequest, type Providers, type SettledFacts } from "./provider.ts";
export { providersOf } from "./providers/all.ts";
