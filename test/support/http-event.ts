import type { HttpEvent } from "../../platform/edge/event.ts";

/** An HTTP API event as the front door lets it in. */
export const httpEvent = (routeKey: string, over: Partial<HttpEvent> & { json?: unknown; form?: Record<string, string> } = {}): HttpEvent => {
  const { json, form, headers, ...rest } = over;
  const [method = "GET", path = "/"] = routeKey.split(" ");
  const type = json === undefined ? (form ? "application/x-www-form-urlencoded" : undefined) : "application/json";
  return {
    version: "2.0",
    routeKey,
    rawPath: path,
    rawQueryString: "",
    headers: { "x-origin-secret": "front door", ...(type && { "content-type": type }), ...headers },
    isBase64Encoded: false,
    body: json === undefined ? (form ? new URLSearchParams(form).toString() : "") : JSON.stringify(json),
    requestContext: { requestId: "req-1", http: { method, path } },
    ...rest,
  };
};
