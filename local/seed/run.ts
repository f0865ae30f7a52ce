// Puts the demo into a fresh data folder through the same operator functions that a person would call.
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Invocation } from "../host.ts";

export interface SeedCommand {
  /** `FunctionName` without its stage prefix: `merchants-operator`. */
  readonly to: string;
  readonly command: string;
  readonly body: Readonly<Record<string, unknown>>;
}
/** Steps in order; the commands of one step do not depend on each other. */
export type Seed = readonly (readonly SeedCommand[])[];

export type InvokeByName = (name: string, event: unknown) => Promise<Invocation>;

/** A seed that was refused or failed; the next start carries on where this one stopped. */
export class SeedFailed extends Error {
  override readonly name = "SeedFailed";
}

const digest = (value: unknown): string => createHash("sha256").update(JSON.stringify(value)).digest("hex").slice(0, 32);
const marker = (dataDir: string): string => join(dataDir, "seeded");

/**
 * Runs the seed unless this very seed is in the folder already. Keys come from the contents, so a crash in the middle is repaired by
 * running it all again: what was done answers "repeated".
 * @returns false where there was nothing to do
 */
export async function seedOnce(seed: Seed, dataDir: string, invoke: InvokeByName, onStart: () => void = () => {}): Promise<boolean> {
  const wanted = digest(seed);
  if (existsSync(marker(dataDir)) && readFileSync(marker(dataDir), "utf8") === wanted) return false;
  onStart();
  for (const step of seed) await Promise.all(step.map((command) => run(command, invoke)));
  writeFileSync(marker(dataDir), wanted);
  return true;
}

async function run({ to, command, body }: SeedCommand, invoke: InvokeByName): Promise<void> {
  const answer = await invoke(to, { command, key: `demo-${digest({ command, body })}`, by: "local-demo", body });
  if (!answer.ok) throw new SeedFailed(`${to} ${command}: ${answer.errorType}: ${answer.errorMessage}`);
  const result = answer.payload as { readonly ok?: boolean; readonly code?: string; readonly detail?: string; readonly context?: unknown };
  // Stock that an earlier version of the demo brought in stays as it is.
  if (result.ok !== true && result.code !== "serial_exists") {
    throw new SeedFailed(`${to} ${command}: ${result.code}: ${result.detail} ${JSON.stringify(result.context ?? "")}`);
  }
}
