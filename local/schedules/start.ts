// EventBridge Scheduler: each schedule once right after the start, then when it is due, always through its own role.
import type { Authoriser, Invocation, Invoker } from "../host.ts";
import type { Inventory, ScheduleResource } from "../template/inventory.ts";
import { nextRun } from "./expression.ts";

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

/** Throws on an expression that is not understood and on a role that may not invoke its target. */
export function startSchedules({ inventory, authoriser, invoker, onFault }: SchedulesOptions): Schedules {
  const timers = new Map<string, NodeJS.Timeout>();
  let closed = false;

  async function run(schedule: ScheduleResource): Promise<Invocation> {
    const invocation = await invoker.invoke(schedule.functionId, eventOf(schedule));
    if (!invocation.ok && !closed) onFault(schedule.id, `${invocation.errorType}: ${invocation.errorMessage}`);
    return invocation;
  }

  function plan(schedule: ScheduleResource, next: (afterMs: number) => number, dueMs: number): void {
    if (closed) return;
    const waitMs = Math.max(0, dueMs - Date.now());
    const timer = setTimeout(() => {
      if (waitMs > timerMsMax) return plan(schedule, next, dueMs);
      // The next one is planned first: a slow run does not shift the plan.
      plan(schedule, next, next(Math.max(dueMs, Date.now() - 1)));
      void run(schedule);
    }, Math.min(waitMs, timerMsMax));
    timers.set(schedule.id, timer);
  }

  const plans = inventory.schedules.map((schedule) => {
    const fn = inventory.functions.find((one) => one.id === schedule.functionId);
    if (fn === undefined) throw new Error(`schedule ${schedule.id} names function ${schedule.functionId}, which is not in the template`);
    if (!authoriser.allowed(schedule.roleId, "lambda:InvokeFunction", fn.arn)) {
      throw new Error(`schedule ${schedule.id}: its role is not allowed lambda:InvokeFunction on ${fn.arn}; grant it in lib/`);
    }
    return { schedule, next: nextRun(schedule.expression) };
  });
  for (const { schedule, next } of plans) {
    void run(schedule);
    plan(schedule, next, next(Date.now()));
  }

  return {
    ids: inventory.schedules.map((schedule) => schedule.id),
    async runNow(scheduleId) {
      const schedule = inventory.schedules.find((one) => one.id === scheduleId);
      if (schedule === undefined) throw new Error(`there is no schedule ${scheduleId}`);
      return run(schedule);
    },
    close() {
      closed = true;
      for (const timer of timers.values()) clearTimeout(timer);
    },
  };
}

const eventOf = ({ input }: ScheduleResource): unknown => (input === undefined ? {} : (JSON.parse(input) as unknown));
