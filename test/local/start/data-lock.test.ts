import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, it } from "@jest/globals";
import { lockData } from "../../../local/data-lock.ts";
import { root } from "../../../local/start.ts";
import { cleanUp, dataFolder } from "./shop-process.ts";

afterEach(cleanUp);

it("one holder at a time; the refusal says where the other one is", () => {
  const folder = dataFolder();
  const first = lockData(folder);
  first.describe("http://localhost:4100");
  expect(() => lockData(folder)).toThrow(`at http://localhost:4100 (process ${process.pid})`);
  first.release();
  lockData(folder).release();
});

it("a holder that was killed does not block the next, whatever its files say", async () => {
  const folder = dataFolder();
  const source = `import { lockData } from ${JSON.stringify(join(root, "local/data-lock.ts"))}; globalThis.held = lockData(${JSON.stringify(folder)}); console.log("held"); setInterval(() => {}, 1000);`;
  const script = join(folder, "holder.mts");
  writeFileSync(script, source);
  const holder = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", script], { stdio: ["ignore", "pipe", "inherit"], env: {} });
  await once(holder.stdout, "data");
  expect(() => lockData(folder)).toThrow(`process ${holder.pid}`);
  holder.kill("SIGKILL");
  await once(holder, "exit");
  lockData(folder).release();
});

it("a folder that cannot be made is refused in a sentence", () => {
  const folder = dataFolder();
  writeFileSync(join(folder, "file"), "");
  expect(() => lockData(join(folder, "file", "data"))).toThrow(/cannot be made.*--data/);
});
