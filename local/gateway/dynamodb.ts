// DynamoDB: forwarded to Dynoxide, with the consumed capacity of every call of a role written down.
import { tableNameOf } from "../iam/classify-dynamodb.ts";
import type { Inventory } from "../template/inventory.ts";
import { isRecord, type Json } from "../template/shape.ts";
import { type Answer, type Call, ServiceError, type ServiceHandler } from "./call.ts";
import type { Capacity } from "./capacity.ts";
import type { Forwarder } from "./forward.ts";

const measured = [
  "GetItem",
  "PutItem",
  "UpdateItem",
  "DeleteItem",
  "Query",
  "Scan",
  "BatchGetItem",
  "BatchWriteItem",
  "TransactGetItems",
  "TransactWriteItems",
];
/** Dynoxide's names for us: the region it thinks it is in. */
const engineArn = "arn:aws:dynamodb:dynoxide:000000000000:table/";
const arnOf = "arn:aws:dynamodb:ca-central-1:000000000000:table/";

export function dynamodbHandler(inventory: Inventory, engine: Forwarder, capacity: Capacity): ServiceHandler {
  /** Engine's stream ARNs by ours, learnt from the descriptions that pass. */
  const streams = new Map<string, string>();

  return async (call) => {
    const outer = call.target.startsWith("DynamoDBStreams") ? streamRequest(call.body, streams) : tableRequest(call.body);
    const measure = measured.includes(call.operation);
    const body = measure ? { ...outer, ReturnConsumedCapacity: "INDEXES" } : outer;
    const answer = await reach(engine, call, body === call.body ? call.raw : JSON.stringify(body));
    if (!measure) return described(inventory, streams, answer);
    const output = answer.status === 200 ? (JSON.parse(answer.body.toString()) as Json) : {};
    if (call.principal.roleId !== undefined) capacity.record(call.principal.roleId, call.operation, output.ConsumedCapacity);
    if (answer.status !== 200) return answer;
    return { ...answer, body: JSON.stringify({ ...output, ConsumedCapacity: wanted(output.ConsumedCapacity, call.body.ReturnConsumedCapacity) }) };
  };
}

async function reach(engine: Forwarder, call: Call, body: Buffer | string): Promise<Answer> {
  try {
    const { authorization = "", "x-amz-date": date } = call.headers;
    return await engine.post(
      { authorization, "x-amz-date": String(date), "x-amz-target": call.target, "content-type": "application/x-amz-json-1.0" },
      body,
    );
  } catch {
    // The engine is being restarted: a fault on the service's side, which SDKs retry.
    throw new ServiceError("InternalServerError", "The request processing has failed because of an unknown error, exception or failure.", 500);
  }
}

/** Only as much as the caller asked for: nothing, the total, or all. */
function wanted(consumed: unknown, asked: unknown): unknown {
  if (asked === "INDEXES") return consumed;
  if (asked !== "TOTAL") return undefined;
  const total = (one: unknown) =>
    isRecord(one)
      ? Object.fromEntries(Object.entries(one).filter(([name]) => !["Table", "GlobalSecondaryIndexes", "LocalSecondaryIndexes"].includes(name)))
      : one;
  return Array.isArray(consumed) ? consumed.map(total) : total(consumed);
}

/** The engine takes names alone where DynamoDB takes ARNs too. */
function tableRequest(body: Json): Json {
  return typeof body.TableName === "string" && body.TableName.startsWith("arn:") ? { ...body, TableName: tableNameOf(body.TableName) } : body;
}

const streamRequest = (body: Json, streams: ReadonlyMap<string, string>): Json =>
  typeof body.StreamArn === "string" ? { ...body, StreamArn: streams.get(body.StreamArn) ?? body.StreamArn } : body;

/** Descriptions name the engine's ARNs: the template's stand there instead. */
function described(inventory: Inventory, streams: Map<string, string>, answer: Answer): Answer {
  let text = answer.body.toString();
  if (!text.includes(engineArn)) return answer;
  for (const { name, streamArn } of inventory.tables) {
    const own = new RegExp(`${engineArn}${name}/stream/[^"]+`).exec(text)?.[0];
    if (own === undefined || streamArn === undefined) continue;
    streams.set(streamArn, own);
    text = text.replaceAll(own, streamArn);
  }
  return { ...answer, body: text.replaceAll(engineArn, arnOf) };
}
