import { DescribeTableCommand, GetItemCommand, PutItemCommand, QueryCommand, TransactWriteItemsCommand } from "@aws-sdk/client-dynamodb";
import { GetQueueUrlCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { functionEnvironment } from "../../../local/gateway/environment.ts";
import { openShop, type Shop } from "./shop.ts";

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop.close());

const silent = { trace: () => {}, debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const item = (pk: string, more: Record<string, { S: string }> = {}) => ({ pk: { S: pk }, sk: { S: "-" }, ...more });
const putOrder = (pk: string, options = {}) => new PutItemCommand({ TableName: shop.tableName, Item: item(pk), ...options });

describe("consumed capacity", () => {
  it("is recorded by role and operation, indexes included, though the caller never asked", async () => {
    shop.gateway.resetCapacity();
    const { dynamodb } = shop.as("OrdersRole");
    const answer = await dynamodb.send(
      new TransactWriteItemsCommand({
        TransactItems: [
          { Put: { TableName: shop.tableName, Item: item("ORDER#c", { due_shard: { S: "0" }, due_at: { S: "1" } }) } },
          { Put: { TableName: shop.tableName, Item: item("OP#c") } },
        ],
      }),
    );
    expect(answer.ConsumedCapacity).toBeUndefined();
    await dynamodb.send(new GetItemCommand({ TableName: shop.tableName, Key: item("ORDER#c"), ConsistentRead: true }));
    await dynamodb.send(new GetItemCommand({ TableName: shop.tableName, Key: item("ORDER#c") }));
    expect(shop.gateway.capacity).toEqual([
      { roleId: "OrdersRole", operation: "TransactWriteItems", calls: 1, writeUnits: 5, readUnits: 0 },
      { roleId: "OrdersRole", operation: "GetItem", calls: 2, writeUnits: 0, readUnits: 1.5 },
    ]);
    shop.gateway.resetCapacity();
    expect(shop.gateway.capacity).toEqual([]);
  });

  it("is answered as far as the caller asked", async () => {
    const { dynamodb } = shop.as("OrdersRole");
    const total = await dynamodb.send(putOrder("ORDER#t", { ReturnConsumedCapacity: "TOTAL" }));
    expect(total.ConsumedCapacity).toEqual({ TableName: shop.tableName, CapacityUnits: 1 });
    const indexes = await dynamodb.send(putOrder("ORDER#t", { ReturnConsumedCapacity: "INDEXES" }));
    expect(indexes.ConsumedCapacity?.Table).toEqual({ CapacityUnits: 1 });
  });

  it("of the host's own calls is nobody's", async () => {
    shop.gateway.resetCapacity();
    await shop.clients(shop.gateway.hostCredentials).dynamodb.send(putOrder("ORDER#h"));
    expect(shop.gateway.capacity).toEqual([]);
  });
});

describe("names", () => {
  it("of the engine never show: descriptions carry the template's ARNs", async () => {
    const { Table } = await shop.clients(shop.gateway.hostCredentials).dynamodb.send(new DescribeTableCommand({ TableName: shop.tableName }));
    expect(Table?.TableArn).toBe(shop.inventory.tables[0]?.arn);
    expect(Table?.LatestStreamArn).toBe(shop.inventory.tables[0]?.streamArn);
    expect(Table?.StreamSpecification).toEqual({ StreamEnabled: true, StreamViewType: "NEW_IMAGE" });
  });

  it("of tables may be ARNs", async () => {
    const { dynamodb } = shop.as("OrdersRole");
    await dynamodb.send(new PutItemCommand({ TableName: shop.inventory.tables[0]?.arn, Item: item("ORDER#arn") }));
    const found = await dynamodb.send(
      new QueryCommand({ TableName: shop.tableName, KeyConditionExpression: "pk = :p", ExpressionAttributeValues: { ":p": { S: "ORDER#arn" } } }),
    );
    expect(found.Count).toBe(1);
  });

  it("of queues lead to the gateway in a function's environment, where the SDK calls the host of the URL", async () => {
    const orders = shop.inventory.functions.find((fn) => fn.id === "Orders");
    if (!orders) throw new Error("no function");
    const environment = functionEnvironment(orders, shop.gateway);
    expect(environment.EVENTS_URL).toBe(shop.queueUrl);
    expect(environment.AWS_ENDPOINT_URL).toBe(shop.gateway.url);
    // No endpoint in the client's configuration: the queue's URL alone must bring the call here.
    const client = new SQSClient({ region: "ca-central-1", credentials: shop.gateway.credentials("OrdersRole"), logger: silent });
    await expect(client.send(new SendMessageCommand({ QueueUrl: environment.EVENTS_URL, MessageBody: "x" }))).resolves.toMatchObject({
      MessageId: expect.any(String),
    });
    const found = await shop.clients(shop.gateway.hostCredentials).sqs.send(new GetQueueUrlCommand({ QueueName: shop.inventory.queues[1]?.name }));
    expect(found.QueueUrl).toBe(shop.queueUrl);
  });
});

describe("faults on request", () => {
  it("a conflict cancels a transaction with DynamoDB's reasons, and nothing is written", async () => {
    shop.inject(() => ({ kind: "conflict" }));
    const transact = new TransactWriteItemsCommand({
      TransactItems: ["ORDER#f", "OP#f"].map((pk) => ({ Put: { TableName: shop.tableName, Item: item(pk) } })),
    });
    await expect(shop.as("OrdersRole").dynamodb.send(transact)).rejects.toMatchObject({
      name: "TransactionCanceledException",
      CancellationReasons: [expect.objectContaining({ Code: "TransactionConflict" }), expect.objectContaining({ Code: "None" })],
    });
    shop.inject(() => undefined);
    expect((await shop.as("OrdersRole").dynamodb.send(new GetItemCommand({ TableName: shop.tableName, Key: item("ORDER#f") }))).Item).toBeUndefined();
  });

  it("throttling and failures are retried by the SDK and then succeed", async () => {
    const kinds = ["throttle", "error"] as const;
    let calls = 0;
    shop.inject(() => {
      const kind = kinds[calls++];
      return kind && { kind };
    });
    await shop.as("OrdersRole", 3).dynamodb.send(putOrder("ORDER#retried"));
    shop.inject(() => undefined);
    expect(calls).toBe(3);
  });

  it("a lost answer leaves the write done", async () => {
    shop.inject(({ operation }) => (operation === "PutItem" ? { kind: "lost" } : undefined));
    await expect(shop.as("OrdersRole").dynamodb.send(putOrder("ORDER#lost"))).rejects.toThrow(/socket hang up/);
    shop.inject(() => undefined);
    const found = await shop
      .as("OrdersRole")
      .dynamodb.send(new GetItemCommand({ TableName: shop.tableName, Key: item("ORDER#lost"), ConsistentRead: true }));
    expect(found.Item).toBeDefined();
  });
});
