// What a second synth shows: that the template depends on the sources alone, and that an account changes nothing but names.
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it, jest } from "@jest/globals";
import { assembly, synthesise, synthMsMax } from "./assembly.ts";

const scratch = mkdtempSync(join(tmpdir(), "gigbridge-stages-"));
jest.setTimeout(2 * synthMsMax);
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

it("both stages come out the same, byte for byte, whenever and wherever they are synthesised", () => {
  const built = assembly();
  const { status, output } = synthesise(join(scratch, "again"));
  expect([status, output]).toEqual([0, expect.stringContaining("GigBridge-prod.template.json")]);
  const digest = (directory: string, name: string): string =>
    createHash("sha256")
      .update(readFileSync(join(directory, "cdk.out", name)))
      .digest("hex");
  for (const name of ["GigBridge-dev.template.json", "GigBridge-prod.template.json"])
    expect([name, digest(join(scratch, "again"), name)]).toEqual([name, digest(built.directory, name)]);
});

it("both stages synthesise for a known account as well, with every finding argued", () => {
  const { status, output } = synthesise(join(scratch, "account"), "123456789012");
  expect([status, output]).toEqual([0, expect.stringContaining("GigBridge-dev.template.json")]);
  expect(readFileSync(join(scratch, "account/cdk.out/GigBridge-dev.template.json"), "utf8")).toContain("-assets-123456789012-ca-central-1");
});
