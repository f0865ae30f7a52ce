// The operation item: written in the transaction of the effect, kept for ever. It is at once the idempotency record, the audit record,
// the journal entry and the outbox event, so none of the four can be there without the others.
import * as z from "zod";
import { contentHash, longHashId } from "../ids/ids.ts";
import { create, entity, type Write } from "../table/model.ts";

export const principalTypes = ["anonymous", "buyer_session", "operator", "provider", "system"] as const;
/** Who acted. Every command carries one. */
export interface Principal {
  readonly type: (typeof principalTypes)[number];
  readonly id: string;
}

export const Operation = z.object({
  id: z.string(),
  /** What happened, in the past tense: `order_placed`. */
  kind: z.string(),
  at: z.string(),
  principal_type: z.enum(principalTypes),
  principal_id: z.string(),
  merchant_id: z.string(),
  /** The record it happened to: an order id, a connection id, … */
  subject: z.string(),
  /** Fingerprint of the request; the same key with another body is refused by it. */
  content: z.string(),
  /** Amounts, lines, tax, tender, units moved: references only, never personal data or secrets. */
  details: z.record(z.string(), z.unknown()),
});
export type Operation = z.infer<typeof Operation>;

export const operations = entity({
  name: "operation",
  prefix: "OP",
  about: "One committed command: idempotency record, audit record, journal entry and outbox event in one.",
  schema: Operation,
  key: (id: { id: string }) => ({ pk: `OP#${id.id}`, sk: "OP" }),
});

/** The id of a command: one per principal, route and idempotency key. */
export const operationId = (principal: Principal, route: string, key: string): string => longHashId("op", principal.type, principal.id, route, key);

/** Fingerprint of a command's body. */
export const contentOf = contentHash;

/** The write that makes a transaction a command. Its own "none exists" guard answers a repeat with what was recorded. */
export const record = (operation: Operation): Write<never> =>
  ({ ...create(operations, { id: operation.id }, operation), op: "create", proof: true }) as Write<never>;
