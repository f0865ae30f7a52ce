// The table over DynamoDB. The one file that knows the SDK: requests out, replies in; what a reply means is decided in `outcome.ts`.
import { createHash } from "node:crypto";
import { DynamoDBClient, type DynamoDBClientConfig } from "@aws-sdk/client-dynamodb";
import {
  BatchGetCommand,
  type BatchGetCommandInput,
  DeleteCommand,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  type QueryCommandInput,
  TransactWriteCommand,
  type TransactWriteCommandInput,
  UpdateCommand,
} from "@aws-sdk/lib-dynamodb";
import { isPassing, patience } from "../clients.ts";
import { expressionsOf, itemOfWire } from "./compile.ts";
import { type Engine, type Item, type PlainWrite, type Reason, type Reply, TableFault } from "./engine.ts";
import type { DeskEntry, DueEntry, Key, Table } from "./model.ts";
import { TableBusy } from "./model.ts";
import { persist, type RetryPorts } from "./outcome.ts";
import { tableOver } from "./table.ts";

/** The client to build a table on: 1 s to connect, 3 s for an answer, three attempts; a timeout is an error, not a warning. */
export function tableClient(config: DynamoDBClientConfig = {}): DynamoDBDocumentClient {
  const client = new DynamoDBClient({
    ...patience,
    ...config,
  });
  return DynamoDBDocumentClient.from(client);
}

export interface DynamoTableOptions extends RetryPorts {
  readonly client: DynamoDBDocumentClient;
  readonly tableName: string;
}

/** The table in DynamoDB. */
export const dynamoTable = (options: DynamoTableOptions): Table => tableOver(dynamoEngine(options), options);

function dynamoEngine({ client, tableName, ...ports }: DynamoTableOptions): Engine {
  const pages = async (input: Omit<QueryCommandInput, "TableName">, limit: number): Promise<readonly Item[]> => {
    const items: Item[] = [];
    let next: Record<string, unknown> | undefined;
    do {
      const page = await reading(() =>
        client.send(new QueryCommand({ ...input, TableName: tableName, Limit: limit - items.length, ...(next && { ExclusiveStartKey: next }) })),
      );
      items.push(...(page.Items ?? []));
      next = page.LastEvaluatedKey;
    } while (next && items.length < limit);
    return items;
  };

  return {
    async get(key, consistent) {
      const { Item: item } = await reading(() => client.send(new GetCommand({ TableName: tableName, Key: key, ConsistentRead: consistent })));
      return item && withoutKey(item);
    },

    async getMany(keys, consistent) {
      const found = new Map<string, Item>();
      let wanted: NonNullable<BatchGetCommandInput["RequestItems"]>[string]["Keys"] = [...keys];
      return persist<readonly (Item | undefined)[]>(ports, async () => {
        const answer = await reading(() =>
          client.send(new BatchGetCommand({ RequestItems: { [tableName]: { Keys: wanted, ConsistentRead: consistent } } })),
        );
        for (const item of answer.Responses?.[tableName] ?? []) found.set(nameOf(item as unknown as Key), withoutKey(item));
        wanted = answer.UnprocessedKeys?.[tableName]?.Keys ?? [];
        return wanted.length > 0 ? { again: true, attempts: 1 } : keys.map((key) => found.get(nameOf(key)));
      });
    },

    async query({ pk, from, descending, limit, consistent }) {
      const items = await pages(
        {
          KeyConditionExpression: from === undefined ? "pk = :pk" : `pk = :pk AND sk ${descending ? "<=" : ">="} :from`,
          ExpressionAttributeValues: { ":pk": pk, ...(from !== undefined && { ":from": from }) },
          ScanIndexForward: !descending,
          ConsistentRead: consistent,
        },
        limit,
      );
      return items.map(withoutKey);
    },

    async due(shard, until, limit) {
      const input = {
        IndexName: "due",
        KeyConditionExpression: "due_shard = :shard AND due_at <= :until",
        ExpressionAttributeValues: { ":shard": shard, ":until": until },
      };
      return (await pages(input, limit)) as unknown as readonly DueEntry[];
    },

    async desk({ of, from, descending, limit }) {
      const input = {
        IndexName: "desk",
        KeyConditionExpression: from === undefined ? "desk_of = :of" : `desk_of = :of AND desk_place ${descending ? "<=" : ">="} :from`,
        ExpressionAttributeValues: { ":of": of, ...(from !== undefined && { ":from": from }) },
        ScanIndexForward: !descending,
      };
      return (await pages(input, limit)) as unknown as readonly DeskEntry[];
    },

    prepareWrite(write) {
      const send = singleWrite(client, tableName, write);
      return () => writing(send);
    },

    prepareTransaction(writes, nonce) {
      const TransactItems = writes.map((write) => transactItem(tableName, write));
      const ClientRequestToken = tokenOf([nonce, TransactItems]);
      return () => writing(() => client.send(new TransactWriteCommand({ TransactItems, ClientRequestToken })));
    },
  };
}

const nameOf = (key: Key): string => JSON.stringify([key.pk, key.sk]);

function withoutKey({ pk: _pk, sk: _sk, ...attributes }: Readonly<Record<string, unknown>>): Item {
  return attributes;
}

const onFailure = { ReturnValuesOnConditionCheckFailure: "ALL_OLD" } as const;

/** The request of a single write. Each send takes a new command: the SDK binds its middleware to one. */
function singleWrite(client: DynamoDBDocumentClient, tableName: string, write: PlainWrite): () => Promise<unknown> {
  const base = { TableName: tableName, ...expressionsOf(write), ...onFailure };
  switch (write.op) {
    case "create":
      return () => client.send(new PutCommand({ ...base, Item: { ...write.item, ...write.key } }));
    case "change":
      return () => client.send(new UpdateCommand({ ...base, Key: write.key }));
    case "erase":
      return () => client.send(new DeleteCommand({ ...base, Key: write.key }));
    case "check":
      throw new TableFault("a check is no write");
  }
}

function transactItem(tableName: string, write: PlainWrite): NonNullable<TransactWriteCommandInput["TransactItems"]>[number] {
  const { UpdateExpression, ...guard } = expressionsOf(write);
  const base = { TableName: tableName, ...guard, ...onFailure };
  switch (write.op) {
    case "create":
      return { Put: { ...base, Item: { ...write.item, ...write.key } } };
    case "change":
      return { Update: { ...base, Key: write.key, UpdateExpression } };
    case "erase":
      return { Delete: { ...base, Key: write.key } };
    case "check":
      return { ConditionCheck: { ...base, Key: write.key } };
  }
}

/** Equal requests have equal tokens: 32 characters of the request's hash. */
const tokenOf = (request: unknown): string =>
  createHash("sha256")
    .update(JSON.stringify(request, (_, value) => (value instanceof Set ? { set: [...value].sort() } : value)))
    .digest("base64url")
    .slice(0, 32);

/** What the SDK says in its errors, as far as it matters here. */
interface SdkError extends Error {
  readonly $metadata?: { readonly httpStatusCode?: number; readonly attempts?: number };
  readonly $retryable?: { readonly throttling?: boolean };
  readonly Item?: Readonly<Record<string, unknown>>;
  readonly CancellationReasons?: readonly { readonly Code?: string; readonly Message?: string; readonly Item?: Readonly<Record<string, unknown>> }[];
}

const throttlings: ReadonlySet<string> = new Set([
  "ProvisionedThroughputExceededException",
  "RequestLimitExceeded",
  "ThrottlingException",
  "TransactionInProgressException",
]);

async function reading<T>(send: () => Promise<T>): Promise<T> {
  try {
    return await send();
  } catch (error) {
    if (throttlings.has((error as SdkError).name)) throw new TableBusy("reads of the table are throttled", { cause: error });
    // A read may be repeated by anybody at any time.
    if (isPassing(error)) throw new TableBusy("the table does not answer", { cause: error });
    throw error;
  }
}

async function writing(send: () => Promise<unknown>): Promise<Reply> {
  try {
    await send();
    return { kind: "committed" };
  } catch (error) {
    return replyOf(error as SdkError);
  }
}

/** The reply that an error of a write is; throws a definite fault. */
function replyOf(error: SdkError): Reply {
  const attempts = error.$metadata?.attempts ?? 1;
  if (error.name === "ConditionalCheckFailedException") {
    return { kind: "cancelled", reasons: [{ code: "condition", ...itemIn(error) }], attempts };
  }
  if (error.name === "TransactionConflictException") return { kind: "cancelled", reasons: [{ code: "conflict" }], attempts };
  if (error.name === "TransactionCanceledException") {
    return { kind: "cancelled", reasons: (error.CancellationReasons ?? []).map(reasonOf), attempts };
  }
  if (throttlings.has(error.name)) return { kind: "throttled", attempts };
  const status = error.$metadata?.httpStatusCode ?? 0;
  // A refusal of the first and only attempt is definite; after a lost one it says nothing about that one.
  if (status < 400 || status >= 500 || attempts > 1) return { kind: "unknown", cause: error };
  if (error.name === "ValidationException") throw new TableFault("the table refuses a request as invalid", { cause: error });
  throw error;
}

function reasonOf(reason: NonNullable<SdkError["CancellationReasons"]>[number]): Reason {
  switch (reason.Code) {
    case undefined:
    case "None":
      return { code: "none" };
    case "ConditionalCheckFailed":
      return { code: "condition", ...itemIn(reason) };
    case "TransactionConflict":
      return { code: "conflict" };
    case "ThrottlingError":
    case "ProvisionedThroughputExceeded":
      return { code: "throttled" };
    default:
      return { code: "invalid", message: reason.Code };
  }
}

const itemIn = ({ Item: item }: { readonly Item?: Readonly<Record<string, unknown>> }): { readonly item?: Item } =>
  item && Object.keys(item).length > 0 ? { item: withoutKey(itemOfWire(item)) } : {};
