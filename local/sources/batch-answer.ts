// What a function's answer says about the records of its batch.
import type { Invocation } from "../host.ts";

export type BatchOutcome =
  | { readonly kind: "done" }
  /** Ids of the records that failed: message ids or sequence numbers. */
  | { readonly kind: "partial"; readonly failed: ReadonlySet<string> }
  | { readonly kind: "failed"; readonly errorType: string };

/** As Lambda reads it: without `ReportBatchItemFailures` any answer is success; with it, an empty or unknown id fails the whole batch. */
export function batchOutcome(invocation: Invocation, reportsItemFailures: boolean, ids: readonly string[]): BatchOutcome {
  if (!invocation.ok) return { kind: "failed", errorType: invocation.errorType };
  const { payload } = invocation;
  if (!reportsItemFailures || typeof payload !== "object" || payload === null || !("batchItemFailures" in payload)) return { kind: "done" };
  const { batchItemFailures } = payload;
  if (batchItemFailures === null) return { kind: "done" };
  if (!Array.isArray(batchItemFailures)) return { kind: "failed", errorType: "InvalidBatchItemFailures" };
  if (batchItemFailures.length === 0) return { kind: "done" };
  const failed = new Set(batchItemFailures.map((item: unknown) => (item as { itemIdentifier?: unknown } | null)?.itemIdentifier));
  const known = new Set<unknown>(ids);
  for (const id of failed) if (!known.has(id)) return { kind: "failed", errorType: "UnknownBatchItem" };
  return { kind: "partial", failed: failed as Set<string> };
}
