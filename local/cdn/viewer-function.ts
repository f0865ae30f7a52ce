// CloudFront Functions on viewer-request, run in an isolated context with the event of runtime 2.0.
import vm from "node:vm";
import type { EdgeRequest, EdgeResponse, HeaderPair } from "../http/message.ts";

/** CloudFront gives a function about 1 ms of CPU. This bound is on the clock of a machine that may be busy with a start: only against hanging. */
const hangMsMax = 5_000;

export type ViewerFunction = (request: EdgeRequest) => Promise<EdgeRequest | EdgeResponse>;

interface Value {
  readonly value: string;
  readonly multiValue?: readonly { readonly value: string }[];
}
type Values = Record<string, Value>;
interface FunctionRequest {
  readonly method: string;
  readonly uri: string;
  readonly querystring: Values;
  readonly headers: Values;
  readonly cookies: Values;
}
interface FunctionResponse {
  readonly statusCode: number;
  readonly headers?: Values;
  readonly cookies?: Record<string, Value & { readonly attributes?: string }>;
  readonly body?: string | { readonly encoding: "text" | "base64"; readonly data: string };
}

function valuesOf(pairs: Iterable<HeaderPair>): Values {
  const all = new Map<string, string[]>();
  for (const [name, value] of pairs) all.set(name, [...(all.get(name) ?? []), value]);
  return Object.fromEntries(
    [...all].map(([name, values]) => [
      name,
      { value: values[0] ?? "", ...(values.length > 1 && { multiValue: values.map((value) => ({ value })) }) },
    ]),
  );
}
const pairsOf = (values: Values | undefined): HeaderPair[] =>
  Object.entries(values ?? {}).flatMap(([name, { value, multiValue }]): HeaderPair[] =>
    multiValue === undefined ? [[name, value]] : multiValue.map((one): HeaderPair => [name, one.value]),
  );
/** Query parts stay percent-encoded, as CloudFront hands them over. */
const queryPairs = (query: string): HeaderPair[] =>
  query
    .split("&")
    .filter((part) => part !== "")
    .map((part): HeaderPair => {
      const equals = part.indexOf("=");
      return equals < 0 ? [part, ""] : [part.slice(0, equals), part.slice(equals + 1)];
    });
const cookiePairs = (headers: readonly HeaderPair[]): HeaderPair[] =>
  headers
    .filter(([name]) => name === "cookie")
    .flatMap(([, value]) => value.split(/;\s*/))
    .filter((cookie) => cookie !== "")
    .map((cookie): HeaderPair => [cookie.slice(0, cookie.indexOf("=")), cookie.slice(cookie.indexOf("=") + 1)]);

function eventOf(request: EdgeRequest): string {
  const functionRequest: FunctionRequest = {
    method: request.method,
    uri: request.path,
    querystring: valuesOf(queryPairs(request.query)),
    headers: valuesOf(request.headers.filter(([name]) => name !== "cookie")),
    cookies: valuesOf(cookiePairs(request.headers)),
  };
  return JSON.stringify({
    version: "1.0",
    context: { distributionDomainName: "local", distributionId: "LOCAL", eventType: "viewer-request", requestId: "local" },
    viewer: { ip: request.viewer.ip },
    request: functionRequest,
  });
}

function requestFrom(original: EdgeRequest, changed: FunctionRequest): EdgeRequest {
  const cookies = pairsOf(changed.cookies).map(([name, value]) => `${name}=${value}`);
  return {
    ...original,
    path: changed.uri,
    query: pairsOf(changed.querystring)
      .map(([name, value]) => (value === "" ? name : `${name}=${value}`))
      .join("&"),
    headers: [...pairsOf(changed.headers), ...(cookies.length > 0 ? [["cookie", cookies.join("; ")] as const] : [])],
  };
}

function responseFrom(made: FunctionResponse): EdgeResponse {
  const { body } = made;
  const cookies = Object.entries(made.cookies ?? {}).map(([name, { value, attributes }]): HeaderPair => {
    return ["set-cookie", attributes === undefined ? `${name}=${value}` : `${name}=${value}; ${attributes}`];
  });
  return {
    status: made.statusCode,
    headers: [...pairsOf(made.headers), ...cookies],
    body:
      body === undefined
        ? Buffer.alloc(0)
        : typeof body === "string"
          ? Buffer.from(body)
          : Buffer.from(body.data, body.encoding === "base64" ? "base64" : "utf8"),
  };
}

/** Compiles the source once. Throws where it does not define `handler`. Events cross as JSON text: the code sees no object of the host. */
export function viewerFunction(source: string): ViewerFunction {
  const context = vm.createContext({}, { codeGeneration: { strings: false, wasm: false } });
  vm.runInContext(source, context, { filename: "cloudfront-function.js", timeout: hangMsMax });
  if (vm.runInContext("typeof handler", context) !== "function") throw new Error("a CloudFront Function must define `handler`");
  const call = new vm.Script("Promise.resolve(handler(JSON.parse(event))).then(JSON.stringify)");
  return async (request) => {
    (context as { event?: string }).event = eventOf(request);
    const answer = JSON.parse((await call.runInContext(context, { timeout: hangMsMax })) as string) as FunctionRequest | FunctionResponse;
    return "statusCode" in answer ? responseFrom(answer) : requestFrom(request, answer);
  };
}
