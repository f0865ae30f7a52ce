// The browser of the tests: Chromium from its npm package, unpacked once into .build, with its own libraries where the system
// lacks them and a Chinese font where one is installed. Nothing is taken from the distribution's packages.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliDecompressSync } from "node:zlib";
import { type Browser, chromium } from "playwright-core";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const require = createRequire(import.meta.url);
const unpacked = join(root, ".build", "browser");

/** Where screenshots of a run are kept. */
export const screensDir = join(root, "test-results", "screens");

/**
 * Launches headless Chromium. The caller closes it.
 * Throws when the package does not hold a Chromium for this machine (it holds linux-x64).
 */
export async function launchBrowser(): Promise<Browser> {
  const home = unpack();
  return chromium.launch({
    executablePath: join(home, "chromium"),
    // The package's own arguments (--single-process) crash as soon as a second context opens.
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--font-render-hinting=none"],
    env: { ...stringsOf(process.env), ...libraryPath(home), FONTCONFIG_FILE: join(home, "fonts.conf") },
  });
}

/** Unpacks beside the goal and renames, so that two runs starting together never see half a browser. */
function unpack(): string {
  const packed = join(dirname(require.resolve("@sparticuz/chromium")), "..", "bin");
  const version = (JSON.parse(readFileSync(join(packed, "..", "package.json"), "utf8")) as { version: string }).version;
  const home = join(unpacked, version);
  if (!existsSync(home)) {
    mkdirSync(unpacked, { recursive: true });
    const half = mkdtempSync(join(unpacked, "half-"));
    writeFileSync(join(half, "chromium"), brotliDecompressSync(readFileSync(join(packed, "chromium.br"))), { mode: 0o755 });
    for (const archive of ["al2023", "fonts"]) {
      mkdirSync(join(half, archive));
      execFileSync("tar", ["-x", "-C", join(half, archive)], { input: brotliDecompressSync(readFileSync(join(packed, `${archive}.tar.br`))) });
    }
    try {
      renameSync(half, home);
    } catch (error) {
      rmSync(half, { recursive: true, force: true });
      if (!existsSync(home)) throw error;
    }
  }
  writeFileSync(join(home, "fonts.conf"), fontConfiguration(home));
  return home;
}

/** The bundled libraries only where the system has none: mixing both sets breaks either. */
function libraryPath(home: string): Record<string, string> {
  const known = ["/usr/lib/x86_64-linux-gnu", "/usr/lib64", "/lib/x86_64-linux-gnu"].some((dir) => existsSync(join(dir, "libnss3.so")));
  return known ? {} : { LD_LIBRARY_PATH: [join(home, "al2023", "lib"), process.env["LD_LIBRARY_PATH"]].filter(Boolean).join(":") };
}

/** Only fonts that came with packages, so that a screenshot looks the same on every machine. */
const fontConfiguration = (home: string): string => `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${join(home, "fonts")}</dir>
  ${chineseFonts().map((dir) => `<dir>${dir}</dir>`).join("\n  ")}
  <cachedir>${join(home, "font-cache")}</cachedir>
  ${["system-ui", "sans-serif", "serif"].map((family) => `<match target="pattern"><test name="family"><string>${family}</string></test><edit name="family" mode="assign" binding="strong"><string>Open Sans</string></edit></match>`).join("\n  ")}
</fontconfig>
`;

function chineseFonts(): readonly string[] {
  if (process.env["CJK"]) return [process.env["CJK"]];
  const files = join(root, "node_modules", "@fontsource-variable", "noto-sans-sc", "files");
  return existsSync(files) ? [files] : [];
}

const stringsOf = (env: NodeJS.ProcessEnv): Record<string, string> =>
  Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined));
