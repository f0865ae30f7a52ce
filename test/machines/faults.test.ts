import { describe, expect, it } from "@jest/globals";
import type { Machine, Retrier } from "../../local/workflow/definition.ts";
import { delaySeconds } from "../../local/workflow/retry.ts";
import { errorOf, machine, only, outputOf, task, times } from "./examples.ts";
import { type Turn, walk } from "./world.ts";

describe("Retry", () => {
  const series = (retrier: Partial<Retrier>, random: () => number): number[] =>
    [0, 1, 2, 3, 4].map((retry) => delaySeconds({ ErrorEquals: ["X"], ...retrier }, retry, random));

  it.each<[string, Partial<Retrier>, number[]]>([
    ["doubles from one second unless told otherwise", {}, [1, 2, 4, 8, 16]],
    ["grows by its rate from its interval", { IntervalSeconds: 3, BackoffRate: 1.5 }, [3, 4.5, 6.75, 10.125, 15.1875]],
    ["stays level at rate 1", { IntervalSeconds: 5, BackoffRate: 1 }, [5, 5, 5, 5, 5]],
    ["never passes MaxDelaySeconds", { IntervalSeconds: 2, MaxDelaySeconds: 7 }, [2, 4, 7, 7, 7]],
  ])("%s", (_, retrier, delays) => {
    expect(series(retrier, () => 0.25)).toEqual(delays);
  });

  it("spreads a FULL jitter evenly from nothing to the whole delay, cap included", () => {
    const retrier: Partial<Retrier> = { IntervalSeconds: 2, MaxDelaySeconds: 7, JitterStrategy: "FULL" };
    expect(series(retrier, () => 0)).toEqual([0, 0, 0, 0, 0]);
    expect(series(retrier, () => 0.5)).toEqual([1, 2, 3.5, 3.5, 3.5]);
    expect(series({ ...retrier, JitterStrategy: "NONE" }, () => 0.5)).toEqual([2, 4, 7, 7, 7]);
  });

  it("tries three times more unless told otherwise, pausing in between", async () => {
    const made = only({ Retry: [{ ErrorEquals: ["Busy"] }] });
    const { run, calls, pausesSeconds } = await walk(made, {}, { Call: times(4, { fails: "Busy" }) });
    expect(run).toMatchObject({ status: "FAILED", error: "Busy" });
    expect(calls.length).toBe(4);
    expect(pausesSeconds).toEqual([1, 2, 4]);
  });

  it("counts each retrier by itself", async () => {
    const made = only({
      Retry: [
        { ErrorEquals: ["A"], MaxAttempts: 1 },
        { ErrorEquals: ["B"], MaxAttempts: 2, IntervalSeconds: 10 },
      ],
    });
    const turns: Turn[] = [{ fails: "B" }, { fails: "A" }, { fails: "B" }, { answers: 7 }];
    const { run, pausesSeconds } = await walk(made, {}, { Call: turns });
    expect(run).toMatchObject({ status: "SUCCEEDED", output: { Payload: 7 } });
    expect(pausesSeconds).toEqual([10, 1, 20]);
  });

  it("lets the first retrier that names an error decide, even when it is spent and a later one would take it", async () => {
    const made = only({
      Retry: [
        { ErrorEquals: ["A"], MaxAttempts: 1 },
        { ErrorEquals: ["States.ALL"], MaxAttempts: 5 },
      ],
    });
    expect((await walk(made, {}, { Call: times(2, { fails: "A" }) })).calls.length).toBe(2);
  });

  it("forbids with MaxAttempts 0 what a later retrier would repeat", async () => {
    const made = only({ Retry: [{ ErrorEquals: ["A"], MaxAttempts: 0 }, { ErrorEquals: ["States.ALL"] }] });
    expect((await walk(made, {}, { Call: [{ fails: "A" }] })).calls.length).toBe(1);
  });

  it("starts from nothing again when a state is entered again", async () => {
    const made = machine("Call", {
      Call: task({ Retry: [{ ErrorEquals: ["A"], MaxAttempts: 1 }], Output: "{% $states.result.Payload %}", Next: "Again?" }),
      "Again?": { Type: "Choice", Choices: [{ Condition: "{% $states.input = 'again' %}", Next: "Call" }], Default: "Done" },
      Done: { Type: "Succeed" },
    });
    const turns: Turn[] = [{ fails: "A" }, { answers: "again" }, { fails: "A" }, { answers: "enough" }];
    expect((await walk(made, {}, { Call: turns })).pausesSeconds).toEqual([1, 1]);
  });

  it("fills the arguments anew for each attempt and counts it in the context", async () => {
    const made = only({ Retry: [{ ErrorEquals: ["A"] }], Arguments: { FunctionName: "f", Payload: "{% $states.context.State.RetryCount %}" } });
    const { calls } = await walk(made, {}, { Call: [{ fails: "A" }, { fails: "A" }, { answers: 1 }] });
    expect(calls.map(({ payload }) => payload)).toEqual([0, 1, 2]);
  });
});

describe("error names", () => {
  const takes = async (name: string, turn: Turn): Promise<boolean> =>
    (await walk(only({ Retry: [{ ErrorEquals: [name] }] }), {}, { Call: [turn, { answers: 1 }] })).run.status === "SUCCEEDED";
  const late: Turn = { answers: 1, takesSeconds: 11 };

  it.each<[string, Turn, boolean]>([
    ["TableBusy", { fails: "TableBusy" }, true],
    ["TableBusy", { fails: "TableBusyToday" }, false],
    ["tablebusy", { fails: "TableBusy" }, false],
    ["Lambda.ServiceException", { fails: "Lambda.TooManyRequestsException" }, false],
    ["States.TaskFailed", { fails: "TypeError" }, true],
    ["States.TaskFailed", { fails: "Lambda.ServiceException" }, true],
    ["States.TaskFailed", late, false],
    ["States.Timeout", late, true],
    ["States.ALL", late, true],
    ["States.ALL", { fails: "TypeError" }, true],
    ["States.ALL", { fails: "States.DataLimitExceeded" }, false],
    ["States.ALL", { fails: "States.Runtime" }, false],
  ])("%s and %j: %s", async (name, turn, taken) => {
    if (taken) expect(await takes(name, turn)).toBe(true);
    else expect(await errorOf(only({ Retry: [{ ErrorEquals: [name] }] }), {}, { Call: [turn] })).not.toBe("none");
  });

  it("takes the whole limit of time, and no more, for a function that does not answer", async () => {
    const { run, tookSeconds } = await walk(only({ TimeoutSeconds: 4 }), {}, { Call: [{ answers: 1, takesSeconds: 900 }] });
    expect(run).toMatchObject({ status: "FAILED", error: "States.Timeout" });
    expect(tookSeconds).toBe(4);
  });
});

describe("Catch", () => {
  const caught = (catchers: readonly Record<string, unknown>[]): Machine =>
    machine("Call", {
      Call: task({ Catch: catchers, Retry: [{ ErrorEquals: ["Busy"], MaxAttempts: 1 }] }),
      One: { Type: "Succeed" },
      Two: { Type: "Succeed" },
    });

  it("takes the first catcher that names the error, in the order written", async () => {
    const made = caught([
      { ErrorEquals: ["A", "B"], Next: "One" },
      { ErrorEquals: ["B"], Next: "Two" },
      { ErrorEquals: ["States.ALL"], Next: "Two" },
    ]);
    expect((await walk(made, {}, { Call: [{ fails: "B" }] })).states).toEqual(["Call", "One"]);
    expect((await walk(made, {}, { Call: [{ fails: "C" }] })).states).toEqual(["Call", "Two"]);
  });

  it("waits until the retries are spent", async () => {
    const { states, calls } = await walk(caught([{ ErrorEquals: ["Busy"], Next: "One" }]), {}, { Call: times(2, { fails: "Busy" }) });
    expect(states).toEqual(["Call", "One"]);
    expect(calls.length).toBe(2);
  });

  it("hands on the error and its cause unless it has an Output of its own", async () => {
    expect(await outputOf(caught([{ ErrorEquals: ["A"], Next: "One" }]), {}, { Call: [{ fails: "A" }] })).toEqual({
      Error: "A",
      Cause: "because of A",
    });
    const made = caught([{ ErrorEquals: ["A"], Next: "One", Output: { of: "{% $states.input.id %}", why: "{% $states.errorOutput.Error %}" } }]);
    expect(await outputOf(made, { id: 3 }, { Call: [{ fails: "A" }] })).toEqual({ of: 3, why: "A" });
  });

  it("assigns from the error", async () => {
    const made = machine("Call", {
      Call: task({ Catch: [{ ErrorEquals: ["A"], Next: "Tell", Assign: { kept: "{% $states.errorOutput.Cause %}" } }] }),
      Tell: { Type: "Succeed", Output: "{% $kept %}" },
    });
    expect(await outputOf(made, {}, { Call: [{ fails: "A" }] })).toBe("because of A");
  });

  it("also takes what goes wrong in the task's own expressions", async () => {
    const made = machine("Call", {
      Call: task({ Output: "{% $states.result.Payload.absent %}", Catch: [{ ErrorEquals: ["States.QueryEvaluationError"], Next: "One" }] }),
      One: { Type: "Succeed" },
    });
    expect((await walk(made, {}, { Call: [{ answers: {} }] })).states).toEqual(["Call", "One"]);
  });
});
