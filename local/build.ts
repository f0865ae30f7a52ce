// Bundles and template, made anew only when a source file changed. Runs in a process of its own: CDK's memory goes back afterwards.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { forgetBuilds, markInUse } from "./build-cache.ts";
import { StartRefused } from "./refusal.ts";

/** Everything that ends up in a bundle, the site or the template. */
const sourceFolders = ["bin", "docs", "functions", "kernel", "lib", "platform", "statemachines", "web"];
const sourceFiles = ["package-lock.json", "package.json", "tsconfig.json", "cdk.json"];
/** Hexadecimal digits of the hash in a folder's name. */
const hashLength = 16;

/** SHA-256 over names and contents of all sources, shortened. */
export async function sourcesHash(root: string): Promise<string> {
  const files = sourceFiles.filter((file) => existsSync(join(root, file)));
  for (const folder of sourceFolders) {
    if (!existsSync(join(root, folder))) continue;
    for (const entry of await readdir(join(root, folder), { recursive: true, withFileTypes: true })) {
      if (entry.isFile() && !entry.name.endsWith(".md")) files.push(join(entry.parentPath, entry.name).slice(root.length + 1));
    }
  }
  files.sort();
  const hash = createHash("sha256");
  for (const file of files)
    hash
      .update(`${file}\n`)
      .update(await readFile(join(root, file)))
      .update("\n");
  return hash.digest("hex").slice(0, hashLength);
}

export interface BuildOptions {
  readonly progress: (line: string) => void;
  /** Writes bundles and assembly into `dir`. Absent: `bin/app.ts` does. */
  readonly build?: (root: string, dir: string) => Promise<{ readonly code: number; readonly output: string }>;
}

/**
 * Path of the assembly of stage dev for the sources as they are now; it stays there as long as this process lives.
 * Builds of two starts do not meet: each has its own folder until it is whole.
 * @throws StartRefused with what the build said
 */
export async function buildAssembly(root: string, { progress, build = runApp }: BuildOptions): Promise<string> {
  const builds = join(root, ".build", "local");
  const hash = await sourcesHash(root);
  const kept = join(builds, hash);
  if (existsSync(join(kept, "complete"))) return used(kept);

  progress("Building the functions and the site, synthesising the template …");
  const attempt = join(builds, `${hash}.${process.pid}`);
  rmSync(attempt, { recursive: true, force: true });
  try {
    mkdirSync(attempt, { recursive: true });
  } catch (error) {
    throw new StartRefused(
      `The build needs to write into ${builds}, and cannot (${(error as Error).message}). Make the folder writable for this user.`,
    );
  }
  const { code, output } = await build(root, attempt);
  if (code !== 0) {
    rmSync(attempt, { recursive: true, force: true });
    throw new StartRefused(`The build failed; nothing was started.\n${output.trimEnd()}\nMend what it names and start again.`);
  }
  // As under /var/task: nothing above a function's folder says what its files are, so index.js is CommonJS.
  writeFileSync(join(attempt, "package.json"), '{"type":"commonjs"}\n');
  const dir = (await sourcesHash(root)) === hash ? keep(attempt, kept) : attempt;
  await forgetBuilds(builds, hash);
  return used(dir);
}

/** A build of sources that changed meanwhile is used once and not kept; one that another start finished first is as good as ours. */
function keep(attempt: string, kept: string): string {
  writeFileSync(join(attempt, "complete"), "");
  try {
    renameSync(attempt, kept);
  } catch (error) {
    if (!existsSync(join(kept, "complete"))) throw error;
    rmSync(attempt, { recursive: true, force: true });
  }
  return kept;
}

function used(dir: string): string {
  markInUse(dir);
  return join(dir, "cdk.out");
}

function runApp(root: string, dir: string): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", join(root, "bin", "app.ts")], {
      cwd: root,
      env: {
        ...process.env,
        CDK_OUTDIR: join(dir, "cdk.out"),
        BUNDLES_DIR: join(dir, "bundles"),
        CDK_CONTEXT_JSON: JSON.stringify({ stage: "dev" }),
        // CDK warns of a Node it was not tried on; that does not matter to a template.
        JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION: "1",
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        output += text;
      });
    }
    const end = (): void => void child.kill();
    process.once("exit", end);
    child.once("error", (error) => resolve({ code: 1, output: error.message }));
    child.once("close", (code) => {
      process.off("exit", end);
      resolve({ code: code ?? 1, output });
    });
  });
}
