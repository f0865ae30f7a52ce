// SQS: fauxqs inside this process, its queues from the template, its messages in the data folder.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { buildApp } from "fauxqs";
// `startFauxqs` listens on every interface and checks no credentials, so the same parts are put together here on loopback.
import { PersistenceManager } from "../../node_modules/fauxqs/dist/persistence.js";
import { S3Store } from "../../node_modules/fauxqs/dist/s3/s3Store.js";
import { SnsStore } from "../../node_modules/fauxqs/dist/sns/snsStore.js";
import { SqsStore } from "../../node_modules/fauxqs/dist/sqs/sqsStore.js";
import type { QueueResource } from "../template/inventory.ts";
import { queueUrl, region } from "../template/names.ts";

export interface QueueEngine {
  readonly url: string;
  close(): Promise<void>;
}

/** @param queues dead-letter queues before those that point at them */
export async function startQueues(queues: readonly QueueResource[], dataDir: string): Promise<QueueEngine> {
  const folder = join(dataDir, "sqs");
  mkdirSync(folder, { recursive: true });
  const kept = new PersistenceManager(folder);
  const stores = { sqsStore: new SqsStore(), snsStore: new SnsStore(), s3Store: new S3Store() };
  // What was kept is read before anything is written, or the writes would undo it.
  kept.load(stores.sqsStore, stores.snsStore, stores.s3Store);
  stores.sqsStore.persistence = kept;
  for (const queue of stores.sqsStore.allQueues()) queue.persistence = kept;
  for (const queue of queues) ensureQueue(stores.sqsStore, queue, queues);

  const app = buildApp({ logger: false, defaultRegion: region, stores });
  app.addHook("preClose", async () => kept.close());
  const url = await app.listen({ host: "127.0.0.1", port: 0 });
  return { url, close: async () => app.close() };
}

function ensureQueue(store: SqsStore, queue: QueueResource, all: readonly QueueResource[]): void {
  const attributes: Record<string, string> = { VisibilityTimeout: String(queue.visibilityTimeoutSeconds) };
  for (const [name, value] of Object.entries(queue.properties)) attributes[name] = String(value);
  if (queue.deadLetter) {
    const { queueId, maxReceiveCount } = queue.deadLetter;
    const deadLetterTargetArn = all.find((one) => one.id === queueId)?.arn;
    if (deadLetterTargetArn === undefined) throw new Error(`${queue.id} points at no queue of the template`);
    attributes.RedrivePolicy = JSON.stringify({ deadLetterTargetArn, maxReceiveCount });
  }
  const existing = store.getQueueByName(queue.name);
  if (existing) existing.setAttributes(attributes);
  else store.createQueue(queue.name, queueUrl(queue.name), queue.arn, attributes);
}
