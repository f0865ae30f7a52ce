import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "@jest/globals";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { words } from "../../functions/storefront/words.ts";
import { orderView, scanView } from "../storefront/fixtures.ts";
import { launchBrowser } from "./browser.ts";
import { type PagesServer, servePages } from "./pages-server.ts";

let browser: Browser;
let server: PagesServer;
let context: BrowserContext;
let page: Page;

beforeAll(async () => {
  [browser, server] = await Promise.all([launchBrowser(), servePages()]);
}, 60_000);
afterAll(async () => {
  await browser.close();
  await server.close();
});
beforeEach(async () => {
  context = await browser.newContext({ viewport: { width: 360, height: 740 } });
  page = await context.newPage();
  server.calls.length = 0;
});
afterEach(() => context.close());

const pay = "button.primary";
const placed = () => ({
  status: 201,
  body: { token: "t", order_url: `${server.origin}/order-held-en`, checkout_url: `${server.origin}/missing-en` },
});
const fill = async (): Promise<void> => {
  await page.goto(`${server.origin}/scan-en`);
  await page.fill("#phone", "604 555 0199");
};

it("sends one order however often Pay is tapped, says what happens, and goes on to the payment page (X-3)", async () => {
  let open = () => {};
  const opened = new Promise<void>((done) => {
    open = done;
  });
  server.answer = async () => {
    await opened;
    return placed();
  };
  await fill();
  await page.click(pay);
  await page.click(pay, { force: true });
  await page.press("#phone", "Enter");
  await expect(page.textContent(pay)).resolves.toContain(words.en.opening);
  open();
  await page.waitForURL("**/missing-en");
  expect(server.calls).toHaveLength(1);
  expect(server.calls[0]).toMatchObject({ method: "POST", path: "/api/orders", key: scanView("en").formKey });
  expect(JSON.parse(server.calls[0]?.body ?? "")).toEqual({
    listing_id: "lees-car-wash",
    lines: [{ item: "CW-60", quantity: 1 }],
    node: "NODE_LEES",
    phone: "604 555 0199",
    lang: "en",
  });
});

it("shows a refusal in place, keeps the phone number, and closes the item that was just sold out", async () => {
  server.answer = () => ({ status: 409, body: { code: "out_of_stock", detail: "This one has just sold out. Nothing was charged." } });
  await fill();
  await page.click(pay);
  await page.waitForSelector("#problem:not([hidden])");
  expect(await page.textContent("#problem p")).toBe("This one has just sold out. Nothing was charged.");
  expect(await page.evaluate("document.activeElement.id")).toBe("problem");
  expect(await page.inputValue("#phone")).toBe("604 555 0199");
  expect(await page.isDisabled("#item-0")).toBe(true);
  expect(await page.textContent("label.item:first-of-type .stock")).toBe(words.en.soldOut);
  expect(await page.isVisible("text=Pay $")).toBe(false);
  server.answer = placed;
  await page.check("#item-1");
  expect(await page.isVisible(`${pay} >> text=Pay $120.00`)).toBe(true);
  await page.click(pay);
  await page.waitForURL("**/missing-en");
});

it("tries again with the same key when the network drops, and says that nothing was charged when it stays away", async () => {
  let drops = 2;
  await page.route("**/api/orders", (route) => (drops-- > 0 ? route.abort() : route.continue()));
  server.answer = placed;
  await page.clock.install();
  await fill();
  await page.click(pay);
  for (let i = 0; i < 20 && server.calls.length === 0; i++) await page.clock.runFor(1000);
  await page.waitForURL("**/missing-en");
  expect(server.calls.map(({ key }) => key)).toEqual([scanView("en").formKey]);

  drops = 100;
  await fill();
  await page.click(pay);
  for (let i = 0; i < 40 && !(await page.isVisible("#problem")); i++) await page.clock.runFor(1000);
  expect(await page.textContent("#problem p")).toBe(words.en.unreachable);
  expect(100 - drops).toBe(4);
  expect(await page.isVisible(`${pay} >> text=Pay $60.00`)).toBe(true);
});

it("marks the phone number when it is what the server did not accept", async () => {
  server.answer = () => ({ status: 400, body: { code: "invalid_request", detail: "Check the marked fields.", fields: [{ path: "body.phone" }] } });
  await fill();
  await page.click(pay);
  await page.waitForSelector("#problem:not([hidden])");
  expect(await page.getAttribute("#phone", "aria-invalid")).toBe("true");
});

it("goes to the order's page when the payment page could not be opened", async () => {
  server.answer = () => ({ status: 201, body: { ...placed().body, checkout_url: null } });
  await fill();
  await page.click(pay);
  await page.waitForURL("**/order-held-en?problem=payment_unavailable");
});

it("can be bought from with the keyboard alone", async () => {
  server.answer = placed;
  await page.goto(`${server.origin}/scan-en`);
  await page.keyboard.press("Tab");
  expect(await page.evaluate("document.activeElement.id")).toBe("item-0");
  await page.keyboard.press("ArrowDown");
  expect(await page.isChecked("#item-1")).toBe(true);
  await page.keyboard.press("Tab");
  await page.keyboard.type("6045550199");
  await page.keyboard.press("Tab");
  expect(await page.evaluate("document.activeElement.matches('button.primary')")).toBe(true);
  await page.keyboard.press("Enter");
  await page.waitForURL("**/missing-en");
  expect(JSON.parse(server.calls[0]?.body ?? "")).toMatchObject({ lines: [{ item: "CW-120", quantity: 1 }], phone: "6045550199" });
});

/** Answers status questions inside the page and notes when they were asked, so that the page's clock can be moved freely. */
const questions = (answer: string): string =>
  `globalThis.asked = []; globalThis.fetch = async () => { asked.push(Date.now()); return new Response(JSON.stringify(${answer})) }`;

it("asks at most a dozen times while a payment stays unconfirmed, each wait at least 1.5 times the last (S27)", async () => {
  await page.clock.install();
  await page.addInitScript(questions(`{ state: "awaiting_payment", sms: "none" }`));
  await page.goto(`${server.origin}/order-confirming-en`);
  const started = (await page.evaluate("Date.now()")) as number;
  // In small steps: an answer is read between two steps, and the next wait starts from there.
  for (let passed = 0; passed < 2_000_000; ) {
    const step = Math.max(100, Math.floor(passed * 0.02));
    await page.clock.runFor(step);
    passed += step;
  }
  const asked = (await page.evaluate("asked")) as number[];
  expect(asked).toHaveLength(12);
  const waits = asked.map((at, i) => at - (asked[i - 1] ?? started));
  for (const [i, wait] of waits.entries()) if (i > 0) expect(wait).toBeGreaterThanOrEqual(1.5 * (waits[i - 1] ?? 0));
});

it("asks twice in a sale that is confirmed within three seconds, then shows the number (S27)", async () => {
  await page.clock.install();
  let asked = 0;
  server.answer = () => ({ status: 200, body: { state: ++asked > 1 ? "assigned" : "awaiting_payment", sms: "pending" } });
  await page.goto(`${server.origin}/order-confirming-en?back=1&lang=en`);
  const reloaded = page.waitForURL(`${server.origin}/order-confirming-en?lang=en`);
  for (let i = 0; i < 50 && asked < 2; i++) await page.clock.runFor(500);
  await reloaded;
  expect(server.calls.map(({ path }) => path)).toEqual(Array(2).fill(`/api/orders/${orderView("en", "confirming").token}`));
});

it("asks nothing on a page that is finished", async () => {
  await page.clock.install();
  for (const name of ["order-sent-en", "order-held-en", "order-attention-en", "order-closed-en"]) {
    await page.goto(`${server.origin}/${name}`);
    await page.clock.runFor(60_000);
  }
  expect(server.calls).toEqual([]);
});

it("copies the exact number and says so", async () => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.goto(`${server.origin}/order-sent-en`);
  await page.click(".copy");
  await page.waitForFunction(`document.querySelector(".copy").innerText.includes("Copied")`);
  expect(await page.evaluate("navigator.clipboard.readText()")).toBe("LW60-0001");
});

const timer = ".countdown .digits";
/** When the fixture's page is made: 27 minutes and 41 seconds are left of its hold. */
const madeMs = Date.parse(orderView("en", "awaiting_payment").now);

it.each([
  ["right", 0],
  ["3 hours ahead", 3 * 3_600_000],
  ["3 hours behind", -3 * 3_600_000],
  ["years behind", Date.UTC(2020, 0) - madeMs],
])("counts the hold down by the seconds that the server sent, on a phone whose clock is %s (I38)", async (_clock, skewMs) => {
  await page.clock.install({ time: new Date(madeMs + skewMs) });
  await page.goto(`${server.origin}/order-held-en`);
  expect(await page.textContent(timer)).toMatch(/^27:4[01]$/);
  await page.clock.runFor(60_000);
  expect(await page.textContent(timer)).toMatch(/^26:4[01]$/);
  expect(await page.textContent(".hold")).toContain("3:33");
  const reloaded = page.waitForEvent("load");
  await page.clock.runFor(27 * 60_000);
  await reloaded;
});

it("counts the minutes that the phone slept, although its steady clock stood still meanwhile (I38)", async () => {
  await page.clock.install({ time: new Date(madeMs) });
  await page.goto(`${server.origin}/order-held-en`);
  await page.clock.runFor(10_000);
  await page.clock.setSystemTime(new Date(madeMs + 20 * 60_000));
  await page.clock.runFor(1_000);
  expect(await page.textContent(timer)).toMatch(/^7:(3|4)\d$/);
});

it("does not give back time when the phone's clock is set back while the page is open (I38)", async () => {
  await page.clock.install({ time: new Date(madeMs) });
  await page.goto(`${server.origin}/order-held-en`);
  await page.clock.setSystemTime(new Date(madeMs - 3 * 3_600_000));
  await page.clock.runFor(60_000);
  expect(await page.textContent(timer)).toMatch(/^26:(3|4)\d$/);
});
