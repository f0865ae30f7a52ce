// A thread of the crew: one job after another.
import { parentPort } from "node:worker_threads";
import type { Asked, Done } from "./crew.ts";
import { jobs } from "./jobs.ts";

parentPort?.on("message", async ({ id, job, input }: Asked) => {
  const answer = (done: Done): void => parentPort?.postMessage(done);
  try {
    answer({ id, output: await (jobs[job] as (input: unknown) => Promise<unknown>)(input) });
  } catch (error) {
    answer({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
});
