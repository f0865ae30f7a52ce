// Waiting between tries, and being woken when the host stops.

/** Rejected with this when the host stops while something waits. */
export class Stopped extends Error {
  override readonly name = "Stopped";
}

/** Resolves after `ms` milliseconds; rejects with Stopped as soon as the signal says so. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(new Stopped("the host is stopping"));
    const stop = (): void => {
      clearTimeout(timer);
      reject(new Stopped("the host is stopping"));
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", stop);
      resolve();
    }, ms);
    signal.addEventListener("abort", stop, { once: true });
  });
}

const firstMs = 200;
const lastMs = 5_000;
/** Milliseconds before retry `attempt` (1, 2, …): doubling, bounded, and never more than a person at the screen would wait. */
export const retryDelayMs = (attempt: number): number => Math.min(lastMs, firstMs * 2 ** Math.min(attempt - 1, 10));
