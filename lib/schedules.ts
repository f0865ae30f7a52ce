// What runs by the clock: the sweep once a minute, the comparison of the books by night.
import type { Stack } from "aws-cdk-lib";
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { CfnEventInvokeConfig, type Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import { CfnSchedule } from "aws-cdk-lib/aws-scheduler";
import type { Queue } from "aws-cdk-lib/aws-sqs";
import { knownAs } from "./logical-id.ts";
import type { Queues } from "./queues.ts";
import type { Stage } from "./stages.ts";

interface Plan {
  /** First word of the logical ids. */
  readonly id: string;
  readonly name: string;
  readonly description: string;
  /** `rate(…)` or `cron(…)`, in UTC. */
  readonly expression: string;
  readonly target: LambdaFunction;
  readonly deadLetters: Queue;
  /** How long a run that could not be started is still wanted. */
  readonly ageSeconds: number;
}

/** Lost webhooks, stuck runs and holds that are over: once a minute it looks again at the orders that still wait. */
export const sweepSchedule = (stack: Stack, stage: Stage, target: LambdaFunction, { sweepDeadLetters }: Queues): CfnSchedule =>
  scheduled(stack, stage, {
    id: "Sweep",
    name: "sweep",
    description: "Lost webhooks and stuck runs",
    expression: "rate(1 minute)",
    target,
    deadLetters: sweepDeadLetters,
    ageSeconds: 60,
  });

/**
 * From Newfoundland to the Pacific days end between half past two and eight (UTC). Each connection waits for its own night; the hours after
 * are the retries of one whose provider was silent.
 */
export const nightSchedule = (stack: Stack, stage: Stage, target: LambdaFunction, { reconcileDeadLetters }: Queues): CfnSchedule =>
  scheduled(stack, stage, {
    id: "Reconcile",
    name: "reconcile",
    description: "The providers' books of the day against ours",
    expression: "cron(25 5-13 * * ? *)",
    target,
    deadLetters: reconcileDeadLetters,
    ageSeconds: 900,
  });

function scheduled(stack: Stack, stage: Stage, { id, name, description, expression, target, deadLetters, ageSeconds }: Plan): CfnSchedule {
  const role = knownAs(
    `${id}ScheduleRole`,
    new Role(stack, `${id}ScheduleRole`, {
      assumedBy: new ServicePrincipal("scheduler.amazonaws.com", { conditions: { StringEquals: { "aws:SourceAccount": stack.account } } }),
      inlinePolicies: {
        rights: new PolicyDocument({
          statements: [
            new PolicyStatement({ actions: ["lambda:InvokeFunction"], resources: [target.functionArn] }),
            new PolicyStatement({ actions: ["sqs:SendMessage"], resources: [deadLetters.queueArn] }),
          ],
        }),
      },
    }),
  );
  // The next run by plan is the best retry: a second try of this one would run beside it.
  new CfnEventInvokeConfig(stack, `${id}Invocations`, {
    functionName: target.functionName,
    qualifier: "$LATEST",
    maximumRetryAttempts: 0,
    maximumEventAgeInSeconds: ageSeconds,
    destinationConfig: { onFailure: { destination: deadLetters.queueArn } },
  });
  return new CfnSchedule(stack, `${id}Schedule`, {
    name: `gigbridge-${stage.name}-${name}`,
    description,
    scheduleExpression: expression,
    flexibleTimeWindow: { mode: "OFF" },
    state: "ENABLED",
    target: {
      arn: target.functionArn,
      roleArn: role.roleArn,
      input: "{}",
      retryPolicy: { maximumRetryAttempts: 2, maximumEventAgeInSeconds: ageSeconds },
      deadLetterConfig: { arn: deadLetters.queueArn },
    },
  });
}
