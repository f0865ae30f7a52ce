// Many runs at once: jobs are handed to worker threads in the order in which they were asked for. A run is a function of its seed, so what
// comes back is the same however many threads there are; with none, everything happens here.
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import type { Input, JobName, Output } from "./jobs.ts";

/** A job on its way to a thread. */
export interface Asked {
  readonly id: number;
  readonly job: JobName;
  readonly input: unknown;
}
/** … and back. */
export type Done = { readonly id: number } & ({ readonly output: unknown } | { readonly error: string });

interface Waiting extends Asked {
  readonly resolve: (output: never) => void;
  readonly reject: (error: Error) => void;
}
interface Hand {
  readonly worker: Worker;
  at: Waiting | undefined;
}

export class Crew {
  readonly size: number;
  readonly #hands: Hand[] = [];
  readonly #queue: Waiting[] = [];
  #ids = 0;

  /** @param size threads; 0: none */
  constructor(size: number = availableParallelism()) {
    this.size = size;
  }

  /** Done when its turn has come and a thread is free. */
  async work<J extends JobName>(job: J, input: Input<J>): Promise<Output<J>> {
    if (this.size === 0) {
      const { jobs } = await import("./jobs.ts");
      return (jobs[job] as (input: Input<J>) => Promise<Output<J>>)(input);
    }
    return new Promise((resolve, reject) => {
      this.#ids += 1;
      this.#queue.push({ id: this.#ids, job, input, resolve, reject });
      this.#handOut();
    });
  }

  /** Outputs in the order of the inputs; inputs are taken as they are needed, so that whoever has heard enough may stop. */
  async *inOrder<J extends JobName>(job: J, inputs: Iterable<Input<J>>): AsyncGenerator<Output<J>> {
    const ahead: Promise<Output<J>>[] = [];
    for (const input of inputs) {
      const output = this.work(job, input);
      // Whoever stops early does not hear of it.
      output.catch(() => undefined);
      ahead.push(output);
      if (ahead.length > this.size * 2) yield (await ahead.shift()) as Output<J>;
    }
    for (const output of ahead) yield await output;
  }

  /** Ends the threads, whatever they are at. */
  async dismiss(): Promise<void> {
    this.#queue.length = 0;
    await Promise.all(this.#hands.splice(0).map(({ worker }) => worker.terminate()));
  }

  #handOut(): void {
    while (this.#queue.length > 0) {
      const hand = this.#hands.find(({ at }) => !at) ?? (this.#hands.length < this.size ? this.#hire() : undefined);
      if (!hand) return;
      const next = this.#queue.shift() as Waiting;
      hand.at = next;
      hand.worker.ref();
      hand.worker.postMessage({ id: next.id, job: next.job, input: next.input } satisfies Asked);
    }
  }

  #hire(): Hand {
    const worker = new Worker(join(import.meta.dirname, "hand.ts"), { execArgv: ["--disable-warning=ExperimentalWarning"] });
    const hand: Hand = { worker, at: undefined };
    const over = (): Waiting | undefined => {
      const { at } = hand;
      hand.at = undefined;
      // A thread with nothing to do keeps nobody from going home.
      worker.unref();
      return at;
    };
    worker.on("message", (done: Done) => {
      const at = over();
      if ("error" in done) at?.reject(new Error(done.error));
      else at?.resolve(done.output as never);
      this.#handOut();
    });
    worker.on("error", (error: Error) => {
      this.#hands.splice(this.#hands.indexOf(hand), 1);
      over()?.reject(error);
      this.#handOut();
    });
    this.#hands.push(hand);
    return hand;
  }
}
