// Makes a `Machine` of parsed JSON, or says everything that is wrong with it.
import validateAsl from "asl-validator";
import type { Machine } from "./definition.ts";
import { subsetFindings } from "./subset.ts";

/**
 * @param definition a parsed ASL document, substitutions made or not
 * @throws Error naming each finding: shape, dangling transition, or a field outside the subset
 */
export const machineOf = (name: string, definition: unknown): Machine => {
  const findings = subsetFindings(definition);
  if (findings.length > 0) throw new Error(`state machine ${name}: ${findings.join("; ")}`);
  const shape = validateAsl(structuredClone(definition as object));
  if (!shape.isValid) throw new Error(`state machine ${name}: ${shape.errorsText("; ")}`);
  return definition as Machine;
};
