// The page behind a sticker: what is sold here, at what price, how many are left, and one button.
import { formatMoney, type Money } from "../../kernel/money.ts";
import type { Language } from "../../platform/contract/problem.ts";
import { callLink } from "./call-link.ts";
import { Html, html } from "./html.ts";
import { icons } from "./icons.ts";
import { type Page, page } from "./page.ts";
import { type Words, words } from "./words.ts";

export interface ScanItem {
  readonly id: string;
  readonly name: string;
  /** What the buyer gets for it, in a few words. */
  readonly gives: string;
  readonly price: Money;
  /** Exact up to 20, then "plenty". */
  readonly stock: "sold_out" | number | "plenty";
}

export interface ScanView {
  readonly language: Language;
  readonly listingId: string;
  /** The sticker's place as the address names it. */
  readonly node?: string | undefined;
  /** The node is known and sells this listing. A node that is named and not verified opens no checkout. */
  readonly verified: boolean;
  readonly merchantName: string;
  readonly place: string;
  readonly address: string;
  /** Phone number of the shop. */
  readonly support?: string | undefined;
  readonly title: string;
  /** Same-origin picture; size in pixels, so that nothing moves when it arrives. */
  readonly photo?: { readonly src: string; readonly width: number; readonly height: number; readonly alt: string } | undefined;
  readonly pickup: string;
  readonly accent?: string | undefined;
  readonly items: readonly ScanItem[];
  /** Id of the item the sticker names. */
  readonly selected?: string | undefined;
  /** Signed; serves as idempotency key and against forged forms. */
  readonly formKey: string;
  readonly problem?: { readonly code: string; readonly sentence: string } | undefined;
  /** What the buyer had typed, to be kept after a refusal. */
  readonly phone?: string | undefined;
  readonly closed?: boolean | undefined;
  readonly taxNote?: string | undefined;
  readonly checkoutOrigin: string;
}

/** More than this many is shown as "20+". */
const plentyFrom = 20;

export function scanPage(view: ScanView): Page {
  const say = words[view.language];
  const foreign = view.node !== undefined && !view.verified;
  const refusal = foreign ? say.foreignCode : view.closed ? say.closed : view.items.every(isSoldOut) ? say.allSoldOut : undefined;
  return page({
    language: view.language,
    title: `${view.merchantName} · ${view.title}`,
    layout: "scan",
    accent: view.accent,
    checkoutOrigin: view.checkoutOrigin,
    rules: totalRules(view.items),
    ...(refusal === undefined ? { script: "/assets/scan.js" } : {}),
    inLanguage: (language) => addressIn(view, language),
    main: html`${place(view, say, foreign)}${photo(view)}${refusal === undefined ? form(view, say) : html`<div class="refused">${notice(refusal, foreign)}${!foreign && !view.closed && choices(view, say)}</div>`}${below(view, say, foreign)}`,
  });
}

/** The pay bar holds one total per item; the chosen card shows its own. Where `:has` is unknown the bar says "Pay" and the cards say the prices. */
const totalRules = (items: readonly ScanItem[]): string =>
  `@supports selector(:has(a)){${items.map((_, i) => `form:has(#item-${i}:checked) .for-${i}`).join(",")}{display:block}form:has([name=item]:checked) .for-none{display:none}}`;

const place = (view: ScanView, say: Words, foreign: boolean): Html => html`<header class="place">
<h1>${view.merchantName}</h1>
<p class="where">${icons.pin}<span><strong>${view.place}</strong><br>${view.address}</span></p>
${view.verified && !foreign && html`<p class="verified">${icons.shield}<span><strong>${say.verifiedCode}</strong> ${say.checkPlace}</span></p>`}
</header>`;

const photo = (view: ScanView): Html | undefined =>
  view.photo &&
  html`<img class="photo" src="${view.photo.src}" width="${view.photo.width}" height="${view.photo.height}" alt="${view.photo.alt}" decoding="async">`;

const notice = (sentence: string, wrong: boolean): Html =>
  html`<div class="notice ${wrong ? "wrong" : "wait"}">${icons.warning}<p>${sentence}</p></div>`;

const form = (
  view: ScanView,
  say: Words,
): Html => html`<form class="buy" method="post" action="/api/orders" data-opening="${say.opening}" data-unreachable="${say.unreachable}" data-sold-out="${say.soldOut}">
<input type="hidden" name="listing_id" value="${view.listingId}">
<input type="hidden" name="quantity" value="1">
${view.node !== undefined && html`<input type="hidden" name="node" value="${view.node}">`}
<input type="hidden" name="form_key" value="${view.formKey}" autocomplete="off">
<input type="hidden" name="lang" value="${view.language}">
<div class="notice wrong" id="problem" role="alert" tabindex="-1"${view.problem === undefined && new Html(" hidden")}>${icons.warning}<p>${view.problem?.sentence}</p></div>
${choices(view, say)}
<div class="field">
<label for="phone">${say.phone}</label>
<div class="phone"><span class="country"><span aria-hidden="true">+1</span><span class="unseen">${say.country}</span></span><input id="phone" name="phone" type="tel" inputmode="tel" autocomplete="tel-national" required minlength="10" maxlength="24" pattern="[0-9+\\(\\)\\-. ]{10,24}" title="${say.phoneFormat}" aria-describedby="phone-why"${view.problem?.code === "invalid_request" && new Html(' aria-invalid="true"')} value="${view.phone ?? ""}"></div>
<p class="hint" id="phone-why">${say.phoneWhy}</p>
</div>
<div class="paybar"><div class="inside">
${payBarItems(view)}
<button class="primary" type="submit">${icons.lock}<span class="label"><span class="for for-none">${say.pay}</span>${view.items.map((item, i) => html`<span class="for for-${i}">${say.payAmount(formatMoney(item.price, view.language))}</span>`)}</span></button>
</div></div>
</form>`;

/** What the bar's button would buy; the tax note stays whatever is chosen. */
const payBarItems = (view: ScanView): Html =>
  html`<p class="chosen">${view.items.map((item, i) => html`<span class="for for-${i}">${item.name}</span>`)}${view.taxNote !== undefined && html`<small>${view.taxNote}</small>`}</p>`;

const choices = (view: ScanView, say: Words): Html => {
  const chosen = preselected(view);
  return html`<fieldset class="items"><legend>${view.title}</legend>${view.items.map((item, i) => {
    const soldOut = isSoldOut(item);
    return html`<label class="item${soldOut && " sold-out"}"><input type="radio" id="item-${i}" name="item" value="${item.id}" required${item.id === chosen && new Html(" checked")}${soldOut && new Html(" disabled")}>
<span class="what"><span class="name">${item.name}</span><span class="gives">${item.gives}</span><span class="stock${isScarce(item.stock) && " scarce"}">${stockWords(item.stock, say)}</span></span>
<span class="price">${formatMoney(item.price, view.language)}</span></label>`;
  })}</fieldset>`;
};

/** The item the sticker names; without one, the first that can be had. A named item that is sold out is not silently replaced by another. */
const preselected = ({ items, selected }: ScanView): string | undefined => {
  const wanted = items.find((item) => item.id === selected) ?? items.find((item) => !isSoldOut(item));
  return wanted === undefined || isSoldOut(wanted) ? undefined : wanted.id;
};

const isSoldOut = ({ stock }: ScanItem): boolean => stock === "sold_out" || stock === 0;

const scarceUpTo = 5;
const isScarce = (stock: ScanItem["stock"]): boolean => typeof stock === "number" && stock <= scarceUpTo;

const stockWords = (stock: ScanItem["stock"], say: Words): string => {
  if (stock === "sold_out" || stock === 0) return say.soldOut;
  if (stock === "plenty") return say.plenty(plentyFrom);
  return stock === 1 ? say.lastOne : say.left(stock);
};

const below = (view: ScanView, say: Words, foreign: boolean): Html => html`<div class="below">
${
  !foreign &&
  html`<section><h2>${say.howPickup}</h2><p>${view.pickup}</p></section>
<section><h2>${say.goodToKnow}</h2><ul><li>${say.held}</li><li>${say.securePage}</li></ul></section>`
}
${view.support !== undefined && html`<section><h2>${say.whoToCall}</h2><p>${callLink(view.support, view.merchantName, say)}</p></section>`}
</div>`;

/** The same sticker in another language; what was typed stays out of addresses. */
const addressIn = (view: ScanView, language: Language): string => {
  const query = new URLSearchParams();
  if (view.node !== undefined) query.set("node", view.node);
  if (view.selected !== undefined) query.set("item", view.selected);
  query.set("lang", language);
  return `/scan/${encodeURIComponent(view.listingId)}?${query}`;
};
