// The HTTP API: limits, throttle, routing, the event, the function, the answer.
import { randomUUID } from "node:crypto";
import type { Invocation, Invoker } from "../host.ts";
import type { HttpApiResource } from "../template/inventory.ts";
import { answerOf, apiAnswers } from "./answer.ts";
import { httpEvent } from "./event.ts";
import type { EdgeRequest, EdgeResponse } from "./message.ts";
import { routeTable } from "./route-table.ts";
import { tokenBucket } from "./throttle.ts";

/** Quotas of HTTP APIs that nothing can raise. */
export const httpApiLimits = { bodyBytesMax: 10 * 1024 * 1024, headerBytesMax: 10_240, integrationMsMax: 30_000 } as const;

export interface HttpApi {
  handle(request: EdgeRequest): Promise<EdgeResponse>;
}
export interface HttpApiOptions {
  readonly api: HttpApiResource;
  readonly invoker: Invoker;
  /** Milliseconds until the gateway gives a function up; a shorter one is for tests. */
  readonly integrationMs?: number;
}

const headerBytes = ({ method, path, query, headers }: EdgeRequest): number =>
  headers.reduce((sum, [name, value]) => sum + name.length + value.length + 4, method.length + path.length + query.length + 12);

export function httpApi({ api, invoker, integrationMs = httpApiLimits.integrationMsMax }: HttpApiOptions): HttpApi {
  const find = routeTable(api.routes);
  const mayPass = api.throttle === undefined ? () => true : tokenBucket(api.throttle, () => performance.now());
  const apiId = api.id.toLowerCase();

  async function withTimeLimit(work: Promise<Invocation>): Promise<EdgeResponse> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<EdgeResponse>((resolve) => {
      timer = setTimeout(() => resolve(apiAnswers.timeout), integrationMs);
    });
    try {
      return await Promise.race([work.then(answerOf), late]);
    } finally {
      clearTimeout(timer);
    }
  }

  return {
    async handle(request) {
      if (headerBytes(request) > httpApiLimits.headerBytesMax) return apiAnswers.headersTooLarge;
      if (request.body.length > httpApiLimits.bodyBytesMax) return apiAnswers.tooLarge;
      if (!mayPass()) return apiAnswers.tooManyRequests;
      const match = find(request.method, request.path);
      if (match === undefined) return apiAnswers.notFound;
      const requestId = randomUUID();
      const event = httpEvent(request, match, { apiId, requestId, receivedAt: Date.now() });
      const answer = await withTimeLimit(invoker.invoke(match.route.functionId, event));
      return { ...answer, headers: [...answer.headers, ["apigw-requestid", requestId]] };
    },
  };
}
