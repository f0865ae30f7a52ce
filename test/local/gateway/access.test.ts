import {
  BatchGetItemCommand,
  DeleteItemCommand,
  ExecuteStatementCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  TransactWriteItemsCommand,
} from "@aws-sdk/client-dynamodb";
import { DecryptCommand, GenerateDataKeyCommand } from "@aws-sdk/client-kms";
import { InvokeCommand } from "@aws-sdk/client-lambda";
import { GetSecretValueCommand } from "@aws-sdk/client-secrets-manager";
import { StartExecutionCommand } from "@aws-sdk/client-sfn";
import { ReceiveMessageCommand, SendMessageCommand } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { openShop, type Shop } from "./shop.ts";

let shop: Shop;
let orders: ReturnType<Shop["as"]>;
let consumer: ReturnType<Shop["as"]>;
beforeAll(async () => {
  shop = await openShop();
  orders = shop.as("OrdersRole");
  consumer = shop.as("ConsumerRole");
});
afterAll(() => shop.close());

const denied = { name: "AccessDeniedException" };
const item = (pk: string) => ({ pk: { S: pk }, sk: { S: "-" } });
const put = (pk: string) => ({ Put: { TableName: shop.tableName, Item: item(pk) } });
const lastDenied = () => shop.gateway.denied.at(-1);

describe("a role at the gateway", () => {
  it("may do what its policies allow", async () => {
    await orders.dynamodb.send(new PutItemCommand({ TableName: shop.tableName, Item: item("ORDER#1") }));
    const found = await orders.dynamodb.send(new GetItemCommand({ TableName: shop.tableName, Key: item("ORDER#1"), ConsistentRead: true }));
    expect(found.Item).toEqual(item("ORDER#1"));
  });

  it("gets AccessDeniedException for a call that it was not granted, and the refusal is recorded", async () => {
    await expect(orders.dynamodb.send(new DeleteItemCommand({ TableName: shop.tableName, Key: item("ORDER#1") }))).rejects.toMatchObject({
      ...denied,
      $metadata: expect.objectContaining({ httpStatusCode: 400, requestId: expect.any(String) }),
      message: expect.stringMatching(
        /assumed-role\/Shop-dev-OrdersRole\/local is not authorized to perform: dynamodb:DeleteItem on resource: arn:aws:dynamodb:/,
      ),
    });
    expect(lastDenied()).toEqual({
      at: expect.any(String),
      principal: "OrdersRole",
      action: "dynamodb:DeleteItem",
      resource: "arn:aws:dynamodb:ca-central-1:000000000000:table/Shop-dev-Table",
    });
  });

  it("is refused across key prefixes in a transaction, and nothing of it is written", async () => {
    const across = new TransactWriteItemsCommand({ TransactItems: [put("ORDER#2"), put("PAYMENT#2")] });
    await expect(orders.dynamodb.send(across)).rejects.toMatchObject(denied);
    expect((await orders.dynamodb.send(new GetItemCommand({ TableName: shop.tableName, Key: item("ORDER#2") }))).Item).toBeUndefined();
  });

  it("needs each part of a transaction by its own action", async () => {
    const part = (kind: "Delete" | "ConditionCheck", pk: string) => ({
      [kind]: { TableName: shop.tableName, Key: item(pk), ConditionExpression: "attribute_not_exists(pk)" },
    });
    await orders.dynamodb.send(
      new TransactWriteItemsCommand({ TransactItems: [put("OP#3"), { Delete: { TableName: shop.tableName, Key: item("POOL#3") } }] }),
    );
    await expect(orders.dynamodb.send(new TransactWriteItemsCommand({ TransactItems: [part("Delete", "ORDER#3")] }))).rejects.toMatchObject(denied);
    await expect(orders.dynamodb.send(new TransactWriteItemsCommand({ TransactItems: [part("ConditionCheck", "ORDER#3")] }))).rejects.toMatchObject(
      denied,
    );
    expect(lastDenied()?.action).toBe("dynamodb:ConditionCheckItem");
  });

  it("is refused across key prefixes in a query and in a batch of reads", async () => {
    const query = (pk: string) =>
      new QueryCommand({
        TableName: shop.tableName,
        KeyConditionExpression: "#p = :p AND begins_with(sk, :s)",
        ExpressionAttributeNames: { "#p": "pk" },
        ExpressionAttributeValues: { ":p": { S: pk }, ":s": { S: "-" } },
      });
    expect((await orders.dynamodb.send(query("ORDER#1"))).Items).toHaveLength(1);
    await expect(orders.dynamodb.send(query("PAYMENT#1"))).rejects.toMatchObject(denied);
    const batch = (...pks: string[]) => new BatchGetItemCommand({ RequestItems: { [shop.tableName]: { Keys: pks.map(item) } } });
    expect((await orders.dynamodb.send(batch("ORDER#1", "OP#9"))).Responses?.[shop.tableName]).toHaveLength(1);
    await expect(orders.dynamodb.send(batch("ORDER#1", "PERSON#1"))).rejects.toMatchObject(denied);
  });

  it("reads an index only by the index's own grant", async () => {
    const due = (role: ReturnType<Shop["as"]>) =>
      role.dynamodb.send(
        new QueryCommand({
          TableName: shop.tableName,
          IndexName: "due",
          KeyConditionExpression: "due_shard = :s",
          ExpressionAttributeValues: { ":s": { S: "0" } },
        }),
      );
    expect((await due(orders)).Count).toBe(0);
    await expect(due(consumer)).rejects.toMatchObject(denied);
    expect(lastDenied()?.resource).toMatch(/\/index\/due$/);
  });

  it("may neither scan nor use PartiQL", async () => {
    await expect(orders.dynamodb.send(new ScanCommand({ TableName: shop.tableName }))).rejects.toMatchObject(denied);
    await expect(orders.dynamodb.send(new ExecuteStatementCommand({ Statement: `SELECT * FROM "${shop.tableName}"` }))).rejects.toMatchObject(denied);
    expect(lastDenied()?.action).toBe("dynamodb:ExecuteStatement");
  });

  it("seals and opens only under its own purpose", async () => {
    const person = { purpose: "person", id: "p1" };
    const key = await orders.kms.send(new GenerateDataKeyCommand({ KeyId: shop.keyArn, KeySpec: "AES_256", EncryptionContext: person }));
    const opened = await orders.kms.send(new DecryptCommand({ CiphertextBlob: key.CiphertextBlob, EncryptionContext: person }));
    expect(opened.Plaintext).toEqual(key.Plaintext);
    for (const EncryptionContext of [{ purpose: "connection", id: "p1" }, { id: "p1" }, undefined])
      await expect(
        orders.kms.send(new GenerateDataKeyCommand({ KeyId: shop.keyArn, KeySpec: "AES_256", ...(EncryptionContext ? { EncryptionContext } : {}) })),
      ).rejects.toMatchObject(denied);
    await expect(
      orders.kms.send(new DecryptCommand({ CiphertextBlob: key.CiphertextBlob, EncryptionContext: { purpose: "person", id: "p2" } })),
    ).rejects.toMatchObject({ name: "InvalidCiphertextException" });
  });

  it("may send where it may not receive", async () => {
    const sent = await orders.sqs.send(new SendMessageCommand({ QueueUrl: shop.queueUrl, MessageBody: "one" }));
    expect(sent.MessageId).toBeTruthy();
    await expect(orders.sqs.send(new ReceiveMessageCommand({ QueueUrl: shop.queueUrl }))).rejects.toMatchObject({ name: "AccessDenied" });
    const got = await consumer.sqs.send(new ReceiveMessageCommand({ QueueUrl: shop.queueUrl, WaitTimeSeconds: 1 }));
    expect(got.Messages?.map((message) => message.Body)).toEqual(["one"]);
  });

  it("reads its secret, starts its workflow, invokes the function it may, and no other role does", async () => {
    const secret = await orders.secrets.send(new GetSecretValueCommand({ SecretId: shop.inventory.secrets[0]?.arn }));
    expect(secret.SecretString).toMatch(/^[A-Za-z0-9]{48}$/);
    const stateMachineArn = shop.inventory.stateMachines[0]?.arn;
    const execution = await orders.states.send(new StartExecutionCommand({ stateMachineArn, input: '{"order":1}', name: "n1" }));
    expect(execution).toMatchObject({ executionArn: `${stateMachineArn}:1`, startDate: new Date(1_795_000_000_000) });
    expect(shop.started).toEqual([{ stateMachineArn, input: { order: 1 }, name: "n1" }]);
    const invoked = await orders.lambda.send(new InvokeCommand({ FunctionName: "shop-dev-consumer", Payload: JSON.stringify({ a: 1 }) }));
    expect(JSON.parse(invoked.Payload?.transformToString() ?? "")).toEqual({ echo: { a: 1 } });
    const failed = await orders.lambda.send(new InvokeCommand({ FunctionName: "shop-dev-consumer", Payload: JSON.stringify({ fail: true }) }));
    expect(failed.FunctionError).toBe("Unhandled");

    await expect(consumer.secrets.send(new GetSecretValueCommand({ SecretId: shop.inventory.secrets[0]?.arn }))).rejects.toMatchObject(denied);
    await expect(consumer.states.send(new StartExecutionCommand({ stateMachineArn, input: "{}" }))).rejects.toMatchObject(denied);
    await expect(orders.lambda.send(new InvokeCommand({ FunctionName: "shop-dev-orders" }))).rejects.toMatchObject(denied);
  });

  it("is judged the same when the host asks on its behalf", () => {
    const arn = shop.inventory.functions[0]?.arn ?? "";
    expect(shop.gateway.allowed("FulfilRole", "lambda:InvokeFunction", arn)).toBe(true);
    expect(shop.gateway.allowed("FulfilRole", "lambda:InvokeFunction", shop.inventory.functions[1]?.arn ?? "")).toBe(false);
    expect(lastDenied()).toMatchObject({ principal: "FulfilRole", action: "lambda:InvokeFunction" });
  });
});

describe("a caller at the gateway", () => {
  const get = () => new GetItemCommand({ TableName: shop.tableName, Key: item("ORDER#1") });
  it("with a wrong secret is refused for its signature", async () => {
    const forged = shop.clients({ ...shop.gateway.credentials("OrdersRole"), secretAccessKey: "guessed" });
    await expect(forged.dynamodb.send(get())).rejects.toMatchObject({ name: "InvalidSignatureException" });
    await expect(forged.lambda.send(new InvokeCommand({ FunctionName: "shop-dev-consumer" }))).rejects.toMatchObject({
      name: "InvalidSignatureException",
    });
  });
  it("with a key that nobody issued is not recognised", async () => {
    const stranger = shop.clients({ accessKeyId: "AKIAUNKNOWN", secretAccessKey: "x" });
    await expect(stranger.dynamodb.send(get())).rejects.toMatchObject({ name: "UnrecognizedClientException" });
  });
  it("without a signature is refused", async () => {
    const response = await fetch(shop.gateway.url, { method: "POST", headers: { "x-amz-target": "DynamoDB_20120810.GetItem" }, body: "{}" });
    expect(response.status).toBe(403);
    expect(await response.json()).toMatchObject({ __type: expect.stringContaining("MissingAuthenticationTokenException") });
  });
  it("with the host's own keys may do anything", async () => {
    const host = shop.clients(shop.gateway.hostCredentials);
    expect((await host.dynamodb.send(new ScanCommand({ TableName: shop.tableName }))).Count).toBeGreaterThan(0);
  });
});
