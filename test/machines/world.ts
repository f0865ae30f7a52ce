// A world for a run: functions answer from a script, time is virtual, chance is given.
import type { Json, Machine } from "../../local/workflow/definition.ts";
import { type HistoryEvent, type Run, statesEntered } from "../../local/workflow/history.ts";
import { type Identity, interpret, type TaskCall } from "../../local/workflow/interpret.ts";

/** What a function does when called once. `takesSeconds` beyond the state's limit makes a timeout. */
export type Turn = { readonly answers: Json; readonly takesSeconds?: number } | { readonly fails: string; readonly takesSeconds?: number };
/** By state, the turns in order. A call beyond the script is an error of the test. */
export type Script = Readonly<Record<string, readonly Turn[]>>;

export interface Walk {
  readonly run: Run;
  readonly history: readonly HistoryEvent[];
  readonly states: readonly string[];
  readonly calls: readonly TaskCall[];
  readonly pausesSeconds: readonly number[];
  readonly tookSeconds: number;
}

export const identity: Identity = {
  executionArn: "arn:aws:states:ca-central-1:000000000000:express:machine:run:1",
  executionName: "run",
  stateMachineArn: "arn:aws:states:ca-central-1:000000000000:stateMachine:machine",
  stateMachineName: "machine",
};
export const startedAt = Date.parse("2026-11-21T12:00:00Z");

/** @param random uniform in [0, 1); without it every jittered delay is nearly its longest */
export const walk = async (machine: Machine, input: Json, script: Script, random: () => number = () => 1 - 2 ** -53): Promise<Walk> => {
  let clock = startedAt;
  const calls: TaskCall[] = [];
  const pausesSeconds: number[] = [];
  const run = await interpret(machine, input, identity, {
    now: () => clock,
    random,
    sleep: async (seconds) => {
      pausesSeconds.push(seconds);
      clock += seconds * 1000;
    },
    task: async (call) => {
      const turn = script[call.state]?.[calls.filter(({ state }) => state === call.state).length];
      calls.push(call);
      if (turn === undefined) throw new Error(`the script has no further turn for ${call.state}`);
      const takes = turn.takesSeconds ?? 0.1;
      clock += Math.min(takes, call.timeoutSeconds) * 1000;
      if (takes > call.timeoutSeconds) return { ok: false, error: "States.Timeout", cause: "" };
      return "answers" in turn ? { ok: true, payload: turn.answers } : { ok: false, error: turn.fails, cause: `because of ${turn.fails}` };
    },
  });
  return { run, history: run.history, states: statesEntered(run.history), calls, pausesSeconds, tookSeconds: (clock - startedAt) / 1000 };
};
