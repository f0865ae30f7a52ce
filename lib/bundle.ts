// Builds what Lambda and the site get: one file per function and the site's folder. The machine that runs the shop
// locally executes the very same files.
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Metafile, type Plugin } from "esbuild";
import { buildSite } from "../web/build.ts";
import { functionList } from "./function-list.ts";

export const root = fileURLToPath(new URL("..", import.meta.url));

export interface Bundles {
  /** Folder with `functions/<id>/index.js` (and its `package.json`), `maps/<id>/index.js.map`, `site/` and `metafile.json`. */
  readonly directory: string;
  /** What went into which function: paths are relative to the repository, outputs are `functions/<id>/index.js`. */
  readonly metafile: Metafile;
}

/**
 * Bundles all functions and the site into `directory` (default `.build`). Files that would not change are left alone, so a running
 * shop and the asset hashes notice only real changes. Throws when an entry is missing or does not compile.
 */
export async function bundle(directory = join(root, ".build")): Promise<Bundles> {
  const [metafile] = await Promise.all([bundleFunctions(directory), buildSite(join(directory, "site"))]);
  await writeIfChanged(join(directory, "metafile.json"), JSON.stringify(metafile));
  return { directory, metafile };
}

async function bundleFunctions(directory: string): Promise<Metafile> {
  const missing = functionList.filter(({ entry }) => !existsSync(join(root, entry)));
  if (missing.length > 0) throw new Error(`No entry file for: ${missing.map(({ id, entry }) => `${id} (${entry})`).join(", ")}`);
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    entryPoints: Object.fromEntries(functionList.map(({ id, entry }) => [`${id}/index`, entry])),
    outdir: join(directory, "functions"),
    bundle: true,
    platform: "node",
    target: "node24",
    // CommonJS output with ES module input: tree shaking halves the SDK, and `require("node:http")` spares the start
    // the 20 ms that the ES module facade of node:http costs.
    format: "cjs",
    mainFields: ["module", "main"],
    alias: { "@aws-sdk/credential-provider-node": join(root, "lib/env-credentials.ts") },
    plugins: [ownModulesAreDeclarations],
    minify: true,
    // Sentences in French and Chinese as they are: escaped, each of their characters takes two bytes more or three.
    charset: "utf8",
    legalComments: "none",
    // Maps stay out of the function's folder: they would triple the upload, and stack traces are read with them here.
    sourcemap: "external",
    metafile: true,
    write: false,
    logLevel: "warning",
  });
  const written = outputFiles.map(({ path, contents }) => {
    const name = relative(join(directory, "functions"), path);
    return writeIfChanged(join(directory, path.endsWith(".map") ? "maps" : "functions", name), contents);
  });
  // Each folder says itself what its file is: inside this repository a bare `.js` would be taken for an ES module.
  const said = functionList.map(({ id }) => writeIfChanged(join(directory, "functions", id, "package.json"), '{"type":"commonjs"}\n'));
  await Promise.all([...written, ...said]);
  return named(metafile);
}

/**
 * Our modules only declare; whatever acts is called by an entry. Told so, esbuild drops a module of which nothing is used. Otherwise a table
 * or a schema made at the top of a file would keep the file, and through a context's `index.ts` all of its neighbours: Stripe's SDK in the
 * function that only delivers, for one.
 */
const ownModulesAreDeclarations: Plugin = {
  name: "own-modules-are-declarations",
  setup({ onResolve }) {
    onResolve({ filter: /^\.\.?\// }, ({ path, resolveDir, kind }) => {
      if (kind === "entry-point" || resolveDir.includes("/node_modules/")) return undefined;
      return { path: resolve(resolveDir, path), sideEffects: false };
    });
  },
};

/** Output names without the folder they were built into: the same whoever builds. */
function named(metafile: Metafile): Metafile {
  const outputs = Object.entries(metafile.outputs).map(([path, output]) => [path.slice(path.indexOf("functions/")), output] as const);
  return { ...metafile, outputs: Object.fromEntries(outputs) };
}

async function writeIfChanged(path: string, contents: string | Uint8Array): Promise<void> {
  const wanted = Buffer.from(contents);
  const standing = await readFile(path).catch(() => undefined);
  if (standing?.equals(wanted)) return;
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, wanted);
}
