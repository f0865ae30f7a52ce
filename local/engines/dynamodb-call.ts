// One call to the table engine itself, for the host's own work. The engine wants a signature but checks none.

export class EngineError extends Error {
  override readonly name = "EngineError";
  /** `ResourceNotFoundException`, … */
  readonly code: string;
  constructor(code: string, message: string) {
    super(`${code}: ${message}`);
    this.code = code;
  }
}

const unchecked = "AWS4-HMAC-SHA256 Credential=host/20260101/ca-central-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0";

/** Throws `EngineError` for what the engine refuses, a network error when it is not there. */
export async function dynamodb(url: string, operation: string, input: unknown): Promise<Readonly<Record<string, unknown>>> {
  const response = await fetch(url, {
    method: "POST",
    headers: {
      authorization: unchecked,
      "content-type": "application/x-amz-json-1.0",
      "x-amz-date": "20260101T000000Z",
      "x-amz-target": `DynamoDB_20120810.${operation}`,
    },
    body: JSON.stringify(input),
  });
  const answer = (await response.json()) as Record<string, unknown>;
  if (response.ok) return answer;
  throw new EngineError(String(answer.__type).split("#").at(-1) ?? "UnknownError", String(answer.message ?? answer.Message ?? response.status));
}
