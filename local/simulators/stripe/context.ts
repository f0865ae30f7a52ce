// What the operations of the simulated Stripe share.
import type { Deliveries } from "../delivery/delivery.ts";
import type { Store } from "../store/store.ts";
import type { Ports } from "../wire/wire.ts";
import type { StripeAccount, StripeKey } from "./keys.ts";

/** What every operation of the core is given. */
export interface Context {
  readonly store: Store;
  readonly ports: Ports;
  readonly checkoutOrigin: string;
  readonly keys: readonly StripeKey[];
  readonly accounts: readonly StripeAccount[];
  readonly deliveries: Deliveries;
  /** Idempotency keys whose first request is still at work; gone with the process, as its work is. */
  readonly atWork: Set<string>;
}
