// Starting fulfil-order, and its runs: the real definition through the real interpreter, on the virtual clock. Express: a run may be lost,
// or run twice; nobody waits for it.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Asked } from "../../../functions/fulfilment/confirm.ts";
import type { Json, Machine } from "../../../local/workflow/definition.ts";
import { interpret, type TaskAnswer, type TaskCall } from "../../../local/workflow/interpret.ts";
import type { Workflow } from "../../../platform/workflow/workflow.ts";
import type { Reach } from "../reach.ts";
import type { Ended, Scheduler } from "../scheduler.ts";

const file = join(import.meta.dirname, "../../../statemachines/fulfilment/fulfil-order.asl.json");
const machine = JSON.parse(readFileSync(file, "utf8")) as Machine;

/** The functions of the steps, by the name their address has in the definition. */
export type Steps = Readonly<
  Record<
    "ConfirmFunctionArn" | "DeliverFunctionArn" | "SendFunctionArn" | "ReleaseFunctionArn" | "DisputeFunctionArn" | "PayBackFunctionArn",
    (input: unknown) => Promise<unknown>
  >
>;

export interface Start {
  readonly ref: Asked;
  /** The function that asked for it, and what it was asked by. */
  readonly by: string;
  readonly tags: ReadonlySet<string>;
  readonly at: number;
}
export interface WorkflowPort {
  /** @param works false: every start is refused */
  startedBy(works: boolean): Workflow<Asked>;
  readonly starts: readonly Start[];
  /** Runs that go on now. */
  running(): number;
}

export interface WorkflowPortOptions {
  readonly scheduler: Scheduler;
  readonly reach: Reach;
  readonly random: () => number;
  readonly steps: Steps;
  readonly invoke: <T>(name: string, work: () => Promise<T>, tags: readonly string[]) => Promise<Ended<T>>;
}

export const workflowPort = ({ scheduler, reach, random, steps, invoke }: WorkflowPortOptions): WorkflowPort => {
  const starts: Start[] = [];
  const going = new Map<string, number>();
  let count = 0;

  const task = async (call: TaskCall, tags: readonly string[]): Promise<TaskAnswer> => {
    const name = /\{(\w+)\}/.exec(call.functionArn)?.[1] as keyof Steps;
    const ended = await invoke(call.state, async () => JSON.parse(JSON.stringify(await steps[name](call.payload))) as Json, tags);
    switch (ended.kind) {
      case "answered":
        return { ok: true, payload: ended.value };
      case "threw": {
        const { name: error, message } = ended.error instanceof Error ? ended.error : new Error(String(ended.error));
        return { ok: false, error, cause: message };
      }
      case "crashed":
        return { ok: false, error: "Runtime.ExitError", cause: "the function died" };
      case "timed_out":
        return { ok: false, error: "States.Timeout", cause: "the function did not answer in time" };
    }
  };

  const go = async (ref: Asked, name: string, tags: readonly string[]): Promise<void> => {
    const id = ref.order_id;
    const before = going.get(id) ?? 0;
    going.set(id, before + 1);
    if (before > 0) reach.saw("two workflows at once");
    const identity = { executionArn: `arn:run:${name}`, executionName: name, stateMachineArn: "arn:fulfil-order", stateMachineName: "fulfil-order" };
    const ended = await scheduler.invoke(`run ${name}`, async () => {
      await scheduler.turn("begins", ["crash_before", "slow"]);
      const { news, ...order } = ref;
      return interpret(machine, news ? { ...order, news } : order, identity, {
        task: (call) => task(call, tags),
        random,
        now: () => scheduler.now,
        sleep: async (seconds) => void (await scheduler.sleep(seconds * 1000, "waits before a retry")),
      });
    });
    going.set(id, (going.get(id) ?? 1) - 1);
    if (ended.kind === "crashed") reach.saw("workflow run lost");
    if (ended.kind === "threw") throw ended.error;
    if (ended.kind === "answered" && ended.value.status === "FAILED") {
      reach.saw("workflow run failed");
      scheduler.note(`the run failed: ${ended.value.error}`);
    }
  };

  const startedBy = (works: boolean): Workflow<Asked> => ({
    async start(input) {
      const by = scheduler.current();
      const ref = JSON.parse(JSON.stringify(input)) as Asked;
      const begin = (): void => {
        count += 1;
        const name = String(count);
        scheduler.spawn(`fulfil-order ${name}`, () => go(ref, name, by?.tags.has("sweep") ? ["sweep"] : []));
      };
      await scheduler.perform("starts fulfil-order", ["crash_before", "crash_after", "refuse", "lose_response", "drop", "duplicate"], (fault) => {
        if (fault === "refuse" || !works) {
          reach.saw("workflow start refused");
          throw new Error("the start was refused");
        }
        starts.push({ ref, by: by?.name ?? "", tags: by?.tags ?? new Set(), at: scheduler.now });
        if (fault !== "drop") begin();
        if (fault === "duplicate") begin();
        if (fault === "lose_response") throw new Error("the answer of the start was lost");
      });
    },
  });

  return { startedBy, starts, running: () => [...going.values()].reduce((sum, each) => sum + each, 0) };
};
