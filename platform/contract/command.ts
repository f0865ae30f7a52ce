// A command is an operator's verb as a value: invoked directly with IAM, never over HTTP. Same silhouette as a route.
import type * as z from "zod";
import type { Problem } from "./problem.ts";

export interface CommandSpec {
  /** Unique camelCase id: the `command` of the invocation. */
  readonly id: string;
  readonly summary: string;
  readonly body: z.ZodType;
  readonly result: z.ZodType;
  readonly errors: Readonly<Record<string, Problem>>;
}

export const command = <const C extends CommandSpec>(spec: C): C => spec;
