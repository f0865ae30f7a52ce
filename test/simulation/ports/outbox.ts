// From the table's stream to the queue's consumer. The dispatcher's own file binds to AWS at its first line, so its few lines are told here:
// a batch is handed over whole or delivered again; the queue delivers at least once and gives up after five receives.

import type { BatchAnswer, QueueBatch } from "../../../platform/edge/queue.ts";
import { OutboxEvent } from "../../../platform/outbox/event.ts";
import type { Commit } from "../../../platform/table/memory.ts";
import type { Reach } from "../reach.ts";
import type { Ended, Scheduler } from "../scheduler.ts";

export interface OutboxPort {
  /** New operation items enter the stream in commit order. */
  committed(commit: Commit): void;
  /** Hands an event over without a stream: only a planted bug does that. */
  publish(event: OutboxEvent): void;
  readonly published: readonly OutboxEvent[];
  readonly deadLetters: readonly OutboxEvent[];
  /** Records and messages still on their way. */
  open(): number;
}

export interface OutboxPortOptions {
  readonly scheduler: Scheduler;
  readonly reach: Reach;
  readonly works: boolean;
  /** A planted bug: the stream's place moves on before the batch is handed over. */
  readonly forgetful: boolean;
  readonly consume: (batch: QueueBatch) => Promise<BatchAnswer>;
  readonly invoke: <T>(name: string, work: () => Promise<T>) => Promise<Ended<T>>;
}

const batchMax = 10;
const receivesMax = 5;
/** Six times the consumer's time, as the queue is configured. */
const visibilityMs = 6 * 15_000;
const streamRetryMs = 1_000;

export const outboxPort = ({ scheduler, reach, works, forgetful, consume, invoke }: OutboxPortOptions): OutboxPort => {
  const stream: OutboxEvent[] = [];
  const published: OutboxEvent[] = [];
  const deadLetters: OutboxEvent[] = [];
  let place = 0;
  let dispatching = false;
  let messages = 0;
  let ids = 0;

  const receive = async (event: OutboxEvent, messageId: string): Promise<void> => {
    messages += 1;
    for (let receives = 1; ; receives += 1) {
      const fault = await scheduler.turn("hands a message to its consumer", ["late", "duplicate"]);
      if (fault === "late") await scheduler.sleep(30_000, "holds the message back");
      const consumed = () => invoke("fulfil-events", () => consume({ Records: [{ messageId, body: JSON.stringify(event) }] }));
      if (fault === "duplicate") {
        // Hiding a message from view is no promise: a second consumer may have it at the same time.
        reach.saw("message received by two at once");
        scheduler.spawn(`queue ${messageId} again`, async () => void (await consumed()));
      }
      const ended = await consumed();
      if (ended.kind === "answered" && ended.value.batchItemFailures.length === 0) break;
      if (receives === receivesMax) {
        reach.saw("dead letter");
        deadLetters.push(event);
        break;
      }
      reach.saw("message delivered again");
      await scheduler.sleep(visibilityMs, "keeps the message from view");
    }
    messages -= 1;
  };

  const publish = (event: OutboxEvent): void => {
    published.push(event);
    ids += 1;
    const messageId = `message ${ids}`;
    scheduler.spawn(`queue ${messageId}`, () => receive(event, messageId));
  };

  const dispatch = async (): Promise<void> => {
    while (place < stream.length) {
      const batch = stream.slice(place, place + batchMax);
      if (forgetful) place += batch.length;
      const ended = await invoke("outbox", () =>
        scheduler.perform(
          "sends a batch of events to the queue",
          ["crash_before", "crash_after", "break", "lose_response", "duplicate", "slow"],
          (fault) => {
            if (fault === "break") throw new Error("the queue did not answer");
            for (const event of batch) publish(event);
            if (fault === "duplicate") {
              reach.saw("message on the queue twice");
              for (const event of batch) publish(event);
            }
            if (fault === "lose_response") throw new Error("the queue's answer was lost");
          },
        ),
      );
      if (ended.kind === "answered") {
        if (!forgetful) place += batch.length;
        continue;
      }
      reach.saw("stream batch delivered again");
      await scheduler.sleep(streamRetryMs, "waits before the batch is delivered again");
    }
    dispatching = false;
  };

  return {
    committed({ changes }) {
      for (const { key, before, after } of changes) {
        // What sets the shop up lies before the story.
        if (key.pk.startsWith("OP#") && !before && after) (scheduler.current() ? stream : published).push(OutboxEvent.parse(after));
      }
      if (!works || dispatching || place === stream.length) return;
      dispatching = true;
      scheduler.spawn("stream", dispatch);
    },
    publish,
    published,
    deadLetters,
    open: () => messages + (works ? stream.length - place : 0),
  };
};
