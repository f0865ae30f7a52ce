// What the contexts declare, gathered from their contracts: commands that no route lists, and the code of every problem.
import { globSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { CommandSpec } from "../../platform/contract/command.ts";

export interface Contract {
  readonly context: string;
  readonly commands: readonly CommandSpec[];
}

/** @param root the root of the repository */
export async function contractsOf(root: string): Promise<readonly Contract[]> {
  const files = globSync("functions/*/contract.ts", { cwd: root }).sort();
  return Promise.all(
    files.map(async (file) => {
      const exported = (await import(pathToFileURL(join(root, file)).href)) as Readonly<Record<string, unknown>>;
      return { context: file.split(/[\\/]/)[1] ?? "", commands: Object.values(exported).filter(isCommand) };
    }),
  );
}

const isCommand = (value: unknown): value is CommandSpec =>
  typeof value === "object" && value !== null && ["id", "summary", "body", "result", "errors"].every((field) => field in value);
