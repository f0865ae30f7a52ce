// The shell around every buyer page: one document, its style inside, and a content policy that allows nothing else.
import { createHash } from "node:crypto";
import { type Language, languages } from "../../platform/contract/problem.ts";
import type { Page } from "../../platform/edge/page.ts";
import { accentRules } from "./accent.ts";
import { Html, html } from "./html.ts";
import { htmlLang, ownName } from "./language.ts";
import { styles } from "./styles.ts";
import { words } from "./words.ts";

export type { Page };

export interface Frame {
  readonly language: Language;
  readonly status?: number;
  readonly title: string;
  /** Into `<body class>`: which layout. */
  readonly layout: "scan" | "order" | "problem";
  readonly head?: Html;
  readonly main: Html;
  /** Script file under /assets, run after the page is painted. */
  readonly script?: string;
  readonly accent?: string | undefined;
  /** Rules that belong to this one page (sizes, which total to show). Never text from outside. */
  readonly rules?: string;
  /** Origin of the payment provider's page: a form's answer leads there. */
  readonly checkoutOrigin?: string;
  /** Address of the same page in another language; no switch where it is missing. */
  readonly inLanguage?: (language: Language) => string;
}

/** The finished page. The caller adds `cache-control: no-store`. */
export function page(frame: Frame): Page {
  const { language } = frame;
  const style = `${styles}${accentRules(frame.accent)}${frame.rules ?? ""}`;
  const document = html`<!doctype html>
<html lang="${htmlLang[language]}">
<head>
<meta charset="utf-8">
<title>${frame.title}</title>
<meta name="viewport" content="width=device-width,initial-scale=1,viewport-fit=cover">
<meta name="color-scheme" content="light dark">
<meta name="theme-color" content="#ffffff" media="(prefers-color-scheme: light)">
<meta name="theme-color" content="#0f1318" media="(prefers-color-scheme: dark)">
<meta name="robots" content="noindex">
<meta name="referrer" content="same-origin">
<meta name="format-detection" content="telephone=no">
<link rel="icon" href="/assets/favicon.svg" type="image/svg+xml">
${frame.head}<style>${new Html(style)}</style>
${frame.script !== undefined && html`<script src="${frame.script}" defer></script>`}
</head>
<body class="${frame.layout}">
<main>${frame.main}</main>
${frame.inLanguage && languageSwitch(language, frame.inLanguage)}
</body>
</html>
`;
  return { status: frame.status ?? 200, html: document.toString(), csp: contentPolicy(style, frame.checkoutOrigin) };
}

const languageSwitch = (current: Language, inLanguage: (language: Language) => string): Html =>
  html`<nav class="languages" aria-label="${words[current].languageSwitch}">${languages.map(
    (language) =>
      html`<a href="${inLanguage(language)}" lang="${htmlLang[language]}" hreflang="${htmlLang[language]}"${language === current && new Html(' aria-current="true"')}>${ownName[language]}</a>`,
  )}</nav>`;

const contentPolicy = (style: string, checkoutOrigin: string | undefined): string =>
  [
    "default-src 'none'",
    `style-src 'sha256-${createHash("sha256").update(style).digest("base64")}'`,
    "script-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    // A browser checks the redirect that follows a form against this list too, so the payment page has to be on it.
    `form-action 'self'${checkoutOrigin === undefined ? "" : ` ${new URL(checkoutOrigin).origin}`}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
