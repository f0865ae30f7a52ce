// Dynoxide for tests: the real table's wire protocol on a random loopback port, in memory unless a file is named.
import { spawn } from "node:child_process";
import { createServer } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { CreateTableCommand, DynamoDBClient, type DynamoDBClientConfig } from "@aws-sdk/client-dynamodb";
import { sparseIndexes } from "../../platform/table/model.ts";

const binary = fileURLToPath(new URL("../../node_modules/@dynoxide/linux-x64/dynoxide", import.meta.url));

export interface Dynoxide {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  /** Ends the process; what it held in memory is gone. */
  stop(): Promise<void>;
}

/** Where a client finds a Dynoxide, with credentials that nobody checks. */
export const clientConfig = (url: string): DynamoDBClientConfig => ({
  endpoint: url,
  region: "ca-central-1",
  credentials: { accessKeyId: "test", secretAccessKey: "test" },
});

/** A port that was free a moment ago. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => (address && typeof address === "object" ? resolve(address.port) : reject(new Error("no port"))));
    });
  });
}

/** Starts one and waits until it answers. @param dbPath keeps the data in this file; without it, in memory */
export async function startDynoxide(dbPath?: string): Promise<Dynoxide> {
  const port = await freePort();
  const child = spawn(binary, ["serve", "--host", "127.0.0.1", "--port", String(port), ...(dbPath ? ["--db-path", dbPath] : [])], {
    stdio: "ignore",
  });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const url = `http://127.0.0.1:${port}`;
  const stop = async () => {
    child.kill("SIGTERM");
    await ended;
  };
  for (let tries = 0; tries < 200; tries += 1) {
    if (child.exitCode !== null) throw new Error(`dynoxide ended with ${child.exitCode}`);
    const answer = await fetch(url).catch(() => undefined);
    if (answer) return { url, stop };
    await wait(25);
  }
  await stop();
  throw new Error("dynoxide did not answer");
}

/** Creates the one table: text keys `pk` and `sk`, the sparse `due` index with keys only, a stream when asked for. */
export async function createTable(url: string, name: string, options: { readonly stream?: boolean } = {}): Promise<void> {
  const client = new DynamoDBClient(clientConfig(url));
  try {
    await client.send(
      new CreateTableCommand({
        TableName: name,
        BillingMode: "PAY_PER_REQUEST",
        AttributeDefinitions: ["pk", "sk", ...Object.values(sparseIndexes).flat()].map((AttributeName) => ({
          AttributeName,
          AttributeType: "S" as const,
        })),
        KeySchema: [
          { AttributeName: "pk", KeyType: "HASH" },
          { AttributeName: "sk", KeyType: "RANGE" },
        ],
        GlobalSecondaryIndexes: Object.entries(sparseIndexes).map(([IndexName, [partition, place]]) => ({
          IndexName,
          KeySchema: [
            { AttributeName: partition, KeyType: "HASH" as const },
            { AttributeName: place, KeyType: "RANGE" as const },
          ],
          Projection: { ProjectionType: "KEYS_ONLY" as const },
        })),
        ...(options.stream && { StreamSpecification: { StreamEnabled: true, StreamViewType: "NEW_IMAGE" } }),
      }),
    );
  } finally {
    client.destroy();
  }
}
