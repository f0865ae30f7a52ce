// The two engine calls that event sources make, in the AWS JSON protocol, straight to the engine: Lambda's pollers are no function of ours.

export class EngineError extends Error {
  override readonly name = "EngineError";
  /** `ResourceNotFoundException` and the like, without its namespace. */
  readonly code: string;
  constructor(operation: string, code: string, message: string) {
    super(`${operation}: ${code} ${message}`);
    this.code = code;
  }
}

export type EngineCall = <Answer>(operation: string, input: unknown, signal?: AbortSignal) => Promise<Answer>;

const protocols = {
  sqs: { target: "AmazonSQS", contentType: "application/x-amz-json-1.0" },
  dynamodbStreams: { target: "DynamoDBStreams_20120810", contentType: "application/x-amz-json-1.0" },
} as const;

/** @param url of the engine on loopback. Rejects with EngineError for an answer that is not 2xx. */
export function engineCaller(url: string, service: keyof typeof protocols): EngineCall {
  const { target, contentType } = protocols[service];
  return async <Answer>(operation: string, input: unknown, signal?: AbortSignal) => {
    const response = await fetch(url, {
      method: "POST",
      headers: {
        "content-type": contentType,
        "x-amz-target": `${target}.${operation}`,
        // Engines look for the form of a signature, not for a right one.
        authorization: "AWS4-HMAC-SHA256 Credential=HOST/20260101/ca-central-1/local/aws4_request, SignedHeaders=host, Signature=0",
        "x-amz-date": "20260101T000000Z",
      },
      body: JSON.stringify(input),
      ...(signal !== undefined && { signal }),
    });
    const body = (await response.json()) as Record<string, unknown>;
    if (response.ok) return body as Answer;
    const code =
      String(body.__type ?? response.status)
        .split("#")
        .at(-1) ?? "Unknown";
    throw new EngineError(operation, code, String(body.message ?? body.Message ?? ""));
  };
}
