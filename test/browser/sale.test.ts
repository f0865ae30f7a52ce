// The whole sale in a browser against the running platform: from the sticker to the number on the screen and in the text message.
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "@jest/globals";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { words } from "../../functions/storefront/words.ts";
import { demo, demoNode } from "../../local/seed/demo.ts";
import { type Seed, seedOnce } from "../../local/seed/run.ts";
import { type LocalShop, startLocal } from "../../local/start.ts";
import { type Language, languages } from "../../platform/contract/problem.ts";
import { seriousFindings } from "./axe.ts";
import { launchBrowser, screensDir } from "./browser.ts";

const cards = { approved: "4242424242424242", challenge: "4000002500003155", declined: "4000000000000002" } as const;
const dataDir = mkdtempSync(join(tmpdir(), "sale-"));
const sold: string[] = [];
let browser: Browser;
let shop: LocalShop;

beforeAll(async () => {
  mkdirSync(screensDir, { recursive: true });
  [browser, shop] = await Promise.all([launchBrowser(), startLocal({ port: 0, dataDir })]);
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await shop?.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

const visit = async (look: (page: Page) => Promise<void>, options: BrowserContextOptions = {}): Promise<void> => {
  const context = await browser.newContext({ viewport: { width: 360, height: 740 }, ...options });
  const complaints: string[] = [];
  const page = await context.newPage();
  page.on("console", (message) => {
    if (/Content Security Policy|Refused to/.test(message.text())) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  try {
    await look(page);
    expect(complaints).toEqual([]);
  } finally {
    await context.close();
  }
};

let buyers = 0;
/** A phone number nobody used before. */
const newPhone = (): string => `604555${String(2000 + buyers++)}`;

const choose = async (page: Page, address: string, phone: string): Promise<void> => {
  await page.goto(address);
  await page.fill("#phone", phone);
  await page.click("button.primary");
  await page.waitForURL(`${shop.simulators}/pay/**`);
};
const payWith = async (page: Page, card: string): Promise<void> => {
  await page.check(`input[name=card][value="${card}"]`);
  await page.click("button.pay");
};
/** Waits for the number on the order's page and remembers it: no number may be sold twice (G-18). */
const numberOf = async (page: Page): Promise<string> => {
  await page.waitForSelector(".serial", { timeout: 20_000 });
  const serial = (await page.getAttribute(".copy", "data-copy")) ?? "";
  expect(sold).not.toContain(serial);
  sold.push(serial);
  return serial;
};
const textsTo = async (phone: string): Promise<readonly string[]> => {
  const answer = await fetch(`${shop.simulators}/phone/messages?to=${encodeURIComponent(`+1${phone}`)}`);
  return ((await answer.json()) as { messages: { body: string }[] }).messages.map(({ body }) => body);
};
const wanted = Number(process.env.SALE_LANGUAGES ?? 1);
const scanIn = (language: Language): string => `${shop.scan}&lang=${language}`;

it.each(languages.slice(0, wanted))(
  "sells by scan, pay and number on screen and in the text message, in %s (G-14, G-31)",
  async (language) => {
    await visit(async (page) => {
      const phone = newPhone();
      await page.goto(scanIn(language));
      expect(await seriousFindings(page)).toEqual([]);
      await page.screenshot({ path: join(screensDir, `sale-${language}-1-scan.png`), fullPage: true });
      await choose(page, scanIn(language), phone);
      await page.screenshot({ path: join(screensDir, `sale-${language}-2-pay.png`), fullPage: true });
      await payWith(page, cards.approved);
      const serial = await numberOf(page);
      expect(serial).toMatch(/^LW60-\d{4}$/);
      await page.waitForSelector(`.steps li.done >> nth=2`, { timeout: 20_000 });
      expect(await page.textContent("h1")).toBe(words[language].deliveredTitle(1));
      expect(await page.textContent(".facts")).toMatch(/[A-D]-\d\d/);
      expect(await seriousFindings(page)).toEqual([]);
      await page.screenshot({ path: join(screensDir, `sale-${language}-3-order.png`), fullPage: true });

      const [text = "", ...others] = await textsTo(phone);
      expect(others).toEqual([]);
      expect(text).toContain(serial);
      // The link in the message leads to the same number, days later and in any browser.
      await page.context().clearCookies();
      await page.goto(/https?:\/\/\S+/.exec(text)?.[0] ?? "");
      expect(await page.getAttribute(".copy", "data-copy")).toBe(serial);
    });
  },
  60_000,
);

it.each(languages.slice(-wanted))(
  "sells without any script up to the number, in %s",
  async (language) => {
    await visit(
      async (page) => {
        await choose(page, scanIn(language), newPhone());
        await payWith(page, cards.approved);
        expect(await numberOf(page)).toMatch(/^LW60-\d{4}$/);
        expect(await page.textContent("h1")).toBe(words[language].deliveredTitle(1));
        expect(await page.isVisible(".copy")).toBe(false);
        await page.screenshot({ path: join(screensDir, `sale-${language}-4-no-scripts.png`), fullPage: true });
      },
      { javaScriptEnabled: false },
    );
  },
  60_000,
);

it("sells after the bank declined the first card, once", async () => {
  await visit(async (page) => {
    const phone = newPhone();
    await choose(page, shop.scan, phone);
    await payWith(page, cards.declined);
    await page.waitForSelector("text=Nothing was charged");
    expect(await textsTo(phone)).toEqual([]);
    await payWith(page, cards.approved);
    await numberOf(page);
  });
}, 60_000);

it("sells when the bank asks the buyer to confirm", async () => {
  await visit(async (page) => {
    await choose(page, shop.scan, newPhone());
    await payWith(page, cards.challenge);
    await page.click("button[value=complete]");
    await numberOf(page);
  });
}, 60_000);

it("keeps the choice for a buyer who comes back without paying, and lets the same order be paid (X-3)", async () => {
  await visit(async (page) => {
    await choose(page, `${shop.scan}&item=CW-120`, newPhone());
    const checkout = page.url();
    await page.click("a.back");
    await page.waitForURL(`${shop.url}/o/**`);
    expect(await page.textContent("h1")).toBe(words.en.awaitingTitle);
    expect(await page.textContent(".lead")).toBe(words.en.awaiting);
    await page.waitForFunction(`/^\\d\\d:\\d\\d$/.test(document.querySelector(".countdown .digits").textContent)`);
    await page.screenshot({ path: join(screensDir, "sale-en-5-held.png"), fullPage: true });
    await page.click("form.again button");
    await page.waitForURL(`${shop.simulators}/pay/**`);
    expect(page.url()).toBe(checkout);
    await payWith(page, cards.approved);
    expect(await numberOf(page)).toMatch(/^LW120-/);
  });
}, 60_000);

/** A listing of the demo shop with a single unit, sold from the same sticker. */
const lastOne: Seed = (() => {
  const listing = demo.flat().find(({ command }) => command === "saveListing")?.body as { listing_items: readonly object[]; location_id: string };
  const item = { ...listing.listing_items[0], id: "LAST" };
  const units = {
    listing_id: "last-one",
    listing_item_id: "LAST",
    location_id: listing.location_id,
    units: [{ serial_number: "LAST-0001", metadata: { locker_pos: "D-25" } }],
  };
  return [
    [{ to: "catalogue-operator", command: "saveListing", body: { ...listing, id: "last-one", listing_items: [item] } }],
    [{ to: "inventory-operator", command: "stockUnits", body: units }],
  ];
})();

it("tells the later buyers of the last one that it is gone and nothing was charged, with scripts and without (G-18)", async () => {
  await seedOnce(lastOne, dataDir, shop.invoke);
  const address = `${shop.url}/scan/last-one?node=${demoNode}`;
  await visit(async (late) => {
    await late.goto(address);
    expect(await late.textContent(".stock")).toBe(words.en.lastOne);
    await late.fill("#phone", newPhone());
    await visit(
      async (later) => {
        await later.goto(address);
        await later.fill("#phone", newPhone());
        await visit(async (first) => {
          await choose(first, address, newPhone());
          await payWith(first, cards.approved);
          expect(await numberOf(first)).toBe("LAST-0001");
        });
        await later.click("button.primary");
        await later.waitForURL(/problem=out_of_stock/);
        expect(await later.textContent(".notice")).toContain("Nothing was charged");
        expect(await later.locator("form").count()).toBe(0);
      },
      { javaScriptEnabled: false },
    );
    await late.click("button.primary");
    await late.waitForSelector("#problem:not([hidden])");
    expect(await late.textContent("#problem")).toContain("Nothing was charged");
    expect(await late.isDisabled("#item-0")).toBe(true);
  });
}, 60_000);

it("opens no checkout for a code that does not belong to the place (TH11)", async () => {
  await visit(async (page) => {
    await page.goto(`${shop.url}/scan/lees-car-wash?node=NODE_ELSEWHERE`);
    expect(await page.textContent(".notice")).toContain("Nothing was charged");
    expect(await page.locator("form").count()).toBe(0);
  });
});

it("answers an unknown address in the buyer's language", async () => {
  await visit(
    async (page) => {
      const answer = await page.goto(`${shop.url}/scan/nothing-here`);
      expect(answer?.status()).toBe(404);
      expect(await page.getAttribute("html", "lang")).toBe("fr-CA");
      expect(await seriousFindings(page)).toEqual([]);
    },
    { locale: "fr-CA" },
  );
});
