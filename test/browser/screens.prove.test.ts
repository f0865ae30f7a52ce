// The screenshot matrix: every page, three sizes, light and dark, three languages, into test-results/screens for people to look at.
import { mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "@jest/globals";
import type { Browser } from "playwright-core";
import { languages } from "../../platform/contract/problem.ts";
import { seriousFindings } from "./axe.ts";
import { launchBrowser, screensDir } from "./browser.ts";
import { lifePages, type PagesServer, pageNames, servePages } from "./pages-server.ts";

const sizes = { phone: { width: 360, height: 740 }, tablet: { width: 820, height: 1180 }, desktop: { width: 1440, height: 900 } } as const;
const cases = Object.entries(sizes).flatMap(([size, viewport]) =>
  (["light", "dark"] as const).flatMap((colorScheme) => languages.map((language) => ({ size, viewport, colorScheme, language }))),
);
let browser: Browser;
let server: PagesServer;

beforeAll(async () => {
  mkdirSync(screensDir, { recursive: true });
  [browser, server] = await Promise.all([launchBrowser(), servePages({ lives: true })]);
}, 60_000);
afterAll(async () => {
  await browser.close();
  await server.close();
});

it.each(cases)(
  "paints every page within its own policy, with nothing serious for axe: $size, $colorScheme, $language",
  async ({ size, viewport, colorScheme, language }) => {
    const context = await browser.newContext({ viewport, colorScheme });
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on("console", (message) => {
      if (/Content Security Policy|Refused to/.test(message.text())) complaints.push(message.text());
    });
    page.on("pageerror", (error) => complaints.push(error.message));
    for (const name of [...pageNames.map((name) => `${name}-${language}`), ...(language === "en" ? ["", "404.html"] : [])]) {
      await page.goto(`${server.origin}/${name}`);
      const file = join(screensDir, `${name === "" ? "home" : name}-${size}-${colorScheme}.png`);
      await page.screenshot({ path: file });
      expect(statSync(file).size).toBeGreaterThan(5_000);
      // Other sizes show the same markup in another place: axe sees them once, in English.
      if (size === "phone" || language === "en") expect(await seriousFindings(page)).toEqual([]);
    }
    expect(complaints).toEqual([]);
    await context.close();
  },
  120_000,
);

it.each(languages.map((language) => ({ language })))(
  "paints every life of an order on a phone, nothing wider than it, nothing serious for axe: $language",
  async ({ language }) => {
    const context = await browser.newContext({ viewport: { width: 390, height: 844 } });
    const page = await context.newPage();
    for (const name of lifePages) {
      await page.goto(`${server.origin}/${name}-${language}`);
      await page.screenshot({ path: join(screensDir, `${name}-${language}.png`), fullPage: true });
      expect([name, await page.evaluate("document.documentElement.scrollWidth")]).toEqual([name, 390]);
      if (language === "en") expect([name, await seriousFindings(page)]).toEqual([name, []]);
    }
    await context.close();
  },
  120_000,
);
