// The distribution: path patterns to the API or the site, with the viewer-request function and the headers added on the way out.

import { arnLike } from "./functions.ts";
import type { BehaviourResource, DistributionResource } from "./inventory.ts";
import { globalArn } from "./names.ts";
import { resourceStatements } from "./policies.ts";
import type { Resource, Resources } from "./resources.ts";
import { responseHeaders } from "./response-headers.ts";
import { type Json, list, oneOf, only, optionalList, record, refuse, text } from "./shape.ts";

const cachingDisabled = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad";
const allViewerExceptHost = "b689b0a8-53d0-40ab-baf2-68738e2966ac";
const behaviourUses = [
  "PathPattern",
  "TargetOriginId",
  "AllowedMethods",
  "CachePolicyId",
  "OriginRequestPolicyId",
  "ResponseHeadersPolicyId",
  "FunctionAssociations",
];
const behaviourIgnores = ["CachedMethods", "Compress", "SmoothStreaming", "ViewerProtocolPolicy"];
const configIgnores = ["Aliases", "Comment", "HttpVersion", "IPV6Enabled", "Logging", "PriceClass", "Restrictions", "ViewerCertificate", "WebACLId"];
const originIgnores = ["ConnectionAttempts", "ConnectionTimeout", "OriginShield"];

export function distribution(resources: Resources): DistributionResource {
  const all = resources.ofType("AWS::CloudFront::Distribution");
  const found = all[0];
  if (found === undefined || all.length > 1) return refuse("AWS::CloudFront::Distribution", `expected one, found ${all.length}`);
  const where = `${found.at}.DistributionConfig`;
  const config = only(
    record(found.properties.DistributionConfig, where),
    where,
    ["CacheBehaviors", "CustomErrorResponses", "DefaultCacheBehavior", "Enabled", "Origins"],
    configIgnores,
  );
  oneOf(config.Enabled, `${where}.Enabled`, [true]);
  // Errors go out as the origin made them and are not kept; a page of the distribution's own would hide what the API said.
  for (const one of optionalList(config.CustomErrorResponses, where)) {
    const response = only(record(one, where), `${where}.CustomErrorResponses`, ["ErrorCode", "ErrorCachingMinTTL"], []);
    oneOf(response.ErrorCachingMinTTL, `${where}.CustomErrorResponses.ErrorCachingMinTTL`, [0]);
  }
  const origins = new Map(list(config.Origins, `${where}.Origins`).map((one) => [text(record(one, where).Id, where), record(one, where)]));
  const behaviour = (value: unknown, at: string, pattern?: string) => behaviourOf(resources, found, origins, record(value, at), at, pattern);
  return {
    id: found.id,
    behaviours: [
      ...optionalList(config.CacheBehaviors, where).map((one, index) => behaviour(one, `${where}.CacheBehaviors[${index}]`)),
      behaviour(config.DefaultCacheBehavior, `${where}.DefaultCacheBehavior`, "*"),
    ],
  };
}

function behaviourOf(
  resources: Resources,
  owner: Resource,
  origins: ReadonlyMap<string, Json>,
  value: Json,
  at: string,
  pattern?: string,
): BehaviourResource {
  only(value, at, behaviourUses, behaviourIgnores);
  const source = origins.get(text(value.TargetOriginId, at)) ?? refuse(at, `no origin ${String(value.TargetOriginId)}`);
  const origin = originOf(resources, owner, source, `${at} origin`);
  if (origin.kind === "api") checkUncached(resources, value, at);
  const viewerRequestFunction = viewerRequestOf(resources, value, at);
  return {
    pathPattern: pattern ?? text(value.PathPattern, `${at}.PathPattern`),
    origin,
    ...(viewerRequestFunction === undefined ? {} : { viewerRequestFunction }),
    responseHeaders: headersOf(resources, value.ResponseHeadersPolicyId, at),
    allowedMethods: value.AllowedMethods === undefined ? ["GET", "HEAD"] : list(value.AllowedMethods, at).map((one) => text(one, at)),
  };
}

function originOf(resources: Resources, owner: Resource, source: Json, at: string): BehaviourResource["origin"] {
  const domain = text(source.DomainName, `${at}.DomainName`);
  const bucket = resources.ofType("AWS::S3::Bucket").find((one) => resources.attribute(one, "RegionalDomainName") === domain);
  if (bucket) {
    only(source, at, ["Id", "DomainName", "S3OriginConfig", "OriginAccessControlId", "OriginPath"], originIgnores);
    oneOf(source.OriginPath, `${at}.OriginPath`, ["", undefined]);
    resources.named(source.OriginAccessControlId, `${at}.OriginAccessControlId`, "AWS::CloudFront::OriginAccessControl");
    checkReadable(resources, bucket, owner, at);
    return { kind: "site", bucketId: bucket.id };
  }
  only(source, at, ["Id", "DomainName", "CustomOriginConfig", "OriginCustomHeaders", "OriginPath"], originIgnores);
  oneOf(source.OriginPath, `${at}.OriginPath`, ["", undefined]);
  const api = resources.ofType("AWS::ApiGatewayV2::Api").find((one) => resources.attribute(one, "ApiEndpoint") === `https://${domain}`);
  if (!api) return refuse(`${at}.DomainName`, `${domain} is neither the API nor a bucket of this template`);
  const headers = optionalList(source.OriginCustomHeaders, at).map((one) => {
    const { HeaderName, HeaderValue } = record(one, at);
    return [text(HeaderName, at).toLowerCase(), text(HeaderValue, at)] as const;
  });
  return { kind: "api", headers: Object.fromEntries(headers) };
}

/** Nothing is cached here, so an API behaviour that caches in the cloud would differ: refused. */
function checkUncached(resources: Resources, value: Json, at: string): void {
  const own = resources.find(value.CachePolicyId, "AWS::CloudFront::CachePolicy");
  const disabled = own ? keepsNothing(record(own.properties.CachePolicyConfig, own.at)) : value.CachePolicyId === cachingDisabled;
  if (!disabled) refuse(`${at}.CachePolicyId`, "a behaviour of the API must not cache");
  if (value.OriginRequestPolicyId !== allViewerExceptHost)
    refuse(`${at}.OriginRequestPolicyId`, "a behaviour of the API must forward all viewer headers except the host (AllViewerExceptHostHeader)");
}

/** Answers that say nothing live zero seconds; a maximum of one second is the least that CloudFront lets a policy with compression say. */
const keepsNothing = ({ MinTTL, DefaultTTL, MaxTTL }: Json): boolean => Number(MinTTL) === 0 && Number(DefaultTTL) === 0 && Number(MaxTTL) <= 1;

function checkReadable(resources: Resources, bucket: Resource, owner: Resource, at: string): void {
  const distributionArn = globalArn("cloudfront", `distribution/${resources.resolver.identity(owner.id, at).ref}`);
  const readable = resources
    .ofType("AWS::S3::BucketPolicy")
    .filter(({ properties, at: policyAt }) => resources.named(properties.Bucket, policyAt, "AWS::S3::Bucket").id === bucket.id)
    .flatMap(({ properties, at: policyAt }) => resourceStatements(properties.PolicyDocument, policyAt))
    .some((one) => {
      const source = Object.entries(one.conditions.StringEquals ?? {}).find(([key]) => key.toLowerCase() === "aws:sourcearn")?.[1];
      return (
        one.effect === "Allow" &&
        one.actions.includes("s3:GetObject") &&
        one.principals.some((who) => who.kind === "Service" && who.value === "cloudfront.amazonaws.com") &&
        (source === undefined || source.some((pattern) => arnLike(pattern, distributionArn)))
      );
    });
  if (!readable) refuse(at, `no bucket policy lets the distribution read ${bucket.id}`);
}

function viewerRequestOf(resources: Resources, value: Json, at: string): string | undefined {
  const associations = optionalList(value.FunctionAssociations, at).map((one) => record(one, at));
  const [association] = associations;
  if (association === undefined) return undefined;
  if (associations.length > 1) refuse(at, "one function per behaviour is supported locally");
  oneOf(association.EventType, `${at}.FunctionAssociations.EventType`, ["viewer-request"]);
  const fn = resources.named(association.FunctionARN, at, "AWS::CloudFront::Function");
  oneOf(record(fn.properties.FunctionConfig, fn.at).Runtime, `${fn.at}.FunctionConfig.Runtime`, ["cloudfront-js-2.0"]);
  return text(fn.properties.FunctionCode, `${fn.at}.FunctionCode`);
}

function headersOf(resources: Resources, id: unknown, at: string): BehaviourResource["responseHeaders"] {
  if (id === undefined) return {};
  const policy = resources.named(id, `${at}.ResponseHeadersPolicyId`, "AWS::CloudFront::ResponseHeadersPolicy");
  return responseHeaders(policy.properties.ResponseHeadersPolicyConfig, policy.at);
}
