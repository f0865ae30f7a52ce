// What the control page may ask of the host, from the parts that run.
import type { Functions } from "./functions/start.ts";
import type { Gateway, Workflows } from "./host.ts";
import type { Schedules } from "./schedules/start.ts";
import type { HostControls } from "./simulators/control/host-controls.ts";
import type { Sources } from "./sources/start.ts";

export interface RunningParts {
  readonly workflows: Workflows;
  readonly sources: Sources;
  readonly gateway: Gateway;
  readonly functions: Functions;
  readonly schedules: Schedules;
}

/** Controls that answer before the parts run, with nothing: the simulators start first. */
export function hostControls(parts: () => RunningParts | undefined): HostControls {
  return {
    executions: () => parts()?.workflows.executions ?? [],
    queues: async () => (await parts()?.sources.depths()) ?? [],
    denied: () => parts()?.gateway.denied ?? [],
    capacity: () => parts()?.gateway.capacity ?? [],
    functions: () => parts()?.functions.report() ?? [],
    schedules: () => parts()?.schedules.ids ?? [],
    async runSchedule(id) {
      const running = parts();
      if (running === undefined) throw new Error("the shop is still starting");
      return running.schedules.runNow(id);
    },
  };
}
