// The one table, the key it and all sealed values are under, and the two generated secrets.
import { RemovalPolicy, type Stack } from "aws-cdk-lib";
import { AttributeType, BillingMode, ProjectionType, StreamViewType, Table, TableEncryption } from "aws-cdk-lib/aws-dynamodb";
import { AnyPrincipal, PolicyStatement } from "aws-cdk-lib/aws-iam";
import { Key } from "aws-cdk-lib/aws-kms";
import { Secret } from "aws-cdk-lib/aws-secretsmanager";
import { knownAs } from "./logical-id.ts";
import type { Stage } from "./stages.ts";

export interface Store {
  readonly table: Table;
  readonly key: Key;
  /** CloudFront proves itself to the HTTP functions with it. */
  readonly originSecret: Secret;
  /** Form keys, page links and phone hashes are derived from it. */
  readonly linkSecret: Secret;
}

export const dueIndex = "due";
export const deskIndex = "desk";

export function store(stack: Stack, stage: Stage): Store {
  const removalPolicy = stage.keepsData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY;
  const key = knownAs(
    "Key",
    new Key(stack, "Key", { description: `GigBridge ${stage.name}: the table, and what is sealed in it`, enableKeyRotation: true, removalPolicy }),
  );
  key.addToResourcePolicy(throughTheTable(stack));

  const table = knownAs(
    "Table",
    new Table(stack, "Table", {
      partitionKey: { name: "pk", type: AttributeType.STRING },
      sortKey: { name: "sk", type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      encryption: TableEncryption.CUSTOMER_MANAGED,
      encryptionKey: key,
      stream: StreamViewType.NEW_IMAGE,
      timeToLiveAttribute: "ttl",
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: stage.keepsData,
      removalPolicy,
    }),
  );
  table.addGlobalSecondaryIndex({
    indexName: dueIndex,
    partitionKey: { name: "due_shard", type: AttributeType.STRING },
    sortKey: { name: "due_at", type: AttributeType.STRING },
    projectionType: ProjectionType.KEYS_ONLY,
  });
  table.addGlobalSecondaryIndex({
    indexName: deskIndex,
    partitionKey: { name: "desk_of", type: AttributeType.STRING },
    sortKey: { name: "desk_place", type: AttributeType.STRING },
    projectionType: ProjectionType.KEYS_ONLY,
  });

  return {
    table,
    key,
    originSecret: generated(stack, "OriginSecret", "CloudFront shows it to the HTTP functions", removalPolicy),
    linkSecret: generated(stack, "LinkSecret", "Form keys, page links and phone hashes are derived from it", removalPolicy),
  };
}

/**
 * DynamoDB reads and writes an encrypted table with its caller's rights on the key. One statement in the key's policy gives them to
 * whoever may use the table, and only through DynamoDB: no role needs the key itself for that, so `kms:Decrypt` in a role always
 * means "opens sealed values".
 */
function throughTheTable(stack: Stack): PolicyStatement {
  return new PolicyStatement({
    sid: "ThroughTheTableOnly",
    principals: [new AnyPrincipal()],
    actions: ["kms:Encrypt", "kms:Decrypt", "kms:ReEncryptFrom", "kms:ReEncryptTo", "kms:GenerateDataKey", "kms:CreateGrant", "kms:DescribeKey"],
    resources: ["*"],
    conditions: {
      StringEquals: { "kms:CallerAccount": stack.account, "kms:ViaService": `dynamodb.${stack.region}.amazonaws.com` },
    },
  });
}

function generated(stack: Stack, id: string, description: string, removalPolicy: RemovalPolicy): Secret {
  // Plain letters and digits: the value travels in a header.
  return knownAs(id, new Secret(stack, id, { description, removalPolicy, generateSecretString: { passwordLength: 48, excludePunctuation: true } }));
}
