// Bugs of what is told about a replacement, and of texts that do not arrive.

import type { Text, TextingOf } from "../../../functions/notifications/texting.ts";
import { twilioSignature } from "../../../local/simulators/twilio/core.ts";
import type { Table, Write } from "../../../platform/table/model.ts";
import { type PlantedBug, sendingAnswers, withVerbs } from "./planting.ts";

const flow = "replace";
/** The text provider's adapter with another way to send. */
const sending =
  (
    change: (text: Text, real: ReturnType<TextingOf>) => ReturnType<ReturnType<TextingOf>["send"]>,
  ): NonNullable<PlantedBug["planting"]["textingOf"]> =>
  (textingOf) =>
  (channel, token) => {
    const real = textingOf(channel, token);
    return { ...real, send: (text) => change(text, real) };
  };
const aboutReplacement = ({ callback_url }: Text): boolean => callback_url.includes(".unit_replaced.");

export const replacementTextBugs: readonly PlantedBug[] = [
  {
    flow,
    name: "replacement not told",
    about: "the event of a replacement wakes nobody",
    breaks: ["I26"],
    profile: "calm",
    planting: { verbs: withVerbs(() => ({ sendReplacement: async () => undefined })) },
  },
  {
    flow,
    name: "one text for all replacements",
    hides: true,
    about: "the second replacement of an order is taken for told, because the first one was",
    breaks: ["I26"],
    profile: "calm",
    planting: {
      table: (table) => ({
        ...table,
        get: (async (entity, id, options) => {
          const found = await table.get(entity, id, options);
          const { about, order_id, merchant_id } = id as { about?: string; order_id?: string; merchant_id?: string };
          if (found !== undefined || entity.prefix !== "MESSAGE" || about === undefined) return found;
          const { items } = await table.query(entity, `MESSAGE#${merchant_id}#${order_id}`, { limit: 10, consistent: true });
          return items.find((message) => (message as unknown as { kind: string }).kind === "unit_replaced");
        }) as Table["get"],
      }),
    },
  },
  {
    flow,
    name: "dead number told",
    hides: true,
    about: "a replacement is told although the unit was replaced in its turn, or its money went back",
    breaks: ["I26"],
    profile: "storm",
    nemesis: [{ at: /hands a message/, fault: "late", chance: 0.7 }],
    planting: {
      verbs: withVerbs(({ sendReplacement }) => ({
        sendReplacement: (event, ports) => {
          const { table } = ports;
          const getMany = (async (wanted, options) => {
            const [order, operation, ...rest] = await table.getMany(wanted, options);
            const { replacement } = ((operation as { details?: Record<string, unknown> } | undefined)?.details ?? {}) as { replacement?: string };
            if (order === undefined || replacement === undefined)
              return [order, operation, ...rest].map((found) =>
                found && "serial_number" in found ? { ...(found as object), status: "sold" } : found,
              );
            const [line, ...lines] = (order as { lines: readonly { units: readonly string[] }[] }).lines;
            return [{ ...(order as object), lines: [{ ...line, units: [replacement] }, ...lines] }, operation, ...rest];
          }) as Table["getMany"];
          return sendReplacement(event, { ...ports, table: { ...table, getMany } });
        },
      })),
    },
  },
  {
    flow,
    name: "looked up by the words of now",
    about: "a text whose outcome is unknown is looked for by words that have changed since",
    breaks: ["I26"],
    profile: "storm",
    nemesis: [{ at: /hears from Twilio/, fault: "lose_response", chance: 0.6 }],
    planting: {
      table: (table) => {
        const wordless = <W extends Write>(write: W): W => {
          if (write.entity.prefix !== "MESSAGE" || write.op !== "create") return write;
          const { words: _, ...item } = write.item;
          return { ...write, item };
        };
        return { ...table, write: ((write: Write) => table.write(wordless(write))) as Table["write"] };
      },
    },
  },
  {
    flow,
    name: "replacement told to a stranger",
    about: "the text of a replacement goes to another number",
    breaks: ["I26"],
    profile: "calm",
    planting: { textingOf: sending((text, real) => real.send(aboutReplacement(text) ? { ...text, to: "+16045559999" } : text)) },
  },
  {
    flow,
    name: "replacement told without its number",
    about: "the text says that there is a new number, and not which",
    breaks: ["I26"],
    profile: "calm",
    planting: {
      textingOf: sending((text, real) => real.send(aboutReplacement(text) ? { ...text, body: text.body.replace(/SERIAL-[A-Z0-9-]+/g, "…") } : text)),
    },
  },
  {
    flow,
    name: "rejected taken for sent",
    about: "a number that takes no texts is written down as told",
    breaks: ["I26"],
    profile: "calm",
    planting: { textingOf: sendingAnswers((sent) => (sent.kind === "rejected" ? { kind: "accepted", sid: "SM0" } : sent)) },
  },
  {
    flow,
    name: "attempts without end",
    about: "as long as the provider does not answer, the text is sent again",
    breaks: ["I26"],
    profile: "storm",
    nemesis: [{ at: /asks Twilio to send/, fault: "lose_request", chance: 0.9 }],
    planting: {
      table: (table) => ({
        ...table,
        get: (async (entity, id, options) => {
          const found = await table.get(entity, id, options);
          return entity.prefix === "MESSAGE" && found ? { ...found, attempt: 1 } : found;
        }) as Table["get"],
      }),
    },
  },
  {
    flow,
    name: "delivery report taken unsigned",
    about: "whatever is posted about a text is believed",
    breaks: ["I37"],
    profile: "calm",
    planting: {
      verbs: withVerbs(({ recordDelivery }) => ({
        recordDelivery: (report, ports) => {
          const url = `${ports.publicOrigin}/api/notifications/sms/${report.channel_id}?message=${report.message}`;
          const fields = Object.fromEntries(new URLSearchParams(report.raw.toString("utf8")));
          return recordDelivery({ ...report, signature: twilioSignature("text-token-0001", url, fields) }, ports);
        },
      })),
    },
  },
  {
    flow,
    name: "page without the number when the text failed",
    about: "the page waits for the text to arrive before it shows the number",
    breaks: ["I26", "I37"],
    profile: "calm",
    planting: {
      verbs: withVerbs(({ orderView }) => ({
        orderView: async (visit, ports) => {
          const view = await orderView(visit, ports);
          return view?.sms === "failed" ? { ...view, units: [] } : view;
        },
      })),
    },
  },
];
