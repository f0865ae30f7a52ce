// What the local host lends the control page. Every part may be absent: the simulators also run alone.
import type { CapacityRecord, DeniedCall, Execution } from "../../host.ts";

type Awaitable<T> = T | Promise<T>;

export interface HostControls {
  /** Runs of the state machine, newest last. */
  executions?(): Awaitable<readonly Execution[]>;
  /** Depths of the queues, one record each. */
  queues?(): Awaitable<readonly object[]>;
  /** Calls our policies refused. */
  denied?(): Awaitable<readonly DeniedCall[]>;
  capacity?(): Awaitable<readonly CapacityRecord[]>;
  functions?(): Awaitable<readonly object[]>;
  /** Schedules by id, to be shown with a "run now". */
  schedules?(): Awaitable<readonly string[]>;
  /** Runs a schedule's target once, now. Rejects for an unknown id; `ok: false` in the result tells of a failed run. */
  runSchedule?(id: string): Promise<unknown>;
}

export interface HostState {
  readonly executions: readonly object[];
  readonly queues: readonly object[];
  readonly denied: readonly object[];
  readonly capacity: readonly object[];
  readonly functions: readonly object[];
  readonly schedules: readonly string[];
}

/** Reads all parts; one that fails is told as a record of its own and does not hide the others. */
export const hostState = async (controls: HostControls): Promise<HostState> => {
  const read = async (part: (() => Awaitable<readonly object[]>) | undefined): Promise<readonly object[]> => {
    try {
      return part ? [...(await part.call(controls))] : [];
    } catch (fault) {
      return [{ error: String(fault) }];
    }
  };
  const ids = async (): Promise<readonly string[]> => {
    try {
      return (await controls.schedules?.()) ?? [];
    } catch {
      return [];
    }
  };
  const [executions, queues, denied, capacity, functions, schedules] = await Promise.all([
    read(controls.executions),
    read(controls.queues),
    read(controls.denied),
    read(controls.capacity),
    read(controls.functions),
    ids(),
  ]);
  return { executions, queues, denied, capacity, functions, schedules };
};
