// The hosted checkout page, as HTML that works before any script: there is none.
import { type Html, html } from "../pages/html.ts";
import { note, page } from "../pages/look.ts";
import { offeredCards, type TestCard } from "../stripe/cards.ts";
import type { SessionRecord } from "../stripe/records.ts";
import type { WireAnswer } from "../wire/wire.ts";
import { type Language, regionOf, type Words, words } from "./words.ts";

export interface Shown {
  readonly session: SessionRecord;
  readonly merchant: string;
  readonly language: Language;
}

/** Minor units to what a person reads; the exponent is the currency's own. */
export const money = (minor: number, currency: string, language: Language): string => {
  const format = new Intl.NumberFormat(regionOf[language], { style: "currency", currency: currency.toUpperCase(), currencyDisplay: "narrowSymbol" });
  return format.format(minor / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
};

const framed = ({ language }: Pick<Shown, "language">, title: string, body: Html, status = 200): WireAnswer =>
  page({ title, language: regionOf[language], body, status }, words[language].simulated);

const backLink = (session: SessionRecord, said: Words): Html | false =>
  session.object.cancel_url !== null && html`<a class="back" href="${session.object.cancel_url}">← ${said.back}</a>`;

const purchase = ({ session, language }: Shown): Html => {
  const said = words[language];
  const currency = session.object.currency ?? "cad";
  const lines = session.line_items.map((line) => {
    const { quantity, price, description, amount_total } = line;
    const count = quantity ?? 1;
    return html`<li><span>${description}${count > 1 && html`<br><small>${said.quantity(count, money(price?.unit_amount ?? 0, currency, language))}</small>`}</span>
      <span class="amount">${money(amount_total, currency, language)}</span></li>`;
  });
  const total = money(session.object.amount_total ?? 0, currency, language);
  return html`<ul class="rows card">${lines}<li class="total"><span>${said.total}</span><span class="amount">${total} ${currency.toUpperCase()}</span></li></ul>`;
};

const grouped = (number: string): string => number.replace(/(\d{4})(?=\d)/g, "$1 ");

const outcomeOf = ({ outcome }: TestCard, said: Words): string => {
  if (outcome.kind !== "declined") return said.outcomes[outcome.kind];
  return outcome.decline_code === "insufficient_funds" ? said.outcomes.insufficient_funds : said.outcomes.generic_decline;
};

/** Why the last try did not work, in the buyer's words. */
export type Trouble = "declined" | "insufficient" | "notConfirmed" | "badNumber";

export const payPage = (shown: Shown, trouble?: Trouble): WireAnswer => {
  const { session, merchant, language } = shown;
  const said = words[language];
  const amount = money(session.object.amount_total ?? 0, session.object.currency ?? "cad", language);
  const choices = offeredCards.map(
    (card, place) => html`<label class="choice"><input type="radio" name="card" value="${card.number}"${place === 0 && html` checked`}>
      <span><span>${grouped(card.number)}</span><small>${outcomeOf(card, said)}</small></span></label>`,
  );
  return framed(
    shown,
    said.title(merchant),
    html`<main>
${backLink(session, said)}
<h1>${merchant}</h1>
${trouble && note("bad", said[trouble])}
${purchase(shown)}
<form method="post" action="/pay/${session.object.id}">
<fieldset><legend>${said.card}</legend>${choices}</fieldset>
<details${trouble === "badNumber" && html` open`}><summary>${said.more}</summary>
<p><label class="field" for="typed">${said.typed}</label><input type="text" id="typed" name="typed" inputmode="numeric" autocomplete="off" maxlength="23"></p>
<p><label class="field" for="email">${said.email}</label><input type="email" id="email" name="email" autocomplete="email" value="${session.object.customer_email ?? ""}"></p>
</details>
<button class="pay" type="submit">${said.pay(amount)}</button>
</form>
</main>`,
  );
};

export const challengePage = (shown: Shown): WireAnswer => {
  const { session, merchant, language } = shown;
  const said = words[language];
  const amount = money(session.object.amount_total ?? 0, session.object.currency ?? "cad", language);
  return framed(
    shown,
    said.challengeTitle,
    html`<main>
<h1>${said.challengeTitle}</h1>
<p>${said.challenge(merchant, amount)}</p>
<form method="post" action="/pay/${session.object.id}/challenge">
<button class="pay" type="submit" name="answer" value="complete">${said.complete}</button>
<button class="quiet" type="submit" name="answer" value="fail">${said.fail}</button>
</form>
</main>`,
  );
};

export const paidPage = (shown: Shown, redirect: string): WireAnswer => {
  const said = words[shown.language];
  return framed(
    shown,
    said.paidTitle,
    html`<main><h1>${shown.merchant}</h1>${note("good", said.paid)}${purchase(shown)}<a class="pay" href="${redirect}">${said.toOrder}</a></main>`,
  );
};

export const expiredPage = (shown: Shown): WireAnswer => {
  const said = words[shown.language];
  const back = shown.session.object.cancel_url;
  return framed(
    shown,
    said.expiredTitle,
    html`<main><h1>${said.expiredTitle}</h1>${note("wait", said.expired)}${purchase(shown)}${back !== null && html`<a class="pay" href="${back}">${said.back}</a>`}</main>`,
    410,
  );
};

export const unknownPage = (language: Language): WireAnswer => {
  const said = words[language];
  return framed({ language }, said.unknownTitle, html`<main><h1>${said.unknownTitle}</h1>${note("bad", said.unknown)}</main>`, 404);
};
