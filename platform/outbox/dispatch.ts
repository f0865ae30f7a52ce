// The stream dispatcher: every new operation item becomes a message on the events queue. Because the operation is written in the effect's
// own transaction, every committed change is published at least once and nothing uncommitted ever is.
import { SendMessageBatchCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { patience } from "../clients.ts";
import { required } from "../config/config.ts";
import { describeError, jsonLog } from "../log/log.ts";
import { OutboxEvent } from "./event.ts";

interface StreamRecord {
  readonly dynamodb?: {
    readonly SequenceNumber?: string;
    readonly Keys?: Readonly<Record<string, { readonly S?: string }>>;
    readonly NewImage?: Readonly<Record<string, { readonly S?: string }>>;
  };
}
interface StreamBatch {
  readonly Records: readonly StreamRecord[];
}

const client = new SQSClient(patience);
const events = required("ORDER_EVENTS_URL");
const deadLetters = required("OUTBOX_DEAD_LETTERS_URL");
const log = jsonLog(required("LOG_LEVEL"), (line) => process.stdout.write(`${line}\n`));

/** SQS takes ten messages a call. */
const batchMax = 10;

const textOf = (record: StreamRecord, name: string): string | undefined => record.dynamodb?.NewImage?.[name]?.S;

const eventOf = (record: StreamRecord): OutboxEvent =>
  OutboxEvent.parse({
    id: textOf(record, "id"),
    kind: textOf(record, "kind"),
    merchant_id: textOf(record, "merchant_id"),
    subject: textOf(record, "subject"),
    at: textOf(record, "at"),
  });

/** A record that is no event can never be sent: its key goes to the dead letters at once, so that the shard's others go on. */
const readable = async (record: StreamRecord): Promise<readonly OutboxEvent[]> => {
  try {
    return [eventOf(record)];
  } catch (error) {
    const key = record.dynamodb?.Keys?.pk?.S ?? "?";
    log("error", "outbox_record_unreadable", { operation_id: key, ...describeError(error) });
    await client.send(
      new SendMessageCommand({ QueueUrl: deadLetters, MessageBody: JSON.stringify({ pk: key, sequence: record.dynamodb?.SequenceNumber }) }),
    );
    return [];
  }
};

/** Throws when a message could not be handed over: the stream delivers the batch again. */
export const handler = async ({ Records }: StreamBatch): Promise<{ batchItemFailures: [] }> => {
  const outgoing = (await Promise.all(Records.map(readable))).flat();
  for (let start = 0; start < outgoing.length; start += batchMax) {
    const batch = outgoing.slice(start, start + batchMax);
    const answer = await client.send(
      new SendMessageBatchCommand({
        QueueUrl: events,
        Entries: batch.map((event, place) => ({ Id: String(place), MessageBody: JSON.stringify(event) })),
      }),
    );
    if (answer.Failed?.length) throw new Error(`${answer.Failed.length} events were not taken by the queue`);
  }
  return { batchItemFailures: [] };
};
