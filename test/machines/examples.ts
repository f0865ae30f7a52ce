// Small machines made in a test, and their ends.
import { expect } from "@jest/globals";
import type { Json, Machine } from "../../local/workflow/definition.ts";
import { subsetFindings } from "../../local/workflow/subset.ts";
import { type Script, type Turn, walk } from "./world.ts";

export const machine = (StartAt: string, States: Record<string, unknown>): Machine => {
  const made = { QueryLanguage: "JSONata", StartAt, States } as unknown as Machine;
  expect(subsetFindings(made)).toEqual([]);
  return made;
};
export const task = (fields: Record<string, unknown> = {}): Record<string, unknown> => ({
  Type: "Task",
  Resource: "arn:aws:states:::lambda:invoke",
  Arguments: { FunctionName: "f", Payload: {} },
  TimeoutSeconds: 10,
  ...("Next" in fields ? {} : { End: true }),
  ...fields,
});
export const only = (fields: Record<string, unknown>): Machine => machine("Call", { Call: task(fields) });
export const times = (count: number, turn: Turn): Turn[] => Array.from({ length: count }, () => turn);
export const outputOf = async (made: Machine, input: Json = {}, script: Script = {}): Promise<Json> => {
  const { run } = await walk(made, input, script);
  if (run.status === "FAILED") throw new Error(`${run.error}: ${run.cause}`);
  return run.output;
};
export const errorOf = async (made: Machine, input: Json = {}, script: Script = {}): Promise<string> => {
  const { run } = await walk(made, input, script);
  return run.status === "FAILED" ? run.error : "none";
};
