// Every state machine of the repository, read from its file as CDK uploads it.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Machine } from "../../local/workflow/definition.ts";
import { machineOf } from "../../local/workflow/validate.ts";

const root = join(import.meta.dirname, "../../statemachines");

/** Paths under `statemachines/`, sorted. */
export const machineFiles: readonly string[] = readdirSync(root, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".asl.json"))
  .sort();

export const documentOf = (file: string): Record<string, unknown> => JSON.parse(readFileSync(join(root, file), "utf8"));

/** @throws Error when the file is outside the subset */
export const machineIn = (file: string): Machine => machineOf(file, documentOf(file));
