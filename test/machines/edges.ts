// The edges of a machine, from its definition, and those that a history took. A walk is whole when the two sets are equal.
import type { Machine, State } from "../../local/workflow/definition.ts";
import type { HistoryEvent } from "../../local/workflow/history.ts";

const onward = (state: string, next: string | undefined): string => `${state} -> ${next ?? "end"}`;
const retries = (state: string, error: string): string => `${state} tries again on ${error}`;
const exhausts = (state: string, retrier: number): string => `${state} gives up Retry[${retrier}]`;
const catches = (state: string, catcher: number, next: string): string => `${state} Catch[${catcher}] -> ${next}`;
const chooses = (state: string, rule: number | "default", next: string): string => `${state} [${rule}] -> ${next}`;
const fails = (state: string): string => `${state} fails the run`;

const edgesFrom = (name: string, state: State): string[] => {
  switch (state.Type) {
    case "Task":
      return [
        onward(name, state.Next),
        ...(state.Retry ?? []).flatMap((retrier, index) => [...retrier.ErrorEquals.map((error) => retries(name, error)), exhausts(name, index)]),
        ...(state.Catch ?? []).map((catcher, index) => catches(name, index, catcher.Next)),
        ...((state.Catch ?? []).some(({ ErrorEquals }) => ErrorEquals.includes("States.ALL")) ? [] : [fails(name)]),
      ];
    case "Choice":
      return [
        ...state.Choices.map((rule, index) => chooses(name, index, rule.Next)),
        state.Default === undefined ? fails(name) : chooses(name, "default", state.Default),
      ];
    case "Fail":
      return [fails(name)];
    case "Pass":
    case "Wait":
      return [onward(name, state.Next)];
    case "Succeed":
      return [onward(name, undefined)];
    default:
      throw new Error(`no such state type: ${JSON.stringify(state satisfies never)}`);
  }
};

export const edgesOf = (machine: Machine): ReadonlySet<string> =>
  new Set(Object.entries(machine.States).flatMap(([name, state]) => edgesFrom(name, state)));

/** The name in the retrier that took the error: itself, or the wildcard that covers it. */
const namedAs = (machine: Machine, state: string, retrier: number, error: string): string => {
  const found = machine.States[state];
  const names = (found?.Type === "Task" ? found.Retry?.[retrier]?.ErrorEquals : undefined) ?? [];
  return names.includes(error) ? error : (names.find((name) => name.startsWith("States.")) ?? error);
};

export const edgesTaken = (machine: Machine, history: readonly HistoryEvent[]): ReadonlySet<string> => {
  const taken = new Set<string>();
  let decided = false; // a Choice rule or a Catch has already named the way out of the current state
  for (const event of history) {
    if (event.kind === "state_entered") decided = false;
    if (event.kind === "retry_planned") taken.add(retries(event.state, namedAs(machine, event.state, event.retrier, event.error)));
    if (event.kind === "retries_exhausted") taken.add(exhausts(event.state, event.retrier));
    if (event.kind === "run_failed") taken.add(fails(event.state));
    if (event.kind === "choice_made") taken.add(chooses(event.state, event.rule, event.next));
    if (event.kind === "fault_caught") taken.add(catches(event.state, event.catcher, event.next));
    if (event.kind === "choice_made" || event.kind === "fault_caught") decided = true;
    if (event.kind === "state_left" && !decided) taken.add(onward(event.state, event.next));
  }
  return taken;
};
