// The sweep: once a minute it looks again at the orders that still wait.
import type { Stack } from "aws-cdk-lib";
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { CfnEventInvokeConfig, type Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import { CfnSchedule } from "aws-cdk-lib/aws-scheduler";
import { knownAs } from "./logical-id.ts";
import type { Queues } from "./queues.ts";
import type { Stage } from "./stages.ts";

export function sweepSchedule(stack: Stack, stage: Stage, sweep: LambdaFunction, { sweepDeadLetters }: Queues): CfnSchedule {
  const role = knownAs(
    "SweepScheduleRole",
    new Role(stack, "SweepScheduleRole", {
      assumedBy: new ServicePrincipal("scheduler.amazonaws.com", { conditions: { StringEquals: { "aws:SourceAccount": stack.account } } }),
      inlinePolicies: {
        rights: new PolicyDocument({
          statements: [
            new PolicyStatement({ actions: ["lambda:InvokeFunction"], resources: [sweep.functionArn] }),
            new PolicyStatement({ actions: ["sqs:SendMessage"], resources: [sweepDeadLetters.queueArn] }),
          ],
        }),
      },
    }),
  );
  // The next minute is the best retry: a second try inside the same minute would run beside it.
  new CfnEventInvokeConfig(stack, "SweepInvocations", {
    functionName: sweep.functionName,
    qualifier: "$LATEST",
    maximumRetryAttempts: 0,
    maximumEventAgeInSeconds: 60,
    destinationConfig: { onFailure: { destination: sweepDeadLetters.queueArn } },
  });
  return new CfnSchedule(stack, "SweepSchedule", {
    name: `gigbridge-${stage.name}-sweep`,
    description: "Lost webhooks and stuck runs",
    scheduleExpression: "rate(1 minute)",
    flexibleTimeWindow: { mode: "OFF" },
    state: "ENABLED",
    target: {
      arn: sweep.functionArn,
      roleArn: role.roleArn,
      input: "{}",
      retryPolicy: { maximumRetryAttempts: 2, maximumEventAgeInSeconds: 60 },
      deadLetterConfig: { arn: sweepDeadLetters.queueArn },
    },
  });
}
