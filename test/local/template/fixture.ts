// A small cloud assembly, in the words CDK uses, that tests change one property at a time.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadTemplate } from "../../../local/template/load.ts";

export interface FixtureResource {
  Type: string;
  Properties: Record<string, any>;
}
export interface FixtureTemplate {
  Parameters: Record<string, unknown>;
  Resources: Record<string, FixtureResource>;
  [section: string]: unknown;
}

const att = (id: string, name = "Arn") => ({ "Fn::GetAtt": [id, name] });
const ref = (id: string) => ({ Ref: id });
const join_ = (...parts: unknown[]) => ({ "Fn::Join": ["", parts] });
const role = (service: string, statements: readonly unknown[]): FixtureResource => ({
  Type: "AWS::IAM::Role",
  Properties: {
    AssumeRolePolicyDocument: { Statement: [{ Action: "sts:AssumeRole", Effect: "Allow", Principal: { Service: service } }], Version: "2012-10-17" },
    Policies: [{ PolicyName: "inline", PolicyDocument: { Statement: statements, Version: "2012-10-17" } }],
  },
});
const fn = (name: string, roleId: string, variables: Record<string, unknown> = {}): FixtureResource => ({
  Type: "AWS::Lambda::Function",
  Properties: {
    FunctionName: name,
    Runtime: "nodejs24.x",
    Handler: "index.handler",
    Code: { S3Bucket: { "Fn::Sub": "assets-${AWS::AccountId}-${AWS::Region}" }, S3Key: "code.zip" },
    Role: att(roleId),
    Timeout: 10,
    MemorySize: 256,
    Environment: { Variables: variables },
  },
});
const withPrefixes = (actions: readonly string[], prefixes: readonly string[]) => ({
  Effect: "Allow",
  Action: actions,
  Resource: att("Table"),
  Condition: {
    "ForAllValues:StringLike": { "dynamodb:LeadingKeys": prefixes.map((prefix) => `${prefix}#*`) },
    Null: { "dynamodb:LeadingKeys": "false" },
  },
});

/** A fresh template: one table, two queues, a key, a secret, three functions, a workflow, an API, a site. */
export const fixtureTemplate = (): FixtureTemplate => ({
  Parameters: { PublicOrigin: { Type: "String", AllowedPattern: "^https?://[^/]+$" } },
  Resources: {
    Key: {
      Type: "AWS::KMS::Key",
      Properties: {
        KeyPolicy: {
          Statement: [
            {
              Effect: "Allow",
              Action: "kms:*",
              Resource: "*",
              Principal: { AWS: join_("arn:", ref("AWS::Partition"), ":iam::", ref("AWS::AccountId"), ":root") },
            },
          ],
        },
      },
    },
    Alias: { Type: "AWS::KMS::Alias", Properties: { AliasName: "alias/shop", TargetKeyId: att("Key") } },
    Secret: { Type: "AWS::SecretsManager::Secret", Properties: { GenerateSecretString: { PasswordLength: 48, ExcludePunctuation: true } } },
    Table: {
      Type: "AWS::DynamoDB::Table",
      Properties: {
        AttributeDefinitions: ["pk", "sk", "due_shard", "due_at"].map((AttributeName) => ({ AttributeName, AttributeType: "S" })),
        KeySchema: [
          { AttributeName: "pk", KeyType: "HASH" },
          { AttributeName: "sk", KeyType: "RANGE" },
        ],
        BillingMode: "PAY_PER_REQUEST",
        GlobalSecondaryIndexes: [
          {
            IndexName: "due",
            KeySchema: [
              { AttributeName: "due_shard", KeyType: "HASH" },
              { AttributeName: "due_at", KeyType: "RANGE" },
            ],
            Projection: { ProjectionType: "KEYS_ONLY" },
          },
        ],
        StreamSpecification: { StreamViewType: "NEW_IMAGE" },
        TimeToLiveSpecification: { AttributeName: "ttl", Enabled: true },
      },
    },
    Events: {
      Type: "AWS::SQS::Queue",
      Properties: { VisibilityTimeout: 60, RedrivePolicy: { deadLetterTargetArn: att("DeadLetters"), maxReceiveCount: 2 } },
    },
    DeadLetters: { Type: "AWS::SQS::Queue", Properties: { MessageRetentionPeriod: 1209600 } },
    EventsPolicy: {
      Type: "AWS::SQS::QueuePolicy",
      Properties: {
        Queues: [ref("Events")],
        PolicyDocument: {
          Statement: [
            {
              Effect: "Deny",
              Action: "sqs:*",
              Principal: { AWS: "*" },
              Resource: att("Events"),
              Condition: { Bool: { "aws:SecureTransport": "false" } },
            },
          ],
        },
      },
    },
    OrdersRole: role("lambda.amazonaws.com", [
      withPrefixes(["dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query", "dynamodb:PutItem", "dynamodb:UpdateItem"], ["ORDER", "OP"]),
      withPrefixes(["dynamodb:DeleteItem"], ["POOL"]),
      { Effect: "Allow", Action: "dynamodb:Query", Resource: join_(att("Table"), "/index/due") },
      {
        Effect: "Allow",
        Action: ["kms:GenerateDataKey", "kms:Decrypt"],
        Resource: att("Key"),
        Condition: { StringEquals: { "kms:EncryptionContext:purpose": "person" } },
      },
      { Effect: "Allow", Action: "secretsmanager:GetSecretValue", Resource: ref("Secret") },
      { Effect: "Allow", Action: "sqs:SendMessage", Resource: att("Events") },
      { Effect: "Allow", Action: "states:StartExecution", Resource: ref("Fulfil") },
      { Effect: "Allow", Action: "lambda:InvokeFunction", Resource: att("Consumer") },
    ]),
    Orders: fn("shop-dev-orders", "OrdersRole", {
      TABLE_NAME: ref("Table"),
      EVENTS_URL: ref("Events"),
      KEY_ID: att("Key"),
      SECRET_ID: ref("Secret"),
      PUBLIC_ORIGIN: ref("PublicOrigin"),
      MAYBE: { Ref: "AWS::NoValue" },
    }),
    ConsumerRole: {
      ...role("lambda.amazonaws.com", []),
      Properties: {
        ...role("lambda.amazonaws.com", []).Properties,
        Policies: [],
        ManagedPolicyArns: [join_("arn:", ref("AWS::Partition"), ":iam::aws:policy/service-role/AWSLambdaBasicExecutionRole")],
      },
    },
    ConsumerPolicy: {
      Type: "AWS::IAM::Policy",
      Properties: {
        PolicyName: "ConsumerPolicy",
        Roles: [ref("ConsumerRole")],
        PolicyDocument: {
          Statement: [
            { Effect: "Allow", Action: ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"], Resource: att("Events") },
            {
              Effect: "Allow",
              Action: ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"],
              Resource: att("Table", "StreamArn"),
            },
            { Effect: "Allow", Action: "sqs:SendMessage", Resource: att("DeadLetters") },
          ],
        },
      },
    },
    Consumer: fn("shop-dev-consumer", "ConsumerRole"),
    EventsMapping: {
      Type: "AWS::Lambda::EventSourceMapping",
      Properties: { EventSourceArn: att("Events"), FunctionName: ref("Consumer"), FunctionResponseTypes: ["ReportBatchItemFailures"] },
    },
    StreamMapping: {
      Type: "AWS::Lambda::EventSourceMapping",
      Properties: {
        EventSourceArn: att("Table", "StreamArn"),
        FunctionName: ref("Consumer"),
        StartingPosition: "TRIM_HORIZON",
        BisectBatchOnFunctionError: true,
        MaximumRetryAttempts: 3,
        DestinationConfig: { OnFailure: { Destination: att("DeadLetters") } },
        FilterCriteria: { Filters: [{ Pattern: '{"eventName":["INSERT"]}' }] },
      },
    },
    FulfilRole: role("states.amazonaws.com", [
      { Effect: "Allow", Action: "lambda:InvokeFunction", Resource: [att("Orders"), join_(att("Orders"), ":*")] },
    ]),
    Fulfil: {
      Type: "AWS::StepFunctions::StateMachine",
      Properties: {
        StateMachineType: "EXPRESS",
        RoleArn: att("FulfilRole"),
        DefinitionS3Location: { Bucket: "assets", Key: "fulfil.json" },
        DefinitionSubstitutions: { OrdersArn: att("Orders") },
      },
    },
    SweepRole: role("scheduler.amazonaws.com", [{ Effect: "Allow", Action: "lambda:InvokeFunction", Resource: att("Orders") }]),
    Sweep: {
      Type: "AWS::Scheduler::Schedule",
      Properties: {
        FlexibleTimeWindow: { Mode: "OFF" },
        ScheduleExpression: "rate(1 minute)",
        Target: { Arn: att("Orders"), RoleArn: att("SweepRole"), Input: "{}", RetryPolicy: { MaximumRetryAttempts: 1 } },
      },
    },
    Api: { Type: "AWS::ApiGatewayV2::Api", Properties: { Name: "shop", ProtocolType: "HTTP" } },
    Stage: {
      Type: "AWS::ApiGatewayV2::Stage",
      Properties: {
        ApiId: ref("Api"),
        StageName: "$default",
        AutoDeploy: true,
        DefaultRouteSettings: { ThrottlingBurstLimit: 20, ThrottlingRateLimit: 10 },
      },
    },
    Integration: {
      Type: "AWS::ApiGatewayV2::Integration",
      Properties: { ApiId: ref("Api"), IntegrationType: "AWS_PROXY", IntegrationUri: att("Orders"), PayloadFormatVersion: "2.0" },
    },
    Route: {
      Type: "AWS::ApiGatewayV2::Route",
      Properties: { ApiId: ref("Api"), AuthorizationType: "NONE", RouteKey: "POST /api/orders", Target: join_("integrations/", ref("Integration")) },
    },
    RoutePermission: {
      Type: "AWS::Lambda::Permission",
      Properties: {
        Action: "lambda:InvokeFunction",
        FunctionName: att("Orders"),
        Principal: "apigateway.amazonaws.com",
        SourceArn: join_(
          "arn:",
          ref("AWS::Partition"),
          ":execute-api:",
          ref("AWS::Region"),
          ":",
          ref("AWS::AccountId"),
          ":",
          ref("Api"),
          "/*/POST/api/orders",
        ),
      },
    },
    Site: { Type: "AWS::S3::Bucket", Properties: {} },
    SitePolicy: {
      Type: "AWS::S3::BucketPolicy",
      Properties: {
        Bucket: ref("Site"),
        PolicyDocument: {
          Statement: [
            {
              Effect: "Allow",
              Action: "s3:GetObject",
              Principal: { Service: "cloudfront.amazonaws.com" },
              Resource: join_(att("Site"), "/*"),
              Condition: { StringEquals: { "AWS:SourceArn": join_("arn:aws:cloudfront::", ref("AWS::AccountId"), ":distribution/", ref("Cdn")) } },
            },
          ],
        },
      },
    },
    SiteDeployment: {
      Type: "Custom::CDKBucketDeployment",
      Properties: {
        ServiceToken: att("Provider"),
        SourceBucketNames: ["assets"],
        SourceObjectKeys: ["site.zip"],
        DestinationBucketName: ref("Site"),
        Prune: true,
      },
    },
    Provider: { Type: "AWS::Lambda::Function", Properties: { Runtime: "python3.13", Layers: [ref("Layer")] } },
    Layer: { Type: "AWS::Lambda::LayerVersion", Properties: {} },
    Access: { Type: "AWS::CloudFront::OriginAccessControl", Properties: { OriginAccessControlConfig: {} } },
    Spa: {
      Type: "AWS::CloudFront::Function",
      Properties: {
        Name: "spa",
        AutoPublish: true,
        FunctionCode: "function handler(event) { return event.request; }",
        FunctionConfig: { Comment: "", Runtime: "cloudfront-js-2.0" },
      },
    },
    Headers: {
      Type: "AWS::CloudFront::ResponseHeadersPolicy",
      Properties: {
        ResponseHeadersPolicyConfig: {
          Name: "headers",
          SecurityHeadersConfig: {
            ContentSecurityPolicy: { ContentSecurityPolicy: "default-src 'self'", Override: true },
            StrictTransportSecurity: { AccessControlMaxAgeSec: 60, IncludeSubdomains: true, Override: true },
          },
          CustomHeadersConfig: { Items: [{ Header: "X-Shop", Value: "yes", Override: true }] },
        },
      },
    },
    Cdn: {
      Type: "AWS::CloudFront::Distribution",
      Properties: {
        DistributionConfig: {
          Enabled: true,
          Origins: [
            {
              Id: "site",
              DomainName: att("Site", "RegionalDomainName"),
              OriginAccessControlId: att("Access", "Id"),
              S3OriginConfig: { OriginAccessIdentity: "" },
            },
            {
              Id: "api",
              DomainName: { "Fn::Select": [2, { "Fn::Split": ["/", att("Api", "ApiEndpoint")] }] },
              CustomOriginConfig: { OriginProtocolPolicy: "https-only" },
              OriginCustomHeaders: [
                { HeaderName: "X-Origin-Secret", HeaderValue: join_("{{resolve:secretsmanager:", ref("Secret"), ":SecretString:::}}") },
              ],
            },
          ],
          CacheBehaviors: [
            {
              PathPattern: "/api/*",
              TargetOriginId: "api",
              AllowedMethods: ["GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE"],
              CachePolicyId: "4135ea2d-6df8-44a3-9df3-4b5a84be39ad",
              OriginRequestPolicyId: "b689b0a8-53d0-40ab-baf2-68738e2966ac",
              ResponseHeadersPolicyId: ref("Headers"),
              ViewerProtocolPolicy: "redirect-to-https",
            },
          ],
          DefaultCacheBehavior: {
            TargetOriginId: "site",
            CachePolicyId: "658327ea-f89d-4fab-a63d-7e88639e58f6",
            ResponseHeadersPolicyId: ref("Headers"),
            FunctionAssociations: [{ EventType: "viewer-request", FunctionARN: att("Spa", "FunctionARN") }],
            ViewerProtocolPolicy: "redirect-to-https",
          },
        },
      },
    },
    Alarm: { Type: "AWS::CloudWatch::Alarm", Properties: { AlarmActions: [ref("Topic")] } },
    Topic: { Type: "AWS::SNS::Topic", Properties: {} },
  },
});

/** Writes the assembly to a temporary folder and gives its path. */
export function writeAssembly(template: FixtureTemplate): string {
  const folder = mkdtempSync(join(tmpdir(), "assembly-"));
  const json = (name: string, value: unknown) => writeFileSync(join(folder, name), JSON.stringify(value));
  const asset = (path: string, objectKey: string) => ({
    source: { path, packaging: "zip" },
    destinations: { here: { bucketName: "assets", objectKey } },
  });
  json("manifest.json", {
    version: "55.0.0",
    artifacts: {
      "Shop-dev.assets": { type: "cdk:asset-manifest", properties: { file: "Shop-dev.assets.json" } },
      "Shop-dev": { type: "aws:cloudformation:stack", properties: { templateFile: "Shop-dev.template.json" }, dependencies: ["Shop-dev.assets"] },
    },
  });
  json("Shop-dev.assets.json", {
    files: { code: asset("asset.code", "code.zip"), site: asset("asset.site", "site.zip"), fulfil: asset("asset.fulfil.json", "fulfil.json") },
  });
  json("Shop-dev.template.json", template);
  json("asset.fulfil.json", { StartAt: "Run", States: { Run: { Type: "Task", Resource: "${OrdersArn}", End: true } } });
  mkdirSync(join(folder, "asset.code"));
  writeFileSync(join(folder, "asset.code", "index.js"), "exports.handler = async (event) => event;");
  mkdirSync(join(folder, "asset.site"));
  writeFileSync(join(folder, "asset.site", "index.html"), "<!doctype html>");
  return folder;
}

/** The inventory of the fixture, with one thing about it changed. */
export function loadFixture(
  change: (template: FixtureTemplate) => void = () => {},
  parameters: Record<string, string> = { PublicOrigin: "http://127.0.0.1:4100" },
) {
  const template = fixtureTemplate();
  change(template);
  const assemblyDir = writeAssembly(template);
  try {
    return loadTemplate({ assemblyDir, parameters, secretValue: (id) => `secret of ${id}` });
  } finally {
    rmSync(assemblyDir, { recursive: true });
  }
}
