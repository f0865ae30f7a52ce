// The contracts and the HTTP API agree, and each route reaches the function that owns it.
import { beforeAll, describe, expect, it } from "@jest/globals";
import { routesOf } from "../../functions/routes.ts";
import { functionList } from "../../lib/function-list.ts";
import { pascalCase } from "../../lib/logical-id.ts";
import { type RouteSpec, routeKey } from "../../platform/contract/route.ts";
import { assembly, ofType, referred, synthMsMax, type Template } from "./assembly.ts";

const contracts: readonly (readonly [string, RouteSpec])[] = Object.entries(routesOf).flatMap(([id, routes]) =>
  (routes as readonly RouteSpec[]).map((route) => [id, route] as const),
);

describe.each(["dev", "prod"] as const)("routes in %s", (stage) => {
  let template: Template;
  beforeAll(() => {
    template = assembly()[stage];
  }, synthMsMax);

  it("publishes every route of the contracts and no other", () => {
    const published = ofType(template, "AWS::ApiGatewayV2::Route").map(([, route]) => route.Properties.RouteKey);
    expect(published.length).toBeGreaterThan(6);
    expect([...published].sort()).toEqual(contracts.map(([, route]) => routeKey(route)).sort());
  });

  it("sends each route to the function that its context owns", () => {
    const reached = Object.fromEntries(
      ofType(template, "AWS::ApiGatewayV2::Route").map(([, { Properties }]) => {
        const integration = template.Resources[Properties.Target["Fn::Join"][1][1].Ref];
        return [Properties.RouteKey, referred(integration?.Properties.IntegrationUri)];
      }),
    );
    expect(reached).toEqual(Object.fromEntries(contracts.map(([id, route]) => [routeKey(route), `${pascalCase(id)}Function`])));
  });

  it("has routes for exactly the functions that are triggered by HTTP", () => {
    const http = functionList.filter(({ trigger }) => trigger === "http").map(({ id }) => id as string);
    expect(Object.keys(routesOf).sort()).toEqual(http.sort());
  });

  it("asks for one permission per function, so that a policy does not fill up with routes", () => {
    const permissions = ofType(template, "AWS::Lambda::Permission").filter(
      ([, { Properties }]) => Properties.Principal === "apigateway.amazonaws.com",
    );
    expect(permissions.length).toBe(new Set(contracts.map(([id]) => id)).size);
  });

  it("throttles, and logs neither addresses nor paths nor query strings", () => {
    const [, api] = ofType(template, "AWS::ApiGatewayV2::Stage")[0] ?? [];
    expect(api?.Properties.DefaultRouteSettings).toEqual({ ThrottlingBurstLimit: 2000, ThrottlingRateLimit: 1000 });
    const format: string = api?.Properties.AccessLogSettings.Format;
    expect(format).toContain("$context.routeKey");
    expect(format).not.toMatch(/sourceIp|userAgent|context\.path|rawPath|queryString|domainName|authorizer/i);
  });
});
