// Nothing relies on a default of AWS for retries, dead letters, retention or time-outs.
import { beforeAll, describe, expect, it } from "@jest/globals";
import { type FunctionSpec, functionList } from "../../lib/function-list.ts";
import { pascalCase } from "../../lib/logical-id.ts";
import { assembly, listOf, ofType, referred, synthMsMax, type Template } from "./assembly.ts";

/** Below the 30 s after which the HTTP API gives up. */
const httpSecondsMax = 29;
/** Below the 12 s that the workflow waits for a step. */
const stepSecondsMax = 11;

describe.each(["dev", "prod"] as const)("resilience in %s", (stage) => {
  let template: Template;
  beforeAll(() => {
    template = assembly()[stage];
  }, synthMsMax);

  const timeoutOf = (functionId: string): number => template.Resources[functionId]?.Properties.Timeout;

  it("gives every queue a dead-letter queue, or makes it one", () => {
    const queues = ofType(template, "AWS::SQS::Queue");
    expect(queues.length).toBeGreaterThan(2);
    for (const [id, { Properties }] of queues) {
      const isDeadLetters = id.endsWith("DeadLetters");
      expect([id, isDeadLetters || referred(Properties.RedrivePolicy?.deadLetterTargetArn)?.endsWith("DeadLetters")]).toEqual([id, true]);
      if (!isDeadLetters) expect(Properties.RedrivePolicy.maxReceiveCount).toBe(5);
    }
  });

  it("encrypts every queue, refuses plain connections to it and says how long it keeps messages", () => {
    const denied = ofType(template, "AWS::SQS::QueuePolicy")
      .filter(([, { Properties }]) => JSON.stringify(Properties.PolicyDocument).includes('"aws:SecureTransport":"false"'))
      .flatMap(([, { Properties }]) => listOf(Properties.Queues).map(referred));
    for (const [id, { Properties }] of ofType(template, "AWS::SQS::Queue")) {
      expect(Properties.SqsManagedSseEnabled).toBe(true);
      expect(Properties.MessageRetentionPeriod).toBeGreaterThanOrEqual(4 * 86_400);
      expect(denied).toContain(id);
    }
  });

  it("hides a message for at least six times its consumer's time-out", () => {
    const consumers = ofType(template, "AWS::Lambda::EventSourceMapping").filter(([, { Properties }]) =>
      template.Resources[referred(Properties.EventSourceArn) ?? ""]?.Type.endsWith("Queue"),
    );
    expect(consumers.length).toBe(1);
    for (const [, { Properties }] of consumers) {
      const queue = template.Resources[referred(Properties.EventSourceArn) ?? ""];
      expect(queue?.Properties.VisibilityTimeout).toBeGreaterThanOrEqual(6 * timeoutOf(referred(Properties.FunctionName) ?? ""));
      expect(Properties.FunctionResponseTypes).toEqual(["ReportBatchItemFailures"]);
    }
  });

  it("reads only new operations from the stream, with bounded retries, halving, and a place for what is given up", () => {
    const streams = ofType(template, "AWS::Lambda::EventSourceMapping").filter(([, { Properties }]) => Properties.StartingPosition !== undefined);
    // A stream serves two readers well, and no third.
    expect(streams.map(([id]) => id).sort()).toEqual(["JournalStream", "OperationStream"]);
    const operations = { Keys: { pk: { S: [{ prefix: "OP#" }] } } };
    const filters: Readonly<Record<string, unknown>> = {
      OperationStream: {
        eventName: ["INSERT"],
        dynamodb: {
          ...operations,
          NewImage: {
            kind: {
              S: ["order_paid", "unit_replaced", "units_given", "order_needs_attention", "refund_failed", "dispute_inquired", "dispute_opened"],
            },
          },
        },
      },
      JournalStream: {
        eventName: ["INSERT"],
        dynamodb: { ...operations, NewImage: { kind: { S: [{ "anything-but": ["order_placed", "hold_expired"] }] } } },
      },
    };
    for (const [id, { Properties }] of streams) {
      expect(Properties.FilterCriteria.Filters.map((filter: any) => JSON.parse(filter.Pattern))).toEqual([filters[id]]);
      expect(Properties.BisectBatchOnFunctionError).toBe(true);
      expect(Properties.MaximumRetryAttempts).toBeGreaterThan(0);
      expect(Properties.MaximumRecordAgeInSeconds).toBeLessThan(86_400);
      expect(Properties.FunctionResponseTypes).toEqual(["ReportBatchItemFailures"]);
      expect(referred(Properties.DestinationConfig.OnFailure.Destination)).toBe(id === "JournalStream" ? "JournalDeadLetters" : "OutboxDeadLetters");
    }
  });

  it("says for every schedule how often it retries and where a lost run goes", () => {
    const schedules = ofType(template, "AWS::Scheduler::Schedule");
    expect(schedules.map(([id]) => id).sort()).toEqual(["ReconcileSchedule", "SweepSchedule"]);
    for (const [id, { Properties }] of schedules) {
      expect(Properties.Target.RetryPolicy).toEqual({ MaximumRetryAttempts: 2, MaximumEventAgeInSeconds: id === "SweepSchedule" ? 60 : 900 });
      expect(referred(Properties.Target.DeadLetterConfig.Arn)).toBe(id.replace("Schedule", "DeadLetters"));
      const invocations = ofType(template, "AWS::Lambda::EventInvokeConfig").filter(
        ([, config]) => referred(config.Properties.FunctionName) === referred(Properties.Target.Arn),
      );
      expect(invocations.map(([, config]) => config.Properties.MaximumRetryAttempts)).toEqual([0]);
    }
  });

  it("ends every HTTP function and every step before its caller gives up", () => {
    const specs: readonly FunctionSpec[] = functionList;
    for (const { id, trigger } of specs) {
      const seconds = timeoutOf(`${pascalCase(id)}Function`);
      if (trigger === "http") expect([id, seconds <= httpSecondsMax]).toEqual([id, true]);
      if (trigger === "workflow") expect([id, seconds <= stepSecondsMax]).toEqual([id, true]);
    }
  });

  it("runs a sale on Express, traced, with errors logged and no data of the sale in the log", () => {
    const [, machine] = ofType(template, "AWS::StepFunctions::StateMachine")[0] ?? [];
    expect(machine?.Properties.StateMachineType).toBe("EXPRESS");
    expect(machine?.Properties.TracingConfiguration).toEqual({ Enabled: true });
    expect(machine?.Properties.LoggingConfiguration).toMatchObject({ Level: "ERROR", IncludeExecutionData: false });
    const steps = ["Confirm", "Deliver", "Dispute", "PayBack", "Release", "Send"].map((step) => `${step}FunctionArn`);
    expect(Object.keys(machine?.Properties.DefinitionSubstitutions).sort()).toEqual(steps);
  });

  it("keeps every log for a stated time, and every function's log in a group of its own", () => {
    const groups = ofType(template, "AWS::Logs::LogGroup");
    for (const [, group] of groups) expect(group.Properties.RetentionInDays).toBe(stage === "prod" ? 90 : 14);
    const used = ofType(template, "AWS::Lambda::Function").map(([, fn]) => referred(fn.Properties.LoggingConfig?.LogGroup));
    expect(used).not.toContain(undefined);
    expect(new Set(used).size).toBe(used.length);
  });

  it("watches every function, every dead-letter queue, the stream's lag, the workflow and the API, in a sentence that a person feels", () => {
    const watched = ofType(template, "AWS::CloudWatch::Alarm");
    const metrics = watched.map(
      ([, { Properties }]) =>
        `${Properties.MetricName} ${listOf(Properties.Dimensions)
          .map(({ Value }: any) => nameOf(Value))
          .join()}`,
    );
    for (const { id } of functionList)
      expect(metrics).toEqual(expect.arrayContaining([`Errors ${pascalCase(id)}Function`, `Throttles ${pascalCase(id)}Function`]));
    for (const queue of ["OrderEventsDeadLetters", "OutboxDeadLetters", "SweepDeadLetters", "JournalDeadLetters", "ReconcileDeadLetters"])
      expect(metrics).toContain(`ApproximateNumberOfMessagesVisible ${queue}`);
    expect(metrics).toEqual(
      expect.arrayContaining([
        "IteratorAge OutboxFunction",
        "IteratorAge ReportsJournalFunction",
        "ExecutionsFailed FulfilOrder",
        "ExecutionsTimedOut FulfilOrder",
        "ExecutionThrottled FulfilOrder",
        "PersonNeeded ",
        "5xx HttpApi",
      ]),
    );
    // What a comparison of the books finds and nothing ends, from the logs of both who compare.
    const filters = filtersOf("books_differ");
    expect(filters.map(([, { Properties }]) => [referred(Properties.LogGroupName), Properties.FilterPattern])).toEqual(
      ["ReportsReconcileLogs", "ReportsOperatorLogs"].map((group) => [group, '{ $.event = "books_differ" }']),
    );
    for (const [, { Properties }] of filters) {
      const [told] = Properties.MetricTransformations;
      expect(watched.map(([, alarm]) => [alarm.Properties.Namespace, alarm.Properties.MetricName, told.MetricValue])).toContainEqual([
        told.MetricNamespace,
        told.MetricName,
        "$.count",
      ]);
    }
    for (const [id, { Properties }] of watched) {
      expect([id, /^[A-Z][^.]{20,}\. Look at .+\.$/.test(Properties.AlarmDescription)]).toEqual([id, true]);
      expect(listOf(Properties.AlarmActions).map(referred)).toEqual(["Alarms"]);
      expect(Properties.TreatMissingData).toBe("notBreaching");
    }
  });

  it("calls a person for each matter that is recorded for one, by the line that its reader writes", () => {
    const [[, { Properties }] = ["", { Properties: undefined }], ...others] = filtersOf("person_needed");
    expect(others).toEqual([]);
    expect(referred(Properties.LogGroupName)).toBe("FulfilEventsLogs");
    expect(Properties.MetricTransformations).toEqual([expect.objectContaining({ MetricName: "PersonNeeded", MetricValue: "1" })]);
  });

  const filtersOf = (event: string) =>
    ofType(template, "AWS::Logs::MetricFilter").filter(([, { Properties }]) => Properties.FilterPattern === `{ $.event = "${event}" }`);
  const nameOf = (value: any): string => referred(value) ?? String(value);
});
