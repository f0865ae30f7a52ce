// The distribution in front of everything: behaviours in order, what reaches the origin, what is added on the way back.
import { randomUUID } from "node:crypto";
import type { HttpApi } from "../http/api.ts";
import { type EdgeRequest, type EdgeResponse, textResponse } from "../http/message.ts";
import type { BehaviourResource, BucketResource, DistributionResource } from "../template/inventory.ts";
import { compressed } from "./compress.ts";
import { behaviourTable } from "./path-pattern.ts";
import { type Site, siteOrigin } from "./site.ts";
import { type ViewerFunction, viewerFunction } from "./viewer-function.ts";

export interface DistributionOptions {
  readonly distribution: DistributionResource;
  readonly buckets: readonly BucketResource[];
  readonly api: HttpApi;
}
export interface Distribution {
  handle(request: EdgeRequest): Promise<EdgeResponse>;
}

/** The origin learns the viewer from these alone, so a viewer's own are thrown away. */
const edgeOnly = /^(cloudfront-|x-amz-cf-|x-edge-|via$)/;
/** They belong to one connection, not to the message. */
const hopByHop = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "expect",
]);
/** The address from which the CDN calls the HTTP API: what a function sees as the caller. */
const edgeAddress = { ip: "127.0.0.1", port: 0 };

const methodRefused = textResponse(403, "This distribution is not configured to allow the HTTP request method that was used for this request.");
const functionFailed = textResponse(503, "The CloudFront function associated with the CloudFront distribution failed.");

const viewerAddress = ({ ip, port }: EdgeRequest["viewer"]): string => (ip.includes(":") ? `[${ip}]:${port}` : `${ip}:${port}`);

/** The request as the API origin gets it: viewer headers except Host, then ours, which win. */
export function originRequest(request: EdgeRequest, secretHeaders: Readonly<Record<string, string>>): EdgeRequest {
  const own = new Map(Object.entries(secretHeaders).map(([name, value]) => [name.toLowerCase(), value]));
  const forwarded = request.headers.filter(
    ([name]) => name !== "host" && name !== "x-forwarded-for" && !hopByHop.has(name) && !edgeOnly.test(name) && !own.has(name),
  );
  const chain = [...request.headers.filter(([name]) => name === "x-forwarded-for").map(([, value]) => value), request.viewer.ip];
  return {
    ...request,
    headers: [
      ...forwarded,
      ["x-forwarded-for", chain.join(", ")],
      ["cloudfront-viewer-address", viewerAddress(request.viewer)],
      ["via", `${request.httpVersion} local.cloudfront.net (CloudFront)`],
      ["x-amz-cf-id", randomUUID()],
      ...own,
    ],
    viewer: edgeAddress,
  };
}

/** A policy's headers replace the origin's of the same name. */
function withPolicy(response: EdgeResponse, responseHeaders: Readonly<Record<string, string>>): EdgeResponse {
  const added = Object.entries(responseHeaders).map(([name, value]) => [name.toLowerCase(), value] as const);
  if (added.length === 0) return response;
  const names = new Set(added.map(([name]) => name));
  return { ...response, headers: [...response.headers.filter(([name]) => !names.has(name)), ...added] };
}

interface Prepared {
  readonly pathPattern: string;
  readonly behaviour: BehaviourResource;
  readonly viewerFunction?: ViewerFunction;
  readonly origin: (request: EdgeRequest) => EdgeResponse | Promise<EdgeResponse>;
}

/** Loads the site's files and compiles the viewer functions. Throws on what the template promises and the assembly lacks. */
export async function startDistribution({ distribution, buckets, api }: DistributionOptions): Promise<Distribution> {
  const sites = new Map<string, Site>();
  for (const bucket of buckets) sites.set(bucket.id, await siteOrigin(bucket.contentDirs));

  const prepare = (behaviour: BehaviourResource): Prepared => {
    const { origin } = behaviour;
    const base = {
      pathPattern: behaviour.pathPattern,
      behaviour,
      ...(behaviour.viewerRequestFunction !== undefined && { viewerFunction: viewerFunction(behaviour.viewerRequestFunction) }),
    };
    if (origin.kind === "api") return { ...base, origin: (request) => api.handle(originRequest(request, origin.headers)) };
    const site = sites.get(origin.bucketId);
    if (site === undefined) throw new Error(`behaviour ${behaviour.pathPattern} names bucket ${origin.bucketId}, which is not in the template`);
    return { ...base, origin: (request) => site.handle(request) };
  };
  const find = behaviourTable(distribution.behaviours.map(prepare));

  async function answer(request: EdgeRequest, { behaviour, viewerFunction: run, origin }: Prepared): Promise<EdgeResponse> {
    if (!behaviour.allowedMethods.includes(request.method)) return methodRefused;
    let toOrigin = request;
    if (run !== undefined) {
      const outcome = await run(request).catch(() => functionFailed);
      if ("status" in outcome) return outcome;
      toOrigin = outcome;
    }
    return withPolicy(await compressed(request, await origin(toOrigin)), behaviour.responseHeaders);
  }

  return {
    async handle(request) {
      const response = await answer(request, find(request.path));
      return { ...response, headers: [...response.headers, ["x-amz-cf-id", randomUUID()]] };
    },
  };
}
