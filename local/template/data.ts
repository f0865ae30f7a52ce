// Tables, queues, secrets and keys of the template.
import type { KeyResource, QueueResource, SecretGeneration, SecretResource, TableResource } from "./inventory.ts";
import { attachedPolicies, resourceStatements } from "./policies.ts";
import type { Resource, Resources } from "./resources.ts";
import { flag, isRecord, type Json, list, number, oneOf, only, optionalList, optionalRecord, record, refuse, text } from "./shape.ts";

const tableTypes = ["AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable"];

export const tables = (resources: Resources): readonly TableResource[] =>
  resources.ofType(...tableTypes).map((resource) => {
    const { properties, at, id } = resource;
    oneOf(properties.BillingMode, `${at}.BillingMode`, ["PAY_PER_REQUEST"]);
    const stream =
      properties.StreamSpecification === undefined
        ? undefined
        : only(record(properties.StreamSpecification, at), `${at}.StreamSpecification`, ["StreamViewType"], ["ResourcePolicy"]);
    const indexes = optionalList(properties.GlobalSecondaryIndexes, `${at}.GlobalSecondaryIndexes`).map((one, position) => {
      const where = `${at}.GlobalSecondaryIndexes[${position}]`;
      const { IndexName, KeySchema, Projection } = only(
        record(one, where),
        where,
        ["IndexName", "KeySchema", "Projection"],
        ["ContributorInsightsSpecification"],
      );
      return { IndexName, KeySchema, Projection };
    });
    const name = resources.resolver.identity(id, at).ref;
    return {
      id,
      name,
      arn: resources.attribute(resource, "Arn"),
      ...(stream ? { streamArn: resources.attribute(resource, "StreamArn") } : {}),
      properties: {
        TableName: name,
        AttributeDefinitions: list(properties.AttributeDefinitions, `${at}.AttributeDefinitions`),
        KeySchema: list(properties.KeySchema, `${at}.KeySchema`),
        BillingMode: "PAY_PER_REQUEST",
        ...(indexes.length > 0 ? { GlobalSecondaryIndexes: indexes } : {}),
        ...(stream ? { StreamSpecification: { StreamEnabled: true, StreamViewType: stream.StreamViewType } } : {}),
        ...(properties.TimeToLiveSpecification === undefined ? {} : { TimeToLiveSpecification: properties.TimeToLiveSpecification }),
      },
    };
  });

/** Queue attributes that the engine gets, by the property they come from. */
const queueAttributes = ["MessageRetentionPeriod", "ReceiveMessageWaitTimeSeconds", "DelaySeconds", "MaximumMessageSize"];

/** Queues, dead-letter queues before those that point at them. */
export function queues(resources: Resources): readonly QueueResource[] {
  const policies = attachedPolicies(resources, "AWS::SQS::QueuePolicy", "Queues", "AWS::SQS::Queue");
  const all = resources.ofType("AWS::SQS::Queue").map((resource): QueueResource => {
    const { properties, at, id } = resource;
    const deadLetter = redriveOf(resource, resources);
    const policy = policies.get(id);
    return {
      id,
      name: resources.attribute(resource, "QueueName"),
      arn: resources.attribute(resource, "Arn"),
      visibilityTimeoutSeconds: number(properties.VisibilityTimeout, `${at}.VisibilityTimeout`, 30),
      ...(deadLetter ? { deadLetter } : {}),
      ...(policy ? { policy } : {}),
      properties: Object.fromEntries(
        queueAttributes.filter((name) => properties[name] !== undefined).map((name) => [name, number(properties[name], `${at}.${name}`)]),
      ),
    };
  });
  return [...all].sort((a, b) => Number(a.deadLetter !== undefined) - Number(b.deadLetter !== undefined));
}

function redriveOf({ properties, at }: Resource, resources: Resources): QueueResource["deadLetter"] {
  if (properties.RedrivePolicy === undefined) return undefined;
  const where = `${at}.RedrivePolicy`;
  const policy = only(record(properties.RedrivePolicy, where), where, ["deadLetterTargetArn", "maxReceiveCount"]);
  return {
    queueId: resources.named(policy.deadLetterTargetArn, where, "AWS::SQS::Queue").id,
    maxReceiveCount: number(policy.maxReceiveCount, where),
  };
}

/** What a secret's template asks Secrets Manager to draw. */
export function secretGeneration(properties: Json, at: string): SecretGeneration {
  const where = `${at}.GenerateSecretString`;
  const wanted = only(
    optionalRecord(properties.GenerateSecretString, where),
    where,
    ["PasswordLength", "ExcludeCharacters", "ExcludeLowercase", "ExcludeUppercase", "ExcludeNumbers", "ExcludePunctuation"],
    ["RequireEachIncludedType", "IncludeSpace"],
  );
  if (!isRecord(properties.GenerateSecretString)) return refuse(at, "only generated secrets are supported locally");
  const excluded = { lower: "ExcludeLowercase", upper: "ExcludeUppercase", digits: "ExcludeNumbers", punctuation: "ExcludePunctuation" } as const;
  const kinds = (Object.keys(excluded) as (keyof typeof excluded)[]).filter((kind) => !flag(wanted[excluded[kind]], where));
  return {
    length: number(wanted.PasswordLength, where, 32),
    exclude: wanted.ExcludeCharacters === undefined ? "" : text(wanted.ExcludeCharacters, where),
    kinds,
  };
}

export const secrets = (resources: Resources): readonly SecretResource[] =>
  resources.ofType("AWS::SecretsManager::Secret").map((resource) => {
    const { ref } = resources.resolver.identity(resource.id, resource.at);
    return {
      id: resource.id,
      arn: ref,
      // The ARN ends in the name, a hyphen and six drawn characters.
      name: (ref.split(":secret:")[1] ?? "").slice(0, -7),
      generate: secretGeneration(resource.properties, resource.at),
    };
  });

export function keys(resources: Resources): readonly KeyResource[] {
  const aliases = resources.ofType("AWS::KMS::Alias").map((alias) => ({
    name: text(alias.properties.AliasName, alias.at),
    keyId: resources.named(alias.properties.TargetKeyId, `${alias.at}.TargetKeyId`, "AWS::KMS::Key").id,
  }));
  return resources.ofType("AWS::KMS::Key").map((resource) => {
    const { properties, at, id } = resource;
    if (!flag(properties.Enabled, `${at}.Enabled`, true)) refuse(at, "a disabled key is not supported locally");
    return {
      id,
      arn: resources.attribute(resource, "Arn"),
      aliases: aliases.filter((alias) => alias.keyId === id).map((alias) => alias.name),
      ...(properties.KeyPolicy === undefined ? {} : { policy: resourceStatements(properties.KeyPolicy, `${at}.KeyPolicy`) }),
    };
  });
}
