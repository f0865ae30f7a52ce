// The support matrix: every resource type and property that the local platform knows. What is not here stops the start.
// The generated documentation prints it as it stands.

export interface TypeSupport {
  /**
   * `runs`: acts here as in the cloud. `checked`: has no life of its own here, but what it says is verified.
   * `cloud-only`: knowingly ignored, properties and all.
   */
  readonly level: "runs" | "checked" | "cloud-only";
  readonly about: string;
  /** Properties that shape behaviour here or are verified. */
  readonly uses: readonly string[];
  /** Properties known to change nothing on one machine. */
  readonly ignores: readonly string[];
}

const runs = (about: string, uses: readonly string[], ignores: readonly string[] = []): TypeSupport => ({ level: "runs", about, uses, ignores });
const checked = (about: string, uses: readonly string[], ignores: readonly string[] = []): TypeSupport => ({
  level: "checked",
  about,
  uses,
  ignores,
});
const cloudOnly = (about: string): TypeSupport => ({ level: "cloud-only", about, uses: [], ignores: [] });

const tableProperties = [
  "TableName",
  "AttributeDefinitions",
  "KeySchema",
  "GlobalSecondaryIndexes",
  "BillingMode",
  "StreamSpecification",
  "TimeToLiveSpecification",
];

export const support: Readonly<Record<string, TypeSupport>> = {
  "AWS::DynamoDB::Table": runs("Dynoxide; on demand only, streams, global secondary indexes; expired items stay", tableProperties, [
    "PointInTimeRecoverySpecification",
    "SSESpecification",
    "DeletionProtectionEnabled",
    "ContributorInsightsSpecification",
    "TableClass",
    "Tags",
  ]),
  "AWS::DynamoDB::GlobalTable": runs("as Table, one region", tableProperties, ["Replicas", "SSESpecification", "Tags"]),
  "AWS::SQS::Queue": runs(
    "fauxqs; standard queues with redrive",
    [
      "QueueName",
      "VisibilityTimeout",
      "MessageRetentionPeriod",
      "ReceiveMessageWaitTimeSeconds",
      "DelaySeconds",
      "MaximumMessageSize",
      "RedrivePolicy",
    ],
    ["SqsManagedSseEnabled", "KmsMasterKeyId", "KmsDataKeyReusePeriodSeconds", "RedriveAllowPolicy", "Tags"],
  ),
  "AWS::SQS::QueuePolicy": runs("evaluated with the caller's policies", ["PolicyDocument", "Queues"]),
  "AWS::KMS::Key": runs(
    "AES-256-GCM with the encryption context authenticated; the key policy is evaluated",
    ["KeyPolicy", "Enabled"],
    ["EnableKeyRotation", "RotationPeriodInDays", "Description", "PendingWindowInDays", "Tags"],
  ),
  "AWS::KMS::Alias": runs("another name of its key", ["AliasName", "TargetKeyId"]),
  "AWS::SecretsManager::Secret": runs(
    "generated once per data folder and kept there",
    ["Name", "GenerateSecretString"],
    ["Description", "KmsKeyId", "Tags"],
  ),
  "AWS::IAM::Role": runs(
    "its policies decide each call at the gateway",
    ["RoleName", "AssumeRolePolicyDocument", "ManagedPolicyArns", "Policies"],
    ["Description", "MaxSessionDuration", "Path", "Tags"],
  ),
  "AWS::IAM::Policy": runs("statements of its roles", ["PolicyDocument", "Roles"], ["PolicyName"]),
  "AWS::IAM::ManagedPolicy": runs("statements of its roles", ["PolicyDocument", "Roles", "ManagedPolicyName"], ["Description", "Path"]),
  "AWS::Lambda::Function": runs(
    "the same bundle in a worker of its own",
    ["FunctionName", "Code", "Handler", "Role", "Runtime", "MemorySize", "Timeout", "Environment"],
    [
      "Architectures",
      "Description",
      "LoggingConfig",
      "TracingConfig",
      "RuntimeManagementConfig",
      "EphemeralStorage",
      "RecursiveLoop",
      "KmsKeyArn",
      "Tags",
    ],
  ),
  "AWS::Lambda::Permission": checked("a route whose function lacks it stops the start", [
    "Action",
    "FunctionName",
    "Principal",
    "SourceArn",
    "SourceAccount",
  ]),
  "AWS::Lambda::EventSourceMapping": runs(
    "pollers of queues and of the table's stream",
    [
      "EventSourceArn",
      "FunctionName",
      "BatchSize",
      "BisectBatchOnFunctionError",
      "DestinationConfig",
      "Enabled",
      "FilterCriteria",
      "FunctionResponseTypes",
      "MaximumRetryAttempts",
    ],
    // A new data folder has an empty stream, so every starting position is the same.
    ["StartingPosition", "ScalingConfig", "MaximumBatchingWindowInSeconds", "MaximumRecordAgeInSeconds", "ParallelizationFactor", "Tags"],
  ),
  "AWS::Lambda::EventInvokeConfig": cloudOnly("retries of asynchronous invocations"),
  "AWS::Scheduler::Schedule": runs(
    "rate and cron in UTC, with a function as target",
    ["Name", "GroupName", "ScheduleExpression", "ScheduleExpressionTimezone", "FlexibleTimeWindow", "State", "Target"],
    ["Description", "KmsKeyArn"],
  ),
  "AWS::Scheduler::ScheduleGroup": cloudOnly("a name for schedules"),
  "AWS::StepFunctions::StateMachine": runs(
    "the ASL document, interpreted",
    ["StateMachineName", "StateMachineType", "DefinitionString", "DefinitionS3Location", "DefinitionSubstitutions", "RoleArn"],
    ["LoggingConfiguration", "TracingConfiguration", "EncryptionConfiguration", "Tags"],
  ),
  "AWS::ApiGatewayV2::Api": runs("HTTP API", ["Name", "ProtocolType"], ["Description", "DisableExecuteApiEndpoint", "Tags"]),
  "AWS::ApiGatewayV2::Stage": runs(
    "the $default stage and its throttle",
    ["ApiId", "StageName", "AutoDeploy", "DefaultRouteSettings"],
    ["AccessLogSettings", "Description", "Tags"],
  ),
  "AWS::ApiGatewayV2::Integration": runs(
    "Lambda proxy, payload 2.0",
    ["ApiId", "IntegrationType", "IntegrationUri", "PayloadFormatVersion"],
    ["Description", "IntegrationMethod"],
  ),
  "AWS::ApiGatewayV2::Route": runs("method and path to an integration", ["ApiId", "RouteKey", "Target", "AuthorizationType"], ["OperationName"]),
  "AWS::CloudFront::Distribution": runs("behaviours in order, nothing cached", ["DistributionConfig"], ["Tags"]),
  "AWS::CloudFront::Function": runs("viewer-request, runtime 2.0", ["Name", "FunctionCode", "FunctionConfig", "AutoPublish"], ["Tags"]),
  "AWS::CloudFront::ResponseHeadersPolicy": runs("security and custom headers", ["ResponseHeadersPolicyConfig"]),
  "AWS::CloudFront::CachePolicy": checked("must not cache what comes from the API", ["CachePolicyConfig"]),
  "AWS::CloudFront::OriginAccessControl": checked("the site's bucket is private", ["OriginAccessControlConfig"]),
  "AWS::S3::Bucket": runs(
    "the folders that a deployment copies in",
    ["BucketName"],
    [
      "BucketEncryption",
      "LifecycleConfiguration",
      "LoggingConfiguration",
      "OwnershipControls",
      "PublicAccessBlockConfiguration",
      "VersioningConfiguration",
      "Tags",
    ],
  ),
  "AWS::S3::BucketPolicy": checked("the distribution may read the site", ["Bucket", "PolicyDocument"]),
  "Custom::CDKBucketDeployment": runs(
    "its source folders are the site",
    ["SourceBucketNames", "SourceObjectKeys", "SourceMarkers", "DestinationBucketName", "ServiceToken"],
    ["Prune", "DistributionId", "DistributionPaths", "WaitForDistributionInvalidation", "OutputObjectKeys", "SystemMetadata"],
  ),
  "AWS::Lambda::LayerVersion": cloudOnly("the AWS CLI of the site's deployment"),
  "Custom::S3AutoDeleteObjects": cloudOnly("empties a bucket before it is deleted"),
  "AWS::CDK::Metadata": cloudOnly("usage metadata"),
  "AWS::Logs::LogGroup": cloudOnly("logs go to the terminal"),
  "AWS::Logs::ResourcePolicy": cloudOnly("who may write logs"),
  "AWS::Logs::MetricFilter": cloudOnly("metrics from logs"),
  "AWS::Logs::QueryDefinition": cloudOnly("saved queries"),
  "AWS::CloudWatch::Alarm": cloudOnly("alarms"),
  "AWS::CloudWatch::CompositeAlarm": cloudOnly("alarms"),
  "AWS::SNS::Topic": cloudOnly("where alarms go; nothing that runs here may refer to one"),
  "AWS::SNS::TopicPolicy": cloudOnly("who may send alarms"),
  "AWS::SNS::Subscription": cloudOnly("who is told of alarms"),
  "AWS::CloudWatch::Dashboard": cloudOnly("dashboards"),
};
