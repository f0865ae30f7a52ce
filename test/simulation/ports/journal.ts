// The second reader of the table's stream: it writes the journal behind the sale. One batch at a time, in order, delivered again until it is taken.
import { unjournaled } from "../../../functions/reports/contract.ts";
import type { BatchAnswer } from "../../../platform/edge/queue.ts";
import type { OperationBatch } from "../../../platform/edge/stream.ts";
import type { Commit } from "../../../platform/table/memory.ts";
import type { Reach } from "../reach.ts";
import type { Ended, Scheduler } from "../scheduler.ts";

export interface JournalPort {
  committed(commit: Commit): void;
  /** From here on the stream is read; what stood before is read first. */
  begin(): void;
  /** Operations that have not been read. */
  open(): number;
}
export interface JournalPortOptions {
  readonly scheduler: Scheduler;
  readonly reach: Reach;
  readonly consume: (batch: OperationBatch) => Promise<BatchAnswer>;
  readonly invoke: <T>(name: string, work: () => Promise<T>, tags: readonly string[]) => Promise<Ended<T>>;
}

/** The stream is filtered before anybody is woken. */
const leftOut = new Set<string>(unjournaled);
const batchMax = 10;
const streamRetryMs = 1_000;

export const journalPort = ({ scheduler, reach, consume, invoke }: JournalPortOptions): JournalPort => {
  const stream: string[] = [];
  let place = 0;
  let begun = false;
  let reading = false;

  const read = async (): Promise<void> => {
    while (place < stream.length) {
      const batch = stream.slice(place, place + batchMax);
      const Records = batch.map((pk, at) => ({ dynamodb: { SequenceNumber: String(place + at), Keys: { pk: { S: pk } } } }));
      const fault = await scheduler.turn("hands a batch of the stream to the journal", ["duplicate"]);
      const handed = () => invoke("reports-events", () => consume({ Records }), ["reports"]);
      if (fault === "duplicate") scheduler.spawn("stream's second copy", async () => void (await handed()));
      const ended = await handed();
      const [failed] = ended.kind === "answered" ? ended.value.batchItemFailures : [{ itemIdentifier: String(place) }];
      if (failed === undefined) place += batch.length;
      else {
        reach.saw("journal's batch delivered again");
        place = Math.max(place, Number(failed.itemIdentifier));
        await scheduler.sleep(streamRetryMs, "waits before the batch is delivered again");
      }
    }
    reading = false;
  };
  const wake = (): void => {
    if (!begun || reading || place === stream.length) return;
    reading = true;
    scheduler.spawn("journal's stream", read);
  };

  return {
    committed({ changes }) {
      for (const { key, before, after } of changes)
        if (key.pk.startsWith("OP#") && !before && after && !leftOut.has(String(after.kind))) stream.push(key.pk);
      wake();
    },
    begin() {
      begun = true;
      wake();
    },
    open: () => (begun ? stream.length - place : 0),
  };
};
