// HTML as values: everything put into a template is escaped unless it is HTML already.
import type { WireAnswer } from "../wire/wire.ts";

export interface Html {
  readonly html: string;
}
type Part = string | number | Html | null | undefined | false | readonly Part[];

const escapes: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
export const escaped = (text: string): string => text.replace(/[&<>"']/g, (sign) => escapes[sign] ?? sign);

const rendered = (part: Part): string => {
  if (part === null || part === undefined || part === false) return "";
  if (typeof part === "string" || typeof part === "number") return escaped(String(part));
  if ("html" in part) return part.html;
  return part.map(rendered).join("");
};

export const html = (texts: TemplateStringsArray, ...parts: readonly Part[]): Html => ({
  html: texts.reduce((whole, text, place) => whole + rendered(parts[place - 1]) + text),
});

/** Only for text that is ours: styles, icons. */
export const trusted = (text: string): Html => ({ html: text });

export interface Page {
  readonly title: string;
  readonly language: string;
  readonly body: Html;
  /** Reloads by itself after so many seconds, without a script. Such a page offers a way to stop it. */
  readonly refreshSeconds?: number;
  readonly status?: number;
}

export const redirect = (location: string): WireAnswer => ({ status: 303, headers: { location, "cache-control": "no-store" }, body: "" });

export const json = (status: number, body: unknown): WireAnswer => ({
  status,
  headers: { "content-type": "application/json; charset=utf-8", "cache-control": "no-store" },
  body: JSON.stringify(body, null, 2),
});
