// The outbox's queue: its messages wait twenty seconds, so that the workflow sends first.
import { GetQueueAttributesCommand, GetQueueUrlCommand, SQSClient } from "@aws-sdk/client-sqs";
import { eventually, type Platform } from "../test/flows/platform.ts";

/** Resolves when what was last written has come to the queue and has been read from it. Call it after writing something. */
export async function outboxEmptied({ shop }: Platform): Promise<void> {
  const { url, hostCredentials } = shop.gateway;
  const sqs = new SQSClient({ endpoint: url, region: "ca-central-1", credentials: hostCredentials });
  const queue = shop.inventory.queues.find(({ name }) => name.endsWith("-OrderEvents"));
  const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: queue?.name }));
  const waiting = async (): Promise<number> => {
    const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["All"] }));
    const depth = (what: "" | "Delayed" | "NotVisible") => Number(Attributes?.[`ApproximateNumberOfMessages${what}`] ?? 0);
    return depth("") + depth("Delayed") + depth("NotVisible");
  };
  await eventually("the outbox has something to read", async () => (await waiting()) > 0);
  await eventually("the outbox was read", async () => (await waiting()) === 0, 90);
  sqs.destroy();
}
