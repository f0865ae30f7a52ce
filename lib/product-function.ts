// A function of the product: its own role with nothing but its row's rights, its own log group, its bundle and its settings.
import { join } from "node:path";
import { Duration, RemovalPolicy, type Stack } from "aws-cdk-lib";
import { Effect, PolicyDocument, PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Architecture, Code, Function as LambdaFunction, LoggingFormat, Runtime } from "aws-cdk-lib/aws-lambda";
import { LogGroup, RetentionDays } from "aws-cdk-lib/aws-logs";
import type { FunctionSpec } from "./function-list.ts";
import { storeStatements } from "./grants.ts";
import { knownAs, pascalCase } from "./logical-id.ts";
import type { Origins } from "./parameters.ts";
import type { Queues } from "./queues.ts";
import type { Stage } from "./stages.ts";
import type { Store } from "./table.ts";

/** What the functions of one stack share. */
export interface Surroundings {
  readonly stack: Stack;
  readonly stage: Stage;
  readonly store: Store;
  readonly queues: Queues;
  readonly origins: Origins;
  /** Folder of the bundles. */
  readonly bundles: string;
  /** The FulfilOrder workflow; absent while its own steps are being made. */
  readonly fulfilOrderArn?: string;
}

export function productFunction(spec: FunctionSpec, around: Surroundings): LambdaFunction {
  const { stack, stage } = around;
  const name = pascalCase(spec.id);
  const functionName = `gigbridge-${stage.name}-${spec.id}`;
  const logGroup = knownAs(`${name}Logs`, logs(stack, stage, `${name}Logs`, `/aws/lambda/${functionName}`));
  const role = knownAs(
    `${name}Role`,
    new Role(stack, `${name}Role`, {
      description: `What ${spec.id} may do in ${stage.name}, and nothing else`,
      assumedBy: new ServicePrincipal("lambda.amazonaws.com"),
      inlinePolicies: {
        rights: new PolicyDocument({ statements: [writeLogs(logGroup), ...storeStatements(spec, around.store), ...callStatements(spec, around)] }),
      },
    }),
  );
  return knownAs(
    `${name}Function`,
    new LambdaFunction(stack, `${name}Function`, {
      functionName,
      description: describe(spec),
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      handler: "index.handler",
      code: Code.fromAsset(join(around.bundles, "functions", spec.id)),
      // The role is complete as it stands: constructs that would widen it as a side effect are refused.
      role: role.withoutPolicyUpdates(),
      memorySize: spec.memoryMb,
      timeout: Duration.seconds(spec.timeoutSeconds),
      environment: environment(spec, around),
      logGroup,
      // Lines are JSON already; Lambda's own JSON format would wrap them once more.
      loggingFormat: LoggingFormat.TEXT,
    }),
  );
}

/** A log group of the stack, kept as long as complaints about a sale come in. */
export function logs(stack: Stack, stage: Stage, id: string, logGroupName: string): LogGroup {
  return new LogGroup(stack, id, {
    logGroupName,
    retention: stage.keepsData ? RetentionDays.THREE_MONTHS : RetentionDays.TWO_WEEKS,
    removalPolicy: stage.keepsData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
  });
}

function writeLogs(logGroup: LogGroup): PolicyStatement {
  return new PolicyStatement({ effect: Effect.ALLOW, actions: ["logs:CreateLogStream", "logs:PutLogEvents"], resources: [logGroup.logGroupArn] });
}

function callStatements(spec: FunctionSpec, { fulfilOrderArn, queues, store }: Surroundings): PolicyStatement[] {
  const statements: PolicyStatement[] = [];
  if (spec.startsFulfilment && fulfilOrderArn)
    statements.push(new PolicyStatement({ actions: ["states:StartExecution"], resources: [fulfilOrderArn] }));
  const targets = {
    OrderEvents: queues.orderEvents,
    OutboxDeadLetters: queues.outboxDeadLetters,
    SweepDeadLetters: queues.sweepDeadLetters,
    JournalDeadLetters: queues.journalDeadLetters,
    ReconcileDeadLetters: queues.reconcileDeadLetters,
  };
  if (spec.sendsTo?.length)
    statements.push(new PolicyStatement({ actions: ["sqs:SendMessage"], resources: spec.sendsTo.map((name) => targets[name].queueArn) }));
  // Lambda polls an event source, and sends to a failure destination, with the function's role.
  switch (spec.trigger) {
    case "queue":
      statements.push(
        new PolicyStatement({
          actions: ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility", "sqs:GetQueueAttributes"],
          resources: [queues.orderEvents.queueArn],
        }),
      );
      break;
    case "stream":
      statements.push(
        new PolicyStatement({
          actions: ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"],
          resources: [store.table.tableStreamArn ?? ""],
        }),
        // ListStreams knows no resource; it names streams and shows nothing of them.
        new PolicyStatement({ actions: ["dynamodb:ListStreams"], resources: ["*"] }),
      );
      break;
  }
  return statements;
}

function environment(spec: FunctionSpec, { stage, store, queues, origins, fulfilOrderArn }: Surroundings): Record<string, string> {
  const settings = spec.settings ?? [];
  const wanted: Readonly<Record<string, string | false | undefined>> = {
    STAGE: stage.name,
    LOG_LEVEL: stage.keepsData ? "info" : "debug",
    TABLE_NAME: spec.table !== undefined && store.table.tableName,
    KEY_ID: (spec.opens !== undefined || spec.seals !== undefined) && store.key.keyArn,
    ORIGIN_SECRET_ID: spec.secrets?.includes("origin") && store.originSecret.secretArn,
    LINK_SECRET_ID: spec.secrets?.includes("link") && store.linkSecret.secretArn,
    PUBLIC_ORIGIN: settings.includes("PUBLIC_ORIGIN") && origins.publicOrigin,
    CHECKOUT_ORIGIN: settings.includes("CHECKOUT_ORIGIN") && origins.checkoutOrigin,
    SIMULATED_PROVIDERS: settings.includes("SIMULATED_PROVIDERS") && origins.simulatedProviders,
    FULFIL_ORDER_ARN: spec.startsFulfilment && fulfilOrderArn,
    ORDER_EVENTS_URL: spec.sendsTo?.includes("OrderEvents") && queues.orderEvents.queueUrl,
    OUTBOX_DEAD_LETTERS_URL: spec.sendsTo?.includes("OutboxDeadLetters") && queues.outboxDeadLetters.queueUrl,
  };
  return Object.fromEntries(Object.entries(wanted).filter((entry): entry is [string, string] => typeof entry[1] === "string"));
}

function describe({ trigger, entry }: FunctionSpec): string {
  return `${entry} (${trigger === "operator" ? "invoked by an operator with IAM" : trigger})`;
}
