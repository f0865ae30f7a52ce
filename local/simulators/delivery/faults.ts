// What can be made to go wrong, per provider, from the control page. Each `…_next` counts down as it is used.
import * as z from "zod";
import type { Kind, Store } from "../store/store.ts";
import { kind } from "../store/store.ts";

export type Provider = "stripe" | "twilio";

const next = z.coerce.number().int().min(0).max(10_000);
const delay = z.coerce
  .number()
  .int()
  .min(0)
  .max(24 * 3600 * 1000);
const flag = z.union([z.boolean(), z.enum(["true", "on", "1"]).transform(() => true), z.enum(["false", "off", "0", ""]).transform(() => false)]);

/** Every fault with its resting value. Durations are milliseconds. */
export const Faults = z.strictObject({
  /** The next N API calls are refused with `api_fail_status` before anything happens. */
  api_fail_next: next.default(0),
  api_fail_status: z.coerce.number().int().min(400).max(599).default(500),
  /** The next N mutating API calls do their work, then the connection breaks before the answer: outcome unknown. */
  api_lose_next: next.default(0),
  /** The next N calls with an idempotency key break inside and answer 500; the key repeats that for its life. `api_break_done`: after their work. */
  api_break_next: next.default(0),
  api_break_done: flag.default(false),
  /** Every API call waits this long before its work. */
  api_delay_ms: delay.default(0),
  /** Every key of the account is refused, as after a revocation. */
  api_key_revoked: flag.default(false),
  /** The next N attempts to reach our webhook break on the way; the provider retries as it would. */
  fail_next: next.default(0),
  /** Every delivery waits this long before its first attempt. */
  delay_ms: delay.default(0),
  /** The next N deliveries are never made. */
  forget_next: next.default(0),
  /** The next N attempts arrive with their content changed after signing; their retries arrive true. */
  tamper_next: next.default(0),
  /** The next N deliveries are held for `reorder_hold_ms` and arrive in reverse. */
  reorder_next: next.default(0),
  reorder_hold_ms: delay.default(400),
  /** The next N deliveries arrive `duplicate_copies` more times; `duplicate_new_id`: under new event ids. */
  duplicate_next: next.default(0),
  duplicate_copies: z.coerce.number().int().min(1).max(50).default(1),
  duplicate_new_id: flag.default(false),
  /** Delivery faults touch only this event type (Stripe) or message status (Twilio). Empty: all. */
  topic: z.string().max(100).default(""),
});
export type Faults = z.infer<typeof Faults>;
export type CountedFault = Extract<keyof Faults, `${string}_next`>;

export const noFaults: Faults = Faults.parse({});
const faultsKind: Kind<Faults> = kind("faults");

export const faultsOf = (store: Store, provider: Provider): Faults => ({ ...noFaults, ...store.get(faultsKind, provider) });

/** A change: the named faults are set, the others stay; `clear` first puts all to rest. An unknown name is refused. */
export const FaultChange = z.strictObject({ ...Faults.partial().shape, clear: flag.optional() });

export const setFaults = (store: Store, provider: Provider, change: unknown): Faults => {
  const { clear } = FaultChange.parse(change);
  // Parsed by the schema for presence only: defaults must not overwrite what the change does not name.
  const named = Object.keys(change as object).filter((name) => name !== "clear");
  const parsed = FaultChange.parse(change) as Record<string, unknown>;
  return store.transaction(() => {
    const faults = Faults.parse({
      ...(clear ? noFaults : faultsOf(store, provider)),
      ...Object.fromEntries(named.map((name) => [name, parsed[name]])),
    });
    store.put(faultsKind, provider, faults);
    return faults;
  });
};

/** Takes one use of a counted fault, if any is left. Call it inside the transaction it belongs to. */
export const takeFault = (store: Store, provider: Provider, fault: CountedFault): boolean => {
  const faults = faultsOf(store, provider);
  if (faults[fault] === 0) return false;
  store.put(faultsKind, provider, { ...faults, [fault]: faults[fault] - 1 });
  return true;
};
