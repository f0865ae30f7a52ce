import { describe, expect, it } from "@jest/globals";
import { stateFields } from "../../local/workflow/subset.ts";
import { machineOf } from "../../local/workflow/validate.ts";
import { documentOf } from "./definitions.ts";

type Doc = { [field: string]: unknown; States: Record<string, Record<string, unknown>> };
const file = "fulfilment/fulfil-order.asl.json";
const changed = (change: (machine: Doc, confirm: Record<string, unknown>) => void): Doc => {
  const machine = documentOf(file) as Doc;
  change(machine, machine.States.Confirm as Record<string, unknown>);
  return machine;
};
const retry =
  (fields: Record<string, unknown>) =>
  (_: Doc, confirm: Record<string, unknown>): void => {
    confirm.Retry = [{ ErrorEquals: ["TableBusy"], ...fields }];
  };
const output =
  (expression: string) =>
  (_: Doc, confirm: Record<string, unknown>): void => {
    confirm.Output = { found: `{% ${expression} %}` };
  };
const payload =
  (expression: string) =>
  (_: Doc, confirm: Record<string, unknown>): void => {
    confirm.Arguments = { FunctionName: "f", Payload: { found: `{% ${expression} %}` } };
  };

describe("the subset of the Amazon States Language", () => {
  it("accepts the machine as it stands, and leaves the document as it was", () => {
    const machine = documentOf(file);
    expect(() => machineOf(file, machine)).not.toThrow();
    expect(machine).toEqual(documentOf(file));
  });

  it("lists six kinds of state, none of which takes a JSONPath field", () => {
    expect(Object.keys(stateFields).sort()).toEqual(["Choice", "Fail", "Pass", "Succeed", "Task", "Wait"]);
    const fields: readonly string[] = Object.values(stateFields).flat();
    expect(fields.filter((field) => /Path$|^Parameters$|^ResultSelector$|^Result$/.test(field))).toEqual([]);
  });

  it.each<[string, (machine: Doc, confirm: Record<string, unknown>) => void, RegExp]>([
    [
      "a field that Step Functions knows and we do not",
      (_, c) => {
        c.HeartbeatSeconds = 5;
      },
      /Confirm: field HeartbeatSeconds is outside the subset/,
    ],
    [
      "a field that nobody knows",
      (_, c) => {
        c.Timeout = 5;
      },
      /Confirm: field Timeout is outside the subset/,
    ],
    [
      "a machine's own TimeoutSeconds",
      (m) => {
        m.TimeoutSeconds = 60;
      },
      /machine: field TimeoutSeconds/,
    ],
    [
      "a Parallel state",
      (m) => {
        m.States["A person decides"] = { Type: "Parallel", End: true, Branches: [{ StartAt: "A", States: { A: { Type: "Succeed" } } }] };
      },
      /A person decides: type Parallel is outside the subset/,
    ],
    [
      "another integration",
      (_, c) => {
        c.Resource = "arn:aws:states:::sqs:sendMessage";
      },
      /Confirm: Resource is not/,
    ],
    [
      "a task without a time limit",
      (_, c) => {
        delete c.TimeoutSeconds;
      },
      /Confirm: TimeoutSeconds/,
    ],
    [
      "an asynchronous invocation",
      (_, c) => {
        c.Arguments = { FunctionName: "f", Payload: {}, InvocationType: "Event" };
      },
      /field InvocationType/,
    ],
    [
      "a function chosen at run time",
      (_, c) => {
        c.Arguments = { FunctionName: "{% $states.input.f %}", Payload: {} };
      },
      /FunctionName is not a literal/,
    ],
    [
      "JSONPath",
      (m) => {
        m.QueryLanguage = "JSONPath";
      },
      /machine: QueryLanguage is not JSONata/,
    ],
    [
      "one JSONPath state among the others",
      (_, c) => {
        c.QueryLanguage = "JSONPath";
      },
      /Confirm: field QueryLanguage is outside the subset/,
    ],
    [
      "a state that nothing leads to",
      (m) => {
        m.States.Alone = { Type: "Succeed" };
      },
      /Alone is not reachable/,
    ],
    [
      "a start that is no state",
      (m) => {
        m.StartAt = "Begin";
      },
      /Begin/,
    ],
    [
      "a way to a state that is not there",
      (_, c) => {
        c.Next = "Nowhere";
      },
      /Nowhere/,
    ],
    ["an unknown field of a retrier", retry({ Jitter: true }), /Retry\[0\]: field Jitter/],
    ["a retrier for no error", retry({ ErrorEquals: [] }), /ErrorEquals names no error/],
    ["States.ALL among other names", retry({ ErrorEquals: ["States.ALL", "TableBusy"] }), /States.ALL stands with other names/],
    [
      "States.ALL before another retrier",
      (_, c) => {
        c.Retry = [{ ErrorEquals: ["States.ALL"] }, { ErrorEquals: ["X"] }];
      },
      /States.ALL is not last/,
    ],
    ["a backoff that shrinks", retry({ BackoffRate: 0.5 }), /BackoffRate is below 1/],
    ["a cap not above the first delay", retry({ IntervalSeconds: 4, MaxDelaySeconds: 4 }), /MaxDelaySeconds is not above/],
    ["a fraction of a second", retry({ IntervalSeconds: 0.5 }), /IntervalSeconds is not a whole number/],
    ["an unknown jitter", retry({ JitterStrategy: "HALF" }), /JitterStrategy is not/],
    ["JSONata that does not parse", output("$states.input."), /Confirm.Output.found/],
    [
      "an expression glued to text",
      (_, c) => {
        c.Output = { found: "order {% $states.input.a %}" };
      },
      /is not one whole expression/,
    ],
    ["a result before there is one", payload("$states.result.Payload"), /Payload.found: \$states.result does not exist here/],
    ["an error where none was caught", output("$states.errorOutput.Error"), /\$states.errorOutput does not exist here/],
    ["a variable that nothing assigns", output("$customer"), /nothing assigns \$customer/],
    ["the clock", output("$now()"), /function \$now is outside the subset/],
    ["chance, inside another function", output("$string($random())"), /function \$random is outside the subset/],
    ["$eval", output("$eval('1')"), /function \$eval is outside the subset/],
    ["a function defined in place", output("function($x) { $x }(1)"), /outside the subset/],
    ["a local variable", output("($x := 1; $x)"), /outside the subset/],
  ])("refuses %s", (_, change, finding) => {
    expect(() => machineOf(file, changed(change))).toThrow(finding);
  });

  it.each([null, 7, [], {}, { States: 3 }, { States: { A: null }, StartAt: "A", QueryLanguage: "JSONata" }])(
    "refuses %j, which is no machine",
    (document) => {
      expect(() => machineOf(file, document)).toThrow(/has no States|is not an object/);
    },
  );

  it("says everything that is wrong at once", () => {
    const machine = changed((_, confirm) => {
      confirm.HeartbeatSeconds = 5;
      delete confirm.TimeoutSeconds;
    });
    expect(() => machineOf(file, machine)).toThrow(/HeartbeatSeconds.*TimeoutSeconds/);
  });
});
