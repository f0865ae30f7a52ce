import { spawn, spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { root } from "../../../local/start.ts";
import { eventually } from "./shop-process.ts";

let clone: string;
/** A clone with a lock, a script, and an npm that installs a Node by a link and writes down that it was called. */
beforeEach(() => {
  clone = mkdtempSync(join(tmpdir(), "clone-"));
  for (const folder of ["bin", "npm"]) mkdirSync(join(clone, folder));
  copyFileSync(join(root, "bin", "with-toolchain.mjs"), join(clone, "bin", "with-toolchain.mjs"));
  writeFileSync(join(clone, "package-lock.json"), '{"packages":{"":{},"node_modules/node":{"version":"24.0.0"}}}');
  writeFileSync(join(clone, "script.mjs"), "console.log(JSON.stringify(process.argv.slice(2))); process.exit(7)");
  npm(`echo "npm $*"; echo called >> ${clone}/calls; mkdir -p node_modules/node/bin && ln -sf ${process.execPath} node_modules/node/bin/node`);
});
afterEach(() => rmSync(clone, { recursive: true, force: true }));

function npm(source: string): void {
  writeFileSync(join(clone, "npm", "npm"), `#!/bin/sh\n${source}\n`);
  chmodSync(join(clone, "npm", "npm"), 0o755);
}
const env = (): NodeJS.ProcessEnv => ({ PATH: `${join(clone, "npm")}:${process.env.PATH}` });
const run = (...args: string[]) => spawnSync(process.execPath, [join(clone, "bin", "with-toolchain.mjs"), ...args], { encoding: "utf8", env: env() });
const calls = () => (existsSync(join(clone, "calls")) ? readFileSync(join(clone, "calls"), "utf8").trim().split("\n").length : 0);

describe("the toolchain", () => {
  it("installs on a fresh clone, off standard output, and passes arguments and exit code through", () => {
    const first = run("script.mjs", "--json", "a b");
    expect([first.status, first.stdout]).toEqual([7, '["--json","a b"]\n']);
    expect(first.stderr).toContain("npm install --include=dev --no-audit --no-fund");
    expect(calls()).toBe(1);
  });

  it("installs again only when the lock has changed", () => {
    run("script.mjs");
    run("script.mjs");
    expect(calls()).toBe(1);
    writeFileSync(join(clone, "package-lock.json"), '{"packages":{"":{},"node_modules/node":{"version":"24.0.1"}}}');
    run("script.mjs");
    expect(calls()).toBe(2);
  });

  it("leaves alone what somebody installed by hand, if it is what the lock asks for", () => {
    mkdirSync(join(clone, "node_modules", "node", "bin"), { recursive: true });
    symlinkSync(process.execPath, join(clone, "node_modules", "node", "bin", "node"));
    copyFileSync(join(clone, "package-lock.json"), join(clone, "node_modules", ".package-lock.json"));
    expect(run("script.mjs").status).toBe(7);
    expect(calls()).toBe(0);
  });

  it("says what to do when npm fails, and tries again the next time", () => {
    npm("echo unreachable >&2; exit 3");
    const { status, stderr } = run("script.mjs");
    expect(status).toBe(1);
    expect(stderr).toMatch(/unreachable[\s\S]*npm could not install the packages \(exit code 3\).*Check the network/);
    expect(existsSync(join(clone, "node_modules", ".installed-from"))).toBe(false);
  });

  it("says so when npm succeeds without bringing the pinned Node", () => {
    npm("exit 0");
    expect(run("script.mjs")).toMatchObject({ status: 1, stderr: expect.stringContaining("install scripts are probably switched off") });
  });

  it("hands a signal on and ends with the script's own code", async () => {
    writeFileSync(join(clone, "script.mjs"), "process.on('SIGTERM', () => process.exit(5)); console.log('up'); setInterval(() => {}, 1000)");
    const child = spawn(process.execPath, [join(clone, "bin", "with-toolchain.mjs"), "script.mjs"], {
      env: env(),
      stdio: ["ignore", "pipe", "ignore"],
    });
    let output = "";
    child.stdout.on("data", (text: Buffer) => (output += text.toString()));
    await eventually(() => output.includes("up"));
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGTERM");
    expect(await ended).toBe(5);
  });
});
