// What a run did, in order. Times are milliseconds since the epoch on the clock the run was given.
import type { Json } from "./definition.ts";

type At = { readonly at: number };

export type HistoryEvent = At &
  (
    | { readonly kind: "state_entered"; readonly state: string; readonly input: Json }
    | { readonly kind: "task_started"; readonly state: string; readonly functionArn: string; readonly payload: Json; readonly attempt: number }
    | { readonly kind: "task_answered"; readonly state: string }
    | { readonly kind: "state_faulted"; readonly state: string; readonly error: string; readonly cause: string }
    /** `retrier` is the index in Retry; `delaySeconds` is slept before the next attempt. */
    | { readonly kind: "retry_planned"; readonly state: string; readonly retrier: number; readonly error: string; readonly delaySeconds: number }
    /** The matching retrier has no attempt left; a Catch may still take it. */
    | { readonly kind: "retries_exhausted"; readonly state: string; readonly retrier: number; readonly error: string }
    | { readonly kind: "fault_caught"; readonly state: string; readonly catcher: number; readonly error: string; readonly next: string }
    /** `rule` is the index in Choices. */
    | { readonly kind: "choice_made"; readonly state: string; readonly rule: number | "default"; readonly next: string }
    | { readonly kind: "state_left"; readonly state: string; readonly next: string | undefined; readonly output: Json }
    | { readonly kind: "run_failed"; readonly state: string; readonly error: string; readonly cause: string }
  );

export type Run =
  | { readonly status: "SUCCEEDED"; readonly output: Json; readonly history: readonly HistoryEvent[] }
  | { readonly status: "FAILED"; readonly error: string; readonly cause: string; readonly history: readonly HistoryEvent[] };

/** Names of the states entered, in order: what performance goals count. */
export const statesEntered = (history: readonly HistoryEvent[]): readonly string[] =>
  history.flatMap((event) => (event.kind === "state_entered" ? [event.state] : []));
