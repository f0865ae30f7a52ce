// The one look of the simulators' pages: calm, large, light and dark, no script, nothing from outside.

import type { WireAnswer } from "../wire/wire.ts";
import { type Html, html, type Page, trusted } from "./html.ts";

const css = `
:root { color-scheme: light dark; --ink: #14181f; --soft: #545c68; --paper: #ffffff; --wash: #f5f6f7; --line: #dfe2e6;
  --accent: #0b7a5b; --on-accent: #ffffff; --amber: #8a5a00; --amber-wash: #fff6e0; --red: #b3261e; --red-wash: #fdeeec; --green-wash: #e8f5f0; }
@media (prefers-color-scheme: dark) { :root { --ink: #eceef1; --soft: #a3abb7; --paper: #14181f; --wash: #1c222b; --line: #303844;
  --accent: #3fbf96; --on-accent: #0b1512; --amber: #f0c266; --amber-wash: #2e2612; --red: #ff9d94; --red-wash: #33191a; --green-wash: #14291f; } }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; font: 17px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif;
  color: var(--ink); background: var(--paper); font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
.simulated { background: var(--amber-wash); color: var(--amber); border-bottom: 1px solid var(--line); padding: 8px 20px; font-size: 15px; text-align: center; }
main { max-width: 480px; margin: 0 auto; padding: 20px; }
main.wide { max-width: 1120px; }
h1 { font-size: 24px; line-height: 1.25; margin: 8px 0 12px; }
h1:has(+ .soft) { margin-bottom: 4px; }
h2 { font-size: 19px; margin: 32px 0 12px; }
h3 { font-size: 16px; margin: 0 0 8px; color: var(--soft); font-weight: 700; }
p { margin: 0 0 12px; }
.soft, small { color: var(--soft); font-size: 15px; }
.card { border: 1px solid var(--line); border-radius: 16px; padding: 16px; margin: 0 0 16px; background: var(--paper); }
.rows { list-style: none; margin: 0; padding: 0; }
.rows.card { padding: 8px 16px; margin: 0 0 16px; }
.rows li { display: flex; gap: 16px; justify-content: space-between; padding: 8px 0; }
.rows li + li { border-top: 1px solid var(--line); }
.rows .amount { white-space: nowrap; }
.total { font-weight: 700; }
a { color: var(--accent); }
a.back { display: inline-flex; align-items: center; min-height: 44px; text-decoration: none; }
.pay, button { font: inherit; min-height: 44px; border-radius: 12px; border: 1px solid var(--line); background: var(--wash); color: var(--ink); padding: 8px 16px; cursor: pointer; }
.pay { display: block; width: 100%; min-height: 56px; border: 0; border-radius: 16px; background: var(--accent); color: var(--on-accent); font-weight: 700; font-size: 19px; text-align: center; text-decoration: none; line-height: 40px; }
button.quiet { width: 100%; min-height: 52px; margin-top: 12px; background: transparent; border-radius: 16px; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
fieldset { border: 0; margin: 0 0 16px; padding: 0; }
legend, label.field { font-weight: 700; padding: 0; margin-bottom: 8px; display: block; }
label.choice { display: flex; gap: 12px; align-items: center; min-height: 56px; padding: 8px 16px; border: 1px solid var(--line); border-bottom-width: 0; cursor: pointer; }
label.choice:first-of-type { border-radius: 16px 16px 0 0; }
label.choice:last-of-type { border-radius: 0 0 16px 16px; border-bottom-width: 1px; }
label.choice:has(:checked) { background: var(--green-wash); }
label.choice input { width: 20px; height: 20px; margin: 0; accent-color: var(--accent); flex: none; }
label.choice span { display: block; }
input[type=text], input[type=email], input[type=number], select { font: inherit; color: inherit; background: var(--paper); width: 100%; min-height: 48px; padding: 8px 12px; border: 1px solid var(--line); border-radius: 12px; }
.note { border-radius: 16px; padding: 12px 16px; margin: 0 0 16px; display: flex; gap: 12px; align-items: flex-start; }
.note svg { flex: none; margin-top: 2px; }
.note p { margin: 0; }
details { margin: 0 0 16px; }
summary { min-height: 44px; display: flex; align-items: center; cursor: pointer; color: var(--accent); }
summary::before { content: "+"; width: 20px; font-weight: 700; }
details[open] > summary::before { content: "–"; }
.mark { display: inline-flex; gap: 4px; align-items: center; white-space: nowrap; }
.mark svg { width: 16px; height: 16px; flex: none; }
.note.bad { background: var(--red-wash); color: var(--red); }
.note.wait { background: var(--amber-wash); color: var(--amber); }
.note.good { background: var(--green-wash); color: var(--accent); }
`;

const icon = (path: string): Html =>
  trusted(
    `<svg width="20" height="20" viewBox="0 0 20 20" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">${path}</svg>`,
  );
export const icons = {
  bad: icon('<circle cx="10" cy="10" r="8"/><path d="M10 6v5M10 14v.01"/>'),
  wait: icon('<circle cx="10" cy="10" r="8"/><path d="M10 6v4l3 2"/>'),
  good: icon('<circle cx="10" cy="10" r="8"/><path d="M6.5 10.5l2.5 2.5 4.5-5"/>'),
};

export const note = (mood: keyof typeof icons, words: string | Html): Html =>
  html`<div class="note ${mood}" role="${mood === "bad" ? "alert" : "status"}">${icons[mood]}<p>${words}</p></div>`;

/** A state: icon and word, never colour alone. */
export const mark = (mood: keyof typeof icons, word: string): Html => html`<span class="mark">${icons[mood]}${word}</span>`;

/** A whole page. `extra` is CSS of that page alone. */
export const page = ({ title, language, body, refreshSeconds, status = 200 }: Page, banner: string, extra = ""): WireAnswer => ({
  status,
  headers: {
    "content-type": "text/html; charset=utf-8",
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    ...(refreshSeconds === undefined ? {} : { refresh: String(refreshSeconds) }),
  },
  body: html`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="icon" href="data:,">
<style>${trusted(css + extra)}</style>
</head>
<body>
<header class="simulated">${banner}</header>
${body}
</body>
</html>`.html,
});
