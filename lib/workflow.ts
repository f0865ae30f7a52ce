// The workflow of a sale: Express, because it is a tenth of the price and every step of ours may safely run twice.
import { join } from "node:path";
import type { Stack } from "aws-cdk-lib";
import { Policy, PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import { DefinitionBody, LogLevel, StateMachine, StateMachineType } from "aws-cdk-lib/aws-stepfunctions";
import { root } from "./bundle.ts";
import { knownAs } from "./logical-id.ts";
import { logs } from "./product-function.ts";
import type { Stage } from "./stages.ts";

export interface FulfilmentSteps {
  readonly confirm: LambdaFunction;
  readonly deliver: LambdaFunction;
  readonly send: LambdaFunction;
  readonly release: LambdaFunction;
  readonly payBack: LambdaFunction;
  readonly dispute: LambdaFunction;
}

export function fulfilOrder(stack: Stack, stage: Stage, { confirm, deliver, send, release, payBack, dispute }: FulfilmentSteps): StateMachine {
  const role = knownAs("FulfilOrderRole", new Role(stack, "FulfilOrderRole", { assumedBy: new ServicePrincipal("states.amazonaws.com") }));
  const steps = new Policy(stack, "FulfilOrderSteps", {
    statements: [
      new PolicyStatement({
        actions: ["lambda:InvokeFunction"],
        resources: [confirm, deliver, send, release, payBack, dispute].map((step) => step.functionArn),
      }),
    ],
  });
  role.attachInlinePolicy(knownAs("FulfilOrderSteps", steps));
  // Vended log names must start so; otherwise each new machine lengthens one account-wide resource policy until it is full.
  const logGroup = knownAs("FulfilOrderLogs", logs(stack, stage, "FulfilOrderLogs", `/aws/vendedlogs/states/gigbridge-${stage.name}-fulfil-order`));
  const machine = new StateMachine(stack, "FulfilOrder", {
    stateMachineName: `gigbridge-${stage.name}-fulfil-order`,
    stateMachineType: StateMachineType.EXPRESS,
    definitionBody: DefinitionBody.fromFile(join(root, "statemachines/fulfilment/fulfil-order.asl.json")),
    definitionSubstitutions: {
      ConfirmFunctionArn: confirm.functionArn,
      DeliverFunctionArn: deliver.functionArn,
      SendFunctionArn: send.functionArn,
      ReleaseFunctionArn: release.functionArn,
      PayBackFunctionArn: payBack.functionArn,
      DisputeFunctionArn: dispute.functionArn,
    },
    role,
    // Execution data holds order ids and payment facts: the table is where they belong, not the log.
    logs: { destination: logGroup, level: LogLevel.ERROR, includeExecutionData: false },
    tracingEnabled: true,
  });
  machine.node.addDependency(steps);
  return knownAs("FulfilOrder", machine);
}
