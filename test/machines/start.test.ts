import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import type { Invocation } from "../../local/host.ts";
import type { Inventory, StateMachineResource } from "../../local/template/inventory.ts";
import { executionsKeptMax, type RunningWorkflows, startWorkflows } from "../../local/workflow/start.ts";
import { type StartedRuns, startedRuns } from "../../local/workflow/started.ts";
import { documentOf } from "./definitions.ts";

const arnOf = (id: string): string => `arn:aws:lambda:ca-central-1:000000000000:function:gigbridge-dev-${id}`;
const machineArn = "arn:aws:states:ca-central-1:000000000000:stateMachine:gigbridge-dev-fulfil-order";
const substituted = (document: unknown): Record<string, unknown> =>
  JSON.parse(JSON.stringify(document).replace(/\$\{(\w+)FunctionArn\}/g, (_, step: string) => arnOf(step)));

const inventoryOf = (resource: Partial<StateMachineResource> = {}): Inventory =>
  ({
    functions: ["Confirm", "Deliver", "Send", "Release", "PayBack", "Dispute"].map((step) => ({ id: `Fulfil${step}`, arn: arnOf(step) })),
    stateMachines: [
      {
        id: "FulfilOrder",
        arn: machineArn,
        name: "gigbridge-dev-fulfil-order",
        type: "EXPRESS",
        roleId: "FulfilOrderRole",
        definition: substituted(documentOf("fulfilment/fulfil-order.asl.json")),
        ...resource,
      },
    ],
  }) as unknown as Inventory;

type Handler = (event: unknown) => Promise<Invocation> | Invocation;
const ok = (payload: unknown): Invocation => ({ ok: true, payload });
const handlers: Readonly<Record<string, Handler>> = {
  FulfilConfirm: () => ok({ settlement: "settled", facts: { amount: 6000 } }),
  FulfilDeliver: () => ok({ delivered: true }),
  FulfilSend: () => ok(undefined),
};
const order = { merchant_id: "lees", order_id: "ORD1" };

interface Bench {
  readonly workflows: RunningWorkflows;
  readonly invoked: { readonly functionId: string; readonly event: unknown }[];
  readonly asked: string[];
}
const bench = (replaced: Readonly<Record<string, Handler>> = {}, refused: readonly string[] = [], started?: StartedRuns): Bench => {
  const invoked: Bench["invoked"] = [];
  const asked: string[] = [];
  const workflows = startWorkflows({
    inventory: inventoryOf(),
    ...(started && { started }),
    invoker: {
      invoke: async (functionId, event) => {
        invoked.push({ functionId, event });
        return ({ ...handlers, ...replaced }[functionId] as Handler)(event);
      },
    },
    authoriser: {
      allowed: (roleId, action, resource) => {
        asked.push(`${roleId} ${action} ${resource}`);
        return !refused.includes(resource);
      },
    },
    now: () => Date.parse("2026-11-21T12:00:00Z"),
    random: () => 0, // a full jitter of nothing: retries follow at once
  });
  return { workflows, invoked, asked };
};
const never = new Promise<Invocation>(() => undefined);

describe("workflows on one machine", () => {
  it("runs an order through the functions of the template and keeps what happened", async () => {
    const { workflows, invoked } = bench();
    const { executionArn, startDate } = await workflows.startExecution(machineArn, order, "OP-1");
    await workflows.idle();
    expect(invoked.map(({ functionId }) => functionId)).toEqual(["FulfilConfirm", "FulfilDeliver", "FulfilSend"]);
    expect(invoked[1]?.event).toEqual({ ...order, facts: { amount: 6000 } });
    expect(executionArn).toMatch(/:express:gigbridge-dev-fulfil-order:OP-1:[0-9a-f-]{36}$/);
    expect(startDate).toBe(Date.parse("2026-11-21T12:00:00Z") / 1000);
    expect(workflows.executions).toEqual([
      {
        arn: executionArn,
        stateMachine: "gigbridge-dev-fulfil-order",
        startedAt: "2026-11-21T12:00:00.000Z",
        status: "SUCCEEDED",
        states: ["Confirm", "Settled?", "Deliver", "Delivered?", "Send"],
      },
    ]);
  });

  it("answers a start before the first function has answered", async () => {
    const { workflows } = bench({ FulfilConfirm: () => never });
    await workflows.startExecution(machineArn, order);
    expect(workflows.executions.map(({ status, states }) => ({ status, states }))).toEqual([{ status: "RUNNING", states: ["Confirm"] }]);
    await workflows.close();
  });

  it("starts the same name twice as two executions, as Express does", async () => {
    const { workflows, invoked } = bench();
    await workflows.startExecution(machineArn, order, "OP-1");
    await workflows.startExecution(machineArn, order, "OP-1");
    await workflows.idle();
    expect(new Set(workflows.executions.map(({ arn }) => arn)).size).toBe(2);
    expect(invoked.length).toBe(6);
  });

  it("takes the input as it was at the start", async () => {
    const { workflows, invoked } = bench();
    const input = { ...order };
    await workflows.startExecution(machineArn, input);
    input.order_id = "ORD2";
    await workflows.idle();
    expect(invoked.map(({ event }) => (event as typeof order).order_id)).toEqual(["ORD1", "ORD1", "ORD1"]);
  });

  it("asks for the machine's own permission before each invocation", async () => {
    const { workflows, asked } = bench();
    await workflows.startExecution(machineArn, order);
    await workflows.idle();
    expect(asked).toEqual(["Confirm", "Deliver", "Send"].map((step) => `FulfilOrderRole lambda:InvokeFunction ${arnOf(step)}`));
  });

  it("fails the run with an access error, and invokes nothing, when the role may not invoke the function", async () => {
    const { workflows, invoked } = bench({}, [arnOf("Deliver")]);
    await workflows.startExecution(machineArn, order);
    await workflows.idle();
    expect(invoked.map(({ functionId }) => functionId)).toEqual(["FulfilConfirm"]);
    expect(workflows.executions[0]).toMatchObject({ status: "FAILED" });
    expect(workflows.executions[0]?.error).toMatch(/^Lambda.AWSLambdaException: FulfilOrderRole is not authorized to perform: lambda:InvokeFunction/);
  });

  it.each([
    ["TableBusy", true],
    ["ServiceException", true],
    ["TooManyRequestsException", true],
    ["Sandbox.Timedout", true],
    ["TypeError", false],
  ])("matches the error type %s of a function as Step Functions would name it", async (errorType, again) => {
    let calls = 0;
    const FulfilDeliver: Handler = () => {
      calls += 1;
      return calls === 1 ? { ok: false, errorType, errorMessage: "why" } : ok({ delivered: true });
    };
    const { workflows } = bench({ FulfilDeliver });
    await workflows.startExecution(machineArn, order);
    await workflows.idle();
    expect({ calls, status: workflows.executions[0]?.status }).toEqual(again ? { calls: 2, status: "SUCCEEDED" } : { calls: 1, status: "FAILED" });
  });

  it("says the error and its cause of a failed run", async () => {
    const { workflows } = bench({ FulfilConfirm: () => ({ ok: false, errorType: "TypeError", errorMessage: "no such field" }) });
    await workflows.startExecution(machineArn, order);
    await workflows.idle();
    expect(workflows.executions[0]?.error).toBe('TypeError: {"errorMessage":"no such field","errorType":"TypeError"}');
  });

  it("stops waiting for a function after the state's limit, and does not care what it answers later", async () => {
    const Ask = {
      Type: "Task",
      Resource: "arn:aws:states:::lambda:invoke",
      Arguments: { FunctionName: arnOf("Confirm"), Payload: {} },
      TimeoutSeconds: 1,
      End: true,
    };
    const { promise: late, resolve: answer } = Promise.withResolvers<Invocation>();
    const workflows = startWorkflows({
      inventory: inventoryOf({ definition: { QueryLanguage: "JSONata", StartAt: "Ask", States: { Ask } } }),
      invoker: { invoke: () => late },
      authoriser: { allowed: () => true },
    });
    await workflows.startExecution(machineArn, order);
    await workflows.idle();
    answer(ok({}));
    await late;
    expect(workflows.executions[0]).toMatchObject({ status: "FAILED", error: "States.Timeout: no answer within 1 s" });
  });

  it("ends what is under way when it is closed", async () => {
    const { workflows } = bench({ FulfilConfirm: () => never });
    await workflows.startExecution(machineArn, order);
    await workflows.close();
    expect(workflows.executions.map(({ status, error }) => ({ status, error }))).toEqual([{ status: "FAILED", error: "Host.Stopped" }]);
  });

  it("begins anew what an earlier host left unfinished, and forgets what has ended (at least once)", async () => {
    const dataDir = mkdtempSync(join(tmpdir(), "executions-"));
    try {
      const dying = bench({ FulfilDeliver: () => never }, [], startedRuns(dataDir));
      await dying.workflows.startExecution(machineArn, order, "OP-1");
      const next = bench({}, [], startedRuns(dataDir));
      next.workflows.resume();
      await next.workflows.idle();
      expect(next.invoked.map(({ functionId }) => functionId)).toEqual(["FulfilConfirm", "FulfilDeliver", "FulfilSend"]);
      expect(next.invoked[0]?.event).toMatchObject(order);
      expect(next.workflows.executions[0]?.arn).toContain(":OP-1:");
      expect(startedRuns(dataDir).left).toEqual([]);
      await dying.workflows.close();
    } finally {
      rmSync(dataDir, { recursive: true });
    }
  });

  it("keeps what a stop has cut for the next start", async () => {
    const dataDir = mkdtempSync(join(tmpdir(), "executions-"));
    try {
      const { workflows } = bench({ FulfilConfirm: () => never }, [], startedRuns(dataDir));
      await workflows.startExecution(machineArn, order, "OP-1");
      await workflows.close();
      expect(startedRuns(dataDir).left).toMatchObject([{ name: "OP-1", input: order }]);
    } finally {
      rmSync(dataDir, { recursive: true });
    }
  });

  it(`remembers the last ${executionsKeptMax} executions`, async () => {
    const { workflows } = bench({ FulfilConfirm: () => ok({ settlement: "pending" }) });
    for (let index = 0; index < executionsKeptMax + 2; index += 1) await workflows.startExecution(machineArn, order, `OP-${index}`);
    await workflows.idle();
    expect(workflows.executions.length).toBe(executionsKeptMax);
    expect(workflows.executions[0]?.arn).toContain(":OP-2:");
  });

  it.each<[string, string, unknown, string | undefined]>([
    ["StateMachineDoesNotExist", `${machineArn}-other`, order, undefined],
    ["InvalidName", machineArn, order, "two words"],
    ["InvalidExecutionInput", machineArn, undefined, undefined],
  ])("refuses a start with %s", async (name, arn, input, execution) => {
    const { workflows } = bench();
    await expect(workflows.startExecution(arn, input, execution)).rejects.toMatchObject({ name });
    expect(workflows.executions).toEqual([]);
  });

  it.each<[string, Partial<StateMachineResource>, RegExp]>([
    ["a Standard machine", { type: "STANDARD" }, /FulfilOrder: type STANDARD does not run here/],
    ["a machine outside the subset", { definition: { ...inventoryOf().stateMachines[0]?.definition, TimeoutSeconds: 9 } }, /field TimeoutSeconds/],
    [
      "a call of a function that the template lacks",
      { definition: documentOf("fulfilment/fulfil-order.asl.json") },
      /Confirm calls \$\{ConfirmFunctionArn\}/,
    ],
  ])("does not come up with %s", (_, resource, finding) => {
    const { invoker, authoriser } = { invoker: { invoke: async () => ok(null) }, authoriser: { allowed: () => true } };
    expect(() => startWorkflows({ inventory: inventoryOf(resource), invoker, authoriser })).toThrow(finding);
  });
});
