// From a committed operation to those who act on it: the table's stream → outbox → OrderEvents → consumer, and beside it → journal.
import { Duration, type Stack } from "aws-cdk-lib";
import { EventSourceMapping, FilterCriteria, FilterRule, type Function as LambdaFunction, StartingPosition } from "aws-cdk-lib/aws-lambda";
import { SqsDlq } from "aws-cdk-lib/aws-lambda-event-sources";
import { publishedKinds } from "../functions/fulfilment/contract.ts";
import { unjournaled } from "../functions/reports/contract.ts";
import { knownAs } from "./logical-id.ts";
import type { Queues } from "./queues.ts";
import type { Store } from "./table.ts";

/** Reads only what the outbox has a reader for: new operations of published kinds. All else is dropped before anything is invoked or billed. */
export function operationStream(stack: Stack, outbox: LambdaFunction, { table }: Store, { outboxDeadLetters }: Queues): EventSourceMapping {
  return knownAs(
    "OperationStream",
    new EventSourceMapping(stack, "OperationStream", {
      target: outbox,
      eventSourceArn: table.tableStreamArn ?? "",
      filters: [
        FilterCriteria.filter({
          eventName: FilterRule.isEqual("INSERT"),
          dynamodb: { Keys: { pk: { S: FilterRule.beginsWith("OP#") } }, NewImage: { kind: { S: publishedKinds } } },
        }),
      ],
      startingPosition: StartingPosition.TRIM_HORIZON,
      batchSize: 100,
      // Nothing that a buyer waits for comes this way; a second gathers a rush into one invocation.
      maxBatchingWindow: Duration.seconds(1),
      // A record that cannot be handed on is set aside by the dispatcher itself, with its key. These bounds are for a dispatcher that
      // fails as a whole: the batch is halved and tried again, for far less than the day that the stream keeps its records.
      reportBatchItemFailures: true,
      bisectBatchOnError: true,
      retryAttempts: 20,
      maxRecordAge: Duration.hours(6),
      onFailure: new SqsDlq(outboxDeadLetters),
    }),
  );
}

/**
 * The journal reads the same stream for itself, the second and last reader that a stream serves well: its failures and the outbox's are no
 * concern of each other, and what moves no money is dropped before anything is invoked.
 */
export function journalStream(stack: Stack, journal: LambdaFunction, { table }: Store, { journalDeadLetters }: Queues): EventSourceMapping {
  const { eventName, dynamodb } = { eventName: FilterRule.isEqual("INSERT"), dynamodb: { Keys: { pk: { S: FilterRule.beginsWith("OP#") } } } };
  return knownAs(
    "JournalStream",
    new EventSourceMapping(stack, "JournalStream", {
      target: journal,
      eventSourceArn: table.tableStreamArn ?? "",
      filters: [FilterCriteria.filter({ eventName, dynamodb: { ...dynamodb, NewImage: { kind: { S: [{ "anything-but": unjournaled }] } } } })],
      startingPosition: StartingPosition.TRIM_HORIZON,
      batchSize: 100,
      // The books are read by night: a rush may gather.
      maxBatchingWindow: Duration.seconds(5),
      reportBatchItemFailures: true,
      bisectBatchOnError: true,
      retryAttempts: 20,
      maxRecordAge: Duration.hours(6),
      onFailure: new SqsDlq(journalDeadLetters),
    }),
  );
}

/** Each message succeeds or returns to the queue on its own; the queue counts its attempts. */
export function orderEventsConsumer(stack: Stack, consumer: LambdaFunction, { orderEvents }: Queues): EventSourceMapping {
  return knownAs(
    "OrderEventsConsumer",
    new EventSourceMapping(stack, "OrderEventsConsumer", {
      target: consumer,
      eventSourceArn: orderEvents.queueArn,
      batchSize: 10,
      reportBatchItemFailures: true,
    }),
  );
}
