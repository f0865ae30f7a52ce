import * as z from "zod";
import { command } from "../../platform/contract/command.ts";
import { Slug } from "../../platform/contract/names.ts";
import { problems } from "../../platform/contract/problem.ts";
import { route } from "../../platform/contract/route.ts";

export const notificationProblems = problems({
  channel_unknown: {
    status: 404,
    sentence: { en: "There is no such message channel.", fr: "Ce canal de messages n’existe pas.", zh: "没有这个消息渠道。" },
  },
  callback_invalid: {
    status: 400,
    sentence: {
      en: "The signature does not match. Nothing was recorded.",
      fr: "La signature ne correspond pas. Rien n’a été enregistré.",
      zh: "签名不匹配，未记录任何内容。",
    },
  },
});

export const smsCallback = route({
  id: "smsCallback",
  method: "POST",
  path: "/api/notifications/sms/{channel_id}",
  auth: "webhook",
  idempotency: "none",
  raw: true,
  summary: "The SMS provider reports how a message fared; verified by the channel's own token",
  params: z.object({ channel_id: z.string().max(60) }),
  query: z.object({ message: z.string().max(120) }),
  ok: { status: 204 },
  errors: { channel_unknown: notificationProblems.channel_unknown, callback_invalid: notificationProblems.callback_invalid },
});

export const saveSmsChannel = command({
  id: "saveSmsChannel",
  summary: "Set the Twilio account that texts go out from; the token is sealed",
  body: z.strictObject({
    /** One channel serves the stage for now. */
    channel_id: z.literal("sms"),
    account_sid: z.string().regex(/^AC[A-Za-z0-9]{8,64}$/),
    auth_token: z.string().min(8).max(200),
    from: z.string().regex(/^\+[1-9]\d{7,14}$/),
    endpoint: z.enum(["official", "simulated"]),
  }),
  result: z.object({ channel_id: Slug }),
  errors: {},
});
