// What higher rows may use of payments.
export { type ConnectionPorts, connectionFor, openConnection } from "./connection.ts";
export type { Payment } from "./payment.ts";
export { captureAsItIs, createPayment, payments, sessionOpened, settle } from "./payment-table.ts";
export type { SettledFacts } from "./provider.ts";
export { providersOf } from "./providers/all.ts";
