// The browser of the tests: Chromium from its npm package, unpacked once into .build, with its own libraries where the system
// lacks them, and fonts that came with packages. Nothing is taken from the distribution.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliDecompressSync } from "node:zlib";
import { type Browser, chromium } from "playwright-core";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const require = createRequire(import.meta.url);
const unpacked = join(root, ".build", "browser");

/** Where the screenshots of a run are kept. */
export const screensDir = join(root, "test-results", "screens");

/**
 * Launches headless Chromium; the caller closes it.
 * Throws when the package does not hold a Chromium for this machine (it holds linux-x64).
 */
export async function launchBrowser(): Promise<Browser> {
  const home = await unpack();
  return chromium.launch({
    executablePath: join(home, "chromium"),
    // The arguments that the package proposes (--single-process) crash as soon as a second context opens.
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--font-render-hinting=none",
    ],
    env: { ...environment(), ...libraryPath(home), FONTCONFIG_FILE: join(home, "fonts.conf") },
  });
}

/** Unpacks beside the goal and renames, so that two runs that start together never see half a browser. */
async function unpack(): Promise<string> {
  const packed = join(dirname(require.resolve("@sparticuz/chromium")), "..", "bin");
  const { version } = JSON.parse(readFileSync(join(packed, "..", "package.json"), "utf8")) as { version: string };
  const home = join(unpacked, version);
  if (!existsSync(home)) {
    mkdirSync(unpacked, { recursive: true });
    const half = mkdtempSync(join(unpacked, "half-"));
    writeFileSync(join(half, "chromium"), brotliDecompressSync(readFileSync(join(packed, "chromium.br"))), { mode: 0o755 });
    for (const archive of ["al2023", "fonts"]) {
      mkdirSync(join(half, archive));
      execFileSync("tar", ["-x", "-C", join(half, archive)], { input: brotliDecompressSync(readFileSync(join(packed, `${archive}.tar.br`))) });
    }
    await unpackChinese(join(half, "fonts"));
    writeFileSync(join(half, "fonts.conf"), fontConfiguration(home));
    try {
      renameSync(half, home);
    } catch (error) {
      rmSync(half, { recursive: true, force: true });
      if (!existsSync(home)) throw error;
    }
  }
  return home;
}

/** Chromium's font lookup reads no WOFF2, so the package's slices become TrueType files once. */
async function unpackChinese(into: string): Promise<void> {
  const { decompress } = require("wawoff2") as { decompress(woff2: Buffer): Promise<Uint8Array> };
  const slices = join(dirname(require.resolve("@fontsource-variable/noto-sans-sc/package.json")), "files");
  const named = readdirSync(slices).filter((file) => file.endsWith("-wght-normal.woff2"));
  if (named.length === 0) throw new Error(`no font slices in ${slices}`);
  for (const file of named) writeFileSync(join(into, file.replace(/woff2$/, "ttf")), await decompress(readFileSync(join(slices, file))));
}

const libraryFolders = ["/usr/lib/x86_64-linux-gnu", "/lib/x86_64-linux-gnu", "/usr/lib64", "/lib64", "/usr/lib"];

/** The bundled libraries only where the system has none: a mixture of both breaks either. */
function libraryPath(home: string): Record<string, string> {
  if (libraryFolders.some((folder) => existsSync(join(folder, "libnss3.so")))) return {};
  return { LD_LIBRARY_PATH: [join(home, "al2023", "lib"), process.env.LD_LIBRARY_PATH].filter(Boolean).join(":") };
}

const environment = (): Record<string, string> =>
  Object.fromEntries(Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined));

/** Only what was unpacked here, so that a screenshot looks the same on every machine. */
const fontConfiguration = (home: string): string => `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${join(home, "fonts")}</dir>
  <cachedir>${join(home, "font-cache")}</cachedir>
  ${["system-ui", "sans-serif", "serif"]
    .map(
      (family) =>
        `<match target="pattern"><test name="family"><string>${family}</string></test><edit name="family" mode="assign" binding="strong"><string>Open Sans</string></edit></match>`,
    )
    .join("\n  ")}
</fontconfig>
`;
