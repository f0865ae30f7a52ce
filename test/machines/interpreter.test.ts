import { describe, expect, it } from "@jest/globals";
import type { Json, Machine, Retrier } from "../../local/workflow/definition.ts";
import { dataBytesMax } from "../../local/workflow/interpret.ts";
import { delaySeconds } from "../../local/workflow/retry.ts";
import { subsetFindings } from "../../local/workflow/subset.ts";
import { identity, type Script, startedAt, type Turn, walk } from "./world.ts";

const machine = (StartAt: string, States: Record<string, unknown>): Machine => {
  const made = { QueryLanguage: "JSONata", StartAt, States } as unknown as Machine;
  expect(subsetFindings(made)).toEqual([]);
  return made;
};
const task = (fields: Record<string, unknown> = {}): Record<string, unknown> => ({
  Type: "Task", Resource: "arn:aws:states:::lambda:invoke", Arguments: { FunctionName: "f", Payload: {} }, TimeoutSeconds: 10,
  ...("Next" in fields ? {} : { End: true }), ...fields,
});
const only = (fields: Record<string, unknown>): Machine => machine("Call", { Call: task(fields) });
const times = (count: number, turn: Turn): Turn[] => Array.from({ length: count }, () => turn);
const outputOf = async (made: Machine, input: Json = {}, script: Script = {}): Promise<Json> => {
  const { run } = await walk(made, input, script);
  if (run.status === "FAILED") throw new Error(`${run.error}: ${run.cause}`);
  return run.output;
};
const errorOf = async (made: Machine, input: Json = {}, script: Script = {}): Promise<string> => {
  const { run } = await walk(made, input, script);
  return run.status === "FAILED" ? run.error : "none";
};

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
    const made = only({ Retry: [{ ErrorEquals: ["A"], MaxAttempts: 1 }, { ErrorEquals: ["B"], MaxAttempts: 2, IntervalSeconds: 10 }] });
    const turns: Turn[] = [{ fails: "B" }, { fails: "A" }, { fails: "B" }, { answers: 7 }];
    const { run, pausesSeconds } = await walk(made, {}, { Call: turns });
    expect(run).toMatchObject({ status: "SUCCEEDED", output: { Payload: 7 } });
    expect(pausesSeconds).toEqual([10, 1, 20]);
  });

  it("lets the first retrier that names an error decide, even when it is spent and a later one would take it", async () => {
    const made = only({ Retry: [{ ErrorEquals: ["A"], MaxAttempts: 1 }, { ErrorEquals: ["States.ALL"], MaxAttempts: 5 }] });
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
      One: { Type: "Succeed" }, Two: { Type: "Succeed" },
    });

  it("takes the first catcher that names the error, in the order written", async () => {
    const made = caught([{ ErrorEquals: ["A", "B"], Next: "One" }, { ErrorEquals: ["B"], Next: "Two" }, { ErrorEquals: ["States.ALL"], Next: "Two" }]);
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
      Error: "A", Cause: "because of A",
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

describe("JSONata", () => {
  const pass = (fields: Record<string, unknown>): Machine => machine("Make", { Make: { Type: "Pass", End: true, ...fields } });

  it("passes the input through a state without Output, and the whole result out of a task", async () => {
    expect(await outputOf(pass({}), { a: [1, { b: null }] })).toEqual({ a: [1, { b: null }] });
    expect(await outputOf(only({}), {}, { Call: [{ answers: { x: 1 } }] })).toEqual({
      ExecutedVersion: "$LATEST", Payload: { x: 1 }, StatusCode: 200,
    });
  });

  it("fills every string that is an expression, at any depth, and leaves other JSON alone", async () => {
    const Output = { plain: "a % {b}", list: [1, "{% $states.input.n + 1 %}", [true]], deep: { none: null, n: "{% $states.input.n %}" } };
    expect(await outputOf(pass({ Output }), { n: 2 })).toEqual({ plain: "a % {b}", list: [1, 3, [true]], deep: { none: null, n: 2 } });
  });

  it.each<[string, Json]>([
    ["{% $merge([$states.input, {'b': 2}]) %}", { a: [1], n: null, b: 2 }],
    ["{% $states.input.a %}", [1]],
    ["{% $states.input.n %}", null],
    ["{% $count($states.input.a) %}", 1],
    ["{% $exists($states.input.absent) ? 'yes' : 'no' %}", "no"],
    ["{% [$states.input.a[0], 'x'] %}", [1, "x"]],
    ["{% 'a' & $string(1) %}", "a1"],
  ])("evaluates %s", async (Output, expected) => {
    expect(await outputOf(pass({ Output }), { a: [1], n: null })).toEqual(expected);
  });

  it.each(["{% $states.input.absent %}", "{% absent %}", "{% 1 + 'a' %}"])("fails the state on %s", async (Output) => {
    expect(await errorOf(pass({ Output }))).toBe("States.QueryEvaluationError");
  });

  it("shows who runs, when and where in the context", async () => {
    const Output = "{% $states.context %}";
    expect(await outputOf(pass({ Output }), { id: 1 })).toEqual({
      Execution: { Id: identity.executionArn, Input: { id: 1 }, Name: "run", StartTime: "2026-11-21T12:00:00.000Z" },
      State: { EnteredTime: "2026-11-21T12:00:00.000Z", Name: "Make", RetryCount: 0 },
      StateMachine: { Id: identity.stateMachineArn, Name: "machine" },
    });
  });

  it("lets nothing out that is larger than Step Functions carries", async () => {
    const fits = "x".repeat(dataBytesMax - 2);
    expect(await errorOf(pass({}), fits)).toBe("none");
    expect(await errorOf(pass({}), `${fits}x`)).toBe("States.DataLimitExceeded");
  });
});

describe("Assign", () => {
  it("is seen by later states, and not by the Output or the other variables of its own state", async () => {
    const made = machine("First", {
      First: { Type: "Pass", Assign: { a: 1, b: "x" }, Next: "Second" },
      Second: { Type: "Pass", Assign: { a: "{% $a + 1 %}", b: "{% $a %}" }, Output: "{% $a %}", Next: "Third" },
      Third: { Type: "Succeed", Output: { before: "{% $states.input %}", a: "{% $a %}", b: "{% $b %}" } },
    });
    expect(await outputOf(made)).toEqual({ before: 1, a: 2, b: 1 });
  });

  it("does not happen in a try that fails", async () => {
    const made = machine("First", {
      First: { Type: "Pass", Assign: { a: "old" }, Next: "Call" },
      Call: task({ Assign: { a: "{% $states.result.Payload.absent %}" }, Catch: [{ ErrorEquals: ["States.ALL"], Next: "Tell" }] }),
      Tell: { Type: "Succeed", Output: "{% $a %}" },
    });
    expect(await outputOf(made, {}, { Call: [{ answers: {} }] })).toBe("old");
  });
});

describe("Choice", () => {
  const made = machine("Which?", {
    "Which?": {
      Type: "Choice",
      Choices: [
        { Condition: "{% $states.input.n > 5 %}", Next: "Tell", Assign: { way: "large" }, Output: { cut: 5 } },
        { Condition: "{% $states.input.n > 2 %}", Next: "Tell", Assign: { way: "middle" } },
      ],
      Default: "Tell", Assign: { way: "default" }, Output: { size: "small" },
    },
    Tell: { Type: "Succeed", Output: { way: "{% $way %}", input: "{% $states.input %}" } },
  });

  it.each<[number, Json]>([
    [9, { way: "large", input: { cut: 5 } }],
    [3, { way: "middle", input: { n: 3 } }],
    [1, { way: "default", input: { size: "small" } }],
  ])("takes the first rule that holds, with its own Assign and Output: %s", async (n, expected) => {
    expect(await outputOf(made, { n })).toEqual(expected);
  });

  it("fails when nothing matches and there is no default", async () => {
    const strict = machine("Which?", { "Which?": { Type: "Choice", Choices: [{ Condition: "{% false %}", Next: "End" }] }, End: { Type: "Succeed" } });
    expect(await errorOf(strict)).toBe("States.NoChoiceMatched");
  });

  it("takes no condition that is only truthy", async () => {
    const loose = machine("Which?", { "Which?": { Type: "Choice", Choices: [{ Condition: "{% 1 %}", Next: "End" }] }, End: { Type: "Succeed" } });
    expect(await errorOf(loose)).toBe("States.QueryEvaluationError");
  });
});

describe("Wait and Fail", () => {
  it.each<[Record<string, unknown>, number]>([
    [{ Seconds: 30 }, 30],
    [{ Seconds: "{% $states.input.n * 2 %}" }, 14],
    [{ Timestamp: "2026-11-21T12:01:30Z" }, 90],
    [{ Timestamp: "{% $states.input.until %}" }, 5],
    [{ Timestamp: "2020-01-01T00:00:00Z" }, 0],
  ])("waits as told: %j", async (fields, seconds) => {
    const made = machine("Wait", { Wait: { Type: "Wait", ...fields, End: true } });
    const until = new Date(startedAt + 5000).toISOString();
    expect((await walk(made, { n: 7, until }, {})).tookSeconds).toBe(seconds);
  });

  it("does not wait for what is no time", async () => {
    expect(await errorOf(machine("Wait", { Wait: { Type: "Wait", Seconds: "{% 'x' %}", End: true } }))).toBe("States.QueryEvaluationError");
  });

  it("fails by its own name, with a cause made of the data", async () => {
    const made = machine("Stop", { Stop: { Type: "Fail", Error: "OutOfStock", Cause: "{% 'no ' & $states.input.sku %}" } });
    expect((await walk(made, { sku: "CW-60" }, {})).run).toMatchObject({ status: "FAILED", error: "OutOfStock", cause: "no CW-60" });
  });
});

describe("a run", () => {
  it("is the same history for the same script, clock and chance", async () => {
    const made = only({ Retry: [{ ErrorEquals: ["A"], JitterStrategy: "FULL" }] });
    const once = async (seed: number): Promise<unknown> => {
      let drawn = seed;
      const random = (): number => (drawn = (drawn * 16807) % 2147483647) / 2147483647;
      return (await walk(made, { id: 1 }, { Call: [{ fails: "A" }, { fails: "A" }, { answers: 1 }] }, random)).history;
    };
    expect(await once(7)).toEqual(await once(7));
    expect(await once(7)).not.toEqual(await once(8));
  });
});
