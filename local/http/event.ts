// The event an HTTP API hands to a function (payload format 2.0), from the request as it came over the wire.
import { type EdgeRequest, type HeaderPair, headerOf } from "./message.ts";
import type { RouteMatch } from "./route-table.ts";

export interface HttpEvent {
  readonly version: "2.0";
  readonly routeKey: string;
  readonly rawPath: string;
  readonly rawQueryString: string;
  readonly cookies?: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
  readonly queryStringParameters?: Readonly<Record<string, string>>;
  readonly pathParameters?: Readonly<Record<string, string>>;
  readonly requestContext: {
    readonly accountId: string;
    readonly apiId: string;
    readonly domainName: string;
    readonly domainPrefix: string;
    readonly http: {
      readonly method: string;
      readonly path: string;
      readonly protocol: string;
      readonly sourceIp: string;
      readonly userAgent: string;
    };
    readonly requestId: string;
    readonly routeKey: string;
    readonly stage: "$default";
    /** `21/Nov/2026:12:42:28 +0000` */
    readonly time: string;
    readonly timeEpoch: number;
  };
  readonly body?: string;
  readonly isBase64Encoded: boolean;
}
export interface EventCircumstances {
  readonly apiId: string;
  readonly requestId: string;
  /** Epoch milliseconds. */
  readonly receivedAt: number;
}

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const two = (value: number): string => String(value).padStart(2, "0");
function logTime(epochMs: number): string {
  const at = new Date(epochMs);
  const day = `${two(at.getUTCDate())}/${months[at.getUTCMonth()]}/${at.getUTCFullYear()}`;
  return `${day}:${two(at.getUTCHours())}:${two(at.getUTCMinutes())}:${two(at.getUTCSeconds())} +0000`;
}

/** What an HTTP API hands over as text. Everything else is base64: HTML forms and bodies without a type included. */
const isText = (contentType: string | undefined): boolean =>
  contentType !== undefined && /^(text\/[^;]*|application\/(json|javascript|xml))\s*(;|$)/i.test(contentType.trim());

function joined(pairs: Iterable<HeaderPair>): Record<string, string> {
  const all: Record<string, string> = {};
  for (const [name, value] of pairs) all[name] = all[name] === undefined ? value : `${all[name]},${value}`;
  return all;
}

export function httpEvent(request: EdgeRequest, match: RouteMatch, circumstances: EventCircumstances): HttpEvent {
  const { apiId, requestId, receivedAt } = circumstances;
  const domainName = `${apiId}.execute-api.ca-central-1.amazonaws.com`;
  const cookies = request.headers.filter(([name]) => name === "cookie").flatMap(([, value]) => value.split(/;\s*/).filter((cookie) => cookie !== ""));
  const forwardedFor = request.headers.filter(([name]) => name === "x-forwarded-for").map(([, value]) => value);
  const headers = {
    ...joined(request.headers.filter(([name]) => name !== "cookie")),
    host: domainName,
    // The gateway appends whoever called it; behind the CDN that is the CDN.
    "x-forwarded-for": [...forwardedFor, request.viewer.ip].join(", "),
    "x-forwarded-port": "443",
    "x-forwarded-proto": "https",
  };
  const query = joined(new URLSearchParams(request.query));
  const hasBody = request.body.length > 0;
  const isBase64Encoded = hasBody && !isText(headerOf(request.headers, "content-type"));
  const path = decodedPath(request.path);
  return {
    version: "2.0",
    routeKey: match.route.routeKey,
    rawPath: path,
    rawQueryString: request.query,
    ...(cookies.length > 0 && { cookies }),
    headers,
    ...(Object.keys(query).length > 0 && { queryStringParameters: query }),
    ...(Object.keys(match.pathParameters).length > 0 && { pathParameters: match.pathParameters }),
    requestContext: {
      accountId: "000000000000",
      apiId,
      domainName,
      domainPrefix: apiId,
      http: {
        method: request.method,
        path,
        protocol: `HTTP/${request.httpVersion}`,
        sourceIp: request.viewer.ip,
        userAgent: headerOf(request.headers, "user-agent") ?? "",
      },
      requestId,
      routeKey: match.route.routeKey,
      stage: "$default",
      time: logTime(receivedAt),
      timeEpoch: receivedAt,
    },
    ...(hasBody && { body: request.body.toString(isBase64Encoded ? "base64" : "utf8") }),
    isBase64Encoded,
  };
}

/** HTTP APIs hand the path over percent-decoded, in spite of its name. */
function decodedPath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
