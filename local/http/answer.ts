// From what a function returned to what the caller sees, by the rules of payload format 2.0.
import type { Invocation } from "../host.ts";
import type { EdgeResponse, HeaderPair } from "./message.ts";

const jsonMessage = (status: number, message: string): EdgeResponse => ({
  status,
  headers: [["content-type", "application/json"]],
  body: Buffer.from(JSON.stringify({ message })),
});

/** The HTTP API's own answers, word for word. */
export const apiAnswers = {
  notFound: jsonMessage(404, "Not Found"),
  tooLarge: jsonMessage(413, "Request Entity Too Large"),
  tooManyRequests: jsonMessage(429, "Too Many Requests"),
  headersTooLarge: jsonMessage(431, "Request Header Fields Too Large"),
  fault: jsonMessage(500, "Internal Server Error"),
  timeout: jsonMessage(503, "Service Unavailable"),
} as const;

/** Connection handling is the host's own. */
const notForwarded = new Set(["connection", "content-length", "transfer-encoding", "keep-alive", "date"]);

function headerPairs(headers: unknown): HeaderPair[] {
  if (typeof headers !== "object" || headers === null) return [];
  return Object.entries(headers)
    .map(([name, value]): HeaderPair => [name.toLowerCase(), String(value)])
    .filter(([name]) => !notForwarded.has(name));
}

/** A function that failed or returned no valid answer is a 500 without detail. */
export function answerOf(invocation: Invocation): EdgeResponse {
  if (!invocation.ok) return apiAnswers.fault;
  const { payload } = invocation;
  if (typeof payload !== "object" || payload === null || !("statusCode" in payload)) {
    // Without a status the whole value is the body of a 200.
    const body = typeof payload === "string" ? payload : JSON.stringify(payload);
    return { status: 200, headers: [["content-type", "application/json"]], body: Buffer.from(body) };
  }
  const result = payload as { statusCode: unknown; headers?: unknown; cookies?: unknown; body?: unknown; isBase64Encoded?: unknown };
  const status = Number(result.statusCode);
  if (!Number.isInteger(status) || status < 100 || status > 599) return apiAnswers.fault;
  if (result.body !== undefined && result.body !== null && typeof result.body !== "string") return apiAnswers.fault;
  const headers = headerPairs(result.headers);
  if (!headers.some(([name]) => name === "content-type")) headers.push(["content-type", "text/plain; charset=utf-8"]);
  for (const cookie of Array.isArray(result.cookies) ? result.cookies : []) headers.push(["set-cookie", String(cookie)]);
  return { status, headers, body: Buffer.from(result.body ?? "", result.isBase64Encoded === true ? "base64" : "utf8") };
}
