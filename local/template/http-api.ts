// The HTTP API: routes to functions, each with the permission that API Gateway needs, and the stage's throttle.
import { checkPermission, routeArn } from "./functions.ts";
import type { HttpApiResource, HttpRouteResource } from "./inventory.ts";
import type { Resource, Resources } from "./resources.ts";
import { number, oneOf, only, optionalRecord, refuse, text } from "./shape.ts";

const routeKeyForm = /^(\$default|(GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS|ANY) \/\S*)$/;

export function httpApi(resources: Resources): HttpApiResource {
  const apis = resources.ofType("AWS::ApiGatewayV2::Api");
  const api = apis[0];
  if (api === undefined || apis.length > 1) return refuse("AWS::ApiGatewayV2::Api", `expected one, found ${apis.length}`);
  oneOf(api.properties.ProtocolType, `${api.at}.ProtocolType`, ["HTTP"]);
  const throttle = throttleOf(resources);
  return {
    id: api.id,
    routes: resources.ofType("AWS::ApiGatewayV2::Route").map((route) => routeOf(resources, api, route)),
    ...(throttle ? { throttle } : {}),
  };
}

function routeOf(resources: Resources, api: Resource, { properties, at }: Resource): HttpRouteResource {
  const routeKey = text(properties.RouteKey, `${at}.RouteKey`);
  if (!routeKeyForm.test(routeKey)) refuse(`${at}.RouteKey`, `${routeKey} is not a route key`);
  oneOf(properties.AuthorizationType, `${at}.AuthorizationType`, ["NONE", undefined]);
  resources.named(properties.ApiId, `${at}.ApiId`, "AWS::ApiGatewayV2::Api");
  const target = text(properties.Target, `${at}.Target`).replace(/^integrations\//, "");
  const integration = resources.named(target, `${at}.Target`, "AWS::ApiGatewayV2::Integration");
  oneOf(integration.properties.IntegrationType, `${integration.at}.IntegrationType`, ["AWS_PROXY"]);
  oneOf(integration.properties.PayloadFormatVersion, `${integration.at}.PayloadFormatVersion`, ["2.0"]);
  const fn = resources.named(integration.properties.IntegrationUri, `${integration.at}.IntegrationUri`, "AWS::Lambda::Function");
  const apiId = resources.resolver.identity(api.id, at).ref;
  checkPermission(resources, fn, "apigateway.amazonaws.com", routeArn(apiId, routeKey), at);
  return { routeKey, functionId: fn.id };
}

function throttleOf(resources: Resources): HttpApiResource["throttle"] {
  const stages = resources.ofType("AWS::ApiGatewayV2::Stage");
  const stage = stages[0];
  if (stage === undefined || stages.length > 1) return refuse("AWS::ApiGatewayV2::Stage", `expected one, found ${stages.length}`);
  oneOf(stage.properties.StageName, `${stage.at}.StageName`, ["$default"]);
  oneOf(stage.properties.AutoDeploy, `${stage.at}.AutoDeploy`, [true]);
  const where = `${stage.at}.DefaultRouteSettings`;
  const settings = only(
    optionalRecord(stage.properties.DefaultRouteSettings, where),
    where,
    ["ThrottlingBurstLimit", "ThrottlingRateLimit"],
    ["DetailedMetricsEnabled"],
  );
  if (settings.ThrottlingRateLimit === undefined || settings.ThrottlingBurstLimit === undefined) return undefined;
  return { ratePerSecond: number(settings.ThrottlingRateLimit, where), burst: number(settings.ThrottlingBurstLimit, where) };
}
