// The entry of a queue consumer: each message alone; a failed one is reported and comes back, its neighbours proceed.
import type * as z from "zod";
import { describeError, type Log } from "../log/log.ts";

export interface QueueBatch {
  readonly Records: readonly { readonly messageId: string; readonly body: string }[];
}
export interface BatchAnswer {
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[];
}

export const queueEntry =
  <E>(schema: z.ZodType<E>, log: Log, handle: (event: E) => Promise<void>) =>
  async (batch: QueueBatch): Promise<BatchAnswer> => {
    const failures = await Promise.all(
      batch.Records.map(async ({ messageId, body }) => {
        try {
          await handle(schema.parse(JSON.parse(body)));
          return [];
        } catch (error) {
          log("warn", "message_failed", { event_id: messageId, ...describeError(error) });
          return [{ itemIdentifier: messageId }];
        }
      }),
    );
    return { batchItemFailures: failures.flat() };
  };
