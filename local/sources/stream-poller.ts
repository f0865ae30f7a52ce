// The stream poller of an event source mapping: reads a table's stream in order, filters, batches, delivers, keeps its place.
import type { Invoker } from "../host.ts";
import type { EventSourceResource } from "../template/inventory.ts";
import type { EngineCall } from "./aws-json.ts";
import { EngineError } from "./aws-json.ts";
import { pause, retryDelayMs, Stopped } from "./backoff.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { recordFilter } from "./filter.ts";
import { deliverBatch, type StreamRecord } from "./stream-batch.ts";

/** Lambda looks four times a second at each shard. */
const pollEveryMs = 250;
const readMax = 500;

export interface StreamPollerOptions {
  readonly mapping: EventSourceResource;
  readonly functionArn: string;
  /** The ARN the function sees (the template's), and the name by which the engine is asked. */
  readonly streamArn: string;
  readonly tableName: string;
  readonly streams: EngineCall;
  readonly invoker: Invoker;
  readonly checkpoint: Checkpoint;
  /** Sends to the mapping's failure queue; absent, what fails for good is dropped, as in Lambda. */
  readonly giveUp?: (message: unknown) => Promise<void>;
  readonly onFault: (error: unknown) => void;
}

interface EngineRecord {
  readonly eventID: string;
  readonly eventName: StreamRecord["eventName"];
  readonly dynamodb: StreamRecord["dynamodb"];
}

/** Runs until the signal; resolves then. */
export async function pollStream(options: StreamPollerOptions, signal: AbortSignal): Promise<void> {
  for (let faults = 0; !signal.aborted; faults += 1) {
    try {
      await readShards(options, signal, () => {
        faults = 0;
      });
    } catch (error) {
      if (signal.aborted) return;
      options.onFault(error);
      await pause(retryDelayMs(faults + 1), signal).catch(() => {});
    }
  }
}

async function engineStreamArn({ streams, tableName }: StreamPollerOptions): Promise<string> {
  const { Streams } = await streams<{ Streams?: { StreamArn: string }[] }>("ListStreams", { TableName: tableName });
  const arn = Streams?.at(-1)?.StreamArn;
  if (arn === undefined) throw new Error(`table ${tableName} has no stream`);
  return arn;
}

async function readShards(options: StreamPollerOptions, signal: AbortSignal, onProgress: () => void): Promise<void> {
  const StreamArn = await engineStreamArn(options);
  const iterators = new Map<string, string>();
  while (!signal.aborted) {
    let quiet = true;
    if (iterators.size === 0) {
      const { StreamDescription } = await options.streams<{ StreamDescription: { Shards?: { ShardId: string }[] } }>("DescribeStream", { StreamArn });
      for (const { ShardId } of StreamDescription.Shards ?? []) iterators.set(ShardId, await iteratorFor(options, StreamArn, ShardId));
    }
    for (const [shardId, iterator] of iterators) {
      const page = await options.streams<{ Records?: EngineRecord[]; NextShardIterator?: string }>("GetRecords", {
        ShardIterator: iterator,
        Limit: readMax,
      });
      const records = page.Records ?? [];
      if (records.length > 0) {
        quiet = false;
        await deliverPage(options, shardId, records, signal);
        onProgress();
      }
      if (page.NextShardIterator === undefined) iterators.delete(shardId);
      else iterators.set(shardId, page.NextShardIterator);
    }
    if (quiet) await pause(pollEveryMs, signal);
  }
}

async function iteratorFor({ streams, checkpoint }: StreamPollerOptions, StreamArn: string, ShardId: string): Promise<string> {
  const SequenceNumber = checkpoint.read(ShardId);
  const oldest = { StreamArn, ShardId, ShardIteratorType: "TRIM_HORIZON" };
  const ask = async (input: unknown) => (await streams<{ ShardIterator: string }>("GetShardIterator", input)).ShardIterator;
  if (SequenceNumber === undefined) return ask(oldest);
  try {
    return await ask({ StreamArn, ShardId, ShardIteratorType: "AFTER_SEQUENCE_NUMBER", SequenceNumber });
  } catch (error) {
    // Trimmed away, or another data set: start with the oldest there is; a record too many is harmless, one too few is not.
    if (error instanceof EngineError && /Trimmed|Validation/.test(error.code)) return ask(oldest);
    throw error;
  }
}

async function deliverPage(options: StreamPollerOptions, shardId: string, page: readonly EngineRecord[], signal: AbortSignal): Promise<void> {
  const { mapping, checkpoint, invoker } = options;
  const passes = recordFilter(mapping.filters);
  const wanted = page.map((record) => lambdaRecord(record, options.streamArn)).filter(passes);
  for (let at = 0; at < wanted.length; at += mapping.batchSize) {
    const batch = wanted.slice(at, at + mapping.batchSize);
    await deliverBatch(batch, mapping, {
      invoke: async (records) => {
        const invocation = await invoker.invoke(mapping.functionId, { Records: records });
        // Cut off by the stop of the host, not failed by the function: that must not count as a try.
        if (!invocation.ok && signal.aborted) throw new Stopped("the host is stopping");
        return invocation;
      },
      giveUp: async (records, tries) => options.giveUp?.(failureMessage(options, shardId, records, tries)),
      pause: (attempt) => pause(retryDelayMs(attempt), signal),
    });
    const last = batch.at(-1);
    if (last !== undefined) checkpoint.write(shardId, last.dynamodb.SequenceNumber);
  }
  const last = page.at(-1);
  if (last !== undefined) checkpoint.write(shardId, last.dynamodb.SequenceNumber);
}

const lambdaRecord = (record: EngineRecord, eventSourceARN: string): StreamRecord & Record<string, unknown> => ({
  ...record,
  eventVersion: "1.1",
  eventSource: "aws:dynamodb",
  awsRegion: "ca-central-1",
  eventSourceARN,
});

/** The message Lambda leaves in an on-failure queue: where the records are, not the records. */
function failureMessage({ functionArn, streamArn }: StreamPollerOptions, shardId: string, records: readonly StreamRecord[], tries: number): unknown {
  const first = records[0]?.dynamodb;
  const last = records.at(-1)?.dynamodb;
  const at = (seconds: number | undefined): string => new Date((seconds ?? 0) * 1000).toISOString();
  return {
    requestContext: { requestId: crypto.randomUUID(), functionArn, condition: "RetryAttemptsExhausted", approximateInvokeCount: tries },
    responseContext: { statusCode: 200, executedVersion: "$LATEST", functionError: "Unhandled" },
    version: "1.0",
    timestamp: new Date().toISOString(),
    DDBStreamBatchInfo: {
      shardId,
      startSequenceNumber: first?.SequenceNumber,
      endSequenceNumber: last?.SequenceNumber,
      approximateArrivalOfFirstRecord: at(first?.ApproximateCreationDateTime),
      approximateArrivalOfLastRecord: at(last?.ApproximateCreationDateTime),
      batchSize: records.length,
      streamArn,
    },
  };
}
