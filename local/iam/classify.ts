// Which permissions a call needs: the table from an operation and its body to actions, resources and condition keys.
import type { Inventory } from "../template/inventory.ts";
import { arn, region } from "../template/names.ts";
import { isRecord, type Json } from "../template/shape.ts";
import { classifyDynamodb } from "./classify-dynamodb.ts";
import type { AccessRequest } from "./evaluate.ts";

export interface ClassifiedCall {
  /** As in the credential scope: `dynamodb`, `sqs`, `kms`, `secretsmanager`, `states`, `lambda`, `sts`. */
  readonly service: string;
  readonly operation: string;
  readonly body: Json;
}
/** What a call needs, all of it; empty: nothing. Undefined: the operation is not mapped and must be refused. */
export type Classifier = (call: ClassifiedCall) => readonly AccessRequest[] | undefined;

/** Names of resources in requests to their ARNs. */
export interface ArnsOf {
  key(id: unknown): string;
  /** The key that made a ciphertext, when it can be told. */
  keyOfBlob(blob: unknown): string | undefined;
}

const sqsActions: Readonly<Record<string, string>> = {
  SendMessage: "SendMessage",
  SendMessageBatch: "SendMessage",
  ReceiveMessage: "ReceiveMessage",
  DeleteMessage: "DeleteMessage",
  DeleteMessageBatch: "DeleteMessage",
  ChangeMessageVisibility: "ChangeMessageVisibility",
  ChangeMessageVisibilityBatch: "ChangeMessageVisibility",
  GetQueueAttributes: "GetQueueAttributes",
  GetQueueUrl: "GetQueueUrl",
};
const kmsOperations = ["Encrypt", "Decrypt", "GenerateDataKey", "GenerateDataKeyWithoutPlaintext", "DescribeKey"];
const secretOperations = ["GetSecretValue", "DescribeSecret"];

export function createClassifier(inventory: Inventory, arns: ArnsOf): Classifier {
  const secretArn = (id: unknown): string => findSecret(inventory, id)?.arn ?? arn("secretsmanager", `secret:${String(id)}`);
  const one = (action: string, resource: string, context: AccessRequest["context"] = {}): readonly AccessRequest[] => [{ action, resource, context }];

  return ({ service, operation, body }) => {
    switch (service) {
      case "dynamodb":
        return classifyDynamodb(inventory, operation, body);
      case "sqs": {
        const action = sqsActions[operation];
        return action === undefined ? undefined : one(`sqs:${action}`, arn("sqs", queueNameOf(body)));
      }
      case "kms":
        return kmsOperations.includes(operation) ? one(`kms:${operation}`, keyArn(arns, operation, body), kmsContext(body)) : undefined;
      case "secretsmanager":
        return secretOperations.includes(operation) ? one(`secretsmanager:${operation}`, secretArn(body.SecretId)) : undefined;
      case "states":
        return operation === "StartExecution" ? one("states:StartExecution", String(body.stateMachineArn)) : undefined;
      case "lambda":
        return operation === "Invoke"
          ? one("lambda:InvokeFunction", findFunction(inventory, body.FunctionName)?.arn ?? arn("lambda", `function:${String(body.FunctionName)}`))
          : undefined;
      case "sts":
        return operation === "GetCallerIdentity" ? [] : undefined;
      default:
        return undefined;
    }
  };
}

/** The last word of the queue's URL, whichever origin stands before it. */
const queueNameOf = (body: Json): string =>
  String(body.QueueName ?? body.QueueUrl ?? "")
    .split("/")
    .at(-1) ?? "";

const keyArn = (arns: ArnsOf, operation: string, body: Json): string =>
  (operation === "Decrypt" ? arns.keyOfBlob(body.CiphertextBlob) : undefined) ?? arns.key(body.KeyId);

function kmsContext(body: Json): AccessRequest["context"] {
  const pairs = isRecord(body.EncryptionContext) ? Object.entries(body.EncryptionContext) : [];
  if (pairs.length === 0) return {};
  return {
    "kms:encryptioncontextkeys": pairs.map(([key]) => key),
    ...Object.fromEntries(pairs.map(([key, value]) => [`kms:encryptioncontext:${key.toLowerCase()}`, [String(value)]])),
  };
}

/** By ARN, ARN without its six drawn characters, or name. */
export const findSecret = (inventory: Inventory, id: unknown) =>
  inventory.secrets.find((secret) => id === secret.arn || id === secret.name || id === secret.arn.slice(0, -7));

/** By name, ARN or `<account>:function:<name>`. */
export const findFunction = (inventory: Inventory, id: unknown) =>
  inventory.functions.find(
    (fn) => id === fn.name || id === fn.arn || (typeof id === "string" && id !== "" && fn.arn === `arn:aws:lambda:${region}:${id}`),
  );

/** By id, ARN, alias name or alias ARN. */
export const findKey = (inventory: Inventory, id: unknown) =>
  inventory.keys.find(
    (key) => id === key.arn || key.arn.endsWith(`:key/${String(id)}`) || key.aliases.some((alias) => id === alias || id === arn("kms", alias)),
  );
