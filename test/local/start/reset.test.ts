import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "@jest/globals";
import { startLocal } from "../../../local/start.ts";

it("refuses to empty a folder that holds anything but a shop's data, and removes nothing", async () => {
  const folder = mkdtempSync(join(tmpdir(), "reset-"));
  writeFileSync(join(folder, "thesis.txt"), "three years");
  writeFileSync(join(folder, "master.key"), "a shop's");
  await expect(startLocal({ port: 0, dataDir: folder, reset: true })).rejects.toMatchObject({
    name: "StartRefused",
    message: expect.stringContaining("thesis.txt"),
  });
  expect(existsSync(join(folder, "thesis.txt")) && existsSync(join(folder, "master.key"))).toBe(true);
  rmSync(folder, { recursive: true });
});
