// One domain: buyers' pages and the API from the HTTP API, everything else from the site's bucket.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Duration, Fn, RemovalPolicy, type Stack } from "aws-cdk-lib";
import type { HttpApi } from "aws-cdk-lib/aws-apigatewayv2";
import {
  AllowedMethods,
  CachePolicy,
  Distribution,
  Function as EdgeFunction,
  FunctionCode,
  FunctionEventType,
  FunctionRuntime,
  HeadersFrameOption,
  HeadersReferrerPolicy,
  HttpVersion,
  OriginProtocolPolicy,
  OriginRequestPolicy,
  PriceClass,
  ResponseHeadersPolicy,
  type ResponseSecurityHeadersBehavior,
  SecurityPolicyProtocol,
  ViewerProtocolPolicy,
} from "aws-cdk-lib/aws-cloudfront";
import { HttpOrigin, S3BucketOrigin } from "aws-cdk-lib/aws-cloudfront-origins";
import { BlockPublicAccess, Bucket, BucketEncryption, type IBucket } from "aws-cdk-lib/aws-s3";
import { BucketDeployment, CacheControl, Source } from "aws-cdk-lib/aws-s3-deployment";
import { knownAs } from "./logical-id.ts";
import { logs } from "./product-function.ts";
import type { Stage } from "./stages.ts";
import type { Store } from "./table.ts";

/** The site's pages are ours whole: no inline script, nothing from elsewhere. The API's pages set their own policy. */
const siteContentPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join("; ");

const securityHeaders: ResponseSecurityHeadersBehavior = {
  strictTransportSecurity: { accessControlMaxAge: Duration.days(365), includeSubdomains: true, override: true },
  contentTypeOptions: { override: true },
  frameOptions: { frameOption: HeadersFrameOption.DENY, override: true },
  // Not `no-referrer`: under it browsers send `Origin: null` with forms, and the check of the Origin would refuse every buyer
  // without scripts. Other sites get nothing under `same-origin` either, so a page's token does not leak to the checkout.
  referrerPolicy: { referrerPolicy: HeadersReferrerPolicy.SAME_ORIGIN, override: true },
};

export function front(stack: Stack, stage: Stage, bundles: string, api: HttpApi, { originSecret }: Store): Distribution {
  // Seen as IBucket: the CDK's own class and interface disagree under exactOptionalPropertyTypes.
  const site = knownAs(
    "SiteBucket",
    new Bucket(stack, "SiteBucket", {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      // Only built files live here; any deployment puts them back.
      removalPolicy: RemovalPolicy.DESTROY,
    }),
  ) as IBucket;
  const apiOrigin = new HttpOrigin(Fn.select(2, Fn.split("/", api.apiEndpoint)), {
    protocolPolicy: OriginProtocolPolicy.HTTPS_ONLY,
    // A dynamic reference: CloudFormation puts the secret in, the template never holds it.
    customHeaders: { "x-origin-secret": originSecret.secretValue.unsafeUnwrap() },
    readTimeout: Duration.seconds(30),
  });
  const fromApi = {
    origin: apiOrigin,
    cachePolicy: freshButCompressed(stack, stage),
    // The host is left out, since the API answers to its own name alone.
    originRequestPolicy: OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
    responseHeadersPolicy: headers(stack, "ApiHeaders", `gigbridge-${stage.name}-api`, securityHeaders),
    compress: true,
  };
  const page = { ...fromApi, allowedMethods: AllowedMethods.ALLOW_GET_HEAD, viewerProtocolPolicy: ViewerProtocolPolicy.REDIRECT_TO_HTTPS };
  const distribution = knownAs(
    "Distribution",
    new Distribution(stack, "Distribution", {
      comment: `GigBridge ${stage.name}`,
      defaultBehavior: {
        origin: S3BucketOrigin.withOriginAccessControl(site),
        viewerProtocolPolicy: ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
        cachePolicy: CachePolicy.CACHING_OPTIMIZED,
        responseHeadersPolicy: headers(stack, "SiteHeaders", `gigbridge-${stage.name}-site`, {
          ...securityHeaders,
          contentSecurityPolicy: { contentSecurityPolicy: siteContentPolicy, override: true },
        }),
        functionAssociations: [{ function: folderIndex(stack, stage), eventType: FunctionEventType.VIEWER_REQUEST }],
        compress: true,
      },
      additionalBehaviors: {
        "/api/*": { ...fromApi, allowedMethods: AllowedMethods.ALLOW_ALL, viewerProtocolPolicy: ViewerProtocolPolicy.HTTPS_ONLY },
        "/scan/*": page,
        "/o/*": page,
      },
      // CloudFront keeps errors for ten seconds under the path alone, whatever they say of caching: one buyer's "busy" would be everybody's.
      errorResponses: [400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504].map((httpStatus) => ({ httpStatus, ttl: Duration.seconds(0) })),
      httpVersion: HttpVersion.HTTP2_AND_3,
      priceClass: PriceClass.PRICE_CLASS_100,
      minimumProtocolVersion: SecurityPolicyProtocol.TLS_V1_2_2021,
    }),
  );
  deploySite(stack, stage, bundles, site, distribution);
  return distribution;
}

/**
 * Nothing of the API is ever kept: every answer says `no-store`, and what says nothing lives zero seconds. Not the managed policy that
 * switches caching off, because that one switches compression off with it, and pages would go out at three times their size.
 */
function freshButCompressed(stack: Stack, stage: Stage): CachePolicy {
  return knownAs(
    "ApiCaching",
    new CachePolicy(stack, "ApiCaching", {
      cachePolicyName: `gigbridge-${stage.name}-api`,
      minTtl: Duration.seconds(0),
      defaultTtl: Duration.seconds(0),
      // The least that CloudFront lets a policy with compression say.
      maxTtl: Duration.seconds(1),
      enableAcceptEncodingGzip: true,
      enableAcceptEncodingBrotli: true,
    }),
  );
}

function headers(stack: Stack, id: string, responseHeadersPolicyName: string, behavior: ResponseSecurityHeadersBehavior): ResponseHeadersPolicy {
  return knownAs(id, new ResponseHeadersPolicy(stack, id, { responseHeadersPolicyName, securityHeadersBehavior: behavior }));
}

function folderIndex(stack: Stack, stage: Stage): EdgeFunction {
  const code = readFileSync(join(import.meta.dirname, "folder-index.js"), "utf8");
  return knownAs(
    "FolderIndex",
    new EdgeFunction(stack, "FolderIndex", {
      functionName: `gigbridge-${stage.name}-folder-index`,
      code: FunctionCode.fromInline(code),
      runtime: FunctionRuntime.JS_2_0,
    }),
  );
}

function deploySite(stack: Stack, stage: Stage, bundles: string, destinationBucket: IBucket, distribution: Distribution): void {
  new BucketDeployment(stack, "SiteFiles", {
    sources: [Source.asset(join(bundles, "site"))],
    destinationBucket,
    logGroup: knownAs("SiteFilesLogs", logs(stack, stage, "SiteFilesLogs", `/gigbridge/${stage.name}/site-files`)),
    distribution,
    distributionPaths: ["/*"],
    // Minutes at the browser; at the edge until the next deployment, which empties it.
    cacheControl: [CacheControl.fromString("public, max-age=300, s-maxage=31536000")],
  });
}
