import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { expect, it } from "@jest/globals";
import { contrast } from "../../functions/storefront/accent.ts";
import { orderPage, problemPage } from "../../functions/storefront/order-page.ts";
import type { Page } from "../../functions/storefront/page.ts";
import { scanPage } from "../../functions/storefront/scan-page.ts";
import { languages } from "../../platform/contract/problem.ts";
import { generateStyles, stylesFile } from "../../web/build.ts";
import { checkoutOrigin, orderView, scanView } from "./fixtures.ts";

const states = ["awaiting_payment", "confirming", "assigned", "sent", "attention", "closed"] as const;
const pages: readonly (readonly [string, Page])[] = languages.flatMap((language) => [
  [`scan in ${language}`, scanPage(scanView(language))] as const,
  [`scan with its own accent in ${language}`, scanPage(scanView(language, { accent: "#7a1fa2" }))] as const,
  ...states.map((state) => [`order ${state} in ${language}`, orderPage(orderView(language, state))] as const),
  [`problem in ${language}`, problemPage(language, 404, "Nothing here.")] as const,
]);

const styleOf = (page: Page): string => /<style>([\s\S]*?)<\/style>/.exec(page.html)?.[1] ?? "";

it.each(pages)("allows exactly the style it carries and no other source, nor a frame around it: %s (TH20, TH25)", (_name, page) => {
  const directives = new Map(page.csp.split("; ").map((directive) => [directive.split(" ")[0], directive]));
  const hash = createHash("sha256").update(styleOf(page)).digest("base64");
  expect(directives.get("default-src")).toBe("default-src 'none'");
  expect(directives.get("style-src")).toBe(`style-src 'sha256-${hash}'`);
  expect(directives.get("script-src")).toBe("script-src 'self'");
  expect(directives.get("img-src")).toBe("img-src 'self'");
  expect(directives.get("connect-src")).toBe("connect-src 'self'");
  expect(directives.get("base-uri")).toBe("base-uri 'none'");
  expect(directives.get("frame-ancestors")).toBe("frame-ancestors 'none'");
  expect(page.csp).not.toMatch(/unsafe|https?:(?!\/\/checkout\.example)/);
});

it("lets forms lead to the payment page's origin and nowhere else (TH20)", () => {
  expect(scanPage(scanView("en", { checkoutOrigin: `${checkoutOrigin}/pay/x?y` })).csp).toContain(`form-action 'self' ${checkoutOrigin};`);
  expect(problemPage("en", 404, "x").csp).toContain("form-action 'self';");
});

it.each(pages)("has no inline script, handler or style attribute, and asks no third party for anything: %s (TH25)", (_name, page) => {
  expect(page.html).not.toMatch(/<script(?! src="\/assets\/)/);
  expect(page.html).not.toMatch(/\s(on[a-z]+|style)=/);
  expect(page.html).not.toMatch(/(src|href|action)="(https?:)?\/\//);
});

it.each(pages)("is complete in one answer of at most 14 KB compressed, its script deferred: %s (S24)", (_name, page) => {
  expect(gzipSync(page.html).length).toBeLessThanOrEqual(14 * 1024);
  expect(page.html).not.toMatch(/<link rel="stylesheet"|@import|@font-face/);
  for (const script of page.html.match(/<script [^>]*>/g) ?? []) expect(script).toContain(" defer");
});

it("carries the style that web/ describes", () => {
  expect(readFileSync(stylesFile, "utf8")).toBe(generateStyles());
});

it("gives the photo its size, so that nothing moves when it arrives (S24)", () => {
  expect(scanPage(scanView("en")).html).toMatch(/<img class="photo"[^>]* width="1200" height="640"/);
});

it("takes a merchant's accent only where white text on it can be read", () => {
  expect(styleOf(scanPage(scanView("en", { accent: "#7A1FA2" })))).toContain("--accent:#7a1fa2");
  const ours = styleOf(scanPage(scanView("en")));
  for (const accent of ["#ffd400", "red", "#fff", "#0b7a5b;--ink:red"]) expect(styleOf(scanPage(scanView("en", { accent })))).toBe(ours);
});

it("keeps the tokens readable in both schemes: text 4.5:1, icons and edges 3:1", () => {
  const css = readFileSync(new URL("../../web/tokens.css", import.meta.url), "utf8");
  const [light = "", dark = ""] = css.split("@media");
  const tokens = (text: string) =>
    Object.fromEntries([...text.matchAll(/--([a-z-]+): (#[0-9a-f]{6})/g)].map(([, name, value]) => [name, value])) as Record<string, string>;
  for (const scheme of [tokens(light), { ...tokens(light), ...tokens(dark) }]) {
    const pairs = [
      ...["ink", "quiet", "accent-ink"].flatMap((ink) => ["paper", "card", "sunken"].map((ground) => [ink, ground])),
      ["wait", "wait-ground"],
      ["wait", "card"],
      ["wrong", "wrong-ground"],
      ["wrong", "paper"],
      ["on-accent", "accent"],
    ];
    for (const [ink = "", ground = ""] of pairs)
      expect([ink, ground, contrast(scheme[ink] ?? "", scheme[ground] ?? "") >= 4.5]).toEqual([ink, ground, true]);
    expect(contrast(scheme.edge ?? "", scheme.card ?? "")).toBeGreaterThanOrEqual(3);
  }
});
