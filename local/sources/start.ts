// Every event source mapping of the template, polled until the host stops.
import { join } from "node:path";
import type { Invoker } from "../host.ts";
import type { EventSourceResource, Inventory } from "../template/inventory.ts";
import { engineCaller } from "./aws-json.ts";
import { fileCheckpoint } from "./checkpoint.ts";
import { pollQueue } from "./queue-poller.ts";
import { pollStream } from "./stream-poller.ts";

export interface SourcesOptions {
  readonly inventory: Inventory;
  readonly dataDir: string;
  readonly engines: { readonly dynamodbUrl: string; readonly sqsUrl: string };
  readonly invoker: Invoker;
  readonly onFault: (mappingId: string, error: unknown) => void;
}
export interface QueueDepth {
  readonly name: string;
  readonly visible: number;
  readonly inFlight: number;
}
export interface Sources {
  depths(): Promise<readonly QueueDepth[]>;
  close(): Promise<void>;
}

/** Throws where a filter is not understood. That the roles may do this is checked when the gateway starts. */
export async function startSources(options: SourcesOptions): Promise<Sources> {
  const { inventory, engines } = options;
  const sqs = engineCaller(engines.sqsUrl, "sqs");
  const streams = engineCaller(engines.dynamodbUrl, "dynamodbStreams");
  const queueUrls = new Map<string, string>();
  for (const queue of inventory.queues) {
    queueUrls.set(queue.id, (await sqs<{ QueueUrl: string }>("GetQueueUrl", { QueueName: queue.name })).QueueUrl);
  }
  const stop = new AbortController();
  const running = inventory.eventSources.map((mapping) => start(mapping));

  function start(mapping: EventSourceResource): Promise<void> {
    const onFault = (error: unknown): void => options.onFault(mapping.id, error);
    const { source, onFailureQueueId } = mapping;
    if (source.kind === "queue") {
      const queue = find(inventory.queues, source.queueId);
      return pollQueue({ mapping, queueArn: queue.arn, queueUrl: urlOf(queueUrls, queue.id), sqs, invoker: options.invoker, onFault }, stop.signal);
    }
    const table = find(inventory.tables, source.tableId);
    const failureQueue = onFailureQueueId === undefined ? undefined : urlOf(queueUrls, onFailureQueueId);
    return pollStream(
      {
        mapping,
        functionArn: find(inventory.functions, mapping.functionId).arn,
        streamArn: table.streamArn ?? table.arn,
        tableName: table.name,
        streams,
        invoker: options.invoker,
        checkpoint: fileCheckpoint(join(options.dataDir, "checkpoints"), mapping.id, table.streamArn ?? table.arn),
        ...(failureQueue !== undefined && {
          giveUp: async (message: unknown) => {
            await sqs("SendMessage", { QueueUrl: failureQueue, MessageBody: JSON.stringify(message) });
          },
        }),
        onFault,
      },
      stop.signal,
    );
  }

  return {
    async depths() {
      return Promise.all(
        inventory.queues.map(async ({ id, name }) => {
          const { Attributes } = await sqs<{ Attributes: Record<string, string> }>("GetQueueAttributes", {
            QueueUrl: urlOf(queueUrls, id),
            AttributeNames: ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
          });
          return {
            name,
            visible: Number(Attributes.ApproximateNumberOfMessages ?? 0),
            inFlight: Number(Attributes.ApproximateNumberOfMessagesNotVisible ?? 0),
          };
        }),
      );
    },
    async close() {
      stop.abort();
      await Promise.all(running);
    },
  };
}

function find<R extends { readonly id: string }>(resources: readonly R[], id: string): R {
  const found = resources.find((resource) => resource.id === id);
  if (found === undefined) throw new Error(`an event source names ${id}, which is not in the template`);
  return found;
}
function urlOf(urls: ReadonlyMap<string, string>, queueId: string): string {
  const url = urls.get(queueId);
  if (url === undefined) throw new Error(`an event source names queue ${queueId}, which is not in the template`);
  return url;
}
