import { expect, it } from "@jest/globals";
import { html } from "../../functions/storefront/html.ts";
import { orderPage, problemPage } from "../../functions/storefront/order-page.ts";
import { scanPage } from "../../functions/storefront/scan-page.ts";
import { orderView, scanView } from "./fixtures.ts";

const hostile = `"><script>alert(1)</script><img src=x onerror='alert(2)'>\u202e$1.00`;
const neutral = /<script>alert|<img src=x|onerror='|\u202e/;

it("escapes text, attributes, lists and numbers, and keeps markup made by the tag", () => {
  expect(html`<p title="${`"'\`<>&`}">${["a<", 3, html`<b>${"<"}</b>`]}${undefined}${false}</p>`.toString()).toBe(
    `<p title="&quot;&#39;&#96;&lt;&gt;&amp;">a&lt;3<b>&lt;</b></p>`,
  );
});

it("never lets a merchant's text become markup or turn the direction of what follows, on the scan page (TH20)", () => {
  const base = scanView("en");
  const { html: page } = scanPage({
    ...base,
    listingId: hostile,
    node: hostile,
    merchantName: hostile,
    place: hostile,
    address: hostile,
    support: hostile,
    title: hostile,
    photo: { src: hostile, width: 1, height: 1, alt: hostile },
    pickup: hostile,
    accent: `#0b7a5b}</style>${hostile}`,
    items: base.items.map((item) => ({ ...item, id: hostile, name: hostile, gives: hostile })),
    selected: hostile,
    formKey: hostile,
    phone: hostile,
    problem: { code: hostile, sentence: hostile },
    taxNote: hostile,
  });
  expect(page).not.toMatch(neutral);
  expect(page.match(/<\/style>/g)).toHaveLength(1);
  expect(page.match(/<script /g)).toHaveLength(1);
});

it("never lets a merchant's text become markup on the order page or a problem page (TH20)", () => {
  const { html: page } = orderPage({
    ...orderView("en", "awaiting_payment"),
    token: hostile,
    merchantName: hostile,
    place: hostile,
    address: hostile,
    support: hostile,
    itemName: hostile,
    tax: [{ label: hostile, amount: { amount: 1, currency: "CAD" } }],
    units: [{ serial: hostile, locker: hostile, secret: hostile }],
    guidance: hostile,
    phoneEnding: hostile,
    receipt: { orderId: hostile },
    problem: { code: hostile, sentence: hostile },
  });
  expect(page).not.toMatch(neutral);
  expect(page.match(/<\/style>/g)).toHaveLength(1);
  expect(problemPage("en", 404, hostile).html).not.toMatch(neutral);
});
