import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, it } from "@jest/globals";
import { buildSite } from "../../web/build.ts";

const out = join(mkdtempSync(join(tmpdir(), "site-")), "site");
beforeAll(async () => {
  await buildSite(out);
});
afterAll(() => rmSync(join(out, ".."), { recursive: true, force: true }));

it("gives a buyer at most 3 KB of script on each page, compressed (S24)", () => {
  for (const script of ["scan.js", "order.js"]) expect(gzipSync(readFileSync(join(out, "assets", script))).length).toBeLessThanOrEqual(3 * 1024);
});

it("ships the demo shop's picture at the size the page reserves for it", () => {
  const photo = join(out, "assets", "photos", "lees-car-wash.svg");
  expect(statSync(photo).size).toBeLessThanOrEqual(20 * 1024);
  expect(readFileSync(photo, "utf8")).toContain(`width="1200" height="640"`);
});

it.each(["index.html", "404.html"])("speaks three languages and asks no third party for anything: %s", (file) => {
  const page = readFileSync(join(out, file), "utf8");
  for (const language of ["en-CA", "fr-CA", "zh-Hans"]) expect(page).toContain(`lang="${language}"`);
  expect(page).not.toMatch(/https?:\/\/|<script|\sstyle=/);
  for (const [, target = ""] of page.matchAll(/(?:src|href)="\/(assets\/[^"]+)"/g)) expect(statSync(join(out, target)).size).toBeGreaterThan(0);
});
