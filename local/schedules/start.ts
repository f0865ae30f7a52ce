// EventBridge Scheduler: each schedule once right after the start, then when it is due, always through its own role.
import type { Authoriser, Invocation, Invoker } from "../host.ts";
import type { Inventory, ScheduleResource } from "../template/inventory.ts";
import { nextRun } from "./expression.ts";

type Planned = ScheduleResource & { readonly functionArn: string };

/** Longest delay that a timer of Node takes, in milliseconds. */
const timerMsMax = 2 ** 31 - 1;

export interface SchedulesOptions {
  readonly inventory: Inventory;
  readonly authoriser: Authoriser;
  readonly invoker: Invoker;
  readonly onFault: (scheduleId: string, error: string) => void;
}
export interface Schedules {
  /** Runs one now, beside its plan. Throws for an unknown id. */
  runNow(scheduleId: string): Promise<Invocation>;
  readonly ids: readonly string[];
  close(): void;
}

/** Throws on an expression that is not understood and on a target that the template lacks. */
export function startSchedules({ inventory, authoriser, invoker, onFault }: SchedulesOptions): Schedules {
  const timers = new Map<string, NodeJS.Timeout>();
  let closed = false;

  async function run(schedule: Planned): Promise<Invocation> {
    const invocation = authoriser.allowed(schedule.roleId, "lambda:InvokeFunction", schedule.functionArn)
      ? await invoker.invoke(schedule.functionId, eventOf(schedule))
      : ({ ok: false, errorType: "AccessDeniedException", errorMessage: `${schedule.roleId} may not invoke ${schedule.functionArn}` } as const);
    if (!invocation.ok && !closed) onFault(schedule.id, `${invocation.errorType}: ${invocation.errorMessage}`);
    return invocation;
  }

  function plan(schedule: Planned, next: (afterMs: number) => number, dueMs: number): void {
    if (closed) return;
    const waitMs = Math.max(0, dueMs - Date.now());
    const timer = setTimeout(
      () => {
        if (waitMs > timerMsMax) return plan(schedule, next, dueMs);
        // The next one is planned first: a slow run does not shift the plan.
        plan(schedule, next, next(Math.max(dueMs, Date.now() - 1)));
        void run(schedule);
      },
      Math.min(waitMs, timerMsMax),
    );
    timers.set(schedule.id, timer);
  }

  const plans = inventory.schedules.map((schedule) => {
    const fn = inventory.functions.find((one) => one.id === schedule.functionId);
    if (fn === undefined) throw new Error(`schedule ${schedule.id} names function ${schedule.functionId}, which is not in the template`);
    return { schedule: { ...schedule, functionArn: fn.arn }, next: nextRun(schedule.expression) };
  });
  for (const { schedule, next } of plans) {
    void run(schedule);
    plan(schedule, next, next(Date.now()));
  }

  return {
    ids: inventory.schedules.map((schedule) => schedule.id),
    async runNow(scheduleId) {
      const found = plans.find(({ schedule }) => schedule.id === scheduleId);
      if (found === undefined) throw new Error(`there is no schedule ${scheduleId}`);
      return run(found.schedule);
    },
    close() {
      closed = true;
      for (const timer of timers.values()) clearTimeout(timer);
    },
  };
}

const eventOf = ({ input }: ScheduleResource): unknown => (input === undefined ? {} : (JSON.parse(input) as unknown));
