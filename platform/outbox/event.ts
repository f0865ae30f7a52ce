// What leaves the outbox: which operation happened, to what. Consumers read the rest from the table; nothing personal travels.
import * as z from "zod";

export const OutboxEvent = z.object({ id: z.string(), kind: z.string(), merchant_id: z.string(), subject: z.string(), at: z.string() });
export type OutboxEvent = z.infer<typeof OutboxEvent>;
