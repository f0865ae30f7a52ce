// Runs a script of this repository under the pinned Node: node bin/with-toolchain.mjs <script.ts> [arguments]
// Plain JavaScript without dependencies: on a fresh clone it runs before anything is installed, on whatever Node (>= 20) there is.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve as resolvePath } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const nodeBinary = join(root, "node_modules", "node", "bin", "node");
const lockFile = join(root, "package-lock.json");
const stampFile = join(root, "node_modules", ".installed-from");
const nodeMajorMin = 20;

/** Ends with a sentence that a person can act on. */
function refuse(sentence) {
  process.stderr.write(`${sentence}\n`);
  process.exit(1);
}

/** What is missing here, or undefined. Checking, testing and synthesis run anywhere; the local host needs its database engine. */
function missing(script) {
  const major = Number(process.versions.node.split(".")[0]);
  if (!(major >= nodeMajorMin)) {
    return `GigBridge needs Node ${nodeMajorMin} or later to start; this is Node ${process.versions.node}. Install a newer Node and run the command again.`;
  }
  const platform = `${process.platform}-${process.arch}`;
  if (script.endsWith("local/main.ts") && platform !== "linux-x64") {
    return (
      `The local shop runs on linux-x64; this machine is ${platform}. ` +
      "Its database engine (Dynoxide) is published for linux-x64 only. Use a linux-x64 machine, container or virtual machine; everything else here runs as it is."
    );
  }
  return undefined;
}

const sha256 = (text) => createHash("sha256").update(text).digest("hex");
const readOr = (file, other) => (existsSync(file) ? readFileSync(file, "utf8") : other);

/** True if what npm says it installed is what the lock asks for (packages for other platforms are left out by npm). */
function installedMatches(lockText) {
  const installedText = readOr(join(root, "node_modules", ".package-lock.json"), undefined);
  if (installedText === undefined) return false;
  const installed = JSON.parse(installedText).packages;
  return Object.entries(JSON.parse(lockText).packages).every(
    ([path, wanted]) => path === "" || wanted.optional === true || installed[path]?.version === wanted.version,
  );
}

function isInstalled(lockText, lockHash) {
  if (!existsSync(nodeBinary)) return false;
  if (readOr(stampFile, "") === lockHash) return true;
  if (!installedMatches(lockText)) return false;
  writeFileSync(stampFile, lockHash);
  return true;
}

/**
 * Not `npm ci`: that insists on optional builds for other platforms which a registry may lack. Warnings are left out: most are about
 * the Node that npm runs on, while everything here runs on the one that it installs.
 */
async function install(lockHash) {
  process.stderr.write("Installing packages (first run, or the lock has changed); this takes about a minute …\n");
  rmSync(stampFile, { force: true });
  const code = await run("npm", ["install", "--include=dev", "--no-audit", "--no-fund", "--loglevel=error"], ["ignore", 2, 2]);
  if (code !== 0) {
    refuse(
      `npm could not install the packages (exit code ${code}); its own words are above. ` +
        "Check the network and the registry setting (npm config get registry), then run the command again.",
    );
  }
  if (!existsSync(nodeBinary)) {
    refuse(
      `npm finished, but ${nodeBinary} is missing: install scripts are probably switched off. ` +
        "Run: npm config set ignore-scripts false, remove node_modules, and run the command again.",
    );
  }
  writeFileSync(stampFile, lockHash);
}

/** Runs a program to its end and answers its exit code; a signal that ends us ends it too. */
function run(program, args, stdio) {
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd: root, stdio, env: { ...process.env, GIGBRIDGE_TOOLCHAIN_PID: String(process.pid) } });
    const forward = (signal) => child.kill(signal);
    const signals = ["SIGINT", "SIGTERM", "SIGHUP"];
    for (const signal of signals) process.on(signal, forward);
    const done = (code) => {
      clearInterval(orphanWatch);
      for (const signal of signals) process.off(signal, forward);
      resolve(code);
    };
    const orphanWatch = watchForLoneliness(() => child.kill("SIGTERM"));
    child.once("error", (error) => {
      process.stderr.write(`${program}: ${error.message}\n`);
      done(127);
    });
    child.once("exit", (code, signal) => done(code ?? (signal === "SIGINT" ? 130 : 143)));
  });
}

/** npm started us and was killed without a chance to tell: then nobody waits for the program any more. */
function watchForLoneliness(onLonely) {
  const waitingForUs = ancestors();
  return setInterval(() => {
    if (process.env.npm_lifecycle_event !== undefined && ancestors() !== waitingForUs) onLonely();
  }, 500).unref();
}

/** Our parent, and its parent where npm put a shell in between; as text, to be compared. */
function ancestors() {
  try {
    const stat = readFileSync(`/proc/${process.ppid}/stat`, "utf8");
    const name = stat.slice(stat.indexOf("(") + 1, stat.lastIndexOf(")"));
    const [, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return /^(ba|da)?sh$/.test(name) ? `${process.ppid} ${parent}` : String(process.ppid);
  } catch {
    return String(process.ppid);
  }
}

const [script, ...args] = process.argv.slice(2);
if (script === undefined) refuse("Which script? node bin/with-toolchain.mjs <script.ts> [arguments]");
const lack = missing(script);
if (lack !== undefined) refuse(lack);
const lockText = readOr(lockFile, undefined);
if (lockText === undefined) refuse("package-lock.json is missing; this does not look like a whole clone of the repository.");
const lockHash = sha256(lockText);
if (!isInstalled(lockText, lockHash)) await install(lockHash);
process.exitCode = await run(nodeBinary, ["--disable-warning=ExperimentalWarning", resolvePath(root, script), ...args], "inherit");
