// The simulated phone: what was texted, newest first, by number. Reloads by itself; links can be tapped.
import { escaped, type Html, html, json, trusted } from "../pages/html.ts";
import { type icons, mark, page } from "../pages/look.ts";
import type { Twilio } from "../twilio/core.ts";
import type { Message, MessageStatus } from "../twilio/records.ts";
import type { WireAnswer, WireRequest } from "../wire/wire.ts";

const shown = 200;
const refreshSeconds = 3;

const css = `
.numbers { display: flex; flex-wrap: wrap; gap: 8px; margin: 12px 0 20px; padding: 0; list-style: none; }
.numbers a { display: inline-flex; align-items: center; min-height: 44px; padding: 0 16px; border: 1px solid var(--line); border-radius: 22px; text-decoration: none; color: var(--ink); }
.numbers a[aria-current] { background: var(--green-wash); border-color: var(--accent); font-weight: 700; }
.text { border: 1px solid var(--line); background: var(--wash); border-radius: 16px 16px 16px 4px; padding: 12px 16px; margin: 0 0 8px; white-space: pre-wrap; }
.text a { display: inline-block; padding: 10px 0; }
a.still { display: inline-flex; align-items: center; min-height: 44px; font-size: 15px; }
.meta { color: var(--soft); font-size: 15px; margin: 0 0 20px 4px; display: flex; flex-wrap: wrap; gap: 4px 12px; }
.meta .bad { color: var(--red); }
.empty { text-align: center; color: var(--soft); padding: 64px 16px; }
`;

/** Addresses in a text become links, as phones make them. A full stop at the end belongs to the sentence. */
export const linked = (text: string): Html =>
  trusted(
    escaped(text).replace(
      /https?:\/\/[^\s<]+?(?=[.,;:!?)。，；：！？）]*(?:\s|$))/g,
      (address) => `<a href="${address}" target="_blank" rel="noopener">${address}</a>`,
    ),
  );

const said: Readonly<Record<MessageStatus, readonly [keyof typeof icons, string]>> = {
  accepted: ["wait", "handed over"],
  queued: ["wait", "on its way"],
  sent: ["good", "sent"],
  delivered: ["good", "delivered"],
  undelivered: ["bad", "could not be delivered"],
  failed: ["bad", "failed"],
};

const time = (at: number): string => `${new Date(at).toISOString().slice(0, 19).replace("T", " ")} UTC`;

const textOf = (message: Message): Html => {
  const [mood, word] = said[message.status];
  return html`<article><p class="text">${linked(message.body)}</p>
<p class="meta"><span>to ${message.to}</span><span>from ${message.from ?? "…"}</span><time datetime="${new Date(message.created_at).toISOString()}">${time(message.created_at)}</time>
<span class="${mood === "bad" ? "bad" : ""}">${mark(mood, message.error_code === null ? word : `${word} (${message.error_code})`)}</span></p></article>`;
};

interface Asked {
  /** Only this number. */
  readonly to?: string;
  /** The reader has stopped the reloading. */
  readonly still: boolean;
}
const addressOf = ({ to, still }: Asked): string => {
  const query = new URLSearchParams({ ...(to === undefined ? {} : { to }), ...(still ? { still: "1" } : {}) });
  return query.size === 0 ? "/phone" : `/phone?${query}`;
};

const inbox = (twilio: Twilio, asked: Asked): WireAnswer => {
  const { to, still } = asked;
  const all = twilio.messages(shown);
  const numbers = [...new Set(all.map((message) => message.to))];
  const messages = to === undefined ? all : twilio.messages(shown, to);
  const chip = (label: string, href: string, current: boolean): Html =>
    html`<li><a href="${href}"${current && html` aria-current="page"`}>${label}</a></li>`;
  const chips = [
    chip("All", addressOf({ still }), to === undefined),
    ...numbers.slice(0, 20).map((number) => chip(number, addressOf({ to: number, still }), number === to)),
  ];
  return page(
    {
      title: "Phone",
      language: "en",
      ...(still ? {} : { refreshSeconds }),
      body: html`<main><h1>Messages</h1>
${numbers.length > 0 && html`<ul class="numbers">${chips}</ul>`}
${messages.length === 0 ? html`<p class="empty">No messages yet.<br>A text sent by the shop shows up here.</p>` : messages.map(textOf)}
<a class="still" href="${addressOf({ ...asked, still: !still })}">${still ? "Show new messages by themselves" : "Stop reloading"}</a>
</main>`,
    },
    "Simulated phone — no text leaves this machine",
    css,
  );
};

export const answerPhone = (twilio: Twilio, request: WireRequest): WireAnswer => {
  const query = new URLSearchParams(request.query);
  const asked = query.get("to")?.trim();
  // In a query a plus sign arrives as a space.
  const number = asked ? { to: `+${asked.replace(/^\+/, "")}` } : {};
  if (request.path === "/phone/messages") return json(200, { messages: twilio.messages(shown, number.to) });
  if (request.path === "/phone") return inbox(twilio, { ...number, still: query.has("still") });
  return json(404, { error: "There is nothing at this address." });
};
