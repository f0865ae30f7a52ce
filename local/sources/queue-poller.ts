// The queue poller of an event source mapping: long poll, invoke, delete what succeeded; the rest shows again after its visibility timeout.
import type { Invoker } from "../host.ts";
import type { EventSourceResource } from "../template/inventory.ts";
import type { EngineCall } from "./aws-json.ts";
import { pause, retryDelayMs } from "./backoff.ts";
import { batchOutcome } from "./batch-answer.ts";

const longPollSeconds = 20;
/** SQS hands out and deletes at most ten at a time. */
const receiveMax = 10;

export interface QueuePollerOptions {
  readonly mapping: EventSourceResource;
  /** The ARN the function sees. */
  readonly queueArn: string;
  readonly queueUrl: string;
  readonly sqs: EngineCall;
  readonly invoker: Invoker;
  readonly onFault: (error: unknown) => void;
}
export interface QueueMessage {
  readonly MessageId: string;
  readonly ReceiptHandle: string;
  readonly Body: string;
  readonly MD5OfBody: string;
  readonly Attributes?: Readonly<Record<string, string>>;
  readonly MessageAttributes?: Readonly<Record<string, { readonly DataType: string; readonly StringValue?: string; readonly BinaryValue?: string }>>;
}

/** Runs until the signal; resolves then. A batch in flight at that moment is not deleted and comes again. */
export async function pollQueue(options: QueuePollerOptions, signal: AbortSignal): Promise<void> {
  for (let faults = 0; !signal.aborted; ) {
    try {
      await receiveAndDeliver(options, signal);
      faults = 0;
    } catch (error) {
      if (signal.aborted) return;
      faults += 1;
      options.onFault(error);
      await pause(retryDelayMs(faults), signal).catch(() => {});
    }
  }
}

async function receiveAndDeliver({ mapping, queueArn, queueUrl, sqs, invoker }: QueuePollerOptions, signal: AbortSignal): Promise<void> {
  const { Messages = [] } = await sqs<{ Messages?: QueueMessage[] }>(
    "ReceiveMessage",
    {
      QueueUrl: queueUrl,
      WaitTimeSeconds: longPollSeconds,
      MaxNumberOfMessages: Math.min(receiveMax, mapping.batchSize),
      MessageSystemAttributeNames: ["All"],
      MessageAttributeNames: ["All"],
    },
    signal,
  );
  if (Messages.length === 0) return;
  const invocation = await invoker.invoke(mapping.functionId, { Records: Messages.map((message) => lambdaMessage(message, queueArn)) });
  const outcome = batchOutcome(
    invocation,
    mapping.reportBatchItemFailures,
    Messages.map((message) => message.MessageId),
  );
  if (outcome.kind === "failed") return;
  const done = outcome.kind === "done" ? Messages : Messages.filter((message) => !outcome.failed.has(message.MessageId));
  if (done.length === 0) return;
  await sqs("DeleteMessageBatch", {
    QueueUrl: queueUrl,
    Entries: done.map((message, at) => ({ Id: String(at), ReceiptHandle: message.ReceiptHandle })),
  });
}

const lambdaMessage = (message: QueueMessage, eventSourceARN: string): unknown => ({
  messageId: message.MessageId,
  receiptHandle: message.ReceiptHandle,
  body: message.Body,
  attributes: message.Attributes ?? {},
  messageAttributes: Object.fromEntries(
    Object.entries(message.MessageAttributes ?? {}).map(([name, { DataType, StringValue, BinaryValue }]) => [
      name,
      {
        ...(StringValue !== undefined && { stringValue: StringValue }),
        ...(BinaryValue !== undefined && { binaryValue: BinaryValue }),
        stringListValues: [],
        binaryListValues: [],
        dataType: DataType,
      },
    ]),
  ),
  md5OfBody: message.MD5OfBody,
  eventSource: "aws:sqs",
  eventSourceARN,
  awsRegion: "ca-central-1",
});
