// Names and ARNs as AWS would give them, invented once and the same at every start: account 000000000000, region ca-central-1.
import { createHash } from "node:crypto";

export const account = "000000000000";
export const region = "ca-central-1";
export const partition = "aws";

/** `arn:aws:<service>:<region>:<account>:<resource>`. */
export const arn = (service: string, resource: string): string => `arn:${partition}:${service}:${region}:${account}:${resource}`;
/** ARNs of services that have no region: IAM, CloudFront. */
export const globalArn = (service: string, resource: string): string => `arn:${partition}:${service}::${account}:${resource}`;

/** The origin in every queue URL of the template; `localQueueUrl` of the gateway puts the gateway's there. */
export const queueOrigin = `https://sqs.${region}.amazonaws.com`;
export const queueUrl = (name: string): string => `${queueOrigin}/${account}/${name}`;

/** The first `length` lower-case hex digits of a digest of `text`: stable stand-ins for ids that AWS draws. */
export const stableId = (text: string, length: number): string => createHash("sha256").update(text).digest("hex").slice(0, length);

/** A UUID that depends on `text` alone. */
export const stableUuid = (text: string): string => {
  const hex = stableId(text, 32);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
};
