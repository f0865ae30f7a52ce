// Bugs of texts, and of what is told to whom.
import type { Instant } from "../../../platform/clock/clock.ts";
import type { Table, Write } from "../../../platform/table/model.ts";
import { isOperation, type PlantedBug, sendingAnswers, type Transaction, unguarded, withVerbs } from "./planting.ts";

export const textBugs: readonly PlantedBug[] = [
  {
    name: "message not claimed",
    about: "whoever wants to send a text sends it",
    breaks: ["I10", "I26"],
    profile: "calm",
    planting: { evaluate: unguarded("claimed") },
  },
  {
    name: "second attempt not claimed",
    about: "whoever finds a claim that its holder never finished sends again, also two at once",
    breaks: ["I10", "I26"],
    profile: "storm",
    nemesis: [
      { at: /asks Twilio to send/, fault: "lose_request", chance: 0.5 },
      { at: /hands a message/, fault: "duplicate", chance: 0.7 },
    ],
    planting: { evaluate: (write, _item, holds) => holds || (write.refusal === "claimed" && write.op === "change") },
  },
  {
    name: "second text without a look-up",
    about: "after an unknown outcome the text is sent again without asking whether it went out",
    breaks: ["I26"],
    profile: "storm",
    nemesis: [{ at: /hears from Twilio/, fault: "lose_response", chance: 0.5 }],
    planting: { textingOf: (textingOf) => (channel, token) => ({ ...textingOf(channel, token), find: async () => ({ kind: "none" }) }) },
  },
  {
    name: "sent without sending",
    about: "the adapter answers that the text was taken, and never asked the provider",
    breaks: ["I26"],
    profile: "calm",
    planting: {
      textingOf: (textingOf) => (channel, token) => ({ ...textingOf(channel, token), send: async () => ({ kind: "accepted", sid: "SM0" }) }),
    },
  },
  {
    name: "another order's text taken for ours",
    flow: "replace",
    about: "a text whose outcome is unknown is looked for by its number alone: whatever the buyer was told before counts as this one",
    breaks: ["I26"],
    profile: "storm",
    nemesis: [{ at: /asks Twilio to send/, fault: "lose_request", chance: 0.4 }],
    planting: {
      textingOf: (textingOf) => (channel, token) => {
        const real = textingOf(channel, token);
        return { ...real, find: ({ to }) => real.find({ to, isIt: () => true }, "2000-01-01T00:00:00.000000Z" as Instant) };
      },
    },
  },
  {
    name: "not taken for now is given up",
    flow: "replace",
    about: "a refusal that has to do with our account ends the text as if the number could not be reached",
    breaks: ["I26"],
    profile: "calm",
    planting: { textingOf: sendingAnswers((sent) => (sent.kind === "not_sent" ? { kind: "rejected", code: sent.code } : sent)) },
  },
  {
    name: "not taken is not known",
    flow: "replace",
    about: "a refusal that passes is taken for an answer that was lost: both attempts are used up, and the provider never took any",
    breaks: ["I26"],
    profile: "calm",
    planting: { textingOf: sendingAnswers((sent) => (sent.kind === "not_sent" ? { kind: "unknown" } : sent)) },
  },
  {
    name: "what was not taken counts",
    flow: "replace",
    about: "an attempt of which nothing was taken is one of the two",
    breaks: ["I26"],
    profile: "calm",
    planting: {
      table: (table) => ({
        ...table,
        get: (async (entity, id, options) => {
          const found = (await table.get(entity, id, options)) as { status?: string; attempt?: number } | undefined;
          return entity.prefix === "MESSAGE" && found?.status === "not_sent" ? { ...found, attempt: Number(found.attempt) + 1 } : found;
        }) as Table["get"],
      }),
    },
  },
  {
    name: "news moves a message back",
    about: "a late note that the text was sent overwrites the report that it arrived",
    breaks: ["I10"],
    profile: "storm",
    nemesis: [{ at: /hears from Twilio/, fault: "slow", chance: 0.5 }],
    planting: { evaluate: unguarded("too_late") },
  },
  {
    name: "nothing to tell, for ever sending",
    flow: "refund",
    about: "a text whose numbers were all taken back after an unheard attempt is neither sent nor ended",
    breaks: ["I26"],
    profile: "storm",
    nemesis: [{ at: /asks Twilio to send/, fault: "lose_request", chance: 0.6 }],
    planting: {
      table: (table) => ({
        ...table,
        write: (async (write: Write) =>
          write.op === "change" && write.change.set?.error_code === "nothing_to_tell" ? { kind: "committed" } : table.write(write)) as Table["write"],
      }),
    },
  },
  {
    name: "report moves a message",
    about: "whatever a carrier reports is written down, also of a text that has its end",
    breaks: ["I10"],
    profile: "storm",
    nemesis: [{ at: /reports the text's delivery/, fault: "duplicate", chance: 0.5 }],
    planting: { evaluate: unguarded("not_its_news") },
  },
  {
    name: "phone in the journal",
    about: "the operation of an order tells the buyer's phone number",
    breaks: ["I33"],
    profile: "calm",
    planting: {
      verbs: withVerbs(({ placeOrder }) => ({
        placeOrder: (request, ports) => {
          const table: Table = {
            ...ports.table,
            transact: ((writes: Transaction) =>
              ports.table.transact(
                writes.map((write) =>
                  isOperation(write) && write.op === "create" ? { ...write, item: { ...write.item, details: { phone: request.body.phone } } } : write,
                ),
              )) as Table["transact"],
          };
          return placeOrder(request, { ...ports, table });
        },
      })),
    },
  },
  {
    name: "text in the log",
    about: "the words of the text, with the number to collect, are logged for debugging",
    breaks: ["I33"],
    profile: "calm",
    planting: {
      verbs: withVerbs(({ send }, world) => ({
        send: (ref, ports) => {
          const textingOf: typeof ports.textingOf = (channel, token) => {
            const real = ports.textingOf(channel, token);
            return {
              ...real,
              send: (text) => {
                world.ports.log("info", "text", { code: text.body });
                return real.send(text);
              },
            };
          };
          return send(ref, { ...ports, textingOf });
        },
      })),
    },
  },
];
