import { afterAll, beforeAll, expect, it } from "@jest/globals";
import type { Browser, Page } from "playwright-core";
import { languages } from "../../platform/contract/problem.ts";
import { seriousFindings } from "./axe.ts";
import { launchBrowser } from "./browser.ts";
import { type PagesServer, pageNames, servePages } from "./pages-server.ts";

const phone = { width: 360, height: 740 };
let browser: Browser;
let server: PagesServer;

beforeAll(async () => {
  [browser, server] = await Promise.all([launchBrowser(), servePages()]);
}, 60_000);
afterAll(async () => {
  await browser.close();
  await server.close();
});

/** Visits each page and says what `look` found, by page. */
const visitAll = async (spoken: readonly string[], look: (page: Page) => Promise<unknown>): Promise<Record<string, unknown>> => {
  const context = await browser.newContext({ viewport: phone });
  const page = await context.newPage();
  const found: Record<string, unknown> = {};
  for (const language of spoken) {
    for (const name of pageNames) {
      await page.goto(`${server.origin}/${name}-${language}`);
      found[`${name} in ${language}`] = await look(page);
    }
  }
  await context.close();
  return Object.fromEntries(Object.entries(found).filter(([, value]) => JSON.stringify(value) !== "[]"));
};

it("has nothing that axe finds serious on any page", async () => {
  expect(await visitAll(["en"], seriousFindings)).toEqual({});
}, 120_000);

it("would hear from axe of a button without a name", async () => {
  const context = await browser.newContext({ viewport: phone });
  const page = await context.newPage();
  await page.goto(`${server.origin}/${pageNames[0]}-en`);
  await page.evaluate(`document.querySelector("main").append(document.createElement("button"))`);
  expect(await seriousFindings(page)).toEqual([expect.stringContaining("button-name: <button></button>")]);
  await context.close();
});

const tooSmall = `[...document.querySelectorAll("a,button,input:not([type=hidden]),label.item")]
  .filter((element) => element.checkVisibility() && !element.closest("label.item > *"))
  .map((element) => ({ element: (element.closest(".phone") ?? element).outerHTML.slice(0, 80), box: (element.closest(".phone") ?? element).getBoundingClientRect() }))
  .filter(({ box }) => Math.min(box.width, box.height) < 43.5)
  .map(({ element, box }) => element + " " + box.width + "x" + box.height)`;
const tooWide = `document.documentElement.scrollWidth > innerWidth
  ? [...document.querySelectorAll("body *")].filter((element) => element.getBoundingClientRect().right > innerWidth + 1).map((element) => element.outerHTML.slice(0, 80))
  : []`;

interface Measured {
  readonly small: readonly string[];
  readonly wide: readonly string[];
  readonly wideWhenEnlarged: readonly string[];
}
let measuring: Promise<Record<string, unknown>> | undefined;
/** Pages where something was found, of one tour of them all. */
const measured = async (aspect: keyof Measured): Promise<Record<string, readonly string[]>> => {
  measuring ??= visitAll(languages, async (page): Promise<Measured> => {
    const [small, wide] = [await page.evaluate<string[]>(tooSmall), await page.evaluate<string[]>(tooWide)];
    await page.evaluate(`document.documentElement.style.fontSize = "212.5%"`);
    return { small, wide, wideWhenEnlarged: await page.evaluate<string[]>(tooWide) };
  });
  const found = Object.entries((await measuring) as Record<string, Measured>).map(([name, page]) => [name, page[aspect]] as const);
  expect(found).toHaveLength(pageNames.length * languages.length);
  return Object.fromEntries(found.filter(([, what]) => what.length > 0));
};

it("gives every target a thumb's size", async () => {
  expect(await measured("small")).toEqual({});
}, 60_000);

it("never needs sideways scrolling, not even with text at 200 %", async () => {
  expect(await measured("wide")).toEqual({});
  expect(await measured("wideWhenEnlarged")).toEqual({});
}, 60_000);

it("moves nothing after it is painted (CLS 0)", async () => {
  const watching = `globalThis.shifts = []; new PerformanceObserver((list) => { for (const entry of list.getEntries()) shifts.push(entry.value) }).observe({ type: "layout-shift", buffered: true })`;
  const shifts = await visitAll(["en"], async (page) => {
    await page.evaluate(watching);
    await page.evaluate(`new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))`);
    return page.evaluate("shifts");
  });
  expect(shifts).toEqual({});
}, 60_000);

it("asks for nothing but the page before it paints, and at most 40 KB with everything (S24)", async () => {
  const context = await browser.newContext({ viewport: phone });
  const page = await context.newPage();
  const asked: { path: string; bytes: number; before: boolean }[] = [];
  page.on("requestfinished", async (request) => {
    const { responseBodySize } = await request.sizes();
    asked.push({ path: new URL(request.url()).pathname, bytes: responseBodySize, before: request.isNavigationRequest() });
  });
  await page.goto(`${server.origin}/scan-en`, { waitUntil: "networkidle" });
  // Only what blocks rendering counts as before the first paint: the page itself, since its script is deferred and its style inside.
  expect(
    await page.evaluate(
      `performance.getEntriesByType("resource").filter((entry) => entry.renderBlockingStatus === "blocking").map((entry) => entry.name)`,
    ),
  ).toEqual([]);
  expect(asked.filter(({ before }) => before).map(({ path }) => path)).toEqual(["/scan-en"]);
  expect(asked.filter(({ path }) => !path.includes("/photos/")).reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThanOrEqual(40 * 1024);
  await context.close();
});

it("shows no dead button where scripts are off", async () => {
  const context = await browser.newContext({ viewport: phone, javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(`${server.origin}/order-sent-en`);
  expect(await page.locator(".copy").isVisible()).toBe(false);
  await page.goto(`${server.origin}/order-held-en`);
  expect(await page.locator(".countdown").isVisible()).toBe(false);
  expect(await page.locator("form.again button").isVisible()).toBe(true);
  await context.close();
});
