// The entry of a workflow step: parse, run, log a fault once and throw it on, so that the machine's Retry and Catch see our own error names.
import type * as z from "zod";
import { describeError, type Log } from "../log/log.ts";

export const stepEntry =
  <I, O>(name: string, input: z.ZodType<I>, log: Log, step: (input: I) => Promise<O>) =>
  async (event: unknown): Promise<O> => {
    try {
      return await step(input.parse(event));
    } catch (error) {
      log("warn", "step_failed", { command: name, ...describeError(error) });
      throw error;
    }
  };
