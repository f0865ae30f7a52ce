// Permissions of DynamoDB calls: a transaction counts as its parts; leading keys come from keys, items and key conditions.
import type { Inventory } from "../template/inventory.ts";
import { arn } from "../template/names.ts";
import { isRecord, type Json } from "../template/shape.ts";
import type { AccessRequest } from "./evaluate.ts";

/** The table's name, from a name or an ARN. */
export const tableNameOf = (tableName: unknown): string =>
  String(tableName ?? "")
    .split(":table/")
    .at(-1)
    ?.split("/")[0] ?? "";
const tableArn = (tableName: unknown): string => arn("dynamodb", `table/${tableNameOf(tableName)}`);

const inTransaction = { Put: "PutItem", Update: "UpdateItem", Delete: "DeleteItem", ConditionCheck: "ConditionCheckItem", Get: "GetItem" } as const;
/** Functions get their records from the host's poller; reading a stream by iterator is the host's alone. */
const streamOperations = ["DescribeStream", "GetShardIterator"];

/** Undefined for an operation that is not mapped (PartiQL, table administration). */
export function classifyDynamodb(inventory: Inventory, operation: string, body: Json): readonly AccessRequest[] | undefined {
  const need = (action: string, tableName: unknown, keys: readonly (string | undefined)[], index?: unknown): AccessRequest => ({
    action: `dynamodb:${action}`,
    resource: index === undefined ? tableArn(tableName) : `${tableArn(tableName)}/index/${String(index)}`,
    context: leadingKeys(keys),
  });
  const pk = (tableName: unknown) => partitionKey(inventory, tableName);

  switch (operation) {
    case "GetItem":
    case "UpdateItem":
    case "DeleteItem":
      return [need(operation, body.TableName, [attributeText(body.Key, pk(body.TableName))])];
    case "PutItem":
      return [need(operation, body.TableName, [attributeText(body.Item, pk(body.TableName))])];
    case "Query":
      return [need(operation, body.TableName, [equalIn(body, partitionKey(inventory, body.TableName, body.IndexName))], body.IndexName)];
    case "Scan":
      return [need(operation, body.TableName, [], body.IndexName)];
    case "DescribeTable":
      return [need(operation, body.TableName, [])];
    case "BatchGetItem":
      return Object.entries(members(body.RequestItems)).map(([name, request]) =>
        need(
          operation,
          name,
          entries(members(request).Keys).map((key) => attributeText(key, pk(name))),
        ),
      );
    case "BatchWriteItem":
      return Object.entries(members(body.RequestItems)).map(([name, requests]) =>
        need(
          operation,
          name,
          entries(requests).map((one) => attributeText(members(one.PutRequest).Item ?? members(one.DeleteRequest).Key, pk(name))),
        ),
      );
    case "TransactGetItems":
    case "TransactWriteItems":
      return entries(body.TransactItems).flatMap((item) =>
        Object.entries(item).map(([kind, part]) => {
          const { TableName, Key, Item } = members(part);
          // An unknown kind keeps its own name, which no policy grants.
          return need(inTransaction[kind as keyof typeof inTransaction] ?? kind, TableName, [attributeText(Key ?? Item, pk(TableName))]);
        }),
      );
    default:
      return streamOperations.includes(operation) && typeof body.StreamArn === "string"
        ? [{ action: `dynamodb:${operation}`, resource: body.StreamArn, context: {} }]
        : undefined;
  }
}

const members = (value: unknown): Json => (isRecord(value) ? value : {});
const entries = (value: unknown): readonly Json[] => (Array.isArray(value) ? value.filter(isRecord) : []);

/** One missing key makes the whole request one without leading keys: it must not slip past a condition on the others. */
const leadingKeys = (keys: readonly (string | undefined)[]): AccessRequest["context"] =>
  keys.length === 0 || keys.includes(undefined) ? {} : { "dynamodb:leadingkeys": keys as readonly string[] };

/** The text of a key attribute: `{"S": "…"}`, `{"N": "…"}` or `{"B": "…"}`. */
const textOf = (value: unknown): string | undefined => {
  const [text] = isRecord(value) ? Object.values(value) : [];
  return typeof text === "string" ? text : undefined;
};

const attributeText = (item: unknown, attribute: string | undefined): string | undefined =>
  attribute === undefined || !isRecord(item) ? undefined : textOf(item[attribute]);

/** Name of the partition key of a table or of one of its indexes. */
function partitionKey(inventory: Inventory, tableName: unknown, index?: unknown): string | undefined {
  const table = inventory.tables.find((one) => one.name === tableNameOf(tableName));
  const source = index === undefined ? table?.properties : entries(table?.properties.GlobalSecondaryIndexes).find((one) => one.IndexName === index);
  const hash = entries(source?.KeySchema).find((one) => one.KeyType === "HASH")?.AttributeName;
  return typeof hash === "string" ? hash : undefined;
}

/** The value that the key condition of a query sets the attribute equal to. */
function equalIn(body: Json, attribute: string | undefined): string | undefined {
  if (attribute === undefined || typeof body.KeyConditionExpression !== "string") return undefined;
  const names = members(body.ExpressionAttributeNames);
  const values = members(body.ExpressionAttributeValues);
  const found = [...body.KeyConditionExpression.matchAll(/([#:\w.-]+)\s*=\s*([#:\w.-]+)/g)].flatMap(([, left = "", right = ""]) => {
    const [name, value] = left.startsWith(":") ? [right, left] : [left, right];
    return (names[name] ?? name) === attribute ? [textOf(values[value])] : [];
  });
  return found.length === 1 ? found[0] : undefined;
}
