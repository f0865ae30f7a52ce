// The template brought to life: engines, gateway, functions, workflows, event sources and schedules, each knowing only its neighbours.
import { setTimeout as pause } from "node:timers/promises";
import type { Closing } from "./closing.ts";
import { startEngines } from "./engines/start.ts";
import { type Functions, startFunctions } from "./functions/start.ts";
import { functionEnvironment } from "./gateway/environment.ts";
import { startGateway } from "./gateway/start.ts";
import type { Gateway } from "./host.ts";
import type { RunningParts } from "./host-controls.ts";
import { startSchedules } from "./schedules/start.ts";
import { startSources } from "./sources/start.ts";
import type { Inventory } from "./template/inventory.ts";
import { type RunningWorkflows, startWorkflows } from "./workflow/start.ts";
import { startedRuns } from "./workflow/started.ts";

/** How long running work may take to finish at a stop, in milliseconds; then its threads are ended. */
const drainMsMax = 1_000;

export interface PlatformOptions {
  readonly inventory: Inventory;
  readonly dataDir: string;
  readonly log: (speaker: string, line: string) => void;
  readonly fault: (speaker: string, error: unknown) => void;
}
export interface Platform extends Omit<RunningParts, "schedules" | "sources"> {
  readonly functions: Functions;
  readonly workflows: RunningWorkflows;
  /** Starts what acts on its own: pollers and schedules. Apart, because the edge must listen first. */
  animate(): Promise<RunningParts>;
}

/** Adds to `stopping` what it starts, as it starts it. Throws where the template promises what its policies do not grant. */
export async function startPlatform({ inventory, dataDir, log, fault }: PlatformOptions, stopping: Closing): Promise<Platform> {
  const engines = await startEngines({ inventory, dataDir });
  stopping.add("engines", () => engines.close());

  const gatewayUp = late<Gateway>("gateway");
  const workflowsUp = late<RunningWorkflows>("workflows");
  const functions = startFunctions({ inventory, environment: (fn) => functionEnvironment(fn, gatewayUp.get()), log });
  stopping.add("functions", () => functions.close());
  const gateway = await startGateway({
    inventory,
    dataDir,
    engines,
    invoker: functions,
    workflows: {
      startExecution: (arn, input, name) => workflowsUp.get().startExecution(arn, input, name),
      get executions() {
        return workflowsUp.get().executions;
      },
      idle: () => workflowsUp.get().idle(),
    },
    onDenied: ({ principal, action, resource }) => log("denied", `${principal} ${action} ${resource}`),
  });
  gatewayUp.set(gateway);
  stopping.add("gateway", () => gateway.close());
  const workflows = startWorkflows({ inventory, invoker: functions, authoriser: gateway, started: startedRuns(dataDir) });
  workflowsUp.set(workflows);
  stopping.add("workflows", () => drain(workflows.close(), functions));

  return {
    gateway,
    functions,
    workflows,
    async animate() {
      const sources = await startSources({ inventory, dataDir, engines, invoker: functions, onFault: fault });
      stopping.add("event sources", () => drain(sources.close(), functions));
      const schedules = startSchedules({ inventory, authoriser: gateway, invoker: functions, onFault: fault });
      stopping.add("schedules", () => schedules.close());
      workflows.resume();
      return { gateway, functions, workflows, sources, schedules };
    },
  };
}

/** The parts know each other in a ring; whoever comes up later is filled in. */
function late<T>(name: string): { get(): T; set(value: T): void } {
  let value: T | undefined;
  return {
    get() {
      if (value === undefined) throw new Error(`the ${name} is still starting`);
      return value;
    },
    set(made) {
      value = made;
    },
  };
}

/** Waits for work to end by itself, then ends the threads it runs in; what is cut comes again at the next start. */
async function drain(ending: Promise<unknown>, functions: Functions): Promise<void> {
  const waited = new AbortController();
  await Promise.race([ending, pause(drainMsMax, undefined, { signal: waited.signal, ref: false }).catch(() => {})]);
  waited.abort();
  await Promise.all([ending, functions.close()]);
}
