// The stage's throttle: a token bucket, as API Gateway keeps one per account and stage.

export interface Throttle {
  readonly ratePerSecond: number;
  readonly burst: number;
}

/** Answers true while there are tokens. `nowMs` is a monotonic clock in milliseconds. */
export function tokenBucket({ ratePerSecond, burst }: Throttle, nowMs: () => number): () => boolean {
  let tokens = burst;
  let filledAt = nowMs();
  return () => {
    const now = nowMs();
    tokens = Math.min(burst, tokens + ((now - filledAt) / 1000) * ratePerSecond);
    filledAt = now;
    if (tokens < 1) return false;
    tokens -= 1;
    return true;
  };
}
