import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import type { Invocation } from "../../../local/host.ts";
import { type EngineCall, EngineError } from "../../../local/sources/aws-json.ts";
import { fileCheckpoint } from "../../../local/sources/checkpoint.ts";
import { pollQueue } from "../../../local/sources/queue-poller.ts";
import { pollStream } from "../../../local/sources/stream-poller.ts";
import type { EventSourceResource } from "../../../local/template/inventory.ts";

const mapping = (change: Partial<EventSourceResource> = {}): EventSourceResource => ({
  id: "Mapping",
  functionId: "f",
  source: { kind: "stream", tableId: "Table" },
  batchSize: 2,
  reportBatchItemFailures: true,
  filters: [{ eventName: ["INSERT"] }],
  maximumRetryAttempts: 0,
  bisect: false,
  ...change,
});
type Batch = { Records: readonly { eventID?: string; messageId?: string }[] };
const namesOf = (event: unknown) => (event as Batch).Records.map(({ eventID, messageId }) => eventID ?? messageId);

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "sources-"));
});
afterEach(() => rmSync(dir, { recursive: true }));

/** A stream of one shard: five records, the second of which is no INSERT. */
function fakeStream(asked: unknown[]): EngineCall {
  const names = ["r1", "r2", "r3", "r4", "r5"];
  const answer = (operation: string, input: Record<string, unknown>): unknown => {
    if (operation === "ListStreams") return { Streams: [{ StreamArn: "engine-arn" }] };
    if (operation === "DescribeStream") return { StreamDescription: { Shards: [{ ShardId: "shard" }] } };
    if (operation === "GetShardIterator") {
      asked.push(input);
      return { ShardIterator: String(input.ShardIteratorType === "TRIM_HORIZON" ? 0 : names.indexOf(String(input.SequenceNumber)) + 1) };
    }
    const from = Number(input.ShardIterator);
    const Records = names.slice(from).map((name) => ({
      eventID: name,
      eventName: name === "r2" ? "MODIFY" : "INSERT",
      dynamodb: { SequenceNumber: name, ApproximateCreationDateTime: 0 },
    }));
    return { Records, NextShardIterator: String(names.length) };
  };
  return (async (operation: string, input: Record<string, unknown>) => answer(operation, input)) as EngineCall;
}

/** Polls until the handler says so (or the checkpoint is at the end) and tells what was delivered. */
async function stream(handler: (names: readonly unknown[]) => Invocation | "stop", change: Partial<EventSourceResource> = {}) {
  const asked: unknown[] = [];
  const delivered: unknown[][] = [];
  const given: unknown[] = [];
  const stop = new AbortController();
  const place = fileCheckpoint(dir, "Mapping", "arn");
  await pollStream(
    {
      mapping: mapping(change),
      functionArn: "function-arn",
      streamArn: "arn",
      tableName: "table",
      streams: fakeStream(asked),
      invoker: {
        async invoke(_id, event) {
          const names = namesOf(event);
          delivered.push(names);
          const answer = handler(names);
          if (answer !== "stop") return answer;
          stop.abort();
          return { ok: false, errorType: "ServiceException", errorMessage: "stopping" };
        },
      },
      checkpoint: {
        read: place.read,
        write(shard, sequence) {
          place.write(shard, sequence);
          if (sequence === "r5") stop.abort();
        },
      },
      giveUp: async (message) => void given.push(message),
      onFault: (error) => given.push(error),
    },
    stop.signal,
  );
  return { asked, delivered, given };
}
const fine: Invocation = { ok: true, payload: null };

describe("the stream poller", () => {
  it("hands over what the filter passes, in order, in batches, and remembers its place", async () => {
    expect((await stream(() => fine)).delivered).toEqual([
      ["r1", "r3"],
      ["r4", "r5"],
    ]);
    expect(fileCheckpoint(dir, "Mapping", "arn").read("shard")).toBe("r5");
  });

  it("goes on after the last delivered record when the host starts again; what was cut comes again, not to the failure queue", async () => {
    const first = await stream((names) => (names.includes("r4") ? "stop" : fine));
    expect(first.delivered).toEqual([
      ["r1", "r3"],
      ["r4", "r5"],
    ]);
    expect(first.given).toEqual([]);
    const second = await stream(() => fine);
    expect(second.asked).toEqual([expect.objectContaining({ ShardIteratorType: "AFTER_SEQUENCE_NUMBER", SequenceNumber: "r3" })]);
    expect(second.delivered).toEqual([["r4", "r5"]]);
  });

  it("tells the failure queue where the records are that it could not deliver, and goes on", async () => {
    const { delivered, given } = await stream((names) => (names.includes("r1") ? { ok: false, errorType: "Error", errorMessage: "no" } : fine));
    expect(delivered).toEqual([
      ["r1", "r3"],
      ["r4", "r5"],
    ]);
    expect(given).toEqual([
      expect.objectContaining({
        requestContext: expect.objectContaining({ functionArn: "function-arn", condition: "RetryAttemptsExhausted", approximateInvokeCount: 1 }),
        DDBStreamBatchInfo: expect.objectContaining({
          shardId: "shard",
          startSequenceNumber: "r1",
          endSequenceNumber: "r3",
          batchSize: 2,
          streamArn: "arn",
        }),
      }),
    ]);
  });
});

describe("a checkpoint", () => {
  it("of another stream, or damaged, counts as none", () => {
    fileCheckpoint(dir, "M", "arn").write("shard", "7");
    expect(fileCheckpoint(dir, "M", "arn").read("shard")).toBe("7");
    expect(fileCheckpoint(dir, "M", "arn-of-a-new-table").read("shard")).toBeUndefined();
    writeFileSync(join(dir, "M.json"), "{");
    expect(fileCheckpoint(dir, "M", "arn").read("shard")).toBeUndefined();
  });
});

describe("the queue poller", () => {
  /** Serves `m1 m2 m3` once and tells what was delivered and deleted. */
  async function queue(answer: Invocation, change: Partial<EventSourceResource> = {}) {
    const deleted: string[] = [];
    const delivered: unknown[] = [];
    const faults: unknown[] = [];
    const stop = new AbortController();
    let served = 0;
    const call = async (operation: string, input: Record<string, unknown>): Promise<unknown> => {
      if (operation === "DeleteMessageBatch") {
        deleted.push(...(input.Entries as { ReceiptHandle: string }[]).map(({ ReceiptHandle }) => ReceiptHandle));
        return {};
      }
      served += 1;
      if (served === 1) throw new EngineError("ReceiveMessage", "ServiceUnavailable", "not yet");
      if (served > 2) {
        stop.abort();
        throw new Error("aborted");
      }
      expect(input).toMatchObject({ QueueUrl: "url", WaitTimeSeconds: 20, MaxNumberOfMessages: 10 });
      return {
        Messages: ["m1", "m2", "m3"].map((name) => ({
          MessageId: name,
          ReceiptHandle: `handle-${name}`,
          Body: `{"n":"${name}"}`,
          MD5OfBody: "md5",
          Attributes: { ApproximateReceiveCount: "1" },
          MessageAttributes: { kind: { DataType: "String", StringValue: "order_paid" } },
        })),
      };
    };
    await pollQueue(
      {
        mapping: mapping({ source: { kind: "queue", queueId: "Q" }, batchSize: 10, ...change }),
        queueArn: "arn:aws:sqs:ca-central-1:000000000000:q",
        queueUrl: "url",
        sqs: call as EngineCall,
        invoker: {
          async invoke(_id, event) {
            delivered.push(event);
            return answer;
          },
        },
        onFault: (error) => faults.push(error),
      },
      stop.signal,
    );
    return { deleted, delivered, faults };
  }

  it("hands messages over in Lambda's form and deletes them when the function succeeded", async () => {
    const { deleted, delivered, faults } = await queue(fine);
    expect(faults).toHaveLength(1);
    expect(deleted).toEqual(["handle-m1", "handle-m2", "handle-m3"]);
    expect((delivered[0] as { Records: unknown[] }).Records[0]).toEqual({
      messageId: "m1",
      receiptHandle: "handle-m1",
      body: '{"n":"m1"}',
      attributes: { ApproximateReceiveCount: "1" },
      messageAttributes: { kind: { stringValue: "order_paid", stringListValues: [], binaryListValues: [], dataType: "String" } },
      md5OfBody: "md5",
      eventSource: "aws:sqs",
      eventSourceARN: "arn:aws:sqs:ca-central-1:000000000000:q",
      awsRegion: "ca-central-1",
    });
  });
  it("leaves what the function names as failed for another try", async () => {
    const { deleted } = await queue({ ok: true, payload: { batchItemFailures: [{ itemIdentifier: "m2" }] } });
    expect(deleted).toEqual(["handle-m1", "handle-m3"]);
  });
  it.each([
    ["the function fails", { ok: false, errorType: "Error", errorMessage: "no" }],
    ["it names a message it never had", { ok: true, payload: { batchItemFailures: [{ itemIdentifier: "other" }] } }],
    ["it names nothing by an empty id", { ok: true, payload: { batchItemFailures: [{ itemIdentifier: "" }] } }],
    ["its list is no list", { ok: true, payload: { batchItemFailures: "m1" } }],
  ] as const)("deletes nothing when %s", async (_what, answer) => {
    expect((await queue(answer)).deleted).toEqual([]);
  });
});
