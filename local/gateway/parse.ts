// From an HTTP request to service, operation and body, by the protocol of the service that signed for it.
import type { IncomingHttpHeaders } from "node:http";
import type { Json } from "../template/shape.ts";
import { type Service, ServiceError } from "./call.ts";

export interface ParsedCall {
  readonly service: Service;
  readonly operation: string;
  readonly target: string;
  readonly body: Json;
}

const targets: Readonly<Record<string, Service>> = {
  DynamoDB_20120810: "dynamodb",
  DynamoDBStreams_20120810: "dynamodb",
  AmazonSQS: "sqs",
  TrentService: "kms",
  secretsmanager: "secretsmanager",
  AWSStepFunctions: "states",
};
const invokePath = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/;

/** Which service the request is for, told from its form alone; what was signed must agree. */
export function serviceOf(url: string, headers: IncomingHttpHeaders): Service {
  const target = headers["x-amz-target"];
  if (typeof target === "string") {
    const service = targets[target.split(".")[0] ?? ""];
    if (service) return service;
    throw new ServiceError("UnknownOperationException", `${target} is not supported locally`);
  }
  return url.startsWith("/2015-03-31/") ? "lambda" : "sts";
}

export function parseCall(service: Service, url: string, headers: IncomingHttpHeaders, raw: Buffer): ParsedCall {
  if (service === "lambda") {
    const name = invokePath.exec(url.split("?")[0] ?? "")?.[1];
    const body = { FunctionName: decodeURIComponent(name ?? ""), InvocationType: headers["x-amz-invocation-type"], Payload: raw.toString() };
    return { service, operation: name === undefined ? "Unknown" : "Invoke", target: "", body };
  }
  if (service === "sts") {
    const form = Object.fromEntries(new URLSearchParams(raw.toString()));
    return { service, operation: form.Action ?? "Unknown", target: "", body: form };
  }
  const target = String(headers["x-amz-target"]);
  return { service, operation: target.split(".")[1] ?? "", target, body: parseJson(raw) };
}

function parseJson(raw: Buffer): Json {
  try {
    const body: unknown = raw.length === 0 ? {} : JSON.parse(raw.toString());
    if (typeof body === "object" && body !== null && !Array.isArray(body)) return body as Json;
  } catch {
    // Answered below, as any body that is no object.
  }
  throw new ServiceError("SerializationException", "Start of structure or map found where not expected.");
}
