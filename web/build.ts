// Builds what browsers get: the style that buyer pages carry inside, their scripts, and the static site.
import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, buildSync } from "esbuild";

const web = dirname(fileURLToPath(import.meta.url));
const root = join(web, "..");

/** The generated module that holds the buyer pages' style; committed, so that the pages run without a build. */
export const stylesFile = join(root, "functions", "storefront", "styles.ts");

/** Browsers of the last five years: phones are kept long. */
const browsers = ["chrome96", "safari15.4", "firefox102"];

/** Source text of `functions/storefront/styles.ts`, made from web/tokens.css and web/buyer/buyer.css. */
export function generateStyles(): string {
  const { outputFiles } = buildSync({
    entryPoints: [join(web, "buyer", "buyer.css")],
    bundle: true,
    minify: true,
    write: false,
    logLevel: "error",
    target: ["chrome105", "safari16", "firefox110"],
  });
  const css = (outputFiles[0]?.text ?? "").trim();
  if (css === "" || /[`\\$<]/.test(css))
    throw new Error("the style is empty or holds a character that a template literal or a <style> would read differently");
  return `// Made by \`node web/build.ts\` from web/tokens.css and web/buyer/buyer.css; a test keeps them equal.\nexport const styles = \`${css}\`;\n`;
}

/** Names and sizes (bytes) of the scripts that `buildSite` writes under /assets. */
export interface BuiltScripts {
  readonly [file: string]: number;
}

/**
 * Writes the static site into `outDir` (emptied first): pages, pictures, style, the buyer pages' scripts, and openapi.json where it was generated.
 */
export async function buildSite(outDir: string): Promise<BuiltScripts> {
  rmSync(outDir, { recursive: true, force: true });
  mkdirSync(outDir, { recursive: true });
  cpSync(join(web, "site"), outDir, { recursive: true, filter: (file) => !file.endsWith(".css") });
  const openapi = join(root, "docs", "openapi.json");
  if (existsSync(openapi)) cpSync(openapi, join(outDir, "openapi.json"));
  const common = { bundle: true, minify: true, logLevel: "error", write: false, outdir: join(outDir, "assets") } as const;
  const scripts = await build({
    ...common,
    entryPoints: ["scan", "order"].map((name) => join(web, "buyer", `${name}.ts`)),
    format: "iife",
    target: browsers,
  });
  const style = await build({ ...common, entryPoints: [join(web, "site", "site.css")], target: ["chrome105", "safari16", "firefox110"] });
  for (const { path, contents } of [...scripts.outputFiles, ...style.outputFiles]) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, contents);
  }
  return Object.fromEntries(scripts.outputFiles.map(({ path, contents }) => [path.slice(outDir.length + 1), contents.length]));
}

if (import.meta.main) {
  writeFileSync(stylesFile, generateStyles());
  if (process.argv[2] !== undefined) await buildSite(process.argv[2]);
}
