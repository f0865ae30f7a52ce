// What `Ref` and `Fn::GetAtt` give for each resource type. Logical ids are the identities; the rest is invented here, once.
import { account, arn, globalArn, partition, queueUrl, region, stableId, stableUuid } from "./names.ts";

export interface Identity {
  readonly ref: string;
  readonly attributes: Readonly<Record<string, string>>;
}
export interface IdentityInput {
  readonly id: string;
  readonly stackName: string;
  /** The resolved text of a property, when the template sets it. */
  property(name: string): string | undefined;
}
type Maker = (input: IdentityInput) => Identity;

const physicalName = (input: IdentityInput, property: string): string => input.property(property) ?? `${input.stackName}-${input.id}`;

const named =
  (property: string, attributes: (name: string) => Readonly<Record<string, string>>): Maker =>
  (input) => {
    const name = physicalName(input, property);
    return { ref: name, attributes: attributes(name) };
  };

const opaque =
  (attributes: (id: string) => Readonly<Record<string, string>> = () => ({}), length = 10): Maker =>
  ({ id, stackName }) => {
    const drawn = stableId(`${stackName}/${id}`, length);
    return { ref: drawn, attributes: attributes(drawn) };
  };

const table: Maker = named("TableName", (name) => ({
  Arn: arn("dynamodb", `table/${name}`),
  StreamArn: arn("dynamodb", `table/${name}/stream/2026-01-01T00:00:00.000`),
}));

const bucket: Maker = (input) => {
  const name = input.property("BucketName") ?? `${input.stackName}-${input.id}`.toLowerCase();
  return {
    ref: name,
    attributes: {
      Arn: `arn:${partition}:s3:::${name}`,
      DomainName: `${name}.s3.amazonaws.com`,
      RegionalDomainName: `${name}.s3.${region}.amazonaws.com`,
    },
  };
};

const secret: Maker = (input) => {
  const suffix = stableId(`${input.stackName}/${input.id}`, 6);
  const secretArn = arn("secretsmanager", `secret:${input.property("Name") ?? `${input.id}-${suffix}`}-${suffix}`);
  return { ref: secretArn, attributes: { Id: secretArn } };
};

const key: Maker = ({ id, stackName }) => {
  const keyId = stableUuid(`${stackName}/${id}`);
  return { ref: keyId, attributes: { Arn: arn("kms", `key/${keyId}`), KeyId: keyId } };
};

const distribution: Maker = ({ id, stackName }) => {
  const drawn = `E${stableId(`${stackName}/${id}`, 13).toUpperCase()}`;
  return { ref: drawn, attributes: { Id: drawn, DomainName: `${drawn.toLowerCase()}.cloudfront.net` } };
};

const withId = opaque((id) => ({ Id: id }), 24);

/**
 * The makers by type. A type that is missing here cannot be referred to by anything that runs: so a topic for alarms may be ignored,
 * and one that a function publishes to stops the start.
 */
export const identities: Readonly<Record<string, Maker>> = {
  "AWS::DynamoDB::Table": table,
  "AWS::DynamoDB::GlobalTable": table,
  "AWS::SQS::Queue": (input) => {
    const name = physicalName(input, "QueueName");
    return { ref: queueUrl(name), attributes: { Arn: arn("sqs", name), QueueName: name, QueueUrl: queueUrl(name) } };
  },
  "AWS::KMS::Key": key,
  "AWS::KMS::Alias": (input) => ({ ref: physicalName(input, "AliasName"), attributes: {} }),
  "AWS::SecretsManager::Secret": secret,
  "AWS::IAM::Role": named("RoleName", (name) => ({ Arn: globalArn("iam", `role/${name}`), RoleId: stableId(name, 21).toUpperCase() })),
  "AWS::IAM::ManagedPolicy": (input) => {
    const policyArn = globalArn("iam", `policy/${physicalName(input, "ManagedPolicyName")}`);
    return { ref: policyArn, attributes: { PolicyArn: policyArn } };
  },
  "AWS::Lambda::Function": named("FunctionName", (name) => ({ Arn: arn("lambda", `function:${name}`) })),
  "AWS::Lambda::LayerVersion": ({ id }) => ({ ref: arn("lambda", `layer:${id}:1`), attributes: {} }),
  "AWS::StepFunctions::StateMachine": (input) => {
    const name = physicalName(input, "StateMachineName");
    const machineArn = arn("states", `stateMachine:${name}`);
    return { ref: machineArn, attributes: { Arn: machineArn, Name: name } };
  },
  "AWS::Scheduler::ScheduleGroup": named("Name", (name) => ({ Arn: arn("scheduler", `schedule-group/${name}`) })),
  "AWS::Scheduler::Schedule": named("Name", (name) => ({ Arn: arn("scheduler", `schedule/default/${name}`) })),
  "AWS::ApiGatewayV2::Api": opaque((id) => ({ ApiId: id, ApiEndpoint: `https://${id}.execute-api.${region}.amazonaws.com` })),
  "AWS::ApiGatewayV2::Integration": opaque(() => ({}), 7),
  "AWS::ApiGatewayV2::Stage": (input) => ({ ref: physicalName(input, "StageName"), attributes: {} }),
  "AWS::CloudFront::Distribution": distribution,
  "AWS::CloudFront::Function": (input) => {
    const functionArn = globalArn("cloudfront", `function/${physicalName(input, "Name")}`);
    return { ref: functionArn, attributes: { FunctionARN: functionArn } };
  },
  "AWS::CloudFront::OriginAccessControl": withId,
  "AWS::CloudFront::ResponseHeadersPolicy": withId,
  "AWS::CloudFront::CachePolicy": withId,
  "AWS::CloudFront::OriginRequestPolicy": withId,
  "AWS::S3::Bucket": bucket,
  "AWS::Logs::LogGroup": named("LogGroupName", (name) => ({ Arn: arn("logs", `log-group:${name}:*`) })),
  "Custom::CDKBucketDeployment": ({ id }) => ({ ref: id, attributes: {} }),
};

export const pseudoParameters = (stackName: string): Readonly<Record<string, string>> => ({
  "AWS::AccountId": account,
  "AWS::Region": region,
  "AWS::Partition": partition,
  "AWS::URLSuffix": "amazonaws.com",
  "AWS::StackName": stackName,
  "AWS::StackId": arn("cloudformation", `stack/${stackName}/${stableUuid(stackName)}`),
});
