// The entry of a consumer of the table's stream: new operations in order. The first that fails stops the batch; the stream comes back to it.
import { describeError, type Log } from "../log/log.ts";
import type { BatchAnswer } from "./queue.ts";

export interface OperationBatch {
  readonly Records: readonly {
    readonly dynamodb?: { readonly SequenceNumber?: string; readonly Keys?: { readonly pk?: { readonly S?: string } } };
  }[];
}

const prefix = "OP#";

export const operationStreamEntry =
  (log: Log, handle: (operationId: string) => Promise<void>) =>
  async ({ Records }: OperationBatch): Promise<BatchAnswer> => {
    for (const { dynamodb } of Records) {
      const key = dynamodb?.Keys?.pk?.S ?? "";
      try {
        if (!key.startsWith(prefix)) throw new Error("a record that is no operation");
        await handle(key.slice(prefix.length));
      } catch (error) {
        log("warn", "operation_failed", { operation_id: key, ...describeError(error) });
        return { batchItemFailures: [{ itemIdentifier: dynamodb?.SequenceNumber ?? "" }] };
      }
    }
    return { batchItemFailures: [] };
  };
