import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DecryptCommand, GenerateDataKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { SFNClient, StartExecutionCommand } from "@aws-sdk/client-sfn";
import { GetQueueUrlCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import {
  BatchGetCommand,
  DeleteCommand,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  ScanCommand,
  TransactWriteCommand,
  UpdateCommand,
} from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";
import { buy, open, orderIdOf, statusOf } from "./buyer.ts";
import { unusedGrants } from "./grants.ts";
import { sessionOf } from "./outside-world.ts";
import { eventually, openPlatform, type Platform } from "./platform.ts";

jest.setTimeout(120_000);

let platform: Platform;
beforeAll(async () => {
  platform = await openPlatform();
}, 120_000);
afterAll(() => platform?.stop(), 60_000);

/** AWS as the code of one function reaches it: with the keys of its role, at the one address it knows. */
function as(functionName: string) {
  const { gateway, inventory } = platform.shop;
  const fn = inventory.functions.find(({ name }) => name.endsWith(`-${functionName}`));
  if (fn === undefined) throw new Error(`no function ${functionName}`);
  const config = { endpoint: gateway.url, region: "ca-central-1", credentials: gateway.credentials(fn.roleId), maxAttempts: 1 };
  return {
    table: DynamoDBDocumentClient.from(new DynamoDBClient(config)),
    kms: new KMSClient(config),
    secrets: new SecretsManagerClient(config),
    states: new SFNClient(config),
    sqs: new SQSClient(config),
  };
}
const refused = (attempt: Promise<unknown>) => expect(attempt).rejects.toMatchObject({ name: expect.stringMatching(/AccessDenied/) });
const TableName = () => platform.shop.inventory.tables[0]?.name ?? "";
const key = (prefix: string) => ({ pk: `${prefix}#lees#x`, sk: "X" });
const KeyId = () => platform.shop.inventory.keys[0]?.arn ?? "";
const secret = (name: string) => platform.shop.inventory.secrets.find(({ id }) => id.startsWith(name))?.arn ?? "";

it("a whole sale needs nothing that is not granted, and leaves a list of grants it never used (TH22)", async () => {
  const { shop, world } = platform;
  await open(shop.scan);
  const { token, checkout_url } = await buy(shop.url);
  await world.pay(sessionOf(checkout_url));
  await eventually("the text message reached the buyer", async () => (await statusOf(shop.url, token)).sms === "delivered");
  await open(`${shop.url}/o/${token}`);
  await shop.runSchedule(shop.inventory.schedules[0]?.id ?? "");
  await platform.quiet();
  // The outbox's message waits twenty seconds before its reader may have it; here the reader gets it at once.
  const event = { id: "op", kind: "order_paid", merchant_id: "lees", subject: orderIdOf(token), at: "2026-11-21T00:00:00.000000Z" };
  const read = await shop.invoke("fulfil-events", { Records: [{ messageId: "1", body: JSON.stringify(event) }] });
  expect(read).toEqual({ ok: true, payload: { batchItemFailures: [] } });
  await platform.quiet();
  expect(shop.gateway.denied).toEqual([]);

  const unused = unusedGrants(shop.inventory, shop.gateway.granted);
  expect(unused.granted).toBeGreaterThan(unused.lines.length);
  process.stdout.write(
    `  grants that neither the seed nor this sale used, ${unused.lines.length} of ${unused.granted}:\n${unused.lines.map((line) => `    ${line}\n`).join("")}`,
  );
});

describe("a role that was stolen (TH8, TH15, TH22)", () => {
  it("of the storefront writes nothing at all, and reads neither persons nor connections nor money's routes", async () => {
    const { table } = as("storefront");
    for (const prefix of ["ORDER", "UNIT", "LISTING", "POOL", "PAYMENT", "OP"]) {
      await refused(table.send(new PutCommand({ TableName: TableName(), Item: key(prefix) })));
      await refused(table.send(new DeleteCommand({ TableName: TableName(), Key: key(prefix) })));
    }
    for (const prefix of ["PERSON", "CONNECTION", "ROUTE", "CHANNEL", "INBOX", "OP"])
      await refused(table.send(new GetCommand({ TableName: TableName(), Key: key(prefix) })));
    await refused(table.send(new ScanCommand({ TableName: TableName() })));
  });

  it("of the sender reads no provider connection, alone or among what it may read", async () => {
    const { table } = as("fulfil-send");
    await refused(table.send(new GetCommand({ TableName: TableName(), Key: key("CONNECTION") })));
    await refused(table.send(new BatchGetCommand({ RequestItems: { [TableName()]: { Keys: [key("ORDER"), key("CONNECTION")] } } })));
    await expect(table.send(new GetCommand({ TableName: TableName(), Key: key("CHANNEL") }))).resolves.toBeDefined();
  });

  it("of the order taker gives nobody a unit for good beyond its own verbs: no paid order, no opened channel, no deleted unit", async () => {
    const { table, kms, secrets, states } = as("orders");
    await refused(
      table.send(
        new UpdateCommand({ TableName: TableName(), Key: key("ORDER"), UpdateExpression: "SET a = :a", ExpressionAttributeValues: { ":a": 1 } }),
      ),
    );
    await refused(table.send(new DeleteCommand({ TableName: TableName(), Key: key("UNIT") })));
    await refused(
      table.send(new QueryCommand({ TableName: TableName(), KeyConditionExpression: "pk = :pk", ExpressionAttributeValues: { ":pk": "PERSON#x" } })),
    );
    await refused(
      table.send(
        new TransactWriteCommand({
          TransactItems: [{ Put: { TableName: TableName(), Item: key("OP") } }, { Put: { TableName: TableName(), Item: key("MERCHANT") } }],
        }),
      ),
    );
    await refused(
      kms.send(new GenerateDataKeyCommand({ KeyId: KeyId(), KeySpec: "AES_256", EncryptionContext: { purpose: "connection", scope: "x" } })),
    );
    await refused(secrets.send(new GetSecretValueCommand({ SecretId: "arn:aws:secretsmanager:ca-central-1:000000000000:secret:other" })));
    await refused(states.send(new StartExecutionCommand({ stateMachineArn: platform.shop.inventory.stateMachines[0]?.arn, input: "{}" })));
  });

  it("opens only what its purpose names: the order taker no channel's token, the sender no connection's key", async () => {
    const sealedFor = async (functionName: string, purpose: string) => {
      const { CiphertextBlob } = await as(functionName).kms.send(
        new GenerateDataKeyCommand({ KeyId: KeyId(), KeySpec: "AES_256", EncryptionContext: { purpose, scope: "x" } }),
      );
      return { CiphertextBlob, EncryptionContext: { purpose, scope: "x" } };
    };
    const token = await sealedFor("notifications-operator", "channel");
    const apiKey = await sealedFor("payments-operator", "connection");
    await refused(as("orders").kms.send(new DecryptCommand(token)));
    await refused(as("fulfil-send").kms.send(new DecryptCommand(apiKey)));
    await expect(as("fulfil-send").kms.send(new DecryptCommand(token))).resolves.toMatchObject({ Plaintext: expect.anything() });
    // A purpose one may open, claimed for a secret of another purpose, opens nothing.
    await expect(
      as("orders").kms.send(new DecryptCommand({ ...token, EncryptionContext: { purpose: "connection", scope: "x" } })),
    ).rejects.toMatchObject({ name: "InvalidCiphertextException" });
  });

  it("of the webhook delivers nothing by itself", async () => {
    const { table, secrets } = as("payments-webhook");
    for (const prefix of ["ORDER", "UNIT", "PAYMENT"]) {
      await refused(
        table.send(
          new UpdateCommand({ TableName: TableName(), Key: key(prefix), UpdateExpression: "SET a = :a", ExpressionAttributeValues: { ":a": 1 } }),
        ),
      );
    }
    await refused(secrets.send(new GetSecretValueCommand({ SecretId: secret("LinkSecret") })));
  });

  it("of the deliverer reaches no queue and no secret", async () => {
    const { sqs, secrets } = as("fulfil-deliver");
    const QueueName = platform.shop.inventory.queues[0]?.name ?? "";
    await refused(sqs.send(new GetQueueUrlCommand({ QueueName })));
    await refused(sqs.send(new SendMessageCommand({ QueueUrl: `${platform.shop.gateway.url}/000000000000/${QueueName}`, MessageBody: "{}" })));
    await refused(secrets.send(new GetSecretValueCommand({ SecretId: secret("OriginSecret") })));
  });

  it("is seen: every refusal is recorded with who, what and where", async () => {
    const { denied } = platform.shop.gateway;
    expect(denied.length).toBeGreaterThan(20);
    expect(denied).toContainEqual({
      at: expect.any(String),
      principal: "FulfilSendRole",
      action: "dynamodb:GetItem",
      resource: expect.stringContaining(TableName()),
    });
  });
});
