import { expect, it } from "@jest/globals";
import { scanPage } from "../../functions/storefront/scan-page.ts";
import { words } from "../../functions/storefront/words.ts";
import { languages } from "../../platform/contract/problem.ts";
import { scanView } from "./fixtures.ts";

const radio = (html: string, id: string): string => new RegExp(`<input type="radio"[^>]*value="${id}"[^>]*>`).exec(html)?.[0] ?? "";
const submit = /<button[^>]*type="submit"/;

it("is a plain form that places the order without any script", () => {
  const { html } = scanPage(scanView("fr"));
  expect(html).toContain(`<form class="buy" method="post" action="/api/orders"`);
  for (const [name, value] of Object.entries({
    listing_id: "lees-car-wash",
    quantity: "1",
    node: "NODE_LEES",
    form_key: scanView("fr").formKey,
    lang: "fr",
  }))
    expect(html).toMatch(new RegExp(`<input type="hidden" name="${name}" value="${value}"`));
  expect(html).toMatch(/<input id="phone" name="phone" type="tel"/);
  expect(html).toMatch(submit);
});

it.each(languages)("says how many are left, that it is the last one, that it is sold out, in %s", (language) => {
  const { html } = scanPage(scanView(language));
  for (const phrase of [words[language].plenty(20), words[language].lastOne, words[language].soldOut]) expect(html).toContain(`>${phrase}</span>`);
  expect(scanPage(scanView(language, { items: scanView(language).items.map((item) => ({ ...item, stock: 12 })) })).html).toContain(
    words[language].left(12),
  );
});

it("does not let a sold-out item be chosen", () => {
  const { html } = scanPage(scanView("en"));
  expect(radio(html, "CW-240")).toContain(" disabled");
  expect(radio(html, "CW-60")).not.toContain(" disabled");
});

it("chooses the item the sticker names, else the first that can be had (design 10.3)", () => {
  expect(radio(scanPage(scanView("en", { selected: "CW-120" })).html, "CW-120")).toContain(" checked");
  expect(radio(scanPage(scanView("en")).html, "CW-60")).toContain(" checked");
});

it("does not silently put another item in place of a named one that is sold out", () => {
  expect(scanPage(scanView("en", { selected: "CW-240" })).html).not.toMatch(/<input type="radio"[^>]* checked/);
});

it("opens no checkout where the code does not belong to the place, and says nothing was charged (TH11)", () => {
  const { html } = scanPage(scanView("en", { verified: false }));
  expect(html).toContain(words.en.foreignCode);
  expect(html).not.toMatch(/<form|type="submit"|<script/);
  expect(html).not.toContain(words.en.verifiedCode);
});

it("opens no checkout when everything is sold out or the listing is closed", () => {
  const soldOut = scanPage(scanView("en", { items: scanView("en").items.map((item) => ({ ...item, stock: "sold_out" as const })) })).html;
  const closed = scanPage(scanView("en", { closed: true })).html;
  for (const html of [soldOut, closed]) expect(html).not.toMatch(/<form|type="submit"/);
  expect(soldOut).toContain(words.en.allSoldOut);
  expect(closed).toContain(words.en.closed);
});

it("shows a refusal in place and keeps the phone number that was typed", () => {
  const { html } = scanPage(
    scanView("en", { problem: { code: "out_of_stock", sentence: "The last one was just taken. Nothing was charged." }, phone: "604 555 0199" }),
  );
  expect(html).toMatch(/<div class="notice wrong" id="problem" role="alert" tabindex="-1">.*The last one was just taken\. Nothing was charged\./s);
  expect(html).toContain(`value="604 555 0199"`);
});

it("keeps the sticker and the chosen item, and nothing typed, in the addresses of the other languages", () => {
  const { html } = scanPage(scanView("en", { selected: "CW-120", phone: "604 555 0199" }));
  expect(html).toContain(`href="/scan/lees-car-wash?node=NODE_LEES&amp;item=CW-120&amp;lang=zh"`);
  expect(html.match(/<nav class="languages".*<\/nav>/s)?.[0]).not.toContain("604");
});

it("does not show what does not exist yet", () => {
  expect(languages.map((language) => scanPage(scanView(language)).html).join("")).not.toMatch(/Interac|e-Transfer|cookie|beans|金豆/i);
});
