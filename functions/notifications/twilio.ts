// Twilio over two REST calls: the SDK is 3.6 MB for what is done here in a page. Source: Twilio's Messages resource, API 2010-04-01.
import * as z from "zod";
import { epochMs, type Instant } from "../../platform/clock/clock.ts";
import type { Found, Sent, Sought, Text, TextingOf } from "./texting.ts";

/** Finding and sending fit into a step of ten seconds. */
const callMillisecondsMax = 4_000;
/** Twilio's greatest page: more than anybody is ever told on one phone. */
const pageSizeMax = "1000";
const officialAddress = "https://api.twilio.com";

/**
 * Refusals of this recipient, whoever asks: no number, one that Twilio does not reach, a short code, a landline, one that answered STOP. Closed
 * on purpose: whatever else is refused can be mended on our side (sender, callback address, permissions and standing of the account), and
 * a person must hear of it. Source: Twilio's error dictionary.
 */
const aboutRecipient: ReadonlySet<string> = new Set(["21211", "21214", "21217", "21265", "21610", "21612", "21614", "21635"]);

const Created = z.object({ sid: z.string() });
const Refused = z.object({ code: z.union([z.int(), z.string()]) });
const Listed = z.object({
  messages: z.array(z.object({ sid: z.string(), body: z.string(), date_created: z.string() })),
  next_page_uri: z.string().nullish(),
});

/** @param simulator base URL of the stage's simulated providers */
export const twilioOf =
  (simulator: string | undefined): TextingOf =>
  (channel, authToken) => {
    if (channel.endpoint === "simulated" && !simulator) throw new Error("this stage has no simulated providers");
    const base = `${channel.endpoint === "simulated" ? simulator : officialAddress}/2010-04-01/Accounts/${channel.account_sid}`;
    const authorization = `Basic ${Buffer.from(`${channel.account_sid}:${authToken}`).toString("base64")}`;
    const call = (path: string, init: RequestInit): Promise<Response> =>
      fetch(`${base}${path}`, {
        ...init,
        headers: { authorization, ...init.headers },
        signal: AbortSignal.timeout(callMillisecondsMax),
        redirect: "error",
      });

    return {
      async send(text: Text): Promise<Sent> {
        try {
          const form = new URLSearchParams({ To: text.to, From: channel.from, Body: text.body, StatusCallback: text.callback_url });
          const response = await call("/Messages.json", { method: "POST", body: form });
          const answer: unknown = await response.json();
          if (response.ok) return { kind: "accepted", sid: Created.parse(answer).sid };
          // A fault of the server leaves open what it did before; a refusal in Twilio's own words came before anything was taken.
          const refused = response.status < 500 ? Refused.safeParse(answer) : undefined;
          if (!refused?.success) return { kind: "unknown" };
          const code = String(refused.data.code);
          return { kind: aboutRecipient.has(code) ? "rejected" : "not_sent", code };
        } catch {
          return { kind: "unknown" };
        }
      },
      async find({ to, isIt }: Sought, since: Instant): Promise<Found> {
        try {
          // Twilio can filter by the date of sending alone, and a text that is still queued has none: all to this number, compared here.
          const query = new URLSearchParams({ To: to, PageSize: pageSizeMax });
          const response = await call(`/Messages.json?${query}`, { method: "GET" });
          if (!response.ok) return { kind: "unknown" };
          const { messages, next_page_uri } = Listed.parse(await response.json());
          const earliest = epochMs(since) - 5_000;
          const message = messages.find(({ body, date_created }) => isIt(body) && Date.parse(date_created) >= earliest);
          if (message) return { kind: "found", sid: message.sid };
          // Sorted by the date of sending, what is queued may be on any page: a list that goes on is no clear no.
          return { kind: typeof next_page_uri === "string" ? "unknown" : "none" };
        } catch {
          return { kind: "unknown" };
        }
      },
    };
  };
