// The copies of one function: grows on demand up to a bound, queues beyond it, lets idle copies go.
import type { Invocation } from "../host.ts";
import type { FunctionWorker } from "./worker.ts";

export interface PoolOptions {
  readonly start: () => FunctionWorker;
  readonly sizeMax: number;
  /** A copy unused for so long is ended, in milliseconds. */
  readonly idleMs: number;
}
export interface FunctionPool {
  run(requestId: string, event: string): Promise<Invocation>;
  readonly size: number;
  readonly busy: number;
  readonly waiting: number;
  close(): Promise<void>;
}

const closedAnswer: Invocation = { ok: false, errorType: "ServiceException", errorMessage: "the local host is stopping" };

export function functionPool(options: PoolOptions): FunctionPool {
  const idle: { readonly worker: FunctionWorker; readonly timer: NodeJS.Timeout }[] = [];
  const busy = new Set<FunctionWorker>();
  const queue: ((worker: FunctionWorker | undefined) => void)[] = [];
  let closed = false;

  /** The most recently used copy first, so that the others grow idle and go. */
  function takeIdle(): FunctionWorker | undefined {
    for (let entry = idle.pop(); entry !== undefined; entry = idle.pop()) {
      clearTimeout(entry.timer);
      if (entry.worker.usable) return entry.worker;
    }
    return undefined;
  }
  function acquire(): Promise<FunctionWorker | undefined> | FunctionWorker | undefined {
    if (closed) return undefined;
    const free = takeIdle();
    if (free !== undefined) return free;
    if (busy.size < options.sizeMax) return options.start();
    return new Promise((resolve) => queue.push(resolve));
  }
  function release(worker: FunctionWorker): void {
    busy.delete(worker);
    if (closed) return;
    const next = queue.shift();
    if (next !== undefined) {
      const heir = worker.usable ? worker : options.start();
      busy.add(heir);
      next(heir);
    } else if (worker.usable) {
      const timer = setTimeout(() => evict(worker), options.idleMs).unref();
      idle.push({ worker, timer });
    }
  }
  function evict(worker: FunctionWorker): void {
    const at = idle.findIndex((entry) => entry.worker === worker);
    if (at >= 0) idle.splice(at, 1);
    void worker.terminate();
  }

  return {
    async run(requestId, event) {
      const acquired = acquire();
      // Booked before anything is awaited, or two callers would each see room for one more.
      if (acquired !== undefined && !(acquired instanceof Promise)) busy.add(acquired);
      const worker = await acquired;
      if (worker === undefined) return closedAnswer;
      try {
        return await worker.run(requestId, event);
      } finally {
        release(worker);
      }
    },
    get size() {
      return idle.length + busy.size;
    },
    get busy() {
      return busy.size;
    },
    get waiting() {
      return queue.length;
    },
    async close() {
      closed = true;
      for (const waiter of queue.splice(0)) waiter(undefined);
      for (const { timer } of idle) clearTimeout(timer);
      const workers = [...busy, ...idle.splice(0).map(({ worker }) => worker)];
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}
