// The queues. Everything that fails for good ends in one of the dead-letter queues, and each of those has an alarm.
import { Duration, type Stack } from "aws-cdk-lib";
import { Queue, QueueEncryption } from "aws-cdk-lib/aws-sqs";
import { knownAs } from "./logical-id.ts";

export interface Queues {
  readonly orderEvents: Queue;
  readonly orderEventsDeadLetters: Queue;
  /** What the outbox could not hand on: keys of operations from the dispatcher, positions in the stream from its event source. */
  readonly outboxDeadLetters: Queue;
  readonly sweepDeadLetters: Queue;
  /** Positions in the stream that the journal could not enter. */
  readonly journalDeadLetters: Queue;
  readonly reconcileDeadLetters: Queue;
}

/** Attempts at an event before it is set aside. */
export const receivesMax = 5;

/** @param consumerTimeoutSeconds timeout of the function that reads OrderEvents */
export function queues(stack: Stack, consumerTimeoutSeconds: number): Queues {
  const orderEventsDeadLetters = deadLetters(stack, "OrderEventsDeadLetters");
  const orderEvents = knownAs(
    "OrderEvents",
    new Queue(stack, "OrderEvents", {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(4),
      // Six times the consumer's timeout, as Lambda asks: a message must not come back while its batch is still being worked on.
      visibilityTimeout: Duration.seconds(6 * consumerTimeoutSeconds),
      // The workflow hands the number over within seconds; the queue comes after it and normally finds everything done.
      deliveryDelay: Duration.seconds(20),
      deadLetterQueue: { queue: orderEventsDeadLetters, maxReceiveCount: receivesMax },
    }),
  );
  return {
    orderEvents,
    orderEventsDeadLetters,
    outboxDeadLetters: deadLetters(stack, "OutboxDeadLetters"),
    sweepDeadLetters: deadLetters(stack, "SweepDeadLetters"),
    journalDeadLetters: deadLetters(stack, "JournalDeadLetters"),
    reconcileDeadLetters: deadLetters(stack, "ReconcileDeadLetters"),
  };
}

function deadLetters(stack: Stack, id: string): Queue {
  return knownAs(id, new Queue(stack, id, { encryption: QueueEncryption.SQS_MANAGED, enforceSSL: true, retentionPeriod: Duration.days(14) }));
}
