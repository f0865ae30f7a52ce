// The control page: what the outside world did, what it is asked to do wrong, and what the host is doing.
import type { Delivery } from "../delivery/delivery.ts";
import { type Faults, noFaults, type Provider } from "../delivery/faults.ts";
import { type Html, html } from "../pages/html.ts";
import { type icons, mark, note, page } from "../pages/look.ts";
import type { Truth } from "../stripe/core.ts";
import type { Message } from "../twilio/records.ts";
import type { WireAnswer } from "../wire/wire.ts";
import type { HostState } from "./host-controls.ts";

export interface ControlState {
  readonly stripe: { readonly faults: Faults; readonly deliveries: readonly Delivery[]; readonly truth: Truth };
  readonly twilio: { readonly faults: Faults; readonly deliveries: readonly Delivery[]; readonly messages: readonly Message[] };
  readonly host: HostState;
}

const css = `
.scroll { overflow-x: auto; border: 1px solid var(--line); border-radius: 16px; margin: 0 0 16px; }
table { border-collapse: collapse; width: 100%; font-size: 15px; }
th, td { text-align: left; vertical-align: middle; padding: 8px 12px; border-top: 1px solid var(--line); overflow-wrap: normal; }
thead th, thead td { border-top: 0; color: var(--soft); font-weight: 700; white-space: nowrap; background: var(--wash); }
td.id { font-family: ui-monospace, "SF Mono", Menlo, Consolas, monospace; font-size: 14px; white-space: nowrap; }
td.id a { display: inline-flex; align-items: center; min-height: 44px; }
td form { display: inline-flex; gap: 8px; margin: 0 8px 0 0; }
td button { font-size: 15px; padding: 4px 12px; }
td select { min-height: 44px; width: auto; font-size: 15px; padding: 4px 8px; }
.columns { display: grid; gap: 16px; grid-template-columns: repeat(auto-fit, minmax(min(100%, 420px), 1fr)); }
.faults { display: grid; grid-template-columns: minmax(0, 1fr) 112px; gap: 8px 12px; align-items: center; }
.faults label { font-size: 15px; }
.faults label.set { font-weight: 700; color: var(--amber); }
.faults input { min-height: 44px; }
.faults input[type=checkbox] { width: 24px; min-height: 24px; height: 24px; justify-self: start; accent-color: var(--accent); }
.faults .full { grid-column: 1 / -1; display: flex; gap: 12px; margin-top: 8px; }
.faults .full button:first-child { background: var(--accent); color: var(--on-accent); border-color: transparent; font-weight: 700; }
nav.jump { display: flex; flex-wrap: wrap; gap: 0 20px; }
nav.jump a { display: inline-flex; align-items: center; min-height: 44px; }
.state { white-space: nowrap; }
`;

const labels: Readonly<Record<keyof Faults, string>> = {
  api_fail_next: "Refuse the next … API calls",
  api_fail_status: "… with this status",
  api_lose_next: "Lose the answers of the next … API calls",
  api_break_next: "Break the next … API calls inside: the key repeats the 500",
  api_break_done: "… after their work is done",
  api_delay_ms: "Slow the API down by … ms",
  api_key_revoked: "Every key is revoked",
  fail_next: "Break the next … delivery attempts",
  delay_ms: "Delay deliveries by … ms",
  forget_next: "Forget the next … deliveries",
  tamper_next: "Tamper with the next … attempts",
  reorder_next: "Reverse the order of the next … deliveries",
  reorder_hold_ms: "… holding them for … ms",
  duplicate_next: "Duplicate the next … deliveries",
  duplicate_copies: "… this many extra times",
  duplicate_new_id: "… under new event ids",
  topic: "Only deliveries of this type",
};

const faultsForm = (provider: Provider, title: string, faults: Faults): Html => {
  const fields = (Object.keys(labels) as (keyof Faults)[]).map((name) => {
    const value = faults[name];
    const id = `${provider}-${name}`;
    const set = value !== noFaults[name];
    const input =
      typeof value === "boolean"
        ? html`<input type="checkbox" id="${id}" name="${name}" value="true"${value && html` checked`}>`
        : html`<input type="${typeof value === "number" ? "number" : "text"}" id="${id}" name="${name}" value="${value}"${typeof value === "number" && html` min="0"`}>`;
    return html`<label for="${id}"${set && html` class="set"`}>${labels[name]}</label>${input}`;
  });
  return html`<section class="card"><h3>${title}</h3><form class="faults" method="post" action="/control/${provider}/faults">
<input type="hidden" name="form" value="1">${fields}
<div class="full"><button type="submit">Set</button><button type="submit" name="clear" value="true">All to rest</button></div></form></section>`;
};

const time = (at: number): string => new Date(at).toISOString().slice(11, 19);
const names = { stripe: "Stripe", twilio: "Twilio" } as const;
const short = (id: string): string => (id.length > 22 ? `${id.slice(0, 12)}…${id.slice(-6)}` : id);

const table = (heads: readonly string[], rows: readonly Html[], empty: string): Html =>
  rows.length === 0
    ? html`<p class="soft">${empty}</p>`
    : html`<div class="scroll" tabindex="0"><table><thead><tr>${heads.map((head) => (head === "" ? html`<td></td>` : html`<th>${head}</th>`))}</tr></thead><tbody>${rows}</tbody></table></div>`;

const cards = [
  ["4242424242424242", "pays"],
  ["4000000000000002", "declined"],
  ["4000000000009995", "no funds"],
  ["4000002500003155", "asks the bank"],
] as const;

/** What a state looks like, and its word. */
const marks: Readonly<Record<string, readonly [keyof typeof icons, string]>> = {
  paid: ["good", "paid"],
  open: ["wait", "open"],
  expired: ["bad", "expired"],
  delivered: ["good", "delivered"],
  waiting: ["wait", "waiting"],
  given_up: ["bad", "given up"],
  forgotten: ["bad", "forgotten"],
};
const marked = (state: string): Html => {
  const [mood, word] = marks[state] ?? ["wait", state];
  return mark(mood, word);
};

const sessionRow = (session: Truth["sessions"][number]): Html => {
  const state = session.payment_status === "paid" ? "paid" : String(session.status);
  const act =
    session.status === "open"
      ? html`<form method="post" action="/control/stripe/sessions/${session.id}/pay"><input type="hidden" name="form" value="1">
<select name="card" aria-label="Card">${cards.map(([number, label]) => html`<option value="${number}">…${number.slice(-4)} ${label}</option>`)}</select><button type="submit">Pay</button></form>
<form method="post" action="/control/stripe/sessions/${session.id}/expire"><input type="hidden" name="form" value="1"><button type="submit">Expire</button></form>`
      : "";
  return html`<tr><td class="id"><a href="/pay/${session.id}">${short(session.id)}</a></td><td>${time(session.created * 1000)}</td>
<td>${((session.amount_total ?? 0) / 100).toFixed(2)} ${(session.currency ?? "").toUpperCase()}</td><td class="state">${marked(state)}</td><td class="id">${typeof session.payment_intent === "string" ? short(session.payment_intent) : "–"}</td><td>${act}</td></tr>`;
};

const deliveryRow =
  (provider: Provider) =>
  (delivery: Delivery): Html => {
    const last = delivery.attempts.at(-1);
    const result = last === undefined ? "–" : (last.status ?? last.error ?? "–");
    return html`<tr><td>${time(delivery.created_at)}</td><td>${delivery.topic}</td><td class="id">${short(delivery.subject)}</td><td class="state">${marked(delivery.state)}</td>
<td>${delivery.tries}</td><td>${result}${last?.tampered && " (tampered)"}</td><td>${delivery.note}</td>
<td><form method="post" action="/control/${provider}/webhooks/redeliver"><input type="hidden" name="form" value="1"><input type="hidden" name="id" value="${delivery.id}"><button type="submit">Again</button></form></td></tr>`;
  };
const deliveryHeads = ["UTC", "What", "Id", "State", "Tries", "Last answer", "Note", ""];

/** Records of any shape: their own field names head the columns. */
const recordsTable = (records: readonly object[], empty: string): Html => {
  const rows = records.slice(-100).reverse() as readonly Readonly<Record<string, unknown>>[];
  const heads = [...new Set(rows.flatMap((row) => Object.keys(row)))].slice(0, 12);
  const cell = (value: unknown): string =>
    value === undefined || value === null
      ? "–"
      : Array.isArray(value) && value.every((one) => typeof one === "string")
        ? value.join(" → ")
        : typeof value === "object"
          ? JSON.stringify(value)
          : String(value);
  return table(
    heads,
    rows.map((row) => html`<tr>${heads.map((head) => html`<td>${cell(row[head])}</td>`)}</tr>`),
    empty,
  );
};

const schedulesTable = (schedules: readonly string[]): Html => {
  const rows = schedules.map(
    (id) =>
      html`<tr><td>${id}</td><td><form method="post" action="/control/schedules/${encodeURIComponent(id)}/run"><input type="hidden" name="form" value="1"><button type="submit">Run now</button></form></td></tr>`,
  );
  return table(["Schedule", ""], rows, "No schedule is known here.");
};

export const controlPage = (state: ControlState, message?: string): WireAnswer => {
  const { stripe, twilio, host } = state;
  const rest = (["stripe", "twilio"] as const).filter((provider) => JSON.stringify(state[provider].faults) !== JSON.stringify(noFaults));
  return page(
    {
      title: "Control",
      language: "en",
      body: html`<main class="wide"><h1>The outside world</h1>
<p class="soft">Stripe and Twilio as this machine plays them. Every number here is real inside; no money moves and no text leaves.</p>
<nav class="jump"><a href="/phone">Phone</a><a href="#sessions">Payments</a><a href="#deliveries">Deliveries</a><a href="#faults">Faults</a><a href="#host">Host</a><a href="/control/state">State as JSON</a><a href="/control/stripe/truth">Truth as JSON</a></nav>
${message !== undefined && message !== "" && note("good", message)}
${rest.length > 0 && note("wait", `Faults are set for ${rest.map((provider) => names[provider]).join(" and ")}.`)}
<h2 id="sessions">Checkout sessions</h2>
${table(["Session", "UTC", "Amount", "State", "Payment", ""], stripe.truth.sessions.slice(0, 30).map(sessionRow), "No session yet. One appears when a buyer presses Pay.")}
<h2 id="deliveries">Stripe deliveries</h2>
${table(deliveryHeads, stripe.deliveries.map(deliveryRow("stripe")), "Nothing was sent yet.")}
<h2>Twilio callbacks</h2>
${table(deliveryHeads, twilio.deliveries.map(deliveryRow("twilio")), "Nothing was sent yet.")}
<h2 id="faults">What should go wrong</h2>
<details${rest.length > 0 && html` open`}><summary>Refuse, lose, delay, forget, tamper, reorder, duplicate</summary>
<div class="columns">${faultsForm("stripe", "Stripe", stripe.faults)}${faultsForm("twilio", "Twilio", twilio.faults)}</div></details>
<h2 id="host">Schedules</h2>${schedulesTable(host.schedules)}
<h2>Runs of the workflow</h2>${recordsTable(host.executions, "No run yet.")}
<h2>Queues</h2>${recordsTable(host.queues, "No queue is shown here.")}
<h2>Refused calls</h2>${recordsTable(host.denied, "No call was refused by our policies.")}
<h2>Capacity used</h2>${recordsTable(host.capacity, "Nothing was read or written.")}
<h2>Functions</h2>${recordsTable(host.functions, "No function is shown here.")}
</main>`,
    },
    "Control page of the simulators — only on this machine",
    css,
  );
};
