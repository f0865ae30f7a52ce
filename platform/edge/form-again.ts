// What a browser without scripts sees when its form met a fault: a sentence, and a button that sends the very same form again. The same key
// goes with it, so whatever became of the first try, nothing is done twice.
import { createHash } from "node:crypto";
import type { Language, Localized } from "../contract/problem.ts";
import type { Page } from "./page.ts";
import type { Fields } from "./request.ts";

const again: Localized = { en: "Send it again", fr: "Renvoyer", zh: "再次提交" };
const title: Localized = { en: "That did not work yet", fr: "Cela n’a pas encore fonctionné", zh: "尚未成功" };

const escaped = (text: string): string => text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);

const style =
  "body{font:18px/1.5 system-ui,sans-serif;max-width:34rem;margin:0 auto;padding:24px}button{font:inherit;font-weight:600;min-height:56px;width:100%}";

/** No word on where forms may lead: this one's answer leads on to the provider's page, wherever that is. Nothing here is a stranger's markup. */
const csp = `default-src 'none'; style-src 'sha256-${createHash("sha256").update(style).digest("base64")}'; base-uri 'none'; frame-ancestors 'none'`;

/** @param action path of the form, as the browser sent it */
export const formAgain = (language: Language, status: number, sentence: string, action: string, fields: Fields): Page => ({
  status,
  csp,
  html: `<!doctype html>
<html lang="${language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title[language]}</title><style>${style}</style></head>
<body><main><h1>${title[language]}</h1><p>${escaped(sentence)}</p>
<form method="post" action="${escaped(action)}">
${Object.entries(fields)
  .map(([name, value]) => `<input type="hidden" name="${escaped(name)}" value="${escaped(value)}">`)
  .join("\n")}
<button>${again[language]}</button></form></main></body></html>`,
});
