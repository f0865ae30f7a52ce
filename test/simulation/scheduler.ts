// One thread of time for a whole platform. Every call through a port waits for its turn; the scheduler picks who goes next, moves the
// virtual clock, and lets a step go wrong. Between two turns everything else runs until it waits again, so a run is a function of its seed.
import { AsyncLocalStorage } from "node:async_hooks";
import { createHash } from "node:crypto";
import { nextTick } from "node:process";
import { type Fault, faultWords, type Injected, noFaults, type Policy } from "./faults.ts";

/** What becomes of an invocation, as its caller sees it. */
export type Ended<T> =
  | { readonly kind: "answered"; readonly value: T }
  | { readonly kind: "threw"; readonly error: unknown }
  | { readonly kind: "crashed" }
  | { readonly kind: "timed_out" };

/** Somebody who takes steps. People and services outside (actors) never crash; functions and workflow runs do. */
export interface Execution {
  readonly name: string;
  readonly crashes: boolean;
  /** How far this machine's clock is off, milliseconds. */
  readonly skewMs: number;
  /** When it began, by the true clock, milliseconds. */
  readonly since: number;
  /** Facts for the checker, such as who sent the request. */
  readonly tags: Set<string>;
  alive: boolean;
  /** Tells the caller that it waits in vain. */
  end: (ended: { readonly kind: "crashed" } | { readonly kind: "timed_out" }) => void;
}

interface Waiting {
  readonly execution: Execution;
  readonly label: string;
  readonly faults: readonly Fault[];
  at: number;
  /** Its fault was decided (it was only late). */
  decided: boolean;
  readonly go: (fault: Fault | undefined) => void;
}

export interface SchedulerOptions {
  /** Milliseconds since the epoch. */
  readonly startMs: number;
  /** Which of `count` ready steps goes next. */
  readonly choose: (count: number) => number;
  /** Milliseconds that a late step takes more; uniform in [0, 1) from here. */
  readonly delays: () => number;
  /** Steps that take a turn; others happen at once. Whoever waits for a time always takes one. Default: all. */
  readonly takesTurn?: (label: string) => boolean;
}

export interface Turned {
  readonly place: number;
  readonly at: number;
  readonly who: string;
  readonly label: string;
  readonly fault?: Fault;
}

/** Everybody has gone on until he waits again: a tick comes only when no promise has anything left to tell. Nothing here waits for a machine. */
const drained = (): Promise<void> => new Promise((resolve) => nextTick(resolve));
/** Each waits for one of its own: what waits for a promise that lasts stays in memory as long. */
const forever = (): Promise<never> => new Promise(() => undefined);

export class Scheduler {
  now: number;
  policy: Policy = noFaults;
  readonly turns: Turned[] = [];
  readonly injected: Injected[] = [];
  /** Errors of the world itself: actors must not throw. */
  readonly defects: unknown[] = [];
  /** Functions and runs that have not ended, zombies included. */
  atWork = 0;
  /** Told of every crash after which an outcome is open. */
  onCrash: (execution: Execution, label: string) => void = () => undefined;
  /** Told of every error that ends an invocation, also of one that nobody waits for. */
  onThrow: (execution: Execution, error: unknown) => void = () => undefined;
  readonly #options: SchedulerOptions;
  readonly #executions = new AsyncLocalStorage<Execution>();
  #waiting: Waiting[] = [];
  readonly #notes: string[] = [];
  #place = 0;

  constructor(options: SchedulerOptions) {
    this.#options = options;
    this.now = options.startMs;
  }

  /** Who is at work; undefined while the world is being set up. */
  current(): Execution | undefined {
    return this.#executions.getStore();
  }

  /** Writes into the trace what came of a step. */
  note(text: string): void {
    this.#notes.push(`${this.#place} ${text}`);
  }

  /** Starts somebody who goes on by himself. */
  spawn(name: string, work: () => Promise<void>): void {
    const execution: Execution = { name, crashes: false, skewMs: 0, since: this.now, tags: new Set(), alive: true, end: () => undefined };
    this.#executions.run(execution, () => {
      work().catch((error: unknown) => this.defects.push(error));
    });
  }

  /** Runs a function once, as a platform would. Answers every end as a value. */
  invoke<T>(name: string, work: () => Promise<T>, options: { readonly skewMs?: number; readonly tags?: readonly string[] } = {}): Promise<Ended<T>> {
    return new Promise((resolve) => {
      const execution: Execution = {
        name,
        crashes: true,
        skewMs: options.skewMs ?? 0,
        since: this.now,
        tags: new Set(options.tags),
        alive: true,
        end: resolve,
      };
      this.atWork += 1;
      const over = (ended: Ended<T>): void => {
        this.atWork -= 1;
        resolve(ended);
      };
      this.#executions.run(execution, () => {
        work().then(
          (value) => over({ kind: "answered", value }),
          (error: unknown) => {
            this.onThrow(execution, error);
            over({ kind: "threw", error });
          },
        );
      });
    });
  }

  /** Waits for this execution's turn; never comes back when the execution dies. Answers the fault that the port must act out. */
  turn(label: string, faults: readonly Fault[] = [], delayMs = 0): Promise<Fault | undefined> {
    const execution = this.current();
    if (!execution) throw new Error(`nobody takes the step ${label}`);
    if (!execution.alive) return forever();
    if (delayMs === 0 && this.#options.takesTurn?.(label) === false) return Promise.resolve(undefined);
    const possible = execution.crashes ? faults : faults.filter((fault) => !fault.startsWith("crash") && fault !== "abandon");
    return new Promise((go) => {
      this.#waiting.push({ execution, label, faults: possible, at: this.now + delayMs, decided: false, go });
    });
  }

  /** One call through a port: its turn, its work, and the death of the caller after it. */
  async perform<R>(label: string, faults: readonly Fault[], work: (fault: Fault | undefined) => R | Promise<R>): Promise<R> {
    const execution = this.current();
    const fault = await this.turn(label, faults);
    if (fault !== "crash_after") return work(fault);
    try {
      await work(undefined);
    } finally {
      if (execution) this.#crash(execution, label);
    }
    return forever();
  }

  sleep(ms: number, label = "waits"): Promise<Fault | undefined> {
    return this.turn(label, ["crash_before"], Math.max(0, Math.ceil(ms)));
  }

  #crash(execution: Execution, label: string): void {
    if (!execution.alive) return;
    execution.alive = false;
    this.atWork -= 1;
    this.#waiting = this.#waiting.filter((waiting) => waiting.execution !== execution);
    this.onCrash(execution, label);
    execution.end({ kind: "crashed" });
  }

  /** Takes turns until `done` says so, nobody waits any more, or the bounds are reached. */
  async run(
    done: () => boolean,
    bounds: { readonly untilMs: number; readonly turnsMax: number },
  ): Promise<"done" | "idle" | "out_of_time" | "out_of_turns"> {
    await drained();
    while (!done()) {
      if (this.defects.length > 0) throw this.defects[0];
      const ready = this.#waiting.filter((waiting) => waiting.at <= this.now);
      if (ready.length === 0) {
        if (this.#waiting.length === 0) return "idle";
        const next = Math.min(...this.#waiting.map((waiting) => waiting.at));
        if (next > bounds.untilMs) return "out_of_time";
        this.now = next;
        continue;
      }
      if (this.#place >= bounds.turnsMax) return "out_of_turns";
      const chosen = ready[ready.length === 1 ? 0 : this.#options.choose(ready.length)] as Waiting;
      this.#take(chosen);
      await drained();
    }
    return "done";
  }

  #take(chosen: Waiting): void {
    const { execution, label } = chosen;
    this.now += 1;
    const fault = chosen.decided || chosen.faults.length === 0 ? undefined : this.policy({ place: this.#place, label, faults: chosen.faults });
    this.turns.push({ place: this.#place, at: this.now, who: execution.name, label, ...(fault && { fault }) });
    if (fault) this.injected.push({ place: this.#place, fault });
    this.#place += 1;
    if (fault === "crash_before") {
      this.#crash(execution, label);
      return;
    }
    if (fault === "abandon" || fault === "slow") {
      chosen.decided = true;
      chosen.at = this.now + Math.ceil(100 + 40_000 * this.#options.delays() ** 3);
      if (fault === "abandon") {
        execution.tags.add("abandoned");
        execution.end({ kind: "timed_out" });
      }
      return;
    }
    this.#waiting.splice(this.#waiting.indexOf(chosen), 1);
    chosen.go(fault);
  }

  /** Equal traces have equal hashes: what was done when by whom, what went wrong, and what came of it. */
  traceHash(): string {
    const lines = this.turns.map(({ place, at, who, label, fault }) => `${place} ${at} ${who} ${label} ${fault ?? ""}\n`);
    for (const note of this.#notes) lines.push(`${note}\n`);
    return createHash("sha256").update(lines.join("")).digest("hex").slice(0, 32);
  }

  /** The run in words, one line a turn, with what came of it below. */
  story(): string[] {
    const start = this.turns[0]?.at ?? this.now;
    const notes = Map.groupBy(this.#notes, (note) => Number(note.slice(0, note.indexOf(" "))));
    return this.turns.flatMap(({ place, at, who, label, fault }) => [
      `${String(place).padStart(4)} ${((at - start) / 1000).toFixed(3).padStart(9)} s  ${who}: ${label}${fault ? `   !! ${faultWords[fault]}` : ""}`,
      ...(notes.get(place + 1) ?? []).map((note) => `                    → ${note.slice(note.indexOf(" ") + 1)}`),
    ]);
  }
}
