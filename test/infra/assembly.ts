// The synthesised assembly as the tests read it: made by the real command, in a process of its own, with no account and no network,
// and kept for as long as nothing that goes into it changes.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Metafile } from "esbuild";

export const root = join(import.meta.dirname, "../..");
/** A synth takes some five seconds; a machine that is busy with something else may take its time. */
export const synthMsMax = 240_000;
const kept = join(root, ".build/infra-tests");
const sources = ["bin/app.ts", "lib", "functions", "kernel", "platform", "statemachines", "web", "docs/openapi.json", "package-lock.json"];

export interface Resource {
  readonly Type: string;
  // Properties are CloudFormation's own shapes; each test looks at the few it speaks of.
  readonly Properties: any;
  readonly DeletionPolicy?: string;
}
export interface Template {
  readonly Resources: Readonly<Record<string, Resource>>;
  readonly Parameters: Readonly<Record<string, any>>;
}
export interface Assembly {
  readonly dev: Template;
  readonly prod: Template;
  readonly metafile: Metafile;
  /** Folder with `cdk.out` and `build`. */
  readonly directory: string;
}

export function assembly(): Assembly {
  const directory = join(kept, fingerprint());
  if (!existsSync(directory)) {
    mkdirSync(kept, { recursive: true });
    const fresh = mkdtempSync(join(kept, "new-"));
    const { status, output } = synthesise(fresh);
    if (status !== 0) throw new Error(`The synth failed:\n${output}`);
    publish(fresh, directory);
  }
  const json = (path: string) => JSON.parse(readFileSync(join(directory, path), "utf8"));
  return {
    directory,
    dev: json("cdk.out/GigBridge-dev.template.json"),
    prod: json("cdk.out/GigBridge-prod.template.json"),
    metafile: json("build/metafile.json"),
  };
}

/** Runs the CDK app as `npm run synth` does, into `directory`. */
export function synthesise(directory: string, account = ""): { readonly status: number | null; readonly output: string } {
  const { NODE_OPTIONS: _, ...inherited } = process.env;
  const env = {
    ...inherited,
    CDK_OUTDIR: join(directory, "cdk.out"),
    BUNDLES_DIR: join(directory, "build"),
    CDK_DEFAULT_ACCOUNT: account,
  };
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, "bin/app.ts")], { cwd: root, env, encoding: "utf8" });
  return { status, output: stdout + stderr };
}

export const ofType = (template: Template, type: string): readonly (readonly [string, Resource])[] =>
  Object.entries(template.Resources).filter(([, resource]) => resource.Type === type);

/** The id of the resource that a property refers to, by Ref or Fn::GetAtt. */
export const referred = (value: any): string | undefined => value?.Ref ?? value?.["Fn::GetAtt"]?.[0];

export const listOf = (value: any): readonly any[] => (value === undefined ? [] : Array.isArray(value) ? value : [value]);

function fingerprint(): string {
  const hash = createHash("sha256");
  const visit = (path: string): void => {
    if (!existsSync(join(root, path))) return;
    const stat = statSync(join(root, path));
    if (stat.isDirectory()) for (const name of readdirSync(join(root, path)).sort()) visit(join(path, name));
    else hash.update(`${path} ${stat.size} ${stat.mtimeMs}\n`);
  };
  sources.forEach(visit);
  return hash.digest("hex").slice(0, 16);
}

/** Test files run side by side: whoever finishes first publishes, and what older sources made goes. */
function publish(fresh: string, directory: string): void {
  try {
    renameSync(fresh, directory);
  } catch {
    rmSync(fresh, { recursive: true, force: true });
  }
  const stale = readdirSync(kept).filter((name) => !name.startsWith("new-") && join(kept, name) !== directory);
  for (const name of stale) rmSync(join(kept, name), { recursive: true, force: true });
}
