// Engines and gateway of the fixture's template in a temporary folder, with SDK clients that have a role's keys.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { KMSClient } from "@aws-sdk/client-kms";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { SFNClient } from "@aws-sdk/client-sfn";
import { SQSClient } from "@aws-sdk/client-sqs";
import { startEngines } from "../../../local/engines/start.ts";
import { type Faults, startGateway } from "../../../local/gateway/start.ts";
import type { Credentials } from "../../../local/host.ts";
import { loadFixture } from "../template/fixture.ts";

export async function openShop(dataDir = mkdtempSync(join(tmpdir(), "gateway-"))) {
  const inventory = loadFixture();
  const engines = await startEngines({ inventory, dataDir });
  const started: unknown[] = [];
  const invoked: unknown[] = [];
  let faults: Faults = () => undefined;
  const gateway = await startGateway({
    inventory,
    engines,
    dataDir,
    faults: (call) => faults(call),
    invoker: {
      invoke: async (functionId, event) => {
        invoked.push({ functionId, event });
        return (event as { fail?: boolean }).fail
          ? { ok: false, errorType: "Error", errorMessage: "as asked" }
          : { ok: true, payload: { echo: event } };
      },
    },
    workflows: {
      executions: [],
      idle: async () => {},
      startExecution: async (stateMachineArn, input, name) => {
        started.push({ stateMachineArn, input, name });
        return { executionArn: `${stateMachineArn}:1`, startDate: 1_795_000_000 };
      },
    },
  });

  const clients = (credentials: Credentials, maxAttempts = 1) => {
    const config = { endpoint: gateway.url, region: "ca-central-1", credentials, maxAttempts };
    return {
      dynamodb: new DynamoDBClient(config),
      sqs: new SQSClient(config),
      kms: new KMSClient(config),
      secrets: new SecretsManagerClient(config),
      states: new SFNClient(config),
      lambda: new LambdaClient(config),
    };
  };
  return {
    inventory,
    engines,
    gateway,
    dataDir,
    started,
    invoked,
    tableName: inventory.tables[0]?.name ?? "",
    keyArn: inventory.keys[0]?.arn ?? "",
    queueUrl: `${gateway.url}/000000000000/${inventory.queues[1]?.name}`,
    inject: (next: Faults) => {
      faults = next;
    },
    clients,
    as: (roleId: string, maxAttempts?: number) => clients(gateway.credentials(roleId), maxAttempts),
    async close({ keepData = false } = {}) {
      await gateway.close();
      await engines.close();
      if (!keepData) rmSync(dataDir, { recursive: true });
    },
  };
}
export type Shop = Awaited<ReturnType<typeof openShop>>;
