// What the synthesised template says, typed. The loader makes it; every other part of the local host reads only this.
// Logical ids of the template are the identities; ARNs are invented once, here, in AWS form with account 000000000000.

export interface PolicyStatement {
  readonly effect: "Allow" | "Deny";
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly conditions: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
}
/** A statement of a policy that sits on the resource itself: a key's, a queue's. */
export interface ResourceStatement extends PolicyStatement {
  /** `AWS`: a role's ARN, `*`, or `arn:aws:iam::<account>:root` (the account: identity policies decide). */
  readonly principals: readonly { readonly kind: "AWS" | "Service"; readonly value: string }[];
}
export interface RoleResource {
  readonly id: string;
  readonly arn: string;
  readonly statements: readonly PolicyStatement[];
}
export interface TableResource {
  readonly id: string;
  readonly arn: string;
  readonly name: string;
  readonly streamArn?: string;
  /** The CreateTable properties of the template, resolved. */
  readonly properties: Readonly<Record<string, unknown>>;
}
export interface QueueResource {
  readonly id: string;
  readonly arn: string;
  readonly name: string;
  readonly visibilityTimeoutSeconds: number;
  readonly deadLetter?: { readonly queueId: string; readonly maxReceiveCount: number };
  /** The queue's own policy; absent: none. */
  readonly policy?: readonly ResourceStatement[];
  readonly properties: Readonly<Record<string, unknown>>;
}
export interface FunctionResource {
  readonly id: string;
  readonly arn: string;
  /** `FunctionName` of the template: `gigbridge-dev-orders`. */
  readonly name: string;
  readonly roleId: string;
  /** Folder of the bundle in the assembly (an absolute path). */
  readonly codeDir: string;
  readonly handler: string;
  readonly timeoutSeconds: number;
  readonly memoryMb: number;
  readonly environment: Readonly<Record<string, string>>;
}
export interface HttpRouteResource {
  /** `POST /api/orders` or `$default`. */
  readonly routeKey: string;
  readonly functionId: string;
}
export interface HttpApiResource {
  readonly id: string;
  readonly routes: readonly HttpRouteResource[];
  readonly throttle?: { readonly ratePerSecond: number; readonly burst: number };
}
export interface BehaviourResource {
  /** CloudFront path pattern; `*` for the default behaviour. Tried in order, the default last. */
  readonly pathPattern: string;
  readonly origin:
    | { readonly kind: "api"; readonly headers: Readonly<Record<string, string>> }
    | { readonly kind: "site"; readonly bucketId: string };
  /** Source of the CloudFront Function on viewer-request, if any. */
  readonly viewerRequestFunction?: string;
  /** Headers a response-headers policy adds. */
  readonly responseHeaders: Readonly<Record<string, string>>;
  readonly allowedMethods: readonly string[];
}
export interface DistributionResource {
  readonly id: string;
  readonly behaviours: readonly BehaviourResource[];
}
export interface BucketResource {
  readonly id: string;
  readonly name: string;
  /** Folders of the assembly that a BucketDeployment copies in (absolute paths). */
  readonly contentDirs: readonly string[];
}
export interface StateMachineResource {
  readonly id: string;
  readonly arn: string;
  readonly name: string;
  readonly type: "EXPRESS" | "STANDARD";
  readonly roleId: string;
  /** The ASL document with its substitutions made. */
  readonly definition: Readonly<Record<string, unknown>>;
}
export interface ScheduleResource {
  readonly id: string;
  /** `rate(1 minute)` or `cron(…)`. */
  readonly expression: string;
  readonly functionId: string;
  readonly roleId: string;
  readonly input?: string;
}
export interface EventSourceResource {
  readonly id: string;
  readonly functionId: string;
  readonly source: { readonly kind: "queue"; readonly queueId: string } | { readonly kind: "stream"; readonly tableId: string };
  readonly batchSize: number;
  readonly reportBatchItemFailures: boolean;
  /** Stream filter patterns, parsed; empty means all. */
  readonly filters: readonly Readonly<Record<string, unknown>>[];
  readonly maximumRetryAttempts: number;
  readonly bisect: boolean;
  readonly onFailureQueueId?: string;
}
/** How Secrets Manager draws a secret: `GenerateSecretString`, in its words. */
export interface SecretGeneration {
  /** Characters, default 32. */
  readonly length: number;
  readonly exclude: string;
  readonly kinds: readonly ("lower" | "upper" | "digits" | "punctuation")[];
}
export interface SecretResource {
  readonly id: string;
  readonly arn: string;
  readonly name: string;
  readonly generate?: SecretGeneration;
}
export interface KeyResource {
  readonly id: string;
  readonly arn: string;
  readonly aliases: readonly string[];
  /** The key policy. Absent: the account decides, as in CDK's default. */
  readonly policy?: readonly ResourceStatement[];
}
export interface Inventory {
  /** SHA-256 of the template's text: shown and logged. */
  readonly templateHash: string;
  readonly stackName: string;
  readonly roles: ReadonlyMap<string, RoleResource>;
  readonly tables: readonly TableResource[];
  readonly queues: readonly QueueResource[];
  readonly functions: readonly FunctionResource[];
  readonly api: HttpApiResource;
  readonly distribution: DistributionResource;
  readonly buckets: readonly BucketResource[];
  readonly stateMachines: readonly StateMachineResource[];
  readonly schedules: readonly ScheduleResource[];
  readonly eventSources: readonly EventSourceResource[];
  readonly secrets: readonly SecretResource[];
  readonly keys: readonly KeyResource[];
  /** Types knowingly ignored here because they exist only in the cloud (alarms, log groups, …), with the count of each. */
  readonly cloudOnly: ReadonlyMap<string, number>;
}
