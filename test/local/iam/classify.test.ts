import { describe, expect, it } from "@jest/globals";
import { createClassifier, findKey } from "../../../local/iam/classify.ts";
import { loadFixture } from "../template/fixture.ts";

const inventory = loadFixture();
const classify = createClassifier(inventory, {
  key: (id) => findKey(inventory, id)?.arn ?? String(id),
  keyOfBlob: (blob) => (blob === "ours" ? inventory.keys[0]?.arn : undefined),
});
const table = inventory.tables[0]?.arn ?? "";
const TableName = inventory.tables[0]?.name;
const key = (pk: string) => ({ pk: { S: pk }, sk: { S: "-" } });
const dynamodb = (operation: string, body: Record<string, unknown>) => classify({ service: "dynamodb", operation, body });
const leading = (...keys: string[]) => ({ "dynamodb:leadingkeys": keys });
const query = (KeyConditionExpression: string, more = {}) =>
  dynamodb("Query", {
    TableName,
    KeyConditionExpression,
    ExpressionAttributeNames: { "#p": "pk" },
    ExpressionAttributeValues: { ":p": { S: "ORDER#1" }, ":x": { S: "z" } },
    ...more,
  })?.[0];

describe("what a DynamoDB call needs", () => {
  it("one item: its action, its table, its key", () => {
    expect(dynamodb("GetItem", { TableName, Key: key("A#1") })).toEqual([{ action: "dynamodb:GetItem", resource: table, context: leading("A#1") }]);
    expect(dynamodb("PutItem", { TableName: table, Item: key("A#1") })).toEqual([
      { action: "dynamodb:PutItem", resource: table, context: leading("A#1") },
    ]);
  });

  it("a transaction counts as its parts", () => {
    const TransactItems = [
      { Put: { TableName, Item: key("A") } },
      { Update: { TableName, Key: key("B") } },
      { Delete: { TableName, Key: key("C") } },
      { ConditionCheck: { TableName, Key: key("D") } },
    ];
    expect(dynamodb("TransactWriteItems", { TransactItems })?.map(({ action, context }) => [action, context])).toEqual([
      ["dynamodb:PutItem", leading("A")],
      ["dynamodb:UpdateItem", leading("B")],
      ["dynamodb:DeleteItem", leading("C")],
      ["dynamodb:ConditionCheckItem", leading("D")],
    ]);
    expect(dynamodb("TransactGetItems", { TransactItems: [{ Get: { TableName, Key: key("A") } }] })?.[0]?.action).toBe("dynamodb:GetItem");
  });

  it("a batch needs its own action with all keys", () => {
    expect(dynamodb("BatchGetItem", { RequestItems: { [String(TableName)]: { Keys: [key("A"), key("B")] } } })).toEqual([
      { action: "dynamodb:BatchGetItem", resource: table, context: leading("A", "B") },
    ]);
    const requests = [{ PutRequest: { Item: key("A") } }, { DeleteRequest: { Key: key("B") } }];
    expect(dynamodb("BatchWriteItem", { RequestItems: { [String(TableName)]: requests } })?.[0]?.context).toEqual(leading("A", "B"));
  });

  it.each([
    ["a plain name", "pk = :p"],
    ["a placeholder", "#p = :p AND sk > :x"],
    ["no spaces, parentheses", "(#p=:p) and (begins_with(sk, :x))"],
    ["the key last", "sk >= :x AND pk = :p"],
  ])("a query's leading key is read from its condition: %s", (_, expression) => {
    expect(query(expression)?.context).toEqual(leading("ORDER#1"));
  });

  it("a query that sets no leading key has none, so a condition on it fails", () => {
    for (const expression of ["sk = :x", "pk <= :p", "pk = :missing", "pk = :p AND pk = :x"]) expect(query(expression)?.context).toEqual({});
  });

  it("a query of an index names the index and its own key", () => {
    expect(query("due_shard = :x AND due_at < :p", { IndexName: "due" })).toEqual({
      action: "dynamodb:Query",
      resource: `${table}/index/due`,
      context: leading("z"),
    });
  });

  it("one item without a key takes the leading keys from the whole batch", () => {
    expect(dynamodb("BatchGetItem", { RequestItems: { [String(TableName)]: { Keys: [key("A"), { sk: { S: "-" } }] } } })?.[0]?.context).toEqual({});
  });

  it.each(["ExecuteStatement", "ExecuteTransaction", "CreateTable", "DeleteTable", "UpdateTable", "GetRecords", "Whatever"])(
    "%s is not mapped",
    (operation) => {
      expect(dynamodb(operation, { TableName })).toBeUndefined();
    },
  );
});

describe("what other calls need", () => {
  it("KMS: the key by any of its names, the encryption context", () => {
    const arn = inventory.keys[0]?.arn;
    for (const KeyId of [arn, arn?.split("/")[1], "alias/shop", "arn:aws:kms:ca-central-1:000000000000:alias/shop"])
      expect(classify({ service: "kms", operation: "GenerateDataKey", body: { KeyId, EncryptionContext: { purpose: "person", id: "1" } } })).toEqual([
        {
          action: "kms:GenerateDataKey",
          resource: arn,
          context: { "kms:encryptioncontextkeys": ["purpose", "id"], "kms:encryptioncontext:purpose": ["person"], "kms:encryptioncontext:id": ["1"] },
        },
      ]);
    expect(classify({ service: "kms", operation: "Decrypt", body: { CiphertextBlob: "ours" } })?.[0]?.resource).toBe(arn);
    expect(classify({ service: "kms", operation: "ScheduleKeyDeletion", body: {} })).toBeUndefined();
  });

  it("SQS: batches as their single action, the queue by the end of its URL", () => {
    const QueueUrl = "http://127.0.0.1:9/000000000000/Shop-dev-Events";
    expect(classify({ service: "sqs", operation: "SendMessageBatch", body: { QueueUrl } })).toEqual([
      { action: "sqs:SendMessage", resource: "arn:aws:sqs:ca-central-1:000000000000:Shop-dev-Events", context: {} },
    ]);
    expect(classify({ service: "sqs", operation: "PurgeQueue", body: { QueueUrl } })).toBeUndefined();
  });

  it("who am I: nothing; a service that is not known: no answer", () => {
    expect(classify({ service: "sts", operation: "GetCallerIdentity", body: {} })).toEqual([]);
    expect(classify({ service: "sts", operation: "AssumeRole", body: {} })).toBeUndefined();
    expect(classify({ service: "s3", operation: "GetObject", body: {} })).toBeUndefined();
  });
});
