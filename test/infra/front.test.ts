// What a browser meets first: one domain, the API never cached, the bucket never public.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { runInNewContext } from "node:vm";
import { beforeAll, describe, expect, it } from "@jest/globals";
import { assembly, ofType, type Resource, root, synthMsMax, type Template } from "./assembly.ts";

const managed = { allViewerExceptHost: "b689b0a8-53d0-40ab-baf2-68738e2966ac" };

describe.each(["dev", "prod"] as const)("the front in %s", (stage) => {
  let template: Template;
  let distribution: any;
  beforeAll(() => {
    template = assembly()[stage];
    distribution = template.Resources.Distribution?.Properties.DistributionConfig;
  }, synthMsMax);

  const policy = (id: string): any => (template.Resources[id] as Resource).Properties.ResponseHeadersPolicyConfig.SecurityHeadersConfig;
  const origin = (id: string): any => distribution.Origins.find((one: any) => one.Id === id);

  it("sends the API and the buyers' pages to the HTTP API uncached, with everything of the viewer but the host", () => {
    expect(distribution.CacheBehaviors.map((one: any) => one.PathPattern)).toEqual(["/api/*", "/scan/*", "/o/*"]);
    for (const behaviour of distribution.CacheBehaviors) {
      const caching = (template.Resources[behaviour.CachePolicyId.Ref] as Resource).Properties.CachePolicyConfig;
      // The managed policy without caching compresses nothing either.
      expect(caching).toMatchObject({
        MinTTL: 0,
        DefaultTTL: 0,
        MaxTTL: 1,
        ParametersInCacheKeyAndForwardedToOrigin: { EnableAcceptEncodingGzip: true, EnableAcceptEncodingBrotli: true },
      });
      expect(behaviour.OriginRequestPolicyId).toBe(managed.allViewerExceptHost);
      expect(origin(behaviour.TargetOriginId).CustomOriginConfig.OriginProtocolPolicy).toBe("https-only");
    }
  });

  it("proves itself to the functions by a secret that the template only refers to", () => {
    const api = origin(distribution.CacheBehaviors[0].TargetOriginId);
    expect(api.OriginCustomHeaders).toEqual([
      {
        HeaderName: "x-origin-secret",
        HeaderValue: { "Fn::Join": ["", ["{{resolve:secretsmanager:", { Ref: "OriginSecret" }, ":SecretString:::}}"]] },
      },
    ]);
  });

  it("lets only the distribution read the site's bucket, over TLS", () => {
    const site = origin(distribution.DefaultCacheBehavior.TargetOriginId);
    expect(site.OriginAccessControlId).toBeDefined();
    expect(template.Resources.SiteBucket?.Properties.PublicAccessBlockConfiguration).toEqual({
      BlockPublicAcls: true,
      BlockPublicPolicy: true,
      IgnorePublicAcls: true,
      RestrictPublicBuckets: true,
    });
    const statements = ofType(template, "AWS::S3::BucketPolicy").flatMap(([, { Properties }]) => Properties.PolicyDocument.Statement);
    expect(
      statements.filter((one: any) => one.Effect === "Allow" && one.Principal.Service !== "cloudfront.amazonaws.com" && one.Principal.AWS === "*"),
    ).toEqual([]);
    expect(JSON.stringify(statements.filter((one: any) => one.Effect === "Deny"))).toContain("aws:SecureTransport");
  });

  it("tells browsers to stay on https, not to guess types, not to frame, and to send no address elsewhere", () => {
    for (const id of ["ApiHeaders", "SiteHeaders"]) {
      expect(policy(id)).toMatchObject({
        StrictTransportSecurity: { AccessControlMaxAgeSec: 31_536_000, Override: true },
        ContentTypeOptions: { Override: true },
        FrameOptions: { FrameOption: "DENY", Override: true },
        ReferrerPolicy: { ReferrerPolicy: "same-origin", Override: true },
      });
    }
  });

  it("gives the site a content policy without inline code, and leaves the API's pages their own", () => {
    const site: string = policy("SiteHeaders").ContentSecurityPolicy.ContentSecurityPolicy;
    expect(site).toContain("default-src 'none'");
    expect(site).toContain("frame-ancestors 'none'");
    expect(site).not.toMatch(/unsafe-|\*/);
    expect(policy("ApiHeaders").ContentSecurityPolicy).toBeUndefined();
  });

  it("maps folders of the site to their index, and nothing else", () => {
    const code: string = template.Resources.FolderIndex?.Properties.FunctionCode;
    expect(code).toBe(readFileSync(join(root, "lib/folder-index.js"), "utf8"));
    expect(code.length).toBeLessThan(10_240);
    const mapped = (uri: string): string => runInNewContext(`${code}; handler({ request: { uri: ${JSON.stringify(uri)} } }).uri`);
    expect(["/", "/docs", "/docs/", "/assets/app.js", "/openapi.json"].map(mapped)).toEqual([
      "/index.html",
      "/docs/index.html",
      "/docs/index.html",
      "/assets/app.js",
      "/openapi.json",
    ]);
  });

  it("keeps no error, and shows none of its own: one buyer's \"busy\" is nobody else's", () => {
    const kept = distribution.CustomErrorResponses.filter((one: any) => one.ErrorCachingMinTTL !== 0 || one.ResponsePagePath !== undefined);
    expect(kept).toEqual([]);
    expect(distribution.CustomErrorResponses.map((one: any) => one.ErrorCode)).toEqual(expect.arrayContaining([404, 500, 502, 503, 504]));
  });
});
