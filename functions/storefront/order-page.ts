// The buyer's page of one order: how far it is, the number itself, where to get the thing, what was paid. Always the truth of this moment.
import { formatMoney, type Money } from "../../kernel/money.ts";
import type { Language } from "../../platform/contract/problem.ts";
import { attentionSentence, closedHeadline, moneyRows, notices, toldBesideNumbers, toldWithoutNumbers } from "./after-sale-part.ts";
import { callLink } from "./call-link.ts";
import { Html, html } from "./html.ts";
import { icons } from "./icons.ts";
import { htmlLang } from "./language.ts";
import type { MoneyView, NumbersView } from "./money-view.ts";
import { type Page, page } from "./page.ts";
import { layOut } from "./serial.ts";
import type { TextsView } from "./texts-view.ts";
import { type Words, words } from "./words.ts";

export type { Page } from "./page.ts";
export { problemPage } from "./problem-page.ts";

export interface OrderUnitView {
  readonly serial: string;
  /** Where the thing lies, as the shop marks it: "A-12". */
  readonly locker?: string | undefined;
  readonly secret?: string | undefined;
}

export interface OrderPageView {
  readonly language: Language;
  readonly token: string;
  readonly merchantName: string;
  readonly place: string;
  readonly address: string;
  readonly support?: string | undefined;
  /** "confirming": back from the payment page, the payment not yet confirmed. */
  readonly state: "awaiting_payment" | "confirming" | "assigned" | "sent" | "attention" | "closed";
  readonly itemName: string;
  /** Pieces that were bought. */
  readonly quantity: number;
  readonly total: Money;
  /** `included`: already in the price, so it is not added on the way to the total. */
  readonly tax: readonly { readonly label: string; readonly amount: Money; readonly included?: boolean | undefined }[];
  /** Instant until which the units are held. */
  readonly heldUntil?: string | undefined;
  /** Instant at which the page is made. */
  readonly now: string;
  /** IANA zone of the shop, in which times are shown. */
  readonly zone: string;
  readonly units: readonly OrderUnitView[];
  readonly guidance: string;
  /** Last two digits of the phone that gets the text message. */
  readonly phoneEnding?: string | undefined;
  readonly sms: TextsView["state"];
  readonly smsWhy?: TextsView["why"];
  readonly receipt: { readonly orderId: string; readonly paidAt?: string | undefined };
  /** Why a person looks at it, where that is known. */
  readonly attention?: "payment_mismatch" | "stock_lost" | undefined;
  readonly money: MoneyView;
  readonly numbers: NumbersView;
  readonly problem?: { readonly code: string; readonly sentence: string } | undefined;
  readonly accent?: string | undefined;
  readonly checkoutOrigin: string;
}

export function orderPage(view: OrderPageView): Page {
  const say = words[view.language];
  const headline = headlineOf(view, say);
  const told = view.units.length > 0 ? toldBesideNumbers(view, say) : toldWithoutNumbers(view, say, view.state === "closed");
  // Whom to call stands where the question arises.
  const isTroubled =
    view.state === "attention" || view.money.settled !== undefined || view.numbers.forfeited || told.some(({ tone }) => tone === "wrong");
  return page({
    language: view.language,
    title: `${headline.title} · ${view.merchantName}`,
    layout: "order",
    accent: view.accent,
    checkoutOrigin: view.checkoutOrigin,
    rules: view.units.map(({ serial }, i) => `.serial-${i}{--em:${layOut(serial).em.toFixed(2)}}`).join(""),
    script: "/assets/order.js",
    inLanguage: (language) => `/o/${encodeURIComponent(view.token)}?lang=${language}${view.state === "confirming" ? "&back=1" : ""}`,
    // Without scripts the page asks again by itself while the payment is being confirmed.
    ...(view.state === "confirming" && !holdIsOver(view) ? { head: html`<noscript><meta http-equiv="refresh" content="3"></noscript>\n` } : {}),
    main: html`<header class="shop"><p class="merchant">${view.merchantName}</p><p class="where">${view.place}<br>${view.address}</p></header>
<div class="status"${watch(view)}>
${steps(view, say)}
${view.problem && html`<div class="notice wrong" role="alert">${icons.warning}<p>${view.problem.sentence}</p></div>`}
<h1>${headline.title}</h1>
<p class="lead">${headline.sentence}</p>
${view.state === "awaiting_payment" && payAgain(view, say)}
${notices(told)}
${units(view, say)}
</div>
${isTroubled && help(view, say)}
${pickup(view, say)}
${receipt(view, say)}
${!isTroubled && help(view, say)}`,
  });
}

const help = ({ support, merchantName }: OrderPageView, say: Words): Html | false =>
  support !== undefined && html`<section class="help"><h2>${say.whoToCall}</h2><p>${callLink(support, merchantName, say)}</p></section>`;

/** What `GET /api/orders/{token}` says as long as this page is true; only for what soon changes by itself, so the script asks for nothing else. */
const watch = ({ state, sms, token }: OrderPageView): Html | false => {
  const expected = state === "confirming" ? "awaiting_payment" : state === "assigned" && sms === "pending" ? "assigned pending" : undefined;
  return expected !== undefined && html` data-token="${token}" data-expected="${expected}"`;
};

const holdIsOver = ({ heldUntil, now }: OrderPageView): boolean => heldUntil !== undefined && Date.parse(heldUntil) <= Date.parse(now);

const headlineOf = (view: OrderPageView, say: Words): { readonly title: string; readonly sentence: string } => {
  switch (view.state) {
    case "awaiting_payment":
      return holdIsOver(view) ? { title: say.holdOverTitle, sentence: say.holdOver } : { title: say.awaitingTitle, sentence: say.awaiting };
    case "confirming":
      return holdIsOver(view) ? { title: say.holdOverTitle, sentence: say.holdOver } : { title: say.confirmingTitle, sentence: say.confirming };
    case "assigned":
    case "sent":
      return { title: say.deliveredTitle(view.units.length), sentence: hasText(view) ? say.delivered : say.deliveredHere };
    case "attention":
      return { title: attentionTitle(view, say), sentence: attentionSentence(view, say, view.attention) ?? say.attention };
    case "closed":
      return closedHeadline(view, say) ?? { title: say.closedTitle, sentence: view.receipt.paidAt === undefined ? say.closedUnpaid : say.closedPaid };
    default:
      return view.state satisfies never;
  }
};

/** Whether a text message can be kept, as far as we know. */
const hasText = ({ sms, smsWhy }: OrderPageView): boolean => sms === "sent" || sms === "delivered" || (sms === "pending" && smsWhy !== "late");

/** Numbers that the shop took out of use: nobody has to be looking at it. */
const attentionTitle = ({ numbers: { missing }, money: { failed } }: OrderPageView, say: Words): string =>
  missing > 0 && !failed ? say.after.withdrawnTitle(missing) : say.attentionTitle;

type Step = "done" | "now" | "next" | "failed";

const stepsOf = ({ state, sms, receipt }: OrderPageView): readonly (readonly [keyof Words["step"], Step])[] => {
  const delivered = state === "assigned" || state === "sent";
  const paid: Step = delivered || (state === "attention" && receipt.paidAt !== undefined) ? "done" : "now";
  const assigned: Step = delivered ? "done" : state === "attention" ? "now" : "next";
  const sent: Step = sms === "failed" ? "failed" : state === "sent" ? "done" : delivered ? "now" : "next";
  return [["paid", paid], ["assigned", assigned], ...(sms === "none" && delivered ? [] : [["sent", sent] as const])];
};

const steps = (view: OrderPageView, say: Words): Html | false =>
  view.state !== "closed" &&
  html`<ol class="steps">${stepsOf(view).map(
    ([name, state]) =>
      html`<li class="${state}"${state === "now" && new Html(' aria-current="step"')}><span class="dot">${state === "done" ? icons.check : state === "failed" ? icons.warning : icons.clock}</span><span>${say.step[name][state === "done" ? "done" : "open"]}</span><span class="unseen">, ${say.stepState[state]}</span></li>`,
  )}</ol>`;

const payAgain = (view: OrderPageView, say: Words): Html | false => {
  if (holdIsOver(view)) return false;
  const amount = formatMoney(view.total, view.language);
  return html`${view.heldUntil !== undefined && html`<p class="hold">${icons.clock}<span>${say.heldUntil(timeOf(view.heldUntil, view))}<span class="countdown" data-left="${secondsLeft(view.heldUntil, view.now)}"><br>${say.heldFor} <span class="digits" role="timer">${minutes(secondsLeft(view.heldUntil, view.now))}</span></span></span></p>`}
<form class="again" method="post" action="/api/orders/${view.token}/checkout" data-opening="${say.opening}">
<input type="hidden" name="lang" value="${view.language}">
<button class="primary" type="submit">${icons.lock}<span class="label">${say.payAmount(amount)}</span></button>
</form>`;
};

/** By the clock that made the page; the phone's own is never asked what time it is. */
const secondsLeft = (until: string, now: string): number => Math.max(0, Math.floor((Date.parse(until) - Date.parse(now)) / 1000));

/** "27:41" at the moment the page is made; the script counts on from here. */
const minutes = (seconds: number): string => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;

const units = (view: OrderPageView, say: Words): readonly Html[] =>
  view.units.map(
    ({ serial, locker, secret }, i) => html`<article class="unit">
<h2>${view.units.length === 1 ? say.number : say.numberOf(i + 1, view.units.length)}${view.money.dispute?.status === "open" && html` <strong class="wait">${say.after.pausedMark}</strong>`}</h2>
<p class="serial serial-${i}">${layOut(serial).lines.map((line) => html`<span class="line">${line.map((group) => html`<span class="group">${group}</span>`)}</span>`)}</p>
<button class="copy" type="button" data-copy="${serial}" data-copied="${say.copied}" aria-label="${say.copyOf(serial)}">${icons.copy}<span>${say.copy}</span></button>
${(locker !== undefined || secret !== undefined) && html`<dl class="facts">${locker !== undefined && html`<div>${icons.slot}<dt>${say.slot}</dt><dd>${locker}</dd></div>`}${secret !== undefined && html`<div>${icons.lock}<dt>${say.code}</dt><dd>${secret}</dd></div>`}</dl>`}
</article>`,
  );

const pickup = (view: OrderPageView, say: Words): Html | false =>
  view.units.length > 0 &&
  html`<section class="pickup"><h2>${say.where}</h2><p class="guide">${icons.pin}<span>${view.guidance}</span></p>${smsLine(view, say)}</section>`;

const smsLine = (view: OrderPageView, say: Words): Html | false => {
  const { sms, smsWhy, phoneEnding } = view;
  if (sms === "none" || phoneEnding === undefined) return false;
  const sentence = textSentence(sms, smsWhy, say)(phoneEnding);
  return sms === "failed" || (sms === "pending" && smsWhy === "late")
    ? html`<div class="notice wait">${icons.warning}<p>${sentence}</p></div>`
    : html`<p class="guide quiet">${icons.message}<span>${sentence}</span></p>`;
};

const textSentence = (sms: Exclude<TextsView["state"], "none">, why: TextsView["why"], say: Words): ((ending: string) => string) => {
  switch (sms) {
    case "pending":
      return why === "late" ? say.smsLate : say.smsPending;
    case "sent":
      return why === "late" ? say.smsUnheard : say.smsSent;
    case "delivered":
      return say.smsDelivered;
    case "failed":
      return why === "opted_out" ? say.smsOptedOut : say.smsFailed;
  }
};

const receipt = (
  view: OrderPageView,
  say: Words,
): Html => html`<section class="receipt"><h2>${view.receipt.paidAt === undefined ? say.summary : say.receipt}</h2><p class="bought">${view.itemName}${view.quantity > 1 && ` × ${view.quantity}`}</p><dl>
${view.tax.map(({ label, amount, included }) => html`<div class="quiet"><dt>${included ? say.taxIncluded(label) : label}</dt><dd>${formatMoney(amount, view.language)}</dd></div>`)}
<div class="total"><dt>${say.total}</dt><dd>${formatMoney(view.total, view.language)} <small>${view.total.currency}</small></dd></div>
${moneyRows(view, say)}
${view.receipt.paidAt !== undefined && html`<div class="quiet"><dt>${say.paidAt}</dt><dd>${dateOf(view.receipt.paidAt, view)}</dd></div>`}
<div class="quiet"><dt>${say.order}</dt><dd class="id">${view.receipt.orderId}</dd></div>
</dl></section>`;

const timeOf = (at: string, { language, zone }: OrderPageView): string =>
  new Intl.DateTimeFormat(htmlLang[language], { timeZone: zone, hour: "numeric", minute: "2-digit", timeZoneName: "shortGeneric" }).format(
    Date.parse(at),
  );

const dateOf = (at: string, { language, zone }: OrderPageView): string =>
  new Intl.DateTimeFormat(htmlLang[language], {
    timeZone: zone,
    year: "numeric",
    month: "short",
    day: "numeric",
    hour: "numeric",
    minute: "2-digit",
    timeZoneName: "shortGeneric",
  }).format(Date.parse(at));
