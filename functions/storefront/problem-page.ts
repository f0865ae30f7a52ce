// The page of a refusal that has no page of its own: an unknown link, a request we could not serve.
import type { Language } from "../../platform/contract/problem.ts";
import { html } from "./html.ts";
import { icons } from "./icons.ts";
import { type Page, page } from "./page.ts";
import { words } from "./words.ts";

/** @param sentence in the buyer's language: what happened, whether money moved, what to do */
export function problemPage(language: Language, status: number, sentence: string): Page {
  const say = words[language];
  const title = status === 404 ? say.problemTitle.notFound : status >= 500 ? say.problemTitle.broken : say.problemTitle.refused;
  return page({
    language,
    status,
    title,
    layout: "problem",
    main: html`<span class="mark">${icons.warning}</span><h1>${title}</h1><p class="lead">${sentence}</p>${status === 404 && html`<p class="hint">${say.problemNext}</p>`}`,
  });
}
