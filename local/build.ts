// Bundles and template, made anew only when a source file changed. Runs in a process of its own: CDK's memory goes back afterwards.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { StartRefused } from "./refusal.ts";

/** Everything that ends up in a bundle, the site or the template. */
const sourceFolders = ["bin", "docs", "functions", "kernel", "lib", "platform", "statemachines", "web"];
const sourceFiles = ["package-lock.json", "package.json", "tsconfig.json", "cdk.json"];

/** SHA-256 over names and contents of all sources. */
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
  return hash.digest("hex");
}

export interface BuiltAssembly {
  readonly dir: string;
  /** False where the last build still stands. */
  readonly fresh: boolean;
}

/**
 * The assembly of stage dev for the sources as they are now. Builds of two starts do not meet: each hash has its own folder.
 * @throws StartRefused with what the build said
 */
export async function buildAssembly(root: string, progress: (line: string) => void): Promise<BuiltAssembly> {
  const buildDir = join(root, ".build", "local");
  const hash = (await sourcesHash(root)).slice(0, 16);
  const dir = join(buildDir, hash);
  const assembly = join(dir, "cdk.out");
  if (existsSync(join(dir, "complete"))) return { dir: assembly, fresh: false };

  progress("Building the functions and the site, synthesising the template …");
  const attempt = join(buildDir, `${hash}.${process.pid}`);
  rmSync(attempt, { recursive: true, force: true });
  mkdirSync(attempt, { recursive: true });
  const { code, output } = await run(root, attempt);
  if (code !== 0) {
    rmSync(attempt, { recursive: true, force: true });
    throw new StartRefused(`The build failed; nothing was started.\n${output.trimEnd()}\nMend what it names and start again.`);
  }
  // As under /var/task: nothing above a function's folder says what its files are, so index.js is CommonJS.
  writeFileSync(join(attempt, "package.json"), '{"type":"commonjs"}\n');
  writeFileSync(join(attempt, "complete"), "");
  rmSync(dir, { recursive: true, force: true });
  try {
    renameSync(attempt, dir);
  } catch (error) {
    // Another start of the same sources was faster; its build is as good.
    if (!existsSync(join(dir, "complete"))) throw error;
    rmSync(attempt, { recursive: true, force: true });
  }
  await forgetOlder(buildDir, hash);
  return { dir: assembly, fresh: true };
}

function run(root: string, dir: string): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", join(root, "bin", "app.ts")], {
      cwd: root,
      env: {
        ...process.env,
        CDK_OUTDIR: join(dir, "cdk.out"),
        BUNDLES_DIR: join(dir, "bundles"),
        CDK_CONTEXT_JSON: JSON.stringify({ stage: "dev" }),
        // CDK asks for its own newer releases and a known Node; neither matters to a template.
        JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION: "1",
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text: string) => (output += text));
    const end = (): void => void child.kill();
    process.once("exit", end);
    child.once("error", (error) => resolve({ code: 1, output: error.message }));
    child.once("close", (code) => {
      process.off("exit", end);
      resolve({ code: code ?? 1, output });
    });
  });
}

const buildsKept = 3;
/** Keeps the last few builds: changing back and forth between two states of the sources stays quick. */
async function forgetOlder(buildDir: string, current: string): Promise<void> {
  const order = join(buildDir, "order.json");
  const known = existsSync(order) ? (JSON.parse(readFileSync(order, "utf8")) as string[]) : [];
  const kept = [current, ...known.filter((hash) => hash !== current)].slice(0, buildsKept);
  writeFileSync(order, JSON.stringify(kept));
  for (const entry of await readdir(buildDir, { withFileTypes: true })) {
    if (/^[0-9a-f]{16}$/.test(entry.name) && !kept.includes(entry.name)) rmSync(join(buildDir, entry.name), { recursive: true, force: true });
  }
}
