// Every route of the product, by the function that serves it. Contracts only: infrastructure and documents read this.
import type { RouteSpec } from "../platform/contract/route.ts";
import { smsCallback } from "./notifications/contract.ts";
import { openCheckout, orderStatus, placeOrder } from "./orders/contract.ts";
import { paymentWebhook } from "./payments/contract.ts";
import { orderPageRoute, scanPageRoute } from "./storefront/contract.ts";

export const routesOf: Readonly<Record<string, readonly RouteSpec[]>> = {
  storefront: [scanPageRoute, orderPageRoute, orderStatus],
  orders: [placeOrder, openCheckout],
  "payments-webhook": [paymentWebhook],
  "notifications-callback": [smsCallback],
};
