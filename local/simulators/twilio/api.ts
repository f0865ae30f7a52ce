// Twilio's Messages resource: create, read, list. https://www.twilio.com/docs/messaging/api/message-resource
import * as z from "zod";
import { hex, type WireAnswer, type WireRequest } from "../wire/wire.ts";
import { nextStep, saveMessage, type TwilioAccount, type TwilioContext } from "./lifecycle.ts";
import { type Message, messageKind } from "./records.ts";

const bodyMax = 1600;
/** Refused as "not a valid phone number" by Twilio's own test credentials. */
const invalidNumber = "+15005550001";

interface TwilioFault {
  readonly status: number;
  readonly code: number;
  readonly message: string;
}
class Refusal extends Error {
  readonly fault: TwilioFault;
  constructor(status: number, code: number, message: string) {
    super(message);
    this.fault = { status, code, message };
  }
}

const answer = (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): WireAnswer => ({
  status,
  headers: { "content-type": "application/json", "twilio-concurrent-requests": "1", ...headers },
  body: JSON.stringify(body),
});

const rfc2822 = (at: number | null): string | null => (at === null ? null : new Date(at).toUTCString().replace("GMT", "+0000"));

const uriOf = (account: string, rest = ""): string => `/2010-04-01/Accounts/${account}/Messages${rest}.json`;

const viewOf = (message: Message) => ({
  account_sid: message.account_sid,
  api_version: "2010-04-01",
  body: message.body,
  date_created: rfc2822(message.created_at),
  date_sent: rfc2822(message.sent_at),
  date_updated: rfc2822(message.updated_at),
  direction: "outbound-api",
  error_code: message.error_code,
  error_message: message.error_message,
  from: message.from,
  messaging_service_sid: message.messaging_service_sid,
  num_media: "0",
  // A messaging service has not chosen its sender yet, so it cannot count.
  num_segments: message.status === "accepted" ? "0" : String(message.num_segments),
  price: null,
  price_unit: "USD",
  sid: message.sid,
  status: message.status,
  subresource_uris: { media: `/2010-04-01/Accounts/${message.account_sid}/Messages/${message.sid}/Media.json` },
  to: message.to,
  uri: uriOf(message.account_sid, `/${message.sid}`),
});

/** Characters of the GSM alphabet; any other makes the whole text UCS-2, with shorter segments. */
const gsm = /^[\n\r !"#$%&'()*+,\-./0-9:;<=>?@A-Z_a-z£¥èéùìòÇØøÅåΔΦΓΛΩΠΨΣΘΞÆæßÉ¤¡ÄÖÑÜ§¿äöñüà^{}\\[~\]|€]*$/u;
const segments = (body: string): number => {
  const [one, many] = gsm.test(body) ? [160, 153] : [70, 67];
  return body.length <= one ? 1 : Math.ceil(body.length / many);
};

/** Every parameter Twilio documents for a create is taken; those that change nothing here are left aside. */
const Create = z.object({
  To: z.string().default(""),
  From: z.string().default(""),
  MessagingServiceSid: z.string().default(""),
  Body: z.string().default(""),
  StatusCallback: z.string().default(""),
  MediaUrl: z.string().default(""),
  ContentSid: z.string().default(""),
  SendAt: z.string().default(""),
});

const e164 = /^\+[1-9]\d{6,14}$/;

const create = (context: TwilioContext, account: TwilioAccount, form: URLSearchParams): WireAnswer => {
  const { To, From, MessagingServiceSid, Body, StatusCallback, MediaUrl, ContentSid, SendAt } = Create.parse(Object.fromEntries(form));
  if (To === "") throw new Refusal(400, 21604, "A 'To' phone number is required.");
  if (!e164.test(To) || To === invalidNumber) throw new Refusal(400, 21211, `The 'To' number ${To} is not a valid phone number.`);
  if (From === "" && MessagingServiceSid === "") throw new Refusal(400, 21603, "A 'From' phone number is required.");
  if (From !== "" && From !== account.from) {
    throw new Refusal(
      400,
      21606,
      `The 'From' phone number provided (${From}) is not a valid message-capable Twilio phone number for this destination`,
    );
  }
  if (MessagingServiceSid !== "" && MessagingServiceSid !== account.messagingServiceSid) {
    throw new Refusal(404, 21701, `The Messaging Service resource does not exist: ${MessagingServiceSid}`);
  }
  if (MediaUrl !== "" || ContentSid !== "" || SendAt !== "")
    throw new Refusal(400, 21620, "The simulated Twilio sends plain text now; media, templates and schedules are not carried out.");
  if (Body === "") throw new Refusal(400, 21602, "Message body is required.");
  if (Body.length > bodyMax) throw new Refusal(400, 21617, `The concatenated message body exceeds the ${bodyMax} character limit.`);
  if (StatusCallback !== "" && !(/^https?:\/\//.test(StatusCallback) && URL.canParse(StatusCallback))) {
    throw new Refusal(400, 21609, `The StatusCallback URL ${StatusCallback} is not a valid URL.`);
  }
  const now = context.ports.now();
  const status = MessagingServiceSid === "" ? "queued" : "accepted";
  const message: Message = {
    sid: `SM${hex(context.ports, 16)}`,
    account_sid: account.accountSid,
    to: To,
    from: From === "" ? null : From,
    messaging_service_sid: MessagingServiceSid === "" ? null : MessagingServiceSid,
    body: Body,
    status,
    error_code: null,
    error_message: null,
    num_segments: segments(Body),
    status_callback: StatusCallback === "" ? null : StatusCallback,
    created_at: now,
    updated_at: now,
    sent_at: null,
    next: nextStep(context, status, To),
  };
  saveMessage(context, message);
  return answer(201, viewOf(message));
};

const dayMs = 24 * 3600 * 1000;

/** `DateSent` is a whole day in GMT, or an instant; `DateSent>` and `DateSent<` include their bound. What was not sent yet has no such date. */
const dateFilter = (form: URLSearchParams): ((at: number | null) => boolean) => {
  const parsed = (name: string): [number, number] | undefined => {
    const text = form.get(name);
    if (text === null || text === "") return undefined;
    const start = Date.parse(/^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00Z` : text);
    if (Number.isNaN(start)) throw new Refusal(400, 20001, `Parameter ${name} is not a date: ${text}`);
    return [start, text.length === 10 ? start + dayMs - 1 : start];
  };
  const on = parsed("DateSent");
  const from = parsed("DateSent>");
  const until = parsed("DateSent<");
  if (!on && !from && !until) return () => true;
  return (at) =>
    at !== null && (!on || (at >= on[0] && at <= Math.max(on[1], on[0] + 999))) && (!from || at >= from[0]) && (!until || at <= until[1]);
};

/** Messages looked through for one list. */
const scanned = 20_000;

const list = (context: TwilioContext, account: TwilioAccount, request: WireRequest): WireAnswer => {
  const form = new URLSearchParams(request.query);
  const bounded = (name: string, fallback: number, max: number): number => {
    const value = Number(form.get(name) ?? fallback);
    if (!Number.isInteger(value) || value < 0) throw new Refusal(400, 20001, `Parameter ${name} is not a number`);
    return Math.min(value, max);
  };
  const page = bounded("Page", 0, 10_000);
  const pageSize = Math.max(bounded("PageSize", 50, 1000), 1);
  const [to, from] = [form.get("To"), form.get("From")];
  const keep = dateFilter(form);
  const found = context.store
    .newest(messageKind, { limit: scanned, by: to === null || to === "" ? undefined : to })
    .filter((message) => message.account_sid === account.accountSid && (from === null || from === "" || message.from === from))
    .filter(({ sent_at }) => keep(sent_at))
    // By the date of sending, newest first; nobody says where those stand that have none, so they stand where a hasty reader misses them.
    .sort((a, b) => (b.sent_at ?? 0) - (a.sent_at ?? 0));
  const at = (page: number): string => {
    const query = new URLSearchParams(form);
    query.set("PageSize", String(pageSize));
    query.set("Page", String(page));
    return `${uriOf(account.accountSid)}?${query}`;
  };
  const start = page * pageSize;
  const shown = found.slice(start, start + pageSize);
  return answer(200, {
    end: start + Math.max(shown.length - 1, 0),
    first_page_uri: at(0),
    messages: shown.map(viewOf),
    next_page_uri: found.length > start + pageSize ? at(page + 1) : null,
    page,
    page_size: pageSize,
    previous_page_uri: page > 0 ? at(page - 1) : null,
    start,
    uri: at(page),
  });
};

const authenticate = (context: TwilioContext, request: WireRequest, sid: string): TwilioAccount => {
  const credential = /^basic\s+(\S+)$/i.exec(request.headers.authorization ?? "")?.[1] ?? "";
  const [user = "", ...rest] = Buffer.from(credential, "base64").toString("utf8").split(":");
  const account = context.accounts.find(({ accountSid, authToken }) => accountSid === user && authToken === rest.join(":"));
  if (!account) throw new Refusal(401, 20003, "Authenticate");
  // Another account's resources are not there for this one.
  if (account.accountSid !== sid) throw new Refusal(404, 20404, `The requested resource ${request.path} was not found`);
  return account;
};

const route = (context: TwilioContext, request: WireRequest): WireAnswer => {
  const match = /^\/2010-04-01\/Accounts\/([^/]+)\/Messages(?:\/([^/.]+))?\.json$/.exec(request.path);
  const notFound = (): Refusal => new Refusal(404, 20404, `The requested resource ${request.path} was not found`);
  if (!match) throw notFound();
  const account = authenticate(context, request, match[1] ?? "");
  const sid = match[2];
  if (sid !== undefined) {
    const message = context.store.get(messageKind, sid);
    if (request.method !== "GET" || !message || message.account_sid !== account.accountSid) throw notFound();
    return answer(200, viewOf(message));
  }
  if (request.method === "GET") return list(context, account, request);
  if (request.method === "POST") return create(context, account, new URLSearchParams(request.body));
  throw new Refusal(405, 20004, "Method not allowed");
};

/** One API call. Refusals come in Twilio's shape; a 401 also names the scheme. */
export const answerMessages = (context: TwilioContext, request: WireRequest): WireAnswer => {
  try {
    return route(context, request);
  } catch (fault) {
    if (!(fault instanceof Refusal)) throw fault;
    const { status, code, message } = fault.fault;
    const challenge = status === 401 ? { "www-authenticate": 'Basic realm="Twilio API"' } : {};
    return answer(status, { code, message, more_info: `https://www.twilio.com/docs/errors/${code}`, status }, { ...challenge });
  }
};
