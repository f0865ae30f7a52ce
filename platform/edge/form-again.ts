// What a browser without scripts sees when its form met a fault: a sentence, and a button that sends the very same form again. The same key
// goes with it, so whatever became of the first try, nothing is done twice.
import type { Language, Localized } from "../contract/problem.ts";
import type { Page } from "./page.ts";
import type { Fields } from "./request.ts";

const again: Localized = { en: "Send it again", fr: "Renvoyer", zh: "再次提交" };
const title: Localized = { en: "That did not work yet", fr: "Cela n’a pas encore fonctionné", zh: "尚未成功" };

const escaped = (text: string): string => text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);

/** @param action path of the form, as the browser sent it */
export const formAgain = (language: Language, status: number, sentence: string, action: string, fields: Fields): Page => ({
  status,
  csp: "default-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  html: `<!doctype html>
<html lang="${language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title[language]}</title></head>
<body><h1>${title[language]}</h1><p>${escaped(sentence)}</p>
<form method="post" action="${escaped(action)}">
${Object.entries(fields)
  .map(([name, value]) => `<input type="hidden" name="${escaped(name)}" value="${escaped(value)}">`)
  .join("\n")}
<button>${again[language]}</button></form></body></html>`,
});
