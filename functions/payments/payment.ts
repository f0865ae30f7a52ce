// The noun: one movement of money toward an order's tender plan, through one connection.
import * as z from "zod";
import { lifecycle } from "../../kernel/lifecycle.ts";
import { Currency } from "../../kernel/money.ts";

export const paymentLife = lifecycle("payment", "created", {
  created: ["pending", "failed", "cancelled"],
  pending: ["authorized", "captured", "failed", "cancelled"],
  authorized: ["captured", "cancelled", "failed"],
  // Only the card holder's bank takes captured money back against our will: a lost dispute. Refunds are amounts.
  captured: ["lost"],
  lost: [],
  failed: [],
  // Money that comes after all is a fact, however late.
  cancelled: ["captured"],
});
export type PaymentStatus = keyof typeof paymentLife.next;

/** What money can differ in from what was planned. `mode`: test money in a live connection, or the other way round. */
export const differences = ["amount", "currency", "connection", "mode", "session"] as const;

/** Money that was not as planned, as it was found: kept, because the provider may tell another story later. */
export const Evidence = z.object({
  differs: z.array(z.enum(differences)),
  /** Minor units, and in what. */
  amount: z.int(),
  currency: z.string(),
  intent_id: z.string(),
  session_id: z.string(),
  mode: z.enum(["test", "live"]),
  /** Through which connection it was found, whose account that is and which mode its key has. */
  connection: z.object({ id: z.string(), account: z.string(), mode: z.enum(["test", "live"]) }).optional(),
  at: z.string(),
});
export type Evidence = z.infer<typeof Evidence>;

export const Payment = z.object({
  id: z.string(),
  merchant_id: z.string(),
  order_id: z.string(),
  connection_id: z.string(),
  flow: z.enum(["redirect"]),
  status: z.enum(Object.keys(paymentLife.next) as [PaymentStatus, ...PaymentStatus[]]),
  /** Planned, minor units: what must be captured, to the cent. */
  amount: z.int(),
  currency: Currency,
  /** The idempotency key given to the provider, stored before the first call. */
  provider_key: z.string(),
  /** How many keys were given up, because the provider answered them without opening a session. */
  keys_spent: z.int().optional(),
  session_expires_at: z.string(),
  session_id: z.string().optional(),
  checkout_url: z.string().optional(),
  /** Minor units really captured, and in what. Money of the wrong mode is none. */
  captured: z.int().optional(),
  captured_currency: z.string().optional(),
  intent_id: z.string().optional(),
  evidence: Evidence.optional(),
  /** Minor units of `captured` that refunds have claimed, pending or paid back: never more than was captured. */
  refund_reserved: z.int().optional(),
  /** Minor units that are back with the payer. */
  refunded: z.int().optional(),
  created_at: z.string(),
  updated_at: z.string(),
});
export type Payment = z.infer<typeof Payment>;
