// Functions and what sets them off: permissions, queue and stream mappings, schedules.
import type { EventSourceResource, FunctionResource, ScheduleResource } from "./inventory.ts";
import { account, region } from "./names.ts";
import { checkTrust } from "./policies.ts";
import type { Resource, Resources } from "./resources.ts";
import { flag, isRecord, type Json, number, oneOf, only, optionalList, optionalRecord, record, refuse, text } from "./shape.ts";

export const functions = (resources: Resources): readonly FunctionResource[] =>
  resources.ofType("AWS::Lambda::Function").map((resource) => {
    const { properties, at, id } = resource;
    const runtime = text(properties.Runtime, `${at}.Runtime`);
    if (!/^nodejs\d+\.x$/.test(runtime)) refuse(`${at}.Runtime`, `${runtime} is not supported locally`);
    const code = only(record(properties.Code, `${at}.Code`), `${at}.Code`, ["S3Key"], ["S3Bucket"]);
    const environment = only(optionalRecord(properties.Environment, at), `${at}.Environment`, ["Variables"]);
    const variables = Object.entries(optionalRecord(environment.Variables, `${at}.Environment.Variables`));
    return {
      id,
      arn: resources.attribute(resource, "Arn"),
      name: resources.resolver.identity(id, at).ref,
      roleId: checkTrust(resources, properties.Role, "lambda.amazonaws.com", `${at}.Role`).id,
      codeDir: resources.assembly.assetDir(text(code.S3Key, `${at}.Code.S3Key`), `${at}.Code`),
      handler: text(properties.Handler, `${at}.Handler`),
      timeoutSeconds: number(properties.Timeout, `${at}.Timeout`, 3),
      memoryMb: number(properties.MemorySize, `${at}.MemorySize`, 128),
      environment: Object.fromEntries(variables.map(([name, value]) => [name, text(value, `${at}.Environment.Variables.${name}`)])),
    };
  });

/** Throws unless a permission lets `principal` invoke the function from `sourceArn`. */
export function checkPermission(resources: Resources, target: Resource, principal: string, sourceArn: string, where: string): void {
  const allowed = resources.ofType("AWS::Lambda::Permission").some(({ properties, at }) => {
    const grants = properties.Action === "lambda:InvokeFunction" && properties.Principal === principal;
    const account_ = properties.SourceAccount === undefined || properties.SourceAccount === account;
    const from = properties.SourceArn === undefined || arnLike(text(properties.SourceArn, `${at}.SourceArn`), sourceArn);
    return grants && account_ && from && resources.named(properties.FunctionName, at, "AWS::Lambda::Function").id === target.id;
  });
  if (!allowed) refuse(where, `no AWS::Lambda::Permission lets ${principal} invoke ${target.id} from ${sourceArn}`);
}

/** Does an ARN pattern with `*` and `?` cover an ARN? */
export function arnLike(pattern: string, value: string): boolean {
  const expression = pattern
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replace(/\*/g, ".*")
    .replace(/\?/g, ".");
  return new RegExp(`^${expression}$`).test(value);
}

export const eventSources = (resources: Resources): readonly EventSourceResource[] =>
  resources
    .ofType("AWS::Lambda::EventSourceMapping")
    .filter(({ properties, at }) => flag(properties.Enabled, `${at}.Enabled`, true))
    .map((resource) => {
      const { properties, at, id } = resource;
      const source = sourceOf(resources, resource);
      const onFailure = onFailureOf(resources, resource);
      const responses = optionalList(properties.FunctionResponseTypes, `${at}.FunctionResponseTypes`);
      for (const one of responses) oneOf(one, `${at}.FunctionResponseTypes`, ["ReportBatchItemFailures"]);
      return {
        id,
        functionId: resources.named(properties.FunctionName, `${at}.FunctionName`, "AWS::Lambda::Function").id,
        source,
        batchSize: number(properties.BatchSize, `${at}.BatchSize`, source.kind === "queue" ? 10 : 100),
        reportBatchItemFailures: responses.length > 0,
        filters: filtersOf(properties.FilterCriteria, `${at}.FilterCriteria`),
        maximumRetryAttempts: number(properties.MaximumRetryAttempts, `${at}.MaximumRetryAttempts`, -1),
        bisect: flag(properties.BisectBatchOnFunctionError, `${at}.BisectBatchOnFunctionError`),
        ...(onFailure ? { onFailureQueueId: onFailure.id } : {}),
      };
    });

function sourceOf(resources: Resources, { properties, at }: Resource): EventSourceResource["source"] {
  const queue = resources.find(properties.EventSourceArn, "AWS::SQS::Queue");
  if (queue) return { kind: "queue", queueId: queue.id };
  const table = resources.named(properties.EventSourceArn, `${at}.EventSourceArn`, "AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable");
  return { kind: "stream", tableId: table.id };
}

function onFailureOf(resources: Resources, { properties, at }: Resource): Resource | undefined {
  const where = `${at}.DestinationConfig`;
  const destination = only(optionalRecord(properties.DestinationConfig, where), where, ["OnFailure"]).OnFailure;
  return isRecord(destination) ? resources.named(destination.Destination, where, "AWS::SQS::Queue") : undefined;
}

function filtersOf(criteria: unknown, where: string): readonly Json[] {
  const filters = optionalList(only(optionalRecord(criteria, where), where, ["Filters"]).Filters, where);
  return filters.map((one) => record(JSON.parse(text(record(one, where).Pattern, where)), where));
}

export const schedules = (resources: Resources): readonly ScheduleResource[] =>
  resources
    .ofType("AWS::Scheduler::Schedule")
    .filter(({ properties, at }) => oneOf(properties.State, `${at}.State`, ["ENABLED", "DISABLED", undefined]) !== "DISABLED")
    .map((resource) => {
      const { properties, at, id } = resource;
      oneOf(properties.ScheduleExpressionTimezone, `${at}.ScheduleExpressionTimezone`, ["UTC", "Etc/UTC", undefined]);
      oneOf(record(properties.FlexibleTimeWindow, at).Mode, `${at}.FlexibleTimeWindow.Mode`, ["OFF"]);
      const expression = text(properties.ScheduleExpression, `${at}.ScheduleExpression`);
      if (!/^(rate|cron)\(.+\)$/.test(expression)) refuse(`${at}.ScheduleExpression`, `${expression} is not supported locally`);
      // The retry policy and dead-letter queue serve Lambda's own failures to accept an event, which one machine does not have.
      const target = only(
        record(properties.Target, `${at}.Target`),
        `${at}.Target`,
        ["Arn", "RoleArn", "Input"],
        ["RetryPolicy", "DeadLetterConfig"],
      );
      return {
        id,
        expression,
        functionId: resources.named(target.Arn, `${at}.Target.Arn`, "AWS::Lambda::Function").id,
        roleId: checkTrust(resources, target.RoleArn, "scheduler.amazonaws.com", `${at}.Target.RoleArn`).id,
        ...(target.Input === undefined ? {} : { input: text(target.Input, `${at}.Target.Input`) }),
      };
    });

/** `arn:aws:execute-api:…` of a route, as API Gateway presents it when it invokes. */
export const routeArn = (apiId: string, routeKey: string): string => {
  const [method, path] = routeKey.split(" ");
  const route = path === undefined ? "$default/$default" : `$default/${method === "ANY" ? "GET" : method}${path}`;
  return `arn:aws:execute-api:${region}:${account}:${apiId}/${route}`;
};
