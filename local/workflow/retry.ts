// The delay before a retry: interval × rate^n, capped, then jittered.
import type { Retrier } from "./definition.ts";

export const retriesMax = (retrier: Retrier): number => retrier.MaxAttempts ?? 3;

/** Longest delay in seconds before retry number `retry` (0 is the first). */
export const delayCeilingSeconds = (retrier: Retrier, retry: number): number =>
  Math.min((retrier.IntervalSeconds ?? 1) * (retrier.BackoffRate ?? 2) ** retry, retrier.MaxDelaySeconds ?? Number.POSITIVE_INFINITY);

/**
 * Seconds to wait before retry number `retry`.
 * @param random uniform in [0, 1); with JitterStrategy FULL the delay is uniform between 0 and its ceiling
 */
export const delaySeconds = (retrier: Retrier, retry: number, random: () => number): number => {
  const ceiling = delayCeilingSeconds(retrier, retry);
  return retrier.JitterStrategy === "FULL" ? random() * ceiling : ceiling;
};
