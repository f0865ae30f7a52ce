import { expect, it } from "@jest/globals";
import { type OrderPageView, orderPage, problemPage } from "../../functions/storefront/order-page.ts";
import { words } from "../../functions/storefront/words.ts";
import { languages } from "../../platform/contract/problem.ts";
import { orderView } from "./fixtures.ts";

type State = OrderPageView["state"];
const said = (html: string): string => html.replace(/<style>[\s\S]*?<\/style>/, "").replace(/<[^>]*>/g, "");

const moneySentence: Record<State, Record<(typeof languages)[number], RegExp>> = {
  // Not "nothing was charged": until the provider has said no, a payment may be on its way to us.
  awaiting_payment: { en: /We have seen no payment/, fr: /pas encore vu de paiement/, zh: /尚未收到此订单的付款/ },
  confirming: { en: /Do not pay again/, fr: /Ne payez pas de nouveau/, zh: /不要重复付款/ },
  assigned: { en: /You have paid/, fr: /Vous avez payé/, zh: /您已付款/ },
  sent: { en: /You have paid/, fr: /Vous avez payé/, zh: /您已付款/ },
  attention: { en: /Your payment arrived/, fr: /Votre paiement est arrivé/, zh: /款项已收到/ },
  closed: { en: /Nothing was charged/, fr: /Rien n’a été débité/, zh: /未扣款/ },
};

it.each(languages.flatMap((language) => (Object.keys(moneySentence) as State[]).map((state) => [state, language] as const)))(
  "says whether money moved while %s, in %s",
  (state, language) => {
    expect(said(orderPage(orderView(language, state)).html)).toMatch(moneySentence[state][language]);
  },
);

it("lights up the three steps as the sale goes on, by word and icon and not by colour alone", () => {
  const steps = (state: State, changes: Partial<OrderPageView> = {}) =>
    [...orderPage(orderView("en", state, changes)).html.matchAll(/<li class="(\w+)"/g)].map(([, step]) => step);
  expect(steps("awaiting_payment")).toEqual(["now", "next", "next"]);
  expect(steps("confirming")).toEqual(["now", "next", "next"]);
  expect(steps("attention")).toEqual(["done", "now", "next"]);
  expect(steps("assigned")).toEqual(["done", "done", "now"]);
  expect(steps("sent")).toEqual(["done", "done", "done"]);
  expect(steps("sent", { sms: "failed" })).toEqual(["done", "done", "failed"]);
  expect(steps("assigned", { sms: "none" })).toEqual(["done", "done"]);
  expect(steps("closed")).toEqual([]);
  expect(said(orderPage(orderView("en", "awaiting_payment")).html)).not.toMatch(/\bPaid\b|Assigned|Sent\b/);
});

it("shows the exact number, its slot and its code, and offers the exact number for copying (G-14)", () => {
  const { html } = orderPage(orderView("en", "sent", { units: [{ serial: "LW60-0001", locker: "A-12", secret: "4821" }] }));
  expect(html).toContain(`data-copy="LW60-0001"`);
  expect(said(/<p class="serial[^"]*">(.*?)<\/p>/s.exec(html)?.[1] ?? "")).toBe("LW60-0001");
  expect(said(html)).toMatch(/Slot\s*A-12[\s\S]*Code\s*4821/);
});

it("shows no number before the payment is confirmed", () => {
  for (const state of ["awaiting_payment", "confirming", "attention", "closed"] as const)
    expect(orderPage(orderView("en", state)).html).not.toContain("LW60-0001");
});

it("offers to pay while the hold lasts, says until when in the shop's zone, and offers nothing after it", () => {
  const held = orderPage(orderView("en", "awaiting_payment")).html;
  expect(held).toContain(`<form class="again" method="post" action="/api/orders/tok_7Jq2VbX0mR4cT9wZ/checkout"`);
  expect(said(held)).toMatch(/Held until 3:33.p\.m\..PT/);
  expect(said(held)).toContain("27:41");
  const over = orderPage(orderView("en", "awaiting_payment", { now: "2026-11-21T22:33:00.000000Z" })).html;
  expect(over).not.toMatch(/<form/);
  expect(said(over)).toContain(words.en.holdOver);
});

it("asks again without scripts only while the payment is being confirmed, and watches with scripts only what will change by itself (S27)", () => {
  const refresh = `<noscript><meta http-equiv="refresh" content="3"></noscript>`;
  for (const state of ["awaiting_payment", "assigned", "sent", "attention", "closed"] as const)
    expect(orderPage(orderView("en", state)).html).not.toContain(refresh);
  expect(orderPage(orderView("en", "confirming")).html).toContain(refresh);
  const watched = (["awaiting_payment", "confirming", "assigned", "sent", "attention", "closed"] as const).filter((state) =>
    orderPage(orderView("en", state)).html.includes(" data-expected="),
  );
  expect(watched).toEqual(["confirming", "assigned"]);
});

it("tells what became of the text message, and where to look when it failed", () => {
  const line = (sms: OrderPageView["sms"]) => said(orderPage(orderView("en", "assigned", { sms })).html);
  expect(line("pending")).toContain(words.en.smsPending("99"));
  expect(line("sent")).toContain(words.en.smsSent("99"));
  expect(line("delivered")).toContain(words.en.smsDelivered("99"));
  expect(line("failed")).toContain(words.en.smsFailed("99"));
  expect(line("none")).toContain(words.en.deliveredHere);
});

it("says what was refunded, and never that nothing was charged once money had arrived", () => {
  const paid = { receipt: { orderId: "01J", paidAt: "2026-11-21T22:05:12.000000Z" } };
  const coming = said(orderPage(orderView("en", "closed", { ...paid, money: { coming: { amount: 6000, currency: "CAD" } } })).html);
  expect(coming).toContain("$60.00 is on its way back");
  expect(said(orderPage(orderView("en", "closed", paid)).html)).not.toContain("Nothing was charged");
});

it("shows tax lines, total with its currency and the order's number on the receipt", () => {
  const text = said(orderPage(orderView("en", "sent")).html);
  expect(text).toMatch(/GST 5%, included\$2\.68\s*PST 7%, included\$3\.75\s*Total\$60\.00 CAD/);
  expect(text).toContain("01JD5Q8ZK3V7W2N4");
});

it("shows a refusal of the payment page as it was said", () => {
  const sentence = "The bank declined the card. Nothing was charged. Try another card.";
  expect(orderPage(orderView("en", "awaiting_payment", { problem: { code: "card_declined", sentence } })).html).toMatch(
    new RegExp(`role="alert">.*${sentence}`, "s"),
  );
});

it("keeps the status of a problem and offers a way on", () => {
  const page = problemPage("zh", 404, "此地址没有内容。");
  expect(page.status).toBe(404);
  expect(page.html).toContain(words.zh.problemNext);
  expect(page.html).toContain(`<html lang="zh-Hans">`);
});
