// Delivery of one batch of stream records: in order, retried, bisected, and at last handed to the failure queue. Pure but for its ports.
import type { Invocation } from "../host.ts";
import { batchOutcome } from "./batch-answer.ts";

export interface StreamRecord {
  readonly eventID: string;
  readonly eventName: "INSERT" | "MODIFY" | "REMOVE";
  readonly dynamodb: { readonly SequenceNumber: string; readonly ApproximateCreationDateTime: number };
}
export interface BatchRules {
  readonly reportBatchItemFailures: boolean;
  readonly bisect: boolean;
  /** -1 retries for ever. */
  readonly maximumRetryAttempts: number;
}
export interface BatchPorts {
  invoke(records: readonly StreamRecord[]): Promise<Invocation>;
  /** Takes what could not be delivered, with the number of tries. */
  giveUp(records: readonly StreamRecord[], tries: number): Promise<void>;
  /** Waits before try number `attempt` (1 = first retry). Rejects when the host stops. */
  pause(attempt: number): Promise<void>;
}

const sequenceOf = (record: StreamRecord): string => record.dynamodb.SequenceNumber;

/** Returns when every record was delivered or given up; a rejection means "stopped": the batch comes again at the next start. */
export async function deliverBatch(records: readonly StreamRecord[], rules: BatchRules, ports: BatchPorts): Promise<void> {
  const unlimited = rules.maximumRetryAttempts < 0;
  // Parts in order: a split puts both halves at the front, each with the tries that are left to it.
  const parts: { readonly records: readonly StreamRecord[]; readonly tries: number }[] = [{ records, tries: 0 }];
  for (let part = parts.shift(); part !== undefined; part = parts.shift()) {
    if (part.tries > 0) await ports.pause(part.tries);
    const outcome = batchOutcome(await ports.invoke(part.records), rules.reportBatchItemFailures, part.records.map(sequenceOf));
    if (outcome.kind === "done") continue;
    const tries = part.tries + 1;
    // A stream goes on from the first failure: what lies before it is delivered, what lies after it comes again.
    const from = outcome.kind === "partial" ? part.records.findIndex((record) => outcome.failed.has(sequenceOf(record))) : 0;
    const rest = part.records.slice(from);
    if (!unlimited && tries > rules.maximumRetryAttempts) {
      await ports.giveUp(rest, tries);
    } else if (rules.bisect && rest.length > 1) {
      const middle = Math.ceil(rest.length / 2);
      parts.unshift({ records: rest.slice(0, middle), tries }, { records: rest.slice(middle), tries });
    } else {
      parts.unshift({ records: rest, tries });
    }
  }
}
