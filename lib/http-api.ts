// The HTTP API: exactly the routes of the contracts, each to the function that owns it.
import type { Stack } from "aws-cdk-lib";
import { AccessLogFormat } from "aws-cdk-lib/aws-apigateway";
import { HttpApi, HttpMethod, HttpNoneAuthorizer, HttpRoute, HttpRouteKey, HttpStage, LogGroupLogDestination } from "aws-cdk-lib/aws-apigatewayv2";
import { HttpLambdaIntegration } from "aws-cdk-lib/aws-apigatewayv2-integrations";
import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import type { RouteSpec } from "../platform/contract/route.ts";
import { knownAs, pascalCase } from "./logical-id.ts";
import { logs } from "./product-function.ts";
import type { Stage } from "./stages.ts";

export interface Served {
  readonly id: string;
  readonly handler: LambdaFunction;
  readonly routes: readonly Pick<RouteSpec, "id" | "method" | "path">[];
}

/** Above a burst of a thousand buyers who press at once; below what the concurrency of a fresh account can serve for long. */
const throttle = { rateLimit: 1000, burstLimit: 2000 };

/**
 * Neither address nor path nor query string: paths of buyers' pages carry the token that opens them. The route key says
 * which page it was, the request id finds the function's own lines.
 */
const accessLogFormat = {
  request_id: "$context.requestId",
  at: "$context.requestTime",
  route: "$context.routeKey",
  status: "$context.status",
  latency_ms: "$context.responseLatency",
  function_ms: "$context.integrationLatency",
  bytes: "$context.responseLength",
  function_error: "$context.integrationErrorMessage",
};

export function httpApi(stack: Stack, stage: Stage, served: readonly Served[]): HttpApi {
  const api = knownAs(
    "HttpApi",
    new HttpApi(stack, "HttpApi", {
      apiName: `gigbridge-${stage.name}`,
      description: "Reached through CloudFront alone: the functions ask for the origin secret",
      createDefaultStage: false,
    }),
  );
  knownAs(
    "HttpStage",
    new HttpStage(stack, "HttpStage", {
      httpApi: api,
      stageName: "$default",
      autoDeploy: true,
      throttle,
      accessLogSettings: {
        destination: new LogGroupLogDestination(knownAs("HttpApiLogs", logs(stack, stage, "HttpApiLogs", `/gigbridge/${stage.name}/http-api`))),
        format: AccessLogFormat.custom(JSON.stringify(accessLogFormat)),
      },
    }),
  );
  for (const { id, handler, routes } of served) {
    // One permission per function instead of one per route: a policy of a function has room for some twenty statements only.
    const integration = new HttpLambdaIntegration(`${pascalCase(id)}Integration`, handler, { scopePermissionToRoute: false });
    for (const route of routes) {
      knownAs(
        `${pascalCase(route.id)}Route`,
        new HttpRoute(stack, `${pascalCase(route.id)}Route`, {
          httpApi: api,
          routeKey: HttpRouteKey.with(route.path, HttpMethod[route.method]),
          integration,
          // Buyers have no account: tokens, form keys and signatures are checked by the function, as the contract's `auth` says.
          authorizer: new HttpNoneAuthorizer(),
        }),
      );
    }
  }
  return api;
}
