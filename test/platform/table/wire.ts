// A transport for the SDK that a test scripts: it forwards to a Dynoxide, answers by itself, or loses a request or its response.
import { Readable } from "node:stream";
import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { tableClient } from "../../../platform/table/dynamodb.ts";
import { clientConfig } from "../../support/dynoxide.ts";

/** What becomes of one attempt on the wire. */
export type Fate = "forward" | "lose request" | "lose response" | { readonly status: number; readonly body: Readonly<Record<string, unknown>> };

export interface Attempt {
  /** `TransactWriteItems` … */
  readonly operation: string;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface Wire {
  readonly client: DynamoDBDocumentClient;
  /** Every attempt so far, retries included. */
  readonly attempts: Attempt[];
}

interface WireRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

const reset = () => Object.assign(new Error("socket hang up"), { code: "ECONNRESET" });

/** @param fateOf decides each attempt; `nth` counts the attempts of that operation from 0 */
export function scriptedWire(url: string, fateOf: (attempt: Attempt, nth: number) => Fate): Wire {
  const attempts: Attempt[] = [];
  const handle = async (request: WireRequest) => {
    const text = typeof request.body === "string" ? request.body : new TextDecoder().decode(request.body);
    const operation = (request.headers["x-amz-target"] ?? "").split(".")[1] ?? "";
    const attempt: Attempt = { operation, body: JSON.parse(text) as Record<string, unknown> };
    const nth = attempts.filter((earlier) => earlier.operation === operation).length;
    attempts.push(attempt);
    const fate = fateOf(attempt, nth);
    if (fate === "lose request") throw reset();
    if (typeof fate === "object") return answer(fate.status, JSON.stringify(fate.body));
    const response = await fetch(url, { method: request.method, headers: request.headers, body: text });
    const body = await response.text();
    if (fate === "lose response") throw reset();
    return answer(response.status, body);
  };
  const requestHandler = { handle, metadata: { handlerProtocol: "http/1.1" }, destroy: () => {} };
  // The handler is written to the SDK's protocol by shape; its own types ask for configuration methods that nobody calls here.
  const client = tableClient({ ...clientConfig(url), requestHandler: requestHandler as never });
  return { client, attempts };
}

const answer = (statusCode: number, body: string) => ({
  response: { statusCode, headers: { "content-type": "application/x-amz-json-1.0" }, body: Readable.from([Buffer.from(body)]) },
});

const failure = (type: string, more: Readonly<Record<string, unknown>> = {}) => ({
  status: 400,
  body: { __type: `com.amazonaws.dynamodb.v20120810#${type}`, message: type, ...more },
});

/** A transaction cancelled for these reasons, in the order of its writes. */
export const cancelled = (...codes: readonly string[]): Fate =>
  failure("TransactionCanceledException", { CancellationReasons: codes.map((Code) => ({ Code })) });

export const conflict: Fate = failure("TransactionConflictException");
export const throttled: Fate = failure("ThrottlingException");
export const inProgress: Fate = failure("TransactionInProgressException");
export const invalid: Fate = failure("ValidationException");
export const serverError: Fate = { status: 500, body: { __type: "com.amazonaws.dynamodb.v20120810#InternalServerError", message: "no" } };
