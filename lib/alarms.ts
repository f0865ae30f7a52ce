// Alarms say what people notice, not which metric moved.
import { CfnOutput, Duration, type Stack } from "aws-cdk-lib";
import type { HttpApi } from "aws-cdk-lib/aws-apigatewayv2";
import { Alarm, ComparisonOperator, type IMetric, Metric, Stats, TreatMissingData } from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import { FilterPattern, MetricFilter } from "aws-cdk-lib/aws-logs";
import { Topic } from "aws-cdk-lib/aws-sns";
import type { Queue } from "aws-cdk-lib/aws-sqs";
import type { StateMachine } from "aws-cdk-lib/aws-stepfunctions";
import { personNeeded } from "../functions/fulfilment/contract.ts";
import type { FunctionSpec } from "./function-list.ts";
import { knownAs, pascalCase } from "./logical-id.ts";
import type { Queues } from "./queues.ts";

export interface Watched {
  readonly functions: readonly (readonly [FunctionSpec, LambdaFunction])[];
  readonly queues: Queues;
  readonly workflow: StateMachine;
  readonly api: HttpApi;
}

/** Functions whose logs tell of differences between a provider's books and ours. */
const comparing = new Set(["reports-reconcile", "reports-operator"]);

const period = Duration.minutes(5);

export function alarms(stack: Stack, { functions, queues, workflow, api }: Watched): Topic {
  const topic = knownAs("Alarms", new Topic(stack, "Alarms", { displayName: "GigBridge alarms", enforceSSL: true }));
  const action = new SnsAction(topic);
  const alarm = (id: string, metric: IMetric, threshold: number, felt: string, look: string) =>
    knownAs(
      id,
      new Alarm(stack, id, {
        alarmDescription: `${felt} Look at ${look}.`,
        metric,
        threshold,
        evaluationPeriods: 1,
        comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        // Nothing measured is nothing wrong: a quiet shop makes no data.
        treatMissingData: TreatMissingData.NOT_BREACHING,
      }),
    ).addAlarmAction(action);

  for (const [spec, fn] of functions) {
    const name = pascalCase(spec.id);
    alarm(`${name}Errors`, fn.metricErrors({ period }), 1, spec.felt, `the log group of ${spec.id}`);
    alarm(`${name}Throttles`, fn.metricThrottles({ period }), 1, spec.felt, `the account's Lambda concurrency: ${spec.id} was refused room to run`);
  }

  const notEmpty = (id: string, queue: Queue, felt: string, look: string) =>
    alarm(id, queue.metricApproximateNumberOfMessagesVisible({ period, statistic: Stats.MAXIMUM }), 1, felt, look);
  notEmpty(
    "OrderEventsSetAside",
    queues.orderEventsDeadLetters,
    "Something that should follow a sale, such as an SMS, has failed for good.",
    "the messages of OrderEventsDeadLetters, then send them back",
  );
  notEmpty(
    "OutboxSetAside",
    queues.outboxDeadLetters,
    "An event of a sale was not handed on, so what should follow it will not happen by itself.",
    "the operation keys in OutboxDeadLetters",
  );
  notEmpty(
    "SweepSetAside",
    queues.sweepDeadLetters,
    "A minute's sweep did not run, so paid orders whose notice was lost wait longer.",
    "the log group of fulfil-sweep",
  );
  notEmpty(
    "JournalSetAside",
    queues.journalDeadLetters,
    "Money moved that our journal does not tell of, so the comparison with the provider may overlook it.",
    "the lines operation_failed in the log group of reports-journal, then enter each operation by its id (enterOperation of reports-operator)",
  );
  notEmpty(
    "ReconcileSetAside",
    queues.reconcileDeadLetters,
    "A night's comparison with a payment provider did not finish; its days stay due.",
    "the log group of reports-reconcile",
  );
  const differing = { metricNamespace: `GigBridge/${stack.stackName}`, metricName: "BooksDiffer" };
  for (const [spec, fn] of functions.filter(([{ id }]) => comparing.has(id))) {
    const id = `${pascalCase(spec.id)}BooksDiffer`;
    const filterPattern = FilterPattern.stringValue("$.event", "=", "books_differ");
    knownAs(id, new MetricFilter(stack, id, { logGroup: fn.logGroup, filterPattern, metricValue: "$.count", ...differing }));
  }
  alarm(
    "BooksDiffer",
    new Metric({ namespace: differing.metricNamespace, metricName: differing.metricName, period, statistic: Stats.SUM }),
    1,
    "A payment provider's books differ from ours, and nothing ends it by itself: money may be owed to a buyer or a merchant.",
    "the lines books_differ in the log groups of reports-reconcile and reports-operator for merchant and date, then list the findings",
  );

  const watchedFunction = (functionId: string): LambdaFunction => {
    const found = functions.find(([spec]) => spec.id === functionId)?.[1];
    if (!found) throw new Error(`${functionId} does not exist, so nothing would watch it`);
    return found;
  };
  const lag = (id: string, functionId: string, after: Duration, felt: string) => {
    const reader = watchedFunction(functionId);
    alarm(id, reader.metric("IteratorAge", { period, statistic: Stats.MAXIMUM }), after.toMilliseconds(), felt, `the log group of ${functionId}`);
  };
  lag("OutboxLag", "outbox", Duration.minutes(10), "Late SMS and notices are more than ten minutes behind the sales.");
  lag("JournalLag", "reports-journal", Duration.hours(1), "Our journal of money is more than an hour behind the sales.");
  alarm(
    "OrderEventsLag",
    queues.orderEvents.metricApproximateAgeOfOldestMessage({ period }),
    Duration.minutes(10).toSeconds(),
    "What should follow a sale, such as a late SMS, has waited for more than ten minutes.",
    "the log group of fulfil-events",
  );
  alarm(
    "FulfilOrderFailures",
    workflow.metricFailed({ period }),
    1,
    "A buyer may have paid without getting the number: a step failed, and the sweep tries again, or the order waits for a person.",
    "listExceptions of fulfil-desk-operator for orders that wait, and the log groups of the steps for what failed",
  );
  // The workflow's own alarm may be on already; this one counts each matter when it is recorded, and is over again when nothing new comes.
  const calls = knownAs(
    "PersonNeededCalls",
    new MetricFilter(stack, "PersonNeededCalls", {
      logGroup: watchedFunction("fulfil-events").logGroup,
      filterPattern: FilterPattern.stringValue("$.event", "=", personNeeded),
      metricNamespace: stack.stackName,
      metricName: "PersonNeeded",
      metricValue: "1",
    }),
  );
  alarm(
    "PersonNeeded",
    calls.metric({ period, statistic: Stats.SUM }),
    1,
    "Money waits for a person: it does not fit its order, a refund failed, or a buyer's bank wants an answer by a date.",
    "listExceptions of fulfil-desk-operator; the lines person_needed of fulfil-events name the orders",
  );
  alarm(
    "FulfilOrderThrottles",
    workflow.metricThrottled({ period }),
    1,
    "Buyers who paid wait: the account's limit of workflow executions is reached.",
    "the account's Step Functions quotas",
  );
  alarm(
    "FulfilOrderTimeouts",
    workflow.metricTimedOut({ period }),
    1,
    "A buyer who paid has waited for five minutes; the sweep tries again.",
    "the log group of FulfilOrder",
  );
  alarm(
    "HttpApiFaults",
    api.metricServerError({ period, statistic: Stats.SUM }),
    5,
    "Buyers meet error pages.",
    "the access log of the HTTP API, by route",
  );

  new CfnOutput(stack, "AlarmTopic", { value: topic.topicArn, description: "Subscribe whoever is on call" });
  return topic;
}
