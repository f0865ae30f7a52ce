import { describe, expect, it } from "@jest/globals";
import type { Json, Machine } from "../../local/workflow/definition.ts";
import { dataBytesMax } from "../../local/workflow/interpret.ts";
import { errorOf, machine, only, outputOf, task } from "./examples.ts";
import { identity, startedAt, walk } from "./world.ts";

describe("JSONata", () => {
  const pass = (fields: Record<string, unknown>): Machine => machine("Make", { Make: { Type: "Pass", End: true, ...fields } });

  it("passes the input through a state without Output, and the whole result out of a task", async () => {
    expect(await outputOf(pass({}), { a: [1, { b: null }] })).toEqual({ a: [1, { b: null }] });
    expect(await outputOf(only({}), {}, { Call: [{ answers: { x: 1 } }] })).toEqual({
      ExecutedVersion: "$LATEST",
      Payload: { x: 1 },
      StatusCode: 200,
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
      Default: "Tell",
      Assign: { way: "default" },
      Output: { size: "small" },
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
    const strict = machine("Which?", {
      "Which?": { Type: "Choice", Choices: [{ Condition: "{% false %}", Next: "End" }] },
      End: { Type: "Succeed" },
    });
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
      const random = (): number => {
        drawn = (drawn * 16807) % 2147483647;
        return drawn / 2147483647;
      };
      return (await walk(made, { id: 1 }, { Call: [{ fails: "A" }, { fails: "A" }, { answers: 1 }] }, random)).history;
    };
    expect(await once(7)).toEqual(await once(7));
    expect(await once(7)).not.toEqual(await once(8));
  });
});
